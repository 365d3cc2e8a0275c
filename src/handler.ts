import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { EventBridgeBus } from './aws/event-bridge.ts';
import { DataApiWarehouse } from './aws/redshift.ts';
import { S3ObjectStore } from './aws/s3.ts';
import { impatientQueue, SqsQueue } from './aws/sqs.ts';
import { createLog, createMeter, systemClock } from './aws/telemetry.ts';
import { queuesOf, readConfig } from './config.ts';
import { giveWay } from './load/give-way.ts';
import { probe } from './load/probe.ts';
import { receiveDelivery } from './load/receive-delivery.ts';
import { isProbe, readSqsEvent } from './load/sqs-event.ts';
import { originOf } from './queue/origin.ts';
import { readLoadFiles, readSources, readSqlFiles } from './sql/files.ts';
import { Pause } from './waiting/pause.ts';
import type { ProbeAnswer } from './waiting/resume.ts';

// Wired once per cold start. Between invocations only the pause is kept, and nothing depends on it.
const { log, setRequestId } = createLog();
const meter = createMeter();
const config = readConfig(process.env, readSources());
const queues = queuesOf(config);
const live = { queue: impatientQueue(), queueUrl: queues.queueUrl, clock: systemClock, log };
const deps = {
  config,
  ...queues,
  templates: { load: readLoadFiles(), report: readSqlFiles('report') },
  warehouse: new DataApiWarehouse(new RedshiftDataClient({}), config.warehouse, systemClock),
  objects: new S3ObjectStore(new S3Client({})),
  queue: new SqsQueue(new SQSClient({})),
  log,
  meter,
  clock: systemClock,
  pause: new Pause(config.retryMostSeconds * 1000),
  ...(config.events === undefined ? {} : { bus: new EventBridgeBus(new EventBridgeClient({}), config.events.bus) }),
};

/**
 * The loader's Lambda: takes a delivery of one of its queues, returns the ids of the messages that must be retried. Asked by the
 * resume function whether it could load, it says so.
 */
export async function handler(event: unknown, context: Context): Promise<SQSBatchResponse | ProbeAnswer> {
  setRequestId(context.awsRequestId);
  const deadlineMs = systemClock.now() + context.getRemainingTimeInMillis();
  if (isProbe(event)) return probe(deps, deadlineMs - config.reserveSeconds * 1000);
  const { queueArn, messages } = readSqsEvent(event);
  const { queueUrl, isReplay } = originOf(queueArn, queues);
  const way = isReplay ? { giveWay: (untilMs: number) => giveWay(live, untilMs) } : {};
  try {
    const invocation = { requestId: context.awsRequestId, part: '', deadlineMs };
    const failed = await receiveDelivery(messages, { ...deps, queueUrl, ...way }, invocation);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  } finally {
    meter.publish();
  }
}
