import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { LoaderError } from '../errors.ts';
import { foreignRequestReason, REQUEST_TIMES } from '../request-origin.ts';
import { pageAssets, type Asset } from './assets.ts';
import { answer, change, Refused } from './routes.ts';
import type { PageEvent } from './shapes.ts';
import type { UiSource } from './source.ts';

/** The page, while it is served. */
export type ServedPage = { url: string; port: number; stop: () => Promise<void> };

/** Nothing but what this server itself sends may run, style, be shown or be asked. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** A statement, a URL, a switch: more is a mistake. */
const BODY_LIMIT_BYTES = 128 * 1024;
/** What may wait for a page that does not read. */
const UNREAD_LIMIT_BYTES = 8 * 1024 * 1024;
/** Comments keep proxies and browsers from closing a stream on which nothing happens. */
const HEARTBEAT_MS = 15_000;
/** How soon a page asks again after the stack was stopped. */
const RETRY_MS = 500;

/**
 * Serves the page on the loopback address at once; what it shows comes when `source` is ready. `ports` are tried in their order;
 * the last one must work. @throws what the operating system says of the last port.
 */
export async function startPage(source: Promise<UiSource>, ports: readonly number[]): Promise<ServedPage> {
  const asset = pageAssets();
  const open = new Set<ServerResponse>();
  const server = createServer(REQUEST_TIMES, (request, response) => {
    response.on('error', () => response.destroy());
    handle(request, response, { source, asset, open }).catch((error: unknown) => {
      sendError(response, error);
    });
  });
  // Whoever awaits the source sees its failure; without a page open, nobody does here.
  source.catch(() => undefined);
  const port = await listen(server, ports);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    stop: async () => {
      for (const response of open) response.end();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

async function listen(server: Server, ports: readonly number[]): Promise<number> {
  for (const [index, port] of ports.entries()) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => {
          server.off('error', reject);
          resolve();
        });
      });
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if (index === ports.length - 1) throw error;
    }
  }
  throw new Error('no port was given');
}

type Served = {
  source: Promise<UiSource>;
  asset: (path: string) => Promise<Asset | undefined>;
  open: Set<ServerResponse>;
};

async function handle(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  const foreign = foreignRequestReason(request);
  if (foreign !== undefined) throw new Refused(403, `${foreign}.`);
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (request.method === 'POST') {
    // No page of another origin can send this type without asking first, and it is never told that it may.
    if (request.headers['content-type'] !== 'application/json') throw new Refused(415, 'Send application/json.');
    sendJson(request, response, await change(url.pathname, await bodyOf(request), await served.source));
    return;
  }
  if (request.method !== 'GET') throw new Refused(405, 'Only GET and POST.');
  if (url.pathname === '/api/events') {
    stream(request, response, await served.source, served.open);
    return;
  }
  if (url.pathname.startsWith('/api/')) {
    sendJson(request, response, await answer(url, await served.source));
    return;
  }
  const asset = await served.asset(url.pathname);
  if (asset === undefined) throw new Refused(404, 'There is no such page.');
  send(request, response, 200, asset.type, asset.body);
}

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
function stream(request: IncomingMessage, response: ServerResponse, source: UiSource, open: Set<ServerResponse>): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
  response.write(`retry: ${RETRY_MS}\n\n`);
  const unsubscribe = source.subscribe(({ name, data }: PageEvent) => {
    // Whoever does not read is cut off, and comes back to what is known then.
    if (response.writableLength > UNREAD_LIMIT_BYTES) response.destroy();
    else response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  });
  const heartbeat = setInterval(() => response.write(': \n\n'), HEARTBEAT_MS);
  open.add(response);
  request.once('close', () => {
    clearInterval(heartbeat);
    unsubscribe();
    open.delete(response);
  });
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw new Refused(413, 'That is too much.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    throw new Refused(400, 'The body is not JSON.');
  }
}

function sendJson(request: IncomingMessage, response: ServerResponse, value: unknown): void {
  send(request, response, 200, 'application/json; charset=utf-8', Buffer.from(JSON.stringify(value)));
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  body: Uint8Array,
): void {
  const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '') && body.length > 1024;
  const bytes = zipped ? gzipSync(body) : body;
  const encoding = zipped ? { 'content-encoding': 'gzip' } : {};
  response.writeHead(status, { ...HEADERS, ...encoding, 'content-type': type, 'content-length': bytes.length });
  response.end(bytes);
}

/** An error in words. Those of AWS and the warehouse are meant for people; a bug is logged nowhere else, so it is told too. */
function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = error instanceof Refused ? error.status : error instanceof LoaderError ? 502 : 500;
  const reason = error instanceof Error ? error.message : String(error);
  const hint = error instanceof LoaderError ? { hint: error.hint } : {};
  response.writeHead(status, { ...HEADERS, 'content-type': 'application/json; charset=utf-8', connection: 'close' });
  response.end(JSON.stringify({ error: reason, ...hint }));
}
