import { rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ObjectStore, StoredObject } from '../object-store.ts';
import { malformedXml, S3Error } from './error.ts';
import { decode, readText, sendEmpty, sendXml, type S3Request } from './request.ts';
import { document, element, innerXml, texts } from './xml.ts';

/** PutObject; `If-None-Match: *` is honoured. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(store: ObjectStore, request: S3Request, response: ServerResponse): Promise<void> {
  store.requireBucket(request.bucket);
  const { md5, ...spooled } = await store.spool(request.body);
  try {
    if (request.headers['if-none-match'] === '*' && store.find(request) !== undefined) throw preconditionFailed();
    await store.put(
      request.bucket,
      { key: request.key, ...spooled, owned: true, etag: md5, ...describedBy(request.headers), at: new Date() },
      'ObjectCreated:Put',
    );
  } catch (error) {
    await rm(spooled.file, { force: true });
    throw error;
  }
  sendEmpty(response, 200, { etag: `"${md5}"` });
}

/** CopyObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export async function copyObject(store: ObjectStore, request: S3Request, response: ServerResponse): Promise<void> {
  store.requireBucket(request.bucket);
  const source = copySource(String(request.headers['x-amz-copy-source']));
  const { object: original, body } = await store.get(source);
  const { md5, ...spooled } = await store.spool(body);
  const replace = request.headers['x-amz-metadata-directive'] === 'REPLACE';
  const { contentType, metadata } = replace ? describedBy(request.headers) : original;
  const copy = { key: request.key, ...spooled, owned: true, etag: md5, contentType, metadata, at: new Date() };
  const { lastModified } = await store.put(request.bucket, copy, 'ObjectCreated:Copy');
  sendXml(response, document('CopyObjectResult', { LastModified: lastModified.toISOString(), ETag: `"${md5}"` }));
}

/** GetObject and HeadObject with ranges and preconditions. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export async function getObject(store: ObjectStore, request: S3Request, response: ServerResponse): Promise<void> {
  const found = store.head(request);
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, range } = request.headers;
  if (ifMatch !== undefined && ifMatch.replaceAll('"', '') !== found.etag) throw preconditionFailed();
  if (ifNoneMatch?.replaceAll('"', '') === found.etag) {
    response.writeHead(304, { etag: `"${found.etag}"` }).end();
    return;
  }
  if (request.method === 'HEAD') {
    response.writeHead(200, objectHeaders(found)).end();
    return;
  }
  const part = range === undefined ? undefined : parseRange(range, found.sizeBytes);
  const { object, body } = await store.get(request, part);
  const headers = objectHeaders(object);
  if (part !== undefined) {
    headers['content-length'] = String(part.end - part.start + 1);
    headers['content-range'] = `bytes ${part.start}-${part.end}/${object.sizeBytes}`;
  }
  response.writeHead(part === undefined ? 200 : 206, headers);
  await pipeline(body, response);
}

/** DeleteObject. Deleting what is not there succeeds, as on S3. */
export async function deleteObject(store: ObjectStore, request: S3Request, response: ServerResponse): Promise<void> {
  await store.delete(request);
  sendEmpty(response, 204);
}

/** What one DeleteObjects may name. */
const mostKeys = 1000;

/** DeleteObjects. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export async function deleteObjects(store: ObjectStore, request: S3Request, response: ServerResponse): Promise<void> {
  const xml = await readText(request.body);
  const keys = innerXml(xml, 'Object').flatMap((object) => texts(object, 'Key'));
  if (keys.length === 0 || keys.length > mostKeys) throw malformedXml();
  for (const key of keys) await store.delete({ bucket: request.bucket, key });
  const quiet = texts(xml, 'Quiet').includes('true');
  const deleted = keys.map((key) => element('Deleted', { xml: element('Key', key) })).join('');
  sendXml(
    response,
    document('DeleteResult', {}).replace('</DeleteResult>', () => `${quiet ? '' : deleted}</DeleteResult>`),
  );
}

/** What the headers of an upload say about the object. */
export function describedBy(headers: S3Request['headers']): Pick<StoredObject, 'contentType' | 'metadata'> {
  const metadata = Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith('x-amz-meta-'))
      .map(([name, value]) => [name.slice('x-amz-meta-'.length), String(value)]),
  );
  return { contentType: headers['content-type'] ?? 'binary/octet-stream', metadata };
}

function objectHeaders(object: StoredObject): Record<string, string> {
  return {
    'content-type': object.contentType,
    'content-length': String(object.sizeBytes),
    'accept-ranges': 'bytes',
    etag: `"${object.etag}"`,
    'last-modified': object.lastModified.toUTCString(),
    ...Object.fromEntries(Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  };
}

function parseRange(text: string, sizeBytes: number): { start: number; end: number } {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text);
  const [first, last] = [match?.[1] ?? '', match?.[2] ?? ''];
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  const asksNothing = first === '' && (last === '' || Number(last) === 0);
  if (asksNothing || start > end) throw new S3Error('InvalidRange', 'The requested range is not satisfiable', 416);
  return { start, end };
}

function copySource(header: string): { bucket: string; key: string } {
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decode(header.replace(/\?versionId=[^?]*$/, ''))) ?? [];
  if (bucket === undefined || key === undefined) throw new S3Error('InvalidArgument', 'Invalid copy source', 400);
  return { bucket, key };
}

function preconditionFailed(): S3Error {
  return new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
}
