import type { IncomingMessage } from 'node:http';
import type { Fault, FaultSource } from './faults/plan.ts';
import { MappingInUse, type EventSourceMapping } from './lambda/event-source-mapping.ts';
import { ok, Refused, startSignedService, type Call, type Reply, type SignedService } from './signed-service.ts';

/** What the control plane knows and can change. */
export type ControlPlaneOptions = {
  region: string;
  workgroup: string;
  /** The ARNs of the warehouse's roles. */
  roles: readonly string[];
  functionName: string;
  /** What feeds the function. */
  mappings: readonly EventSourceMapping[];
  /** Runs the function; gives what it returned, or throws what it threw. */
  invoke: (event: unknown) => Promise<unknown>;
  faults: FaultSource;
  /** The action of the fault "kill". */
  killCaller: () => void;
};

const LAMBDA_VERSION = '/2015-03-31';

/** Starts Lambda and Redshift Serverless beside the data, for AWS_ENDPOINT_URL_LAMBDA and AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS. */
export function startControlPlane(options: ControlPlaneOptions): Promise<SignedService> {
  return startSignedService({
    ...options,
    service: 'control-plane',
    callOf: (request, body) => callOf(options, request, body),
  });
}

function callOf(options: ControlPlaneOptions, request: IncomingMessage, body: string): Call {
  const { method = '', url = '', headers } = request;
  const target = String(headers['x-amz-target'] ?? '');
  if (target.startsWith('RedshiftServerless.')) return ofWarehouse(options, target.slice(target.indexOf('.') + 1));
  const [path = ''] = url.split('?');
  const uuid = path.startsWith(`${LAMBDA_VERSION}/event-source-mappings/`) ? path.split('/').at(-1) : undefined;
  if (uuid !== undefined && (method === 'GET' || method === 'PUT')) return ofMapping(options, method, uuid, body);
  const [, name] = new RegExp(`^${LAMBDA_VERSION}/functions/([^/]+)/invocations$`).exec(path) ?? [];
  if (name !== undefined && method === 'POST') return ofFunction(options, decodeURIComponent(name), body);
  throw new Refused(501, 'NotImplemented', 'The local control plane does not support this call.');
}

function ofWarehouse({ workgroup, region, roles }: ControlPlaneOptions, operation: string): Call {
  const arn = `arn:aws:redshift-serverless:${region}:000000000000`;
  if (operation === 'ListWorkgroups') {
    const answer = (fault: Fault | undefined): Reply => {
      const status = fault?.do === 'say state' ? fault.state : 'AVAILABLE';
      const workgroupArn = `${arn}:workgroup/${workgroup}`;
      return ok({ workgroups: [{ workgroupName: workgroup, workgroupArn, namespaceName: workgroup, status }] });
    };
    return { operation, answer };
  }
  if (operation === 'GetNamespace') {
    const answer = (fault: Fault | undefined): Reply => {
      const iamRoles = (fault?.do === 'say no roles' ? [] : roles).map(
        (role) => `IamRole(applyStatus=in-sync, iamRoleArn=${role})`,
      );
      return ok({ namespace: { namespaceName: workgroup, namespaceArn: `${arn}:namespace/${workgroup}`, iamRoles } });
    };
    return { operation, answer };
  }
  throw new Refused(501, 'NotImplemented', `The local control plane does not support ${operation}.`);
}

function ofMapping(options: ControlPlaneOptions, method: 'GET' | 'PUT', uuid: string, body: string): Call {
  const { mappings, functionName, region } = options;
  const answer = (): Reply => {
    const mapping = mappings.find((one) => one.uuid === uuid);
    if (mapping === undefined)
      throw new Refused(404, 'ResourceNotFoundException', 'The resource you requested does not exist.');
    if (method === 'PUT') turn(mapping, body);
    return {
      status: method === 'PUT' ? 202 : 200,
      body: {
        UUID: uuid,
        State: mapping.state,
        StateTransitionReason: 'USER_INITIATED',
        EventSourceArn: mapping.queueArn,
        FunctionArn: `arn:aws:lambda:${region}:000000000000:function:${functionName}`,
      },
    };
  };
  return { operation: method === 'PUT' ? 'UpdateEventSourceMapping' : 'GetEventSourceMapping', answer };
}

/** Nothing else of a mapping can be changed here. */
function turn(mapping: EventSourceMapping, body: string): void {
  const { Enabled, ...others } = JSON.parse(body) as Record<string, unknown>;
  if (typeof Enabled !== 'boolean' || Object.keys(others).length > 0)
    throw new Refused(501, 'NotImplemented', 'Only Enabled can be changed here.');
  try {
    mapping.turn(Enabled);
  } catch (error) {
    throw error instanceof MappingInUse ? new Refused(400, 'ResourceInUseException', error.message) : error;
  }
}

function ofFunction({ functionName, invoke }: ControlPlaneOptions, name: string, body: string): Call {
  const answer = async (): Promise<Reply> => {
    if (name.split(':').at(-1) !== functionName)
      throw new Refused(404, 'ResourceNotFoundException', `Function not found: ${name}`);
    try {
      return ok(await invoke(JSON.parse(body === '' ? '{}' : body)));
    } catch (error) {
      // What a function throws is an answer with a mark.
      const { name: errorType, message: errorMessage } = error as Error;
      return { ...ok({ errorType, errorMessage }), headers: { 'x-amz-function-error': 'Unhandled' } };
    }
  };
  return { operation: 'Invoke', answer };
}
