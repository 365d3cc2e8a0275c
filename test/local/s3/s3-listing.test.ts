import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, ListObjectsV2Command, paginateListObjectsV2, PutObjectCommand } from '@aws-sdk/client-s3';
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
  await endpoint.s3.send(new PutObjectCommand({ Bucket, Key: key, Body: body }));
}

describe('listings', () => {
  test('keys come in the order of their UTF-8 bytes', async () => {
    const keys = ['a', 'B', 'é', '\uffee', '🎵', 'a/b', 'a-b', 'ab'];
    for (const key of keys) await put(key);
    const { Contents } = await endpoint.s3.send(new ListObjectsV2Command({ Bucket }));
    const bytes = [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
    expect(Contents!.map(({ Key }) => Key)).toEqual(bytes);
  });

  test('pages of keys and common prefixes neither repeat nor miss any', async () => {
    for (const key of ['a', 'b/1', 'b/2', 'c', 'd/1', 'e/1/x', 'f']) await put(key);
    const seen: (string | undefined)[] = [];
    for await (const page of paginateListObjectsV2({ client: endpoint.s3, pageSize: 1 }, { Bucket, Delimiter: '/' })) {
      seen.push(
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      );
    }
    expect(seen).toEqual(['a', 'b/', 'c', 'd/', 'e/', 'f']);
    const below = await endpoint.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'b/', StartAfter: 'b/1' }));
    expect(below.Contents!.map(({ Key }) => Key)).toEqual(['b/2']);
  });

  test('20,000 keys are listed to the last, while others are written and removed', async () => {
    const kind = { owned: false, contentType: 'c', metadata: {}, atMs: Date.now() };
    const properties = { ...kind, file: '/nowhere', sizeBytes: 1, etag: 'e' };
    for (let index = 0; index < 20_000; index++) {
      await endpoint.store.put(Bucket, { key: `log_data/${index}.json`, ...properties }, 'ObjectCreated:Put');
    }
    const seen = new Set<string>();
    for (let after: string | undefined = ''; after !== undefined;) {
      const page = endpoint.store.page(Bucket, { prefix: 'log_data/', after, limit: 1000 });
      for (const { key } of page.objects) seen.add(key);
      await put(`song_data/${seen.size}`);
      await endpoint.store.delete({ bucket: Bucket, key: `song_data/${seen.size - 1000}` });
      after = page.next;
    }
    expect(seen.size).toBe(20_000);
  }, 120_000);
});

// Machines without the CLI prove the same operations by the SDK above.
const hasCli = spawnSync('aws', ['--version']).status === 0;
(hasCli ? test : test.skip)(
  'the AWS CLI copies files in and out and lists them',
  async () => {
    const aws = async (...args: string[]): Promise<string> => {
      const environment = {
        ...process.env,
        AWS_ACCESS_KEY_ID: 'x',
        AWS_SECRET_ACCESS_KEY: 'x',
        AWS_REGION: 'eu-west-1',
      };
      const { stdout } = await promisify(execFile)('aws', ['--endpoint-url', endpoint.url, 's3', ...args], {
        env: environment,
      });
      return stdout;
    };
    const file = join(endpoint.home, 'big.json');
    await writeFile(file, 'x'.repeat(20_000_000));
    await aws('cp', file, `s3://${Bucket}/in put/🎵+.json`);
    expect(await aws('ls', '--recursive', `s3://${Bucket}`)).toMatch(/20000000 in put\/🎵\+\.json/);
    await aws('cp', `s3://${Bucket}/in put/🎵+.json`, join(endpoint.home, 'out.json'));
    await aws('rm', `s3://${Bucket}/in put/🎵+.json`);
    expect(endpoint.store.page(Bucket, { prefix: '', limit: 1 }).objects).toEqual([]);
  },
  120_000,
);
