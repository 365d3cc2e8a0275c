import { rm } from 'node:fs/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { startAwsEndpoint, type AwsEndpoint } from '../../src/local/endpoint.ts';
import type { FaultSource } from '../../src/local/faults/plan.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A running endpoint with clients as production code makes them, one bucket and one queue notified by it. */
export type TestEndpoint = AwsEndpoint & { s3: S3Client; sqs: SQSClient; home: string; close(): Promise<void> };

export const region = 'eu-west-1';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Starts an endpoint on a free port with a directory of its own; `close` ends all of it. */
export async function startTestEndpoint(
  options: { faults?: FaultSource; killCaller?: () => void } = {},
): Promise<TestEndpoint> {
  const home = await temporaryFolder('endpoint');
  const endpoint = await startAwsEndpoint({ port: 0, region, home, ...options });
  const s3 = new S3Client({ region, credentials, endpoint: endpoint.url });
  const sqs = new SQSClient({ region, credentials, endpoint: endpoint.url });
  return {
    ...endpoint,
    s3,
    sqs,
    home,
    close: async () => {
      s3.destroy();
      sqs.destroy();
      await endpoint.stop();
      await rm(home, { recursive: true });
    },
  };
}
