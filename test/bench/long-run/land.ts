/** Objects that land one by one, as fast as the stack takes them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientSettings, LOCAL_NAMES } from '../../../src/local/connect.ts';
import { generateSample } from '../../../src/local/sample/generate.ts';
import { SEED } from '../objects.ts';

/** So many messages may wait or be under way before no more is landed: about one batch. */
const MOST_WAITING = 1000;
const LOOK_EVERY = 100;
const LOOK_AGAIN_MS = 50;
const SONGS = 2000;

/**
 * Lands so many objects, 2,000 of them songs and one event in each of the others, until it is aborted; waits whenever a thousand
 * messages are in the queue. `landed` is told the number after each. Ends when the queue is empty.
 */
export async function landObjects(
  environment: Readonly<Record<string, string>>,
  count: number,
  signal: AbortSignal,
  landed: (count: number) => void,
): Promise<void> {
  const s3 = new S3Client(clientSettings(environment, 'AWS_ENDPOINT_URL_S3'));
  const sqs = new SQSClient(clientSettings(environment, 'AWS_ENDPOINT_URL_SQS'));
  const songs = Math.min(SONGS, Math.floor(count / 10));
  const events = count - songs;
  let number = 0;
  for (const { key, body } of generateSample({ seed: SEED + 1, songs, events, eventFiles: events })) {
    if (signal.aborted) break;
    await s3.send(new PutObjectCommand({ Bucket: LOCAL_NAMES.landingBucket, Key: key, Body: body }));
    number += 1;
    landed(number);
    if (number % LOOK_EVERY === 0) await atMostWaiting(sqs, environment.SPARKIFY_QUEUE_URL ?? '', MOST_WAITING);
  }
  await atMostWaiting(sqs, environment.SPARKIFY_QUEUE_URL ?? '', 0);
  s3.destroy();
  sqs.destroy();
}

async function atMostWaiting(sqs: SQSClient, queueUrl: string, most: number): Promise<void> {
  for (;;) {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    const waiting = Object.values(Attributes).reduce((sum, text) => sum + Number(text), 0);
    if (waiting <= most) return;
    await sleep(LOOK_AGAIN_MS);
  }
}
