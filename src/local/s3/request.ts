import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeAwsChunked } from './aws-chunked.ts';
import { S3Error } from './error.ts';

/** A request to S3, taken apart. `key` is empty for a request on the bucket, `bucket` for one on the service. */
export type S3Request = {
  method: string;
  bucket: string;
  key: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** The body without any transfer coding. Can be read once. */
  body: AsyncIterable<Uint8Array>;
};

const LONGEST_KEY_BYTES = 1024;

/**
 * Takes a request apart. The key is what the path says, decoded once and not normalised: `a//b`, `../x` and line ends
 * are keys like any other. Throws `InvalidURI`, `KeyTooLongError`.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
export function parseRequest(request: IncomingMessage): S3Request {
  const [path, query] = splitOnce(request.url ?? '/', '?');
  const virtualHost = /^(.+)\.localhost(?::\d+)?$/.exec(request.headers.host ?? '')?.[1];
  const [bucket, rawKey] = splitOnce(virtualHost === undefined ? path.slice(1) : `${virtualHost}${path}`, '/');
  const key = decode(rawKey);
  if (Buffer.byteLength(key) > LONGEST_KEY_BYTES) throw new S3Error('KeyTooLongError', 'Your key is too long', 400);
  const chunked = (request.headers['content-encoding'] ?? '').includes('aws-chunked');
  return {
    method: request.method ?? 'GET',
    bucket: decode(bucket),
    key,
    query: new URLSearchParams(query),
    headers: request.headers,
    body: chunked ? decodeAwsChunked(request) : request,
  };
}

/**
 * Decodes the percent escapes of a path or a copy source, where `+` is a plus sign.
 * Throws `InvalidURI` when they are no UTF-8.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.", 400);
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** An id as S3 gives one to each request. */
export function requestId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase();
}

/** Reads a small body as text. Throws `EntityTooLarge` above 2 MB, more than any XML S3 takes. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of body) {
    sizeBytes += piece.byteLength;
    if (sizeBytes > 2_000_000) throw new S3Error('EntityTooLarge', 'Your proposed upload is too large.', 413);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Answers with XML. */
export function sendXml(response: ServerResponse, xml: string, statusCode = 200): void {
  response.writeHead(statusCode, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(xml) });
  response.end(xml);
}

/** Answers without a body. */
export function sendEmpty(response: ServerResponse, statusCode: number, headers: Record<string, string> = {}): void {
  // 204 carries no length; others say 0, or the connection could not be used again.
  response.writeHead(statusCode, statusCode === 204 ? headers : { 'content-length': '0', ...headers });
  response.end();
}
