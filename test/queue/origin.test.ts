import { originOf } from '../../src/queue/origin.ts';

const QUEUES = {
  queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/sparkify-dev-load',
  replayQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/sparkify-dev-replay',
};
const arn = (name: string): string => `arn:aws:sqs:eu-west-1:123456789012:${name}`;

describe('the queue that a delivery came from', () => {
  test('is that of notifications, or that of replays', () => {
    expect(originOf(arn('sparkify-dev-load'), QUEUES)).toEqual({ queueUrl: QUEUES.queueUrl, isReplay: false });
    expect(originOf(arn('sparkify-dev-replay'), QUEUES)).toEqual({ queueUrl: QUEUES.replayQueueUrl, isReplay: true });
  });

  test('is found however its URL begins', () => {
    const legacy = { ...QUEUES, queueUrl: 'https://eu-west-1.queue.amazonaws.com/123456789012/sparkify-dev-load' };
    expect(originOf(arn('sparkify-dev-load'), legacy)).toEqual({ queueUrl: legacy.queueUrl, isReplay: false });
  });

  test.each([
    ['the dead-letter queue', arn('sparkify-dev-load-dlq')],
    ['another stage', arn('sparkify-prod-load')],
    ['another account', 'arn:aws:sqs:eu-west-1:999999999999:sparkify-dev-load'],
    ['nothing that is known', 'load'],
  ])('of %s is refused, so that nothing is acknowledged', (_, queueArn) => {
    expect(() => originOf(queueArn, QUEUES)).toThrow(`this is a delivery of ${queueArn}, but the loader's queues are`);
  });
});
