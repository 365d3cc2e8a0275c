import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Fault } from '../fault.ts';
import { callerOf } from './callers.ts';
import { call, loseSession, type ApiResponse, type DataApi } from './operations.ts';
import type { Body } from './requests.ts';
import { foreignRequestReason, readBody, isForm, REQUEST_TIMES } from '../../../request-origin.ts';
import { invalid, ServiceError } from '../service-error.ts';

/** 40 statements of 100 KB, in the worst JSON escaping, and their parameters. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024;
const CONTENT_TYPE = 'application/x-amz-json-1.1';
const TARGET_PREFIX = 'RedshiftData.';

/** The connection is to break without a reply. */
class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/**
 * Speaks AWS JSON 1.1 for the Data API: one POST per call, the operation in `X-Amz-Target`. Signatures are not
 * verified, but a request must be signed, so that a client without credentials fails here as it would in AWS.
 */
export function dataApiServer(api: DataApi): Server {
  return createServer({ keepAliveTimeout: 60_000, ...REQUEST_TIMES }, (request, response) => {
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    respond(api, request, gone.signal).then(
      (answer) => {
        send(response, 200, answer.json);
      },
      (error: unknown) => {
        if (error instanceof ConnectionLost) request.socket.destroy();
        else sendError(response, error);
      },
    );
  });
}

async function respond(api: DataApi, request: IncomingMessage, gone: AbortSignal): Promise<ApiResponse> {
  const foreign = foreignRequestReason(request) ?? (isForm(request) ? 'A form is no call of the Data API' : undefined);
  if (foreign !== undefined) {
    request.resume();
    throw new ServiceError('AccessDeniedException', `${foreign}.`, 403);
  }
  const text = await readBody(request, BODY_LIMIT_BYTES);
  if (text === undefined) throw new ServiceError('RequestEntityTooLargeException', 'Request body is too large', 413);
  const target = request.headers['x-amz-target'];
  if (request.method !== 'POST' || typeof target !== 'string' || !target.startsWith(TARGET_PREFIX)) {
    throw new ServiceError(
      'UnknownOperationException',
      'This endpoint answers only POST requests with an X-Amz-Target of RedshiftData',
      404,
    );
  }
  if (request.headers.authorization === undefined) {
    throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  }
  const operation = target.slice(TARGET_PREFIX.length);
  const body = parse(text);
  const fault = api.faults({ operation, request: body });
  if (fault) await strikeBefore(fault, api, body);
  const caller = callerOf(request.headers.authorization, api.identities, api.administrator);
  const answer = await call({ ...api, caller }, operation, body, gone);
  if (fault) await strikeAfter(fault, answer);
  return answer;
}

async function strikeBefore(fault: Fault, api: DataApi, body: Body): Promise<void> {
  if (fault.kind === 'error before') throw new ServiceError(fault.exception, fault.message, fault.httpStatus);
  if (fault.kind === 'request lost') throw new ConnectionLost();
  if (fault.kind === 'throttle') throw new ServiceError('ThrottlingException', 'Rate exceeded', 400);
  if (fault.kind === 'session lost') await loseSession(api, body);
  if (fault.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
}

async function strikeAfter(fault: Fault, { statement }: ApiResponse): Promise<void> {
  if (fault.kind !== 'error after' && fault.kind !== 'reply lost') return;
  await statement?.finished;
  if (fault.kind === 'reply lost') throw new ConnectionLost();
  throw new ServiceError(
    fault.exception,
    fault.message,
    fault.httpStatus,
    statement ? { StatementId: statement.id } : {},
  );
}

function parse(text: string): Body {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ServiceError('SerializationException', 'The request body is not JSON', 400);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('The request body must be a JSON object');
  return { ...value };
}

function sendError(response: ServerResponse, error: unknown): void {
  const known =
    error instanceof ServiceError
      ? error
      : new ServiceError('InternalServerException', error instanceof Error ? error.message : String(error), 500);
  send(
    response,
    known.httpStatus,
    JSON.stringify({ __type: known.exception, Message: known.message, ...known.details }),
    known.exception,
  );
}

function send(response: ServerResponse, status: number, json: string, exception?: string): void {
  if (response.destroyed) return;
  const headers = {
    'content-type': CONTENT_TYPE,
    'content-length': Buffer.byteLength(json),
    'x-amzn-requestid': randomUUID(),
  };
  response.writeHead(status, exception === undefined ? headers : { ...headers, 'x-amzn-errortype': exception });
  response.end(json);
}
