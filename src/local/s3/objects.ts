import { rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as v from 'valibot';
import type { ObjectStore } from './object-store.ts';
import { lastModified, type NewObject, type StoredObject } from './stored-object.ts';
import { S3Error } from './error.ts';
import { decode, readText, sendEmpty, sendXml, type S3Request } from './request.ts';
import { document, element, parseXml } from './xml.ts';

/** PutObject; `If-None-Match: *` is honoured. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(store: ObjectStore, request: S3Request, response: ServerResponse): Promise<void> {
  store.requireBucket(request.bucket);
  const { md5, ...spooled } = await store.spool(request.body);
  if (request.headers['if-none-match'] === '*' && store.find(request) !== undefined) {
    await rm(spooled.file, { force: true });
    throw preconditionFailed();
  }
  const described = { ...describedBy(request.headers), etag: md5, owned: true, atMs: Date.now() };
  await putSpooled(store, request.bucket, { key: request.key, ...spooled, ...described }, 'ObjectCreated:Put');
  sendEmpty(response, 200, { etag: `"${md5}"` });
}

/** CopyObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export async function copyObject(store: ObjectStore, request: S3Request, response: ServerResponse): Promise<void> {
  store.requireBucket(request.bucket);
  const replace = request.headers['x-amz-metadata-directive'] === 'REPLACE';
  const source = copySource(request.headers);
  if (!replace && source.bucket === request.bucket && source.key === request.key) {
    throw new S3Error(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      400,
    );
  }
  const { object: original, body } = await openCopySource(store, request.headers);
  const { md5, ...spooled } = await store.spool(body);
  const { contentType, metadata } = replace ? describedBy(request.headers) : original;
  const copy = { key: request.key, ...spooled, owned: true, etag: md5, contentType, metadata, atMs: Date.now() };
  const stored = await putSpooled(store, request.bucket, copy, 'ObjectCreated:Copy');
  sendXml(
    response,
    document('CopyObjectResult', { LastModified: lastModified(stored).toISOString(), ETag: `"${md5}"` }),
  );
}

/** Makes an object of bytes that were spooled for it; should that fail, they are removed. Throws what `put` throws. */
export async function putSpooled(
  store: ObjectStore,
  bucket: string,
  object: NewObject,
  name: Parameters<ObjectStore['put']>[2],
): Promise<StoredObject> {
  return store.put(bucket, object, name).catch(async (error: unknown) => {
    await rm(object.file, { force: true });
    throw error;
  });
}

/**
 * The object that a copy is made from, and its bytes, or those of the range that UploadPartCopy asks for.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
 * Throws `InvalidArgument`, `PreconditionFailed`, and what reading an object throws.
 */
export async function openCopySource(
  store: ObjectStore,
  headers: S3Request['headers'],
): Promise<{ object: StoredObject; body: Readable }> {
  const source = copySource(headers);
  const found = store.head(source);
  const ifMatch = headers['x-amz-copy-source-if-match'];
  const ifNoneMatch = headers['x-amz-copy-source-if-none-match'];
  if (ifMatch !== undefined && String(ifMatch).replaceAll('"', '') !== found.etag) throw preconditionFailed();
  if (ifNoneMatch !== undefined && String(ifNoneMatch).replaceAll('"', '') === found.etag) throw preconditionFailed();
  const range = headers['x-amz-copy-source-range'];
  return store.get(source, range === undefined ? undefined : copyRange(String(range), found.sizeBytes));
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

/**
 * DeleteObject. Deleting what is not there succeeds, as on S3, unless it was to be a certain version.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
export async function deleteObject(store: ObjectStore, request: S3Request, response: ServerResponse): Promise<void> {
  const ifMatch = request.headers['if-match'];
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch.replaceAll('"', '') !== store.head(request).etag)
    throw preconditionFailed();
  await store.delete(request);
  sendEmpty(response, 204);
}

/** What one DeleteObjects says. */
const deletion = v.object({
  Delete: v.object({
    Object: v.pipe(v.array(v.object({ Key: v.string() })), v.maxLength(1000)),
    Quiet: v.optional(v.string()),
  }),
});

/** DeleteObjects. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export async function deleteObjects(store: ObjectStore, request: S3Request, response: ServerResponse): Promise<void> {
  const { Delete } = parseXml(deletion, await readText(request.body));
  const keys = Delete.Object.map(({ Key }) => Key);
  for (const key of keys) await store.delete({ bucket: request.bucket, key });
  const quiet = Delete.Quiet === 'true';
  const deleted = keys.map((key) => element('Deleted', { xml: element('Key', key) }));
  sendXml(response, document('DeleteResult', {}, quiet ? [] : deleted));
}

const NO_METADATA = {};

/** What the headers of an upload say about the object. */
export function describedBy(headers: S3Request['headers']): Pick<StoredObject, 'contentType' | 'metadata'> {
  const given = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  // One of these is kept for each object there is, and nearly all have none.
  const metadata =
    given.length === 0
      ? NO_METADATA
      : Object.fromEntries(given.map(([name, value]) => [name.slice('x-amz-meta-'.length), String(value)]));
  return { contentType: headers['content-type'] ?? 'binary/octet-stream', metadata };
}

function objectHeaders(object: StoredObject): Record<string, string> {
  return {
    'content-type': object.contentType,
    'content-length': String(object.sizeBytes),
    'accept-ranges': 'bytes',
    etag: `"${object.etag}"`,
    'last-modified': lastModified(object).toUTCString(),
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

function copySource(headers: S3Request['headers']): { bucket: string; key: string } {
  const [path = '', version] = String(headers['x-amz-copy-source']).split(/\?versionId=/);
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decode(path)) ?? [];
  if (bucket === undefined || key === undefined) throw new S3Error('InvalidArgument', 'Invalid copy source', 400);
  // Local buckets keep no versions; an object that was never versioned has the version "null".
  if (version !== undefined && version !== 'null') {
    throw new S3Error('InvalidArgument', 'Invalid version id specified', 400);
  }
  return { bucket, key };
}

function copyRange(text: string, sizeBytes: number): { start: number; end: number } {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(text) ?? [];
  const [start, end] = [Number(first), Number(last)];
  if (first === undefined || start > end) {
    throw new S3Error(
      'InvalidArgument',
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      400,
    );
  }
  if (end >= sizeBytes) {
    throw new S3Error('InvalidArgument', `Range specified is not valid for source object of size: ${sizeBytes}`, 400);
  }
  return { start, end };
}

function preconditionFailed(): S3Error {
  return new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
}
