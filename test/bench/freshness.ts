/** How long a file takes from its landing until it can be queried, one at a time. */
import { readFile } from 'node:fs/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import type { BenchLoader } from './loader.ts';
import type { BenchObject } from './objects.ts';

/** Puts each object over S3's own protocol and waits for the commit that holds it; milliseconds of each. */
export async function landOneByOne(loader: BenchLoader, objects: readonly BenchObject[]): Promise<number[]> {
  const s3 = new S3Client({
    endpoint: loader.stack.aws.url,
    region: LOCAL_NAMES.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const milliseconds: number[] = [];
  for (const { key, file } of objects) {
    const Body = await readFile(file);
    const committed = loader.nextCommit();
    const startedAt = performance.now();
    await s3.send(new PutObjectCommand({ Bucket: LOCAL_NAMES.landingBucket, Key: key, Body }));
    milliseconds.push((await committed) - startedAt);
    await loader.stack.idle();
  }
  s3.destroy();
  return milliseconds;
}
