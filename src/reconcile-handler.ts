import { randomUUID } from 'node:crypto';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { S3StateStore } from './aws/reconcile-state.ts';
import { DataApiWarehouse } from './aws/redshift.ts';
import { S3ObjectStore } from './aws/s3.ts';
import { SqsQueue } from './aws/sqs.ts';
import { createLog, createMeter, systemClock as clock } from './aws/telemetry.ts';
import { readConfig } from './config.ts';
import { reconcileDeps, reconcileOnSchedule } from './catch-up/reconcile.ts';
import { ReplaySender } from './catch-up/replay.ts';
import { readSources, readSqlFiles } from './sql/files.ts';
import { standsStill } from './waiting/stand-still.ts';

const { log, setRequestId } = createLog();
const meter = createMeter();
const config = readConfig(process.env, readSources());
const { replayQueueUrl: queueUrl, landing, reserveSeconds } = config;
const s3 = new S3Client({});
const state = new S3StateStore(s3, config.control);
const objects = new S3ObjectStore(s3);
const queue = new SqsQueue(new SQSClient({}));
const warehouse = new DataApiWarehouse(new RedshiftDataClient({}), config.warehouse, clock);

/** The scheduled Lambda: compares the landing buckets with the ledger. With a queue of replays configured it also sends what is missing. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  setRequestId(context.awsRequestId);
  if (await standsStill(config.control, objects, log)) return;
  const deadlineMs = clock.now() + context.getRemainingTimeInMillis() - reserveSeconds * 1000;
  const templates = { reconcile: readSqlFiles('reconcile') };
  const edges = reconcileDeps({ config, objects, warehouse, templates }, () => deadlineMs, randomUUID);
  const sender = queueUrl === undefined ? {} : { sender: new ReplaySender({ queue, queueUrl, clock }) };
  try {
    const deps = { ...edges, state, clock, log, meter, ...sender };
    await reconcileOnSchedule(landing, deps, deadlineMs);
  } finally {
    meter.publish();
  }
}
