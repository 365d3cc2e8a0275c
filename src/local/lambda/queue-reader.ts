import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { pluralize } from '../../numbers.ts';

/** The most messages one SQS call takes or gives. */
export const MESSAGES_PER_CALL = 10;

/** A queue as its consumer sees it. Every method may throw SQS client errors. */
export class QueueReader {
  readonly #sqs: SQSClient;
  readonly #url: string;

  constructor(sqs: SQSClient, url: string) {
    this.#sqs = sqs;
    this.#url = url;
  }

  /** Receives up to `most` messages (at most 10), waiting for the first as long as it is told to. */
  async receive(most: number, waitSeconds: number, abortSignal?: AbortSignal): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#url,
      MaxNumberOfMessages: Math.min(most, MESSAGES_PER_CALL),
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const { Messages = [] } = await this.#sqs.send(command, abortSignal ? { abortSignal } : {});
    return Messages;
  }

  /** Deletes messages, ten per call. Throws when some could not be deleted; the others then are. */
  async delete(messages: readonly Message[]): Promise<void> {
    const calls: Promise<unknown[]>[] = [];
    for (let start = 0; start < messages.length; start += MESSAGES_PER_CALL) {
      const Entries = messages
        .slice(start, start + MESSAGES_PER_CALL)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      const command = new DeleteMessageBatchCommand({ QueueUrl: this.#url, Entries });
      calls.push(this.#sqs.send(command).then(({ Failed = [] }) => Failed));
    }
    const failed: unknown[] = [];
    for (const call of await Promise.allSettled(calls)) {
      if (call.status === 'rejected') failed.push(call.reason);
      else failed.push(...call.value);
    }
    if (failed.length > 0)
      throw new AggregateError(failed, `Of ${pluralize(messages.length, 'message')} some could not be deleted.`);
  }

  /** Makes messages visible again, at once or after a while, ten per call. */
  async changeVisibility(messages: readonly Message[], afterSeconds = 0): Promise<void> {
    const calls: Promise<unknown>[] = [];
    for (let start = 0; start < messages.length; start += MESSAGES_PER_CALL) {
      const Entries = messages.slice(start, start + MESSAGES_PER_CALL).map(({ ReceiptHandle }, index) => {
        return { Id: String(index), ReceiptHandle, VisibilityTimeout: afterSeconds };
      });
      calls.push(this.#sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#url, Entries })));
    }
    // A message that is already visible is reported as failed, which is fine.
    await Promise.all(calls);
  }

  async visibilityTimeoutSeconds(): Promise<number> {
    return Number((await this.#attributes(['VisibilityTimeout'])).VisibilityTimeout);
  }

  async #attributes(
    AttributeNames: NonNullable<ConstructorParameters<typeof GetQueueAttributesCommand>[0]['AttributeNames']>,
  ): Promise<Record<string, string>> {
    const { Attributes = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.#url, AttributeNames }),
    );
    return Attributes;
  }
}
