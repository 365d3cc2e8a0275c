import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import type { SQSRecord, SQSRecordAttributes } from 'aws-lambda';
import { MESSAGES_PER_CALL, type QueueReader } from './queue-reader.ts';

/** The limits of a delivery, and the origin of its messages. */
export type DeliveryLimits = {
  batchSize: number;
  maximumBatchingWindowSeconds: number;
  queueArn: string;
  region: string;
};

/** The invocation payload Lambda allows, metadata included. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const LARGEST_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Short, because whoever switches the source off waits for a poll to end: one that is cut off may have taken messages with it. */
const LONG_POLL_SECONDS = 1;
const PARALLEL_RECEIVES = 8;
/** How often an open window polls for more. */
const WINDOW_POLL_MS = 20;
const RETRY_MS = 100;

/** A message as received, and as passed to the function. */
export type ReceivedRecord = { message: Message; record: SQSRecord; bytes: number };

/** Collects messages into deliveries for one worker. Queue errors are reported and retried. */
export class DeliveryCollector {
  readonly #reader: QueueReader;
  readonly #limits: DeliveryLimits;
  readonly #trouble: (error: unknown) => void;
  /** Received, but too many or too large for the delivery they came with. */
  #held: ReceivedRecord[] = [];

  constructor(reader: QueueReader, limits: DeliveryLimits, trouble: (error: unknown) => void) {
    this.#reader = reader;
    this.#limits = limits;
    this.#trouble = trouble;
  }

  /**
   * The next delivery: as soon as it is full in count or bytes, or its window has passed since its first message.
   * Returns nothing when none arrived for a while, or when stopped.
   */
  async next(stop: AbortSignal): Promise<ReceivedRecord[]> {
    if (this.#held.length === 0) this.#held = await this.#receive(1, LONG_POLL_SECONDS, stop);
    const closesAt = performance.now() + this.#limits.maximumBatchingWindowSeconds * 1000;
    while (this.#held.length > 0 && !this.#isFull() && performance.now() < closesAt && !stop.aborted) {
      const missing = this.#limits.batchSize - this.#held.length;
      const more = await this.#receive(Math.min(PARALLEL_RECEIVES, Math.ceil(missing / MESSAGES_PER_CALL)), 0, stop);
      this.#held.push(...more);
      if (more.length === 0) await sleep(WINDOW_POLL_MS);
    }
    return stop.aborted ? [] : this.#held.splice(0, this.#fitting());
  }

  /** Whether there are messages that were received and are not delivered. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** Makes what was received and not delivered visible again. */
  async changeVisibility(): Promise<void> {
    await this.#reader.changeVisibility(this.#held.splice(0).map(({ message }) => message)).catch(this.#trouble);
  }

  #isFull(): boolean {
    return this.#held.length >= this.#limits.batchSize || this.#fitting() < this.#held.length;
  }

  /** How many of the held messages one delivery takes. A single one always fits: SQS's own limit is below Lambda's. */
  #fitting(): number {
    let bytes = 0;
    let count = 0;
    for (const received of this.#held) {
      bytes += received.bytes;
      if (bytes > LARGEST_PAYLOAD_BYTES || count === this.#limits.batchSize) break;
      count++;
    }
    return count;
  }

  async #receive(calls: number, waitSeconds: number, stop: AbortSignal): Promise<ReceivedRecord[]> {
    const most = Math.min(MESSAGES_PER_CALL, this.#limits.batchSize);
    // A call that waits is ended; any other is short, and what its answer brings must not be lost on the way.
    const signal = waitSeconds > 0 ? stop : undefined;
    const answers = await Promise.allSettled(
      Array.from({ length: calls }, () => this.#reader.receive(most, waitSeconds, signal)),
    );
    const failed = answers.filter((answer) => answer.status === 'rejected');
    if (failed.length > 0 && !stop.aborted) {
      for (const { reason } of failed) this.#trouble(reason);
      await sleep(RETRY_MS);
    }
    const messages = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    return messages.map((message) => {
      const record = toRecord(message, this.#limits);
      return { message, record, bytes: Buffer.byteLength(JSON.stringify(record)) + 1 };
    });
  }
}

/** A message in the shape Lambda hands to a function. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export function toRecord(message: Message, { queueArn, region }: { queueArn: string; region: string }): SQSRecord {
  const { MessageId = '', ReceiptHandle = '', Body = '', MD5OfBody = '', Attributes, MessageAttributes = {} } = message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    // The queue was asked for all of them, so those a function relies on are there.
    attributes: { ...Attributes } as unknown as SQSRecordAttributes,
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          dataType: DataType as 'String',
          ...(StringValue !== undefined && { stringValue: StringValue }),
          ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
        },
      ]),
    ),
    md5OfBody: MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}
