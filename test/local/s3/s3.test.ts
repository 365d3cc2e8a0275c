import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { ObjectForbidden, ObjectMissing } from '../../../src/local/redshift/index.ts';
import { startAwsEndpoint } from '../../../src/local/endpoint.ts';
import { startTestEndpoint, type TestEndpoint } from '../endpoint.ts';

const Bucket = 'lake';
let endpoint: TestEndpoint;

beforeEach(async () => {
  endpoint = await startTestEndpoint();
  await endpoint.s3.send(new CreateBucketCommand({ Bucket }));
});
afterEach(async () => {
  await endpoint.close();
});

async function put(key: string, body = key): Promise<void> {
  await endpoint.s3.send(new PutObjectCommand({ Bucket, Key: key, Body: Buffer.from(body) }));
}

async function text(key: string, range?: string): Promise<string> {
  const { Body } = await endpoint.s3.send(new GetObjectCommand({ Bucket, Key: key, Range: range }));
  return Body!.transformToString();
}

/** Keys that clients and servers like to break on their way. */
const awkwardKeys = [
  'a b.json',
  'a+b.json',
  'a%20b.json',
  '100%.json',
  `it's "quoted".json`,
  'line\nend\r\n.json',
  'tab\t.json',
  'a//b.json',
  'dir/../up.json',
  './dot.json',
  '/leading.json',
  'trailing/',
  'ends with blank ',
  'question?mark&and=equals#hash;semi',
  '<xml>&amp;&lt;',
  'Beyoncé/日本語.json',
  '🎵/🎧.json',
  'é'.repeat(512),
  `${'k'.repeat(1020)}.txt`,
];

describe('objects', () => {
  test('what was put is read back, with its md5 as etag', async () => {
    const body = 'x'.repeat(70_000);
    const { ETag } = await endpoint.s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'log_data/a.json',
        Body: body,
        ContentType: 'application/json',
        Metadata: { origin: 'test' },
      }),
    );
    const head = await endpoint.s3.send(new HeadObjectCommand({ Bucket, Key: 'log_data/a.json' }));
    expect(head).toMatchObject({
      ContentLength: 70_000,
      ETag,
      ContentType: 'application/json',
      Metadata: { origin: 'test' },
    });
    expect(await text('log_data/a.json')).toBe(body);
    expect(await text('log_data/a.json', 'bytes=0-4')).toBe('xxxxx');
    expect(ETag).toMatch(/^"[0-9a-f]{32}"$/);
  });

  test('a stream is taken without its chunk marks', async () => {
    const pieces = ['one\r\n', 'x'.repeat(200_000), '0\r\n\r\n'];
    await endpoint.s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'stream',
        Body: Readable.from(
          pieces.map((piece) => Buffer.from(piece)),
          { objectMode: false },
        ),
        ContentLength: 200_010,
      }),
    );
    expect(await text('stream')).toBe(pieces.join(''));
  });

  test('an empty object is an object', async () => {
    await put('empty', '');
    expect(await text('empty')).toBe('');
  });

  test.each(awkwardKeys)('the key %j survives put, head, list, copy, read and delete', async (key) => {
    await put(key);
    await endpoint.s3.send(new HeadObjectCommand({ Bucket, Key: key }));
    for (const EncodingType of [undefined, 'url'] as const) {
      const { Contents } = await endpoint.s3.send(new ListObjectsV2Command({ Bucket, EncodingType }));
      const listed = Contents!.map(({ Key }) =>
        EncodingType === 'url' ? decodeURIComponent(Key!.replaceAll('+', ' ')) : Key,
      );
      expect(listed).toEqual([key]);
    }
    await endpoint.s3.send(
      new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: encodeURIComponent(`${Bucket}/${key}`) }),
    );
    expect(await text('copy')).toBe(key);
    expect(await text(key)).toBe(key);
    await endpoint.s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
    await expect(text(key)).rejects.toThrow(/does not exist/);
    await put(key);
    await endpoint.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: key }, { Key: 'copy' }] } }));
    expect((await endpoint.s3.send(new ListObjectsV2Command({ Bucket }))).Contents).toBeUndefined();
  });

  test('a key of more than 1,024 bytes is refused', async () => {
    await expect(put('é'.repeat(513))).rejects.toMatchObject({ name: 'KeyTooLongError' });
  });

  test('what is missing is NotFound on HEAD and NoSuchKey on GET; a bucket likewise', async () => {
    const { s3 } = endpoint;
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'no' }))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(text('no')).rejects.toMatchObject({ name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
    await expect(s3.send(new ListObjectsV2Command({ Bucket: 'no' }))).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'no' }))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(s3.send(new PutObjectCommand({ Bucket: 'no', Key: 'k', Body: 'b' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  });

  test('a forbidden key answers 403 until it is allowed again', async () => {
    await put('secret');
    endpoint.store.forbid({ bucket: Bucket, key: 'secret' });
    await expect(text('secret')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(endpoint.s3.send(new HeadObjectCommand({ Bucket, Key: 'secret' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    expect(() => endpoint.store.read({ bucket: Bucket, key: 'secret' })).toThrow(ObjectForbidden);
    endpoint.store.allow({ bucket: Bucket, key: 'secret' });
    expect(await text('secret')).toBe('secret');
  });

  test('If-None-Match: * writes a key once only', async () => {
    const write = (Body: string) =>
      endpoint.s3.send(new PutObjectCommand({ Bucket, Key: 'once', Body, IfNoneMatch: '*' }));
    await write('first');
    await expect(write('second')).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await text('once')).toBe('first');
  });

  test('what it does not support it refuses', async () => {
    await put('k');
    await expect(
      endpoint.s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet: [] } })),
    ).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  test('a bucket that holds objects cannot be removed, an empty one can', async () => {
    await put('k');
    await expect(endpoint.s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketNotEmpty',
    });
    await endpoint.s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await endpoint.s3.send(new DeleteBucketCommand({ Bucket }));
    expect((await endpoint.s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
  });

  test('the bytes of an object reach the local warehouse, a small one whole', async () => {
    await put('a', 'content');
    const { sizeBytes, body } = await endpoint.store.read({ bucket: Bucket, key: 'a' });
    expect(body).toBeInstanceOf(Uint8Array);
    expect([sizeBytes, Buffer.from(body as Uint8Array).toString()]).toEqual([7, 'content']);
    expect(() => endpoint.store.read({ bucket: Bucket, key: 'no' })).toThrow(ObjectMissing);
  });
});

describe('multipart uploads', () => {
  test('parts become one object with the etag of parts', async () => {
    const Key = 'big';
    const { UploadId } = await endpoint.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const bodies = ['a'.repeat(5 * 1024 * 1024), 'tail'];
    const Parts = [];
    for (const [index, Body] of bodies.entries()) {
      const PartNumber = index + 1;
      const { ETag } = await endpoint.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag });
    }
    const done = await endpoint.s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    );
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect(await text(Key)).toBe(bodies.join(''));
  });

  test('a part that was never uploaded cannot be named', async () => {
    const { UploadId } = await endpoint.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: '"00"' }] };
    await expect(
      endpoint.s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'k', UploadId, MultipartUpload })),
    ).rejects.toMatchObject({ name: 'InvalidPart' });
  });
});

test('a port that is taken is told as such', async () => {
  const { port, home } = endpoint;
  await expect(startAwsEndpoint({ port, region: 'eu-west-1', home: join(home, 'second') })).rejects.toMatchObject({
    name: 'PortInUse',
    port,
  });
});
