import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
  type MessageAttributeValue,
  type QueueAttributeName,
} from '@aws-sdk/client-sqs';
import type { MessageAttribute, OutgoingMessage, Queue, QueueDepth, ReceivedMessage } from '../ports.ts';
import { translateException } from './translate.ts';

/** SQS through the SDK. */
export class SqsQueue implements Queue {
  readonly #client: SQSClient;
  constructor(client: SQSClient) {
    this.#client = client;
  }

  async send(queueUrl: string, messages: readonly OutgoingMessage[]): Promise<string[]> {
    const entries = messages.map(({ id, body, messageAttributes = {} }) => ({
      Id: id,
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        Object.entries(messageAttributes).map(([name, attribute]) => [name, toSqs(attribute)]),
      ),
    }));
    try {
      // The call returns 200 even when some messages failed; those are listed in Failed.
      const reply = await this.#client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
      return (reply.Failed ?? []).map((failed) => failed.Id ?? '');
    } catch (error) {
      throw translateException(error, `sending to ${queueUrl}`);
    }
  }

  async receive(
    queueUrl: string,
    options: { waitSeconds: number; visibilityTimeoutSeconds: number },
  ): Promise<ReceivedMessage[]> {
    try {
      const reply = await this.#client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: options.waitSeconds,
          VisibilityTimeout: options.visibilityTimeoutSeconds,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      return (reply.Messages ?? []).map((message) => ({
        messageId: message.MessageId ?? '',
        receiptHandle: message.ReceiptHandle ?? '',
        body: message.Body ?? '',
        attributes: message.Attributes ?? {},
        messageAttributes: Object.fromEntries(
          Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, fromSqs(value)]),
        ),
      }));
    } catch (error) {
      throw translateException(error, `receiving from ${queueUrl}`);
    }
  }

  async delete(queueUrl: string, messages: readonly ReceivedMessage[]): Promise<string[]> {
    const entries = messages.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
    try {
      const reply = await this.#client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
      return (reply.Failed ?? []).map((failed) => messages[Number(failed.Id)]?.messageId ?? '');
    } catch (error) {
      throw translateException(error, `deleting from ${queueUrl}`);
    }
  }

  async changeVisibility(
    queueUrl: string,
    messages: readonly { receiptHandle: string; seconds: number }[],
  ): Promise<number> {
    const entries = messages.map(({ receiptHandle, seconds }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    }));
    try {
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: entries });
      return ((await this.#client.send(command)).Failed ?? []).length;
    } catch (error) {
      throw translateException(error, `returning messages to ${queueUrl}`);
    }
  }

  async depth(queueUrl: string): Promise<QueueDepth> {
    try {
      const reply = await this.#client.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: [
            'ApproximateNumberOfMessages',
            'ApproximateNumberOfMessagesNotVisible',
            'ApproximateNumberOfMessagesDelayed',
          ],
        }),
      );
      const number = (name: QueueAttributeName): number => Number(reply.Attributes?.[name] ?? 0);
      return {
        waiting: number('ApproximateNumberOfMessages'),
        inFlight: number('ApproximateNumberOfMessagesNotVisible'),
        delayed: number('ApproximateNumberOfMessagesDelayed'),
      };
    } catch (error) {
      throw translateException(error, `asking for the depth of ${queueUrl}`);
    }
  }
}

/** How long an answer of an impatient queue may take. */
const IMPATIENT_MS = 2000;

/**
 * A queue for questions that nobody waits for long: an answer that does not come within two seconds is an error, and nothing is
 * repeated. Its client is made for the first question: most functions ask none, and it costs a cold start some milliseconds.
 */
export function impatientQueue(): Pick<Queue, 'depth'> {
  const requestHandler = { requestTimeout: IMPATIENT_MS, throwOnRequestTimeout: true };
  let queue: SqsQueue | undefined;
  return {
    depth: (url) => {
      queue ??= new SqsQueue(new SQSClient({ maxAttempts: 1, requestHandler }));
      return queue.depth(url);
    },
  };
}

function toSqs(attribute: MessageAttribute): MessageAttributeValue {
  return {
    DataType: attribute.dataType,
    ...(attribute.stringValue === undefined ? {} : { StringValue: attribute.stringValue }),
    ...(attribute.binaryValue === undefined ? {} : { BinaryValue: attribute.binaryValue }),
  };
}

function fromSqs(value: MessageAttributeValue): MessageAttribute {
  return {
    dataType: value.DataType ?? 'String',
    ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
    ...(value.BinaryValue === undefined ? {} : { binaryValue: value.BinaryValue }),
  };
}
