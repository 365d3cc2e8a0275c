import type { IncomingMessage } from 'node:http';

/** How long a request's headers may take, and the whole of it, before the connection is closed. */
export const REQUEST_TIMES = { headersTimeout: 10_000, requestTimeout: 300_000, connectionsCheckingInterval: 2_000 };

/** This machine by its names and addresses, and buckets in front of its name, with any port. */
const OWN_HOST = /^(?:(?:[a-z0-9._-]+\.)?localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i;

/** What a page may send anywhere without asking first. */
const FORM_TYPE = /^(?:text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

/**
 * Why a request is not from one of this machine's own clients, or undefined. Any open web page can send requests to every port
 * of this machine: under another name (then the Host is foreign), from its own origin (then the browser says so), or as a form.
 * None of these may read or change anything. A page of this server itself is allowed.
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function foreignRequestReason(request: IncomingMessage): string | undefined {
  const { host = '', origin } = request.headers;
  if (!OWN_HOST.test(host)) return `The Host "${host}" is not this machine`;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return `The Origin "${origin}" is foreign`;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return `A request from a page of another origin (${site})`;
  return undefined;
}

/** Whether the body is of a type that forms have, which the clients of an API do not send. */
export function isForm(request: IncomingMessage): boolean {
  return FORM_TYPE.test(request.headers['content-type'] ?? '');
}

/**
 * The body of a request as text; undefined when it is larger. The excess is still read, or the client would see a broken connection
 * instead of the answer.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
  }
  return size > limitBytes ? undefined : Buffer.concat(chunks).toString();
}
