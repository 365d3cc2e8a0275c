import { LoaderError } from '../errors.ts';

/** The queue that a delivery came from: where its messages are returned to, and whether they are replays. */
export type Origin = { queueUrl: string; isReplay: boolean };

/**
 * Which of the loader's queues an ARN names. Account and name end both an ARN and a URL, however the URL begins; an event source and
 * its queue are in one region. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
 * @throws LoaderError (`usage`) when it is none of them: its messages could not be returned, so none is acknowledged.
 */
export function originOf(
  queueArn: string,
  { queueUrl, replayQueueUrl }: { queueUrl: string; replayQueueUrl: string },
): Origin {
  const names = (url: string): boolean =>
    url.split('/').slice(-2).join(':') === queueArn.split(':').slice(-2).join(':');
  if (names(queueUrl)) return { queueUrl, isReplay: false };
  if (names(replayQueueUrl)) return { queueUrl: replayQueueUrl, isReplay: true };
  throw new LoaderError(
    'usage',
    `this is a delivery of ${queueArn}, but the loader's queues are ${queueUrl} and ${replayQueueUrl}`,
    'Remove that event source from the function: aws lambda list-event-source-mappings; its messages are still in their queue',
  );
}
