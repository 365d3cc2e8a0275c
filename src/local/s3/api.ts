import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasCode } from '../files.ts';
import type { ObjectStore } from './object-store.ts';
import type { Notifications } from './notifications.ts';
import { notImplemented, S3Error } from './error.ts';
import { listObjects } from './listing.ts';
import { MultipartUploads } from './multipart.ts';
import { copyObject, deleteObject, deleteObjects, getObject, putObject } from './objects.ts';
import { parseRequest, readText, requestId, sendEmpty, sendXml, type S3Request } from './request.ts';
import { document, element } from './xml.ts';

type Handler = (request: S3Request, response: ServerResponse) => void | Promise<void>;

/** S3's operations, by the names AWS gives them. */
export type S3Operation = keyof ReturnType<typeof operations>;

/**
 * The S3 protocol over an object store: the operations a loader, the AWS CLI and the SDKs use. Bodies are streamed, so
 * memory does not grow with objects. Signatures are not checked; the server listens on the loopback address only.
 */
export function s3Api(
  store: ObjectStore,
  notifications: Notifications,
): {
  operationOf: (request: S3Request) => S3Operation;
  parse: (request: IncomingMessage) => S3Request;
  handle: (operation: S3Operation, request: S3Request, response: ServerResponse) => Promise<void>;
} {
  const handlers = operations(store, notifications);
  return {
    parse: parseRequest,
    operationOf,
    handle: async (operation, request, response) => {
      response.setHeader('x-amz-request-id', requestId());
      await handlers[operation](request, response);
    },
  };
}

function operations(store: ObjectStore, notifications: Notifications) {
  const uploads = new MultipartUploads(store);
  return {
    ListBuckets: (_request, response) => {
      sendXml(
        response,
        document('ListAllMyBucketsResult', { Owner: { xml: element('ID', 'local') }, Buckets: buckets(store) }),
      );
    },
    CreateBucket: ({ bucket }, response) => {
      store.createBucket(bucket);
      sendEmpty(response, 200, { location: `/${bucket}` });
    },
    HeadBucket: ({ bucket }, response) => {
      store.requireBucket(bucket);
      sendEmpty(response, 200);
    },
    DeleteBucket: ({ bucket }, response) => {
      store.deleteBucket(bucket);
      sendEmpty(response, 204);
    },
    GetBucketLocation: ({ bucket }, response) => {
      store.requireBucket(bucket);
      sendXml(response, document('LocationConstraint', {}));
    },
    PutBucketNotificationConfiguration: async ({ bucket, body }, response) => {
      store.requireBucket(bucket);
      notifications.configure(bucket, await readText(body));
      sendEmpty(response, 200);
    },
    GetBucketNotificationConfiguration: ({ bucket }, response) => {
      store.requireBucket(bucket);
      sendXml(response, notifications.configuration(bucket));
    },
    ListObjectsV2: (request, response) => {
      listObjects(store, request, response);
    },
    PutObject: (request, response) => putObject(store, request, response),
    CopyObject: (request, response) => copyObject(store, request, response),
    GetObject: (request, response) => getObject(store, request, response),
    HeadObject: (request, response) => getObject(store, request, response),
    DeleteObject: (request, response) => deleteObject(store, request, response),
    DeleteObjects: (request, response) => deleteObjects(store, request, response),
    CreateMultipartUpload: (request, response) => {
      uploads.create(request, response);
    },
    UploadPart: (request, response) => uploads.uploadPart(request, response),
    UploadPartCopy: (request, response) => uploads.uploadPartCopy(request, response),
    // Objects have no tags here; clients ask before they copy a large one.
    GetObjectTagging: (request, response) => {
      store.head(request);
      sendXml(response, document('Tagging', { TagSet: '' }));
    },
    CompleteMultipartUpload: (request, response) => uploads.complete(request, response),
    AbortMultipartUpload: (request, response) => uploads.abort(request, response),
  } satisfies Record<string, Handler>;
}

/** Sub-resources that would change what a request means, so that ignoring them would be a lie. */
const UNSUPPORTED = [
  'acl', 'analytics', 'attributes', 'cors', 'encryption', 'lifecycle', 'object-lock', 'policy', 'replication', 'restore',
  'retention', 'select', 'tagging', 'torrent', 'versionId', 'versioning', 'versions', 'website',
]; // prettier-ignore

/** Which operation a request asks for. Throws `NotImplemented`. */
function operationOf({ method, bucket, key, query, headers }: S3Request): S3Operation {
  const level = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  if (method === 'GET' && level === 'object' && query.has('tagging')) return 'GetObjectTagging';
  const refused = UNSUPPORTED.find((name) => query.has(name));
  if (refused !== undefined) throw notImplemented(`?${refused}`);
  const has = (name: string): boolean => query.has(name);
  const copies = headers['x-amz-copy-source'] !== undefined;
  const choices: Record<string, S3Operation> = {
    'GET service': 'ListBuckets',
    'PUT bucket': has('notification') ? 'PutBucketNotificationConfiguration' : 'CreateBucket',
    'HEAD bucket': 'HeadBucket',
    'DELETE bucket': 'DeleteBucket',
    'GET bucket': has('notification')
      ? 'GetBucketNotificationConfiguration'
      : has('location')
        ? 'GetBucketLocation'
        : 'ListObjectsV2',
    'POST bucket': 'DeleteObjects',
    'PUT object': has('uploadId') ? (copies ? 'UploadPartCopy' : 'UploadPart') : copies ? 'CopyObject' : 'PutObject',
    'GET object': 'GetObject',
    'HEAD object': 'HeadObject',
    'DELETE object': has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject',
    'POST object': has('uploadId') ? 'CompleteMultipartUpload' : 'CreateMultipartUpload',
  };
  const operation = choices[`${method} ${level}`];
  if (operation === undefined) throw new S3Error('MethodNotAllowed', 'The specified method is not allowed.', 405);
  return operation;
}

function buckets(store: ObjectStore): { xml: string } {
  const entries = store
    .bucketList()
    .map(({ name, createdAt }) => element('Name', name) + element('CreationDate', createdAt.toISOString()));
  return { xml: entries.map((xml) => element('Bucket', { xml })).join('') };
}

/** Answers an error as S3 does. A reply that has already begun can only be broken off. */
export function sendS3Error(error: unknown, method: string | undefined, response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known =
    error instanceof S3Error
      ? error
      : hasCode(error, ['ENOSPC', 'EDQUOT'])
        ? new S3Error('InternalError', 'The disk of the local S3 is full; nothing was changed. Free some space.', 500)
        : new S3Error('InternalError', error instanceof Error ? error.message : String(error), 500);
  if (method === 'HEAD') {
    sendEmpty(response, known.statusCode);
    return;
  }
  const body = document('Error', { Code: known.code, Message: known.message, RequestId: randomUUID() });
  sendXml(response, body.replace(/ xmlns="[^"]*"/, ''), known.statusCode);
}
