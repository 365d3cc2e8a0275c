import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { startTestEndpoint, type TestEndpoint } from '../endpoint.ts';

const Bucket = 'lake';
const sizeBytes = 12 * 1024 * 1024;
let endpoint: TestEndpoint;

beforeEach(async () => {
  endpoint = await startTestEndpoint();
  await endpoint.s3.send(new CreateBucketCommand({ Bucket }));
});
afterEach(async () => {
  await endpoint.close();
});

async function put(Key: string, Body: Uint8Array | string): Promise<void> {
  await endpoint.s3.send(new PutObjectCommand({ Bucket, Key, Body, Metadata: { origin: 'test' } }));
}

async function begin(Key: string): Promise<{ Bucket: string; Key: string; UploadId: string }> {
  const { UploadId } = await endpoint.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  return { Bucket, Key, UploadId: UploadId! };
}

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
const source = (key: string): string => `${Bucket}/${encodeURIComponent(key)}`;

test('a large object is copied in parts, each a range of it, as `aws s3 mv` does', async () => {
  const key = 'log data/Beyoncé+100%.json';
  const bytes = Buffer.alloc(sizeBytes, 'The quick brown fox. ');
  await put(key, bytes);
  const upload = await begin('moved');
  const half = sizeBytes / 2;
  const Parts = [];
  for (const [index, range] of [`0-${half - 1}`, `${half}-${sizeBytes - 1}`].entries()) {
    const PartNumber = index + 1;
    const CopySourceRange = `bytes=${range}`;
    const { CopyPartResult } = await endpoint.s3.send(
      new UploadPartCopyCommand({ ...upload, PartNumber, CopySource: source(key), CopySourceRange }),
    );
    expect(CopyPartResult!.ETag).toBe(`"${md5(bytes.subarray(index * half, (index + 1) * half))}"`);
    expect(CopyPartResult!.LastModified).toBeInstanceOf(Date);
    Parts.push({ PartNumber, ETag: CopyPartResult!.ETag });
  }
  await endpoint.s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  const { Body, ETag } = await endpoint.s3.send(new GetObjectCommand({ Bucket, Key: 'moved' }));
  expect(md5(await Body!.transformToByteArray())).toBe(md5(bytes));
  expect(ETag).toMatch(/-2"$/);
  expect((await endpoint.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'moved' }))).TagSet).toEqual([]);
});

test('a whole object can be one part among others', async () => {
  await put('whole', 'content');
  const upload = await begin('copy');
  const { CopyPartResult } = await endpoint.s3.send(
    new UploadPartCopyCommand({ ...upload, PartNumber: 7, CopySource: source('whole') }),
  );
  const MultipartUpload = { Parts: [{ PartNumber: 7, ETag: CopyPartResult!.ETag }] };
  await endpoint.s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
  const { ContentLength } = await endpoint.s3.send(new HeadObjectCommand({ Bucket, Key: 'copy' }));
  expect(ContentLength).toBe(7);
});

test.each([
  ['a range that ends beyond the object', { CopySourceRange: 'bytes=0-7' }, 'InvalidArgument'],
  ['a range without an end', { CopySourceRange: 'bytes=0-' }, 'InvalidArgument'],
  ['a range that runs backwards', { CopySourceRange: 'bytes=3-1' }, 'InvalidArgument'],
  ['a missing source', { CopySource: source('no') }, 'NoSuchKey'],
  ['a source in a missing bucket', { CopySource: 'no/key' }, 'NoSuchBucket'],
  ['a source that is none', { CopySource: 'key' }, 'InvalidArgument'],
  ['a version, of which there are none', { CopySource: `${source('whole')}?versionId=abc` }, 'InvalidArgument'],
  ['a part number above 10,000', { PartNumber: 10_001 }, 'InvalidArgument'],
  ['a source that changed since', { CopySourceIfMatch: '"00"' }, 'PreconditionFailed'],
  ['an upload that does not exist', { UploadId: 'no' }, 'NoSuchUpload'],
])('a part is not copied from %s', async (_, wrong, name) => {
  await put('whole', 'content');
  const upload = await begin('copy');
  const command = new UploadPartCopyCommand({ ...upload, PartNumber: 1, CopySource: source('whole'), ...wrong });
  await expect(endpoint.s3.send(command)).rejects.toMatchObject({ name });
});

test('parts but the last have five megabytes at least', async () => {
  await put('whole', 'content');
  const upload = await begin('copy');
  const Parts = [];
  for (const PartNumber of [1, 2]) {
    const { CopyPartResult } = await endpoint.s3.send(
      new UploadPartCopyCommand({ ...upload, PartNumber, CopySource: source('whole') }),
    );
    Parts.push({ PartNumber, ETag: CopyPartResult!.ETag });
  }
  const command = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } });
  await expect(endpoint.s3.send(command)).rejects.toMatchObject({ name: 'EntityTooSmall' });
});

test('an object is copied onto itself only with other properties', async () => {
  await put('whole', 'content');
  const copy = { Bucket, Key: 'whole', CopySource: source('whole') };
  await expect(endpoint.s3.send(new CopyObjectCommand(copy))).rejects.toMatchObject({ name: 'InvalidRequest' });
  await endpoint.s3.send(
    new CopyObjectCommand({ ...copy, MetadataDirective: 'REPLACE', Metadata: { origin: 'again' } }),
  );
  const { Metadata } = await endpoint.s3.send(new HeadObjectCommand({ Bucket, Key: 'whole' }));
  expect(Metadata).toEqual({ origin: 'again' });
});
