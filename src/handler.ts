import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { DataApiWarehouse } from './aws/redshift.ts';
import { S3ObjectStore } from './aws/s3.ts';
import { createLog, createMeter, systemClock } from './aws/telemetry.ts';
import { readConfig } from './config.ts';
import { readSqsEvent } from './load/sqs-event.ts';
import { loadDelivery } from './load/load-delivery.ts';
import { readLoadFiles, readSources, readSqlFiles } from './sql/files.ts';
import type { LoadDeps } from './load/deps.ts';

// Wired once per cold start. Nothing here remembers anything of an invocation.
const { log, setRequestId } = createLog();
const meter = createMeter();
const config = readConfig(process.env, readSources());
const deps: LoadDeps = {
  config,
  templates: { load: readLoadFiles(), report: readSqlFiles('report') },
  warehouse: new DataApiWarehouse(new RedshiftDataClient({}), config.warehouse, systemClock),
  objects: new S3ObjectStore(new S3Client({})),
  log,
  meter,
  clock: systemClock,
};

/** The loader's Lambda: an SQS delivery in, the ids of the messages that must come again out. */
export async function handler(event: unknown, context: Context): Promise<SQSBatchResponse> {
  setRequestId(context.awsRequestId);
  const messages = readSqsEvent(event);
  const deadlineMs = systemClock.now() + context.getRemainingTimeInMillis();
  try {
    const failed = await loadDelivery(messages, deps, { requestId: context.awsRequestId, deadlineMs });
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  } finally {
    meter.publish();
  }
}
