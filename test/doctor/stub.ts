/** What AWS's control planes answer, in their wire formats. Only what doctor asks is known. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A bucket: its region, and its configurations as S3 writes them, without the element around them. */
export type StubBucket = { region: string; notification: string; lifecycle: string | undefined };

/** What is deployed, as the services describe it. A test changes it before it looks. */
export type World = {
  /** Undefined: credentials that AWS does not know. */
  account: string | undefined;
  queues: Record<string, Record<string, string>>;
  buckets: Record<string, StubBucket>;
  rules: Record<string, Record<string, string>>;
  /** The names of event buses. */
  buses: string[];
  workgroups: Record<string, string>[];
  namespaceRoles: string[];
  clusters: Record<string, { status: string; roles: Record<string, string> }>;
  functions: Record<string, Record<string, unknown>>;
  mappings: Record<string, unknown>[];
  errors: Record<string, number>;
  alarms: Record<string, unknown>[];
  subscriptions: string[];
  /** The operations that these credentials may not call. */
  denied: string[];
};

type Answer = { status?: number; body: string; headers?: Record<string, string> };

/** A server that answers for all services but the Data API, and stops. */
export type Stub = { url: string; stop: () => Promise<void> };

/** Starts one. `world` is asked at each request. */
export async function startStub(world: () => World): Promise<Stub> {
  const server = createServer((request, response) => {
    void answer(request, response, world());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, world: World): Promise<void> {
  const body = await text(request);
  const url = new URL(request.url ?? '/', 'http://stub');
  const target = String(request.headers['x-amz-target'] ?? '').split('.').at(-1) ?? ''; // prettier-ignore
  const operation = target !== '' ? target : body.startsWith('Action=') ? (new URLSearchParams(body).get('Action') ?? '') : ''; // prettier-ignore
  const found =
    operation === ''
      ? byPath(request.method ?? '', url, world)
      : target !== ''
        ? byTarget(operation, JSON.parse(body) as Record<string, unknown>, world)
        : byAction(operation, new URLSearchParams(body), world);
  const { status = 200, body: sent, headers = {} } = found;
  response.writeHead(status, { 'x-amzn-requestid': 'stub', ...headers }).end(request.method === 'HEAD' ? '' : sent);
}

const json = (body: unknown, status = 200): Answer => ({
  status,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/x-amz-json-1.0' },
});
const fault = (name: string, status = 400): Answer => json({ __type: name, message: `${name}: no` }, status);
const xml = (body: string, status = 200): Answer => ({ status, body, headers: { 'content-type': 'text/xml' } });
const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;
const queryFault = (code: string, status: number): Answer =>
  xml(element('ErrorResponse', element('Error', element('Code', code) + element('Message', 'no'))), status);

/** SQS, CloudWatch, EventBridge and Redshift Serverless: JSON, the operation in a header. */
function byTarget(operation: string, input: Record<string, unknown>, world: World): Answer {
  if (world.denied.includes(operation)) return fault('AccessDeniedException', 403);
  switch (operation) {
    case 'GetQueueAttributes': {
      const queue = world.queues[String(input.QueueUrl).split('/').at(-1) ?? ''];
      return queue ? json({ Attributes: queue }) : fault('com.amazonaws.sqs#QueueDoesNotExist');
    }
    case 'ListRuleNamesByTarget':
      return json({ RuleNames: Object.keys(world.rules) });
    case 'DescribeRule':
      return json(world.rules[String(input.Name)]);
    case 'DescribeEventBus':
      return world.buses.includes(String(input.Name)) ? json(input) : fault('ResourceNotFoundException');
    case 'ListWorkgroups':
      return json({ workgroups: world.workgroups });
    case 'GetNamespace':
      return json({ namespace: { namespaceName: input.namespaceName, iamRoles: world.namespaceRoles } });
    case 'DescribeAlarms':
      return json({ MetricAlarms: world.alarms, CompositeAlarms: [] });
    case 'GetMetricStatistics': {
      const [dimension] = input.Dimensions as { Value: string }[];
      const errors = world.errors[dimension?.Value ?? ''];
      return json({ Label: 'Errors', Datapoints: errors === undefined ? [] : [{ Sum: errors, Unit: 'Count' }] });
    }
    default:
      return fault('UnknownOperationException', 404);
  }
}

/** STS, SNS and Redshift: forms, answered in XML. */
function byAction(action: string, form: URLSearchParams, world: World): Answer {
  if (world.denied.includes(action)) return queryFault('AccessDenied', 403);
  const reply = (result: string): Answer => xml(element(`${action}Response`, element(`${action}Result`, result)));
  switch (action) {
    case 'GetCallerIdentity':
      if (world.account === undefined) return queryFault('InvalidClientTokenId', 403);
      return reply(element('Arn', `arn:aws:iam::${world.account}:user/ann`) + element('Account', world.account));
    case 'ListSubscriptionsByTopic':
      return reply(
        element('Subscriptions', world.subscriptions.map((arn) => element('member', element('SubscriptionArn', arn))).join('')), // prettier-ignore
      );
    case 'DescribeClusters': {
      const name = form.get('ClusterIdentifier') ?? '';
      const cluster = world.clusters[name];
      if (cluster === undefined) return queryFault('ClusterNotFound', 404);
      const roles = Object.entries(cluster.roles).map(([arn, status]) =>
        element('ClusterIamRole', element('IamRoleArn', arn) + element('ApplyStatus', status)),
      );
      const parts = [element('ClusterIdentifier', name), element('ClusterStatus', cluster.status), element('IamRoles', roles.join(''))]; // prettier-ignore
      return reply(element('Clusters', element('Cluster', parts.join(''))));
    }
    default:
      return queryFault('InvalidAction', 400);
  }
}

/** Lambda and S3: REST. */
function byPath(method: string, url: URL, world: World): Answer {
  const [, first = '', second = '', name = ''] = url.pathname.split('/');
  if (second === 'functions') {
    const found = world.functions[name];
    if (world.denied.includes('GetFunctionConfiguration')) return lambdaFault('AccessDeniedException', 403);
    return found ? json(found) : lambdaFault('ResourceNotFoundException', 404);
  }
  if (second === 'event-source-mappings') return json({ EventSourceMappings: world.mappings });
  const bucket = world.buckets[first];
  if (bucket === undefined) return xml(element('Error', element('Code', 'NoSuchBucket')), 404);
  if (method === 'HEAD') return { body: '', headers: { 'x-amz-bucket-region': bucket.region } };
  if (url.searchParams.has('notification')) return xml(element('NotificationConfiguration', bucket.notification));
  if (url.searchParams.has('lifecycle')) {
    return bucket.lifecycle === undefined
      ? xml(element('Error', element('Code', 'NoSuchLifecycleConfiguration')), 404)
      : xml(element('LifecycleConfiguration', bucket.lifecycle));
  }
  return xml(element('Error', element('Code', 'NotImplemented')), 501);
}

function lambdaFault(name: string, status: number): Answer {
  return {
    status,
    body: '{"Message":"no"}',
    headers: { 'x-amzn-errortype': name, 'content-type': 'application/json' },
  };
}
