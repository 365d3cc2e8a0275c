import type { ServerResponse } from 'node:http';
import { encodeKey } from '../../objects/object-version.ts';
import type { ObjectStore } from './object-store.ts';
import { lastModified, type StoredObject } from './stored-object.ts';
import { S3Error } from './error.ts';
import { sendXml, type S3Request } from './request.ts';
import { document, element, type XmlContent } from './xml.ts';

const LARGEST_PAGE = 1000;

/**
 * ListObjectsV2, and the first version for old clients.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function listObjects(store: ObjectStore, { bucket, query }: S3Request, response: ServerResponse): void {
  const second = query.get('list-type') === '2';
  const token = query.get('continuation-token');
  const after = token === null ? (query.get(second ? 'start-after' : 'marker') ?? '') : decodeToken(token);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = pageLimit(query.get('max-keys'));
  const found = store.page(bucket, { prefix, delimiter, after, limit });
  const encoding = query.get('encoding-type') === 'url' ? 'url' : undefined;
  const write = encoding === 'url' ? encodeKey : (key: string): string => key;
  const nextToken = found.next === undefined ? undefined : Buffer.from(found.next).toString('base64url');
  const versioned: Record<string, XmlContent> = second
    ? {
        KeyCount: found.objects.length + found.commonPrefixes.length,
        StartAfter: query.has('start-after') ? write(query.get('start-after') ?? '') : undefined,
        ContinuationToken: token ?? undefined,
        NextContinuationToken: nextToken,
      }
    : { Marker: write(after), NextMarker: found.next === undefined ? undefined : write(found.next) };
  const described = {
    Name: bucket,
    Prefix: write(prefix),
    Delimiter: delimiter === '' ? undefined : write(delimiter),
    MaxKeys: limit,
    EncodingType: encoding,
    IsTruncated: found.next !== undefined,
    ...versioned,
  };
  const entries = [
    ...found.objects.map((object) => element('Contents', { xml: contents(object, write) })),
    ...found.commonPrefixes.map((common) => element('CommonPrefixes', { xml: element('Prefix', write(common)) })),
  ];
  sendXml(response, document('ListBucketResult', described, entries));
}

function contents(object: StoredObject, write: (key: string) => string): string {
  return [
    element('Key', write(object.key)),
    element('LastModified', lastModified(object).toISOString()),
    element('ETag', `"${object.etag}"`),
    element('Size', object.sizeBytes),
    element('StorageClass', 'STANDARD'),
  ].join('');
}

function pageLimit(text: string | null): number {
  const limit = text === null ? LARGEST_PAGE : Number(text);
  if (!Number.isInteger(limit) || limit < 0) throw new S3Error('InvalidArgument', 'max-keys is no whole number', 400);
  return Math.min(limit, LARGEST_PAGE);
}

function decodeToken(token: string): string {
  return Buffer.from(token, 'base64url').toString('utf8');
}
