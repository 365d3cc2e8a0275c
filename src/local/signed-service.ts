import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { foreignRequestReason, isForm, readBody, REQUEST_TIMES } from '../request-origin.ts';
import type { Fault, FaultService, FaultSource } from './faults/plan.ts';
import { applyFault } from './faults/reply.ts';

/** An answer; the body becomes JSON. */
export type Reply = { status: number; body: unknown; headers?: Record<string, string> };

/** A call by its AWS name. `answer` is handed a fault that is a kind of answer, such as a state that is said. */
export type Call = { operation: string; answer: (fault: Fault | undefined) => Reply | Promise<Reply> };

/** A service that speaks JSON over HTTP. */
export type SignedServiceOptions = {
  /** Its name in fault plans. */
  service: FaultService;
  /** Reads a request. Throws `Refused`. */
  callOf: (request: IncomingMessage, body: string) => Call;
  faults: FaultSource;
  /** The action of the fault "kill". */
  killCaller: () => void;
};

/** A running service. */
export type SignedService = { url: string; stop: () => Promise<void> };

const BODY_LIMIT_BYTES = 6 * 1024 * 1024;
const ANSWERS: ReadonlySet<Fault['do']> = new Set(['say state', 'say no roles', 'refuse entry']);

/** A call that is refused, as AWS words it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A reply that says yes. */
export function ok(body: unknown): Reply {
  return { status: 200, body };
}

/** Starts a service on the loopback address. */
export async function startSignedService(options: SignedServiceOptions): Promise<SignedService> {
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

async function serve(options: SignedServiceOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    refuseForeign(request);
    const body = await readBody(request, BODY_LIMIT_BYTES);
    if (body === undefined) throw new Refused(413, 'RequestTooLargeException', 'The body is too large.');
    const { operation, answer } = options.callOf(request, body);
    const fault = options.faults(options.service, operation);
    const isAnswer = fault !== undefined && ANSWERS.has(fault.do);
    await applyFault(isAnswer ? undefined : fault, {
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
    message = 'The local service fails by plan.',
  } = fault as Partial<Extract<Fault, { do: 'error' | 'error after' }>>;
  return refusal(status, code, message);
}

function asReply(error: unknown): Reply {
  if (error instanceof Refused) return refusal(error.status, error.code, error.message);
  return refusal(500, 'ServiceException', error instanceof Error ? error.message : String(error));
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
