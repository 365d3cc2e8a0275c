import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { applyFault, type ErrorReply } from './faults/reply.ts';
import type { Fault, FaultSource } from './faults/plan.ts';
import { ObjectStore } from './s3/object-store.ts';
import { startQueues, type Queues } from './sqs/queues.ts';
import { s3Api, sendS3Error } from './s3/api.ts';
import { S3Error } from './s3/error.ts';
import { FaultyDelivery } from './faults/notifications.ts';
import { foreignRequestReason, isForm, REQUEST_TIMES } from '../request-origin.ts';
import { Notifications } from './s3/notifications.ts';

/** Local S3 and SQS at one address, for `AWS_ENDPOINT_URL_S3` and `AWS_ENDPOINT_URL_SQS`. */
export type AwsEndpoint = {
  url: string;
  port: number;
  store: ObjectStore;
  queues: Queues;
  /** Ends every connection and closes the port. */
  stop(): Promise<void>;
};

/** The port is taken by another program, perhaps another local stack. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
  readonly port: number;
  readonly hint = 'Choose another port, or 0 for any free one.';
  constructor(port: number) {
    super(`Port ${port} is in use by another program.`);
    this.port = port;
  }
}

export type AwsEndpointOptions = {
  /** 0 takes any free port. */
  port: number;
  region: string;
  /** Where objects and queues are kept between runs. */
  home: string;
  faults?: FaultSource;
  /** The action of the fault "kill". */
  killCaller?: () => void;
};

/** Starts local S3 and SQS on the loopback address. Throws `PortInUse`. */
export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const server = createServer(REQUEST_TIMES);
  const port = await listen(server, options.port);
  const url = `http://127.0.0.1:${port}`;
  const faults = options.faults ?? ((): undefined => undefined);
  const store = await ObjectStore.open(join(options.home, 'objects'));
  const queues = await startQueues({
    region: options.region,
    origin: () => url,
    file: join(options.home, 'queues.jsonl'),
  });
  const delivery = new FaultyDelivery(queues.send, () => faults('notifications', 'Deliver'));
  const notifications = new Notifications(options.region, delivery.deliver, queues.keeps);
  store.onChange((change) => {
    notifications.notify(change);
  });
  const killCaller = options.killCaller ?? ((): void => undefined);
  const s3 = s3Handler(store, notifications, { faults, killCaller });
  server.on('request', (request, response) => {
    const refusal = refusalOf(request);
    if (refusal !== undefined) refuse(refusal, request, response);
    else if (isSqs(request)) handleSqs(queues, { faults, killCaller }, request, response);
    else void s3(request, response);
  });
  return {
    url,
    port,
    store,
    queues,
    stop: async () => {
      delivery.stop();
      await queues.close();
      await new Promise<void>((resolve, reject) => {
        server.close((error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
        server.closeAllConnections();
      });
      store.close();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortInUse(port) : error);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/**
 * Why a request is rejected: it comes from a web page, or is not signed as every client signs. A page cannot send a signature
 * without CORS permission. Signatures themselves are not verified.
 */
function refusalOf(request: IncomingMessage): string | undefined {
  const foreign = foreignRequestReason(request);
  if (foreign !== undefined) return foreign;
  const { method = '', url = '', headers } = request;
  if (method === 'GET' || method === 'HEAD') return undefined;
  // A part of an object, or all of it, may be any text; what a POST says is XML or JSON, but for the upload it begins.
  const beginsUpload = /[?&]uploads(?:[=&]|$)/.test(url);
  if (method === 'POST' && !beginsUpload && isForm(request)) return 'A form is not a call of S3 or SQS';
  const isPresigned = method !== 'POST' && /[?&]X-Amz-Signature=/i.test(url);
  return headers.authorization === undefined && !isPresigned ? 'The request is not signed' : undefined;
}

function refuse(reason: string, request: IncomingMessage, response: ServerResponse): void {
  sendS3Error(new S3Error('AccessDenied', `${reason}.`, 403), request.method, response);
  request.resume();
}

function isSqs(request: IncomingMessage): boolean {
  return request.method === 'POST' && request.url === '/';
}

type Misbehaviour = { faults: FaultSource; killCaller: () => void };

function handleSqs(
  queues: Queues,
  { faults, killCaller }: Misbehaviour,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const operation = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
  const replyError: ErrorReply = (fault) => {
    const { code, status, message } = sqsError(fault);
    const type = `com.amazonaws.sqs#${code}`;
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-query-error': `${code};Sender`,
    });
    response.end(JSON.stringify({ __type: type, message }));
  };
  void applyFault(faults('sqs', operation), {
    response,
    replyError,
    killCaller,
    handle: () => {
      queues.app.routing(request, response);
    },
  });
}

function sqsError(fault: Fault): { code: string; status: number; message: string } {
  if (fault.do === 'throttle')
    return { code: 'RequestThrottled', status: 403, message: 'The request was denied due to request throttling.' };
  const {
    code = 'InternalFailure',
    status = 500,
    message = 'The local SQS fails by plan.',
  } = fault as Partial<Extract<Fault, { do: 'error' | 'error after' }>>;
  return { code, status, message };
}

function s3Handler(store: ObjectStore, notifications: Notifications, { faults, killCaller }: Misbehaviour) {
  const api = s3Api(store, notifications);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const parsed = api.parse(request);
      const operation = api.operationOf(parsed);
      const replyError: ErrorReply = (fault) => {
        sendS3Error(s3Error(fault), request.method, response);
      };
      await applyFault(faults('s3', operation), {
        response,
        replyError,
        killCaller,
        handle: () => api.handle(operation, parsed, response),
      });
    } catch (error) {
      sendS3Error(error, request.method, response);
    }
    // The rest of the body is drained, so that the connection can be reused.
    request.resume();
  };
}

function s3Error(fault: Fault): S3Error {
  if (fault.do === 'throttle') return new S3Error('SlowDown', 'Please reduce your request rate.', 503);
  if (fault.do === 'forbid') return new S3Error('AccessDenied', 'Access Denied', 403);
  const {
    code = 'InternalError',
    status = 500,
    message = 'The local S3 fails by plan.',
  } = fault as Partial<Extract<Fault, { do: 'error' | 'error after' }>>;
  return new S3Error(code, message, status);
}
