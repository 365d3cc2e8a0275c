import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { foreignRequestReason, isForm, REQUEST_TIMES } from '../request-origin.ts';
import type { Fault, FaultSource } from './faults/plan.ts';
import { applyFault } from './faults/reply.ts';
import { MappingInUse, type EventSourceMapping } from './lambda/event-source-mapping.ts';

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

/** Lambda and Redshift Serverless beside the data, for AWS_ENDPOINT_URL_LAMBDA and AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS. */
export type LocalControlPlane = { url: string; stop: () => Promise<void> };

const LAMBDA_VERSION = '/2015-03-31';
const BODY_LIMIT_BYTES = 6 * 1024 * 1024;

/** A call that is refused, as AWS words it. */
class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

type Reply = { status: number; body: unknown; headers?: Record<string, string> };
type Call = { operation: string; answer: (fault: Fault | undefined) => Reply | Promise<Reply> };

/** Starts the control plane on the loopback address. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<LocalControlPlane> {
  const server = createServer(REQUEST_TIMES, (request, response) => {
    void serve(options, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(options: ControlPlaneOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    refuseForeign(request);
    const { operation, answer } = callOf(options, request, await bodyOf(request));
    const fault = options.faults('control-plane', operation);
    const isSaid = fault?.do === 'say state' || fault?.do === 'say no roles';
    await applyFault(isSaid ? undefined : fault, {
      response,
      killCaller: options.killCaller,
      replyError: (struck) => {
        send(response, failure(struck));
      },
      handle: async () => {
        send(response, await answer(fault));
      },
    });
  } catch (error) {
    send(response, asReply(error));
  }
}

/** A web page may neither read nor change anything, and every client of AWS signs. Signatures are not verified. */
function refuseForeign(request: IncomingMessage): void {
  const foreign = foreignRequestReason(request) ?? (isForm(request) ? 'A form is no call of AWS' : undefined);
  if (foreign !== undefined) throw new Refused(403, 'AccessDeniedException', `${foreign}.`);
  if (request.headers.authorization === undefined)
    throw new Refused(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
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
  mapping.turn(Enabled);
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

const ok = (body: unknown): Reply => ({ status: 200, body });

function refusal(status: number, code: string, message: string): Reply {
  return {
    status,
    body: { __type: code, message, Message: message, Type: 'User' },
    headers: { 'x-amzn-errortype': code },
  };
}

function failure(fault: Fault): Reply {
  if (fault.do === 'throttle') return refusal(429, 'TooManyRequestsException', 'Rate exceeded');
  const {
    code = 'ServiceException',
    status = 500,
    message = 'The local control plane fails by plan.',
  } = fault as Partial<Extract<Fault, { do: 'error' | 'error after' }>>;
  return refusal(status, code, message);
}

function asReply(error: unknown): Reply {
  if (error instanceof MappingInUse) return refusal(400, 'ResourceInUseException', error.message);
  if (error instanceof Refused) return refusal(error.status, error.code, error.message);
  return refusal(500, 'ServiceException', error instanceof Error ? error.message : String(error));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  if (size > BODY_LIMIT_BYTES) throw new Refused(413, 'RequestTooLargeException', 'The body is too large.');
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  if (response.destroyed) return;
  const json = JSON.stringify(body ?? null);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(json),
    'x-amzn-requestid': randomUUID(),
    ...headers,
  });
  response.end(json);
}
