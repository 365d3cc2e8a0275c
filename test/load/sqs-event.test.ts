import { readSqsEvent } from '../../src/load/sqs-event.ts';
import { readEvent } from '../support/wire-shapes.ts';

/** A whole record. */
function record(): Record<string, unknown> {
  const { Records } = readEvent('s3-put') as unknown as { Records: Record<string, unknown>[] };
  return Records[0]!;
}

function ofTwoQueues(): unknown {
  return { Records: [record(), { ...record(), eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:other' }] };
}

describe('what the loader is invoked with', () => {
  test('is a delivery of a queue: which queue, ids and bodies', () => {
    const { queueArn, messages } = readSqsEvent(readEvent('s3-put'));
    const [message] = messages;
    expect(queueArn).toBe('arn:aws:sqs:eu-west-1:123456789012:sparkify-objects');
    expect(message?.messageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(message?.body ?? '')).toHaveProperty('Records');
  });

  test.each<[string, unknown, string]>([
    ['the console’s test', { key1: 'value1', key2: 'value2' }, 'an event of unknown shape'],
    ['nothing', null, 'an event of unknown shape'],
    ['a list', [], 'an event of unknown shape'],
    ['no records', { Records: [] }, 'an event of unknown shape'],
    ['a record without a body', { Records: [{ messageId: 'm', eventSource: 'aws:sqs' }] }, 'an event of unknown shape'],
    ['a trigger of S3', { Records: [{ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put' }] }, 'S3 sent straight'],
    ['a subscription of SNS', { Records: [{ EventSource: 'aws:sns', Sns: {} }] }, 'SNS sent straight'],
    ['a rule of EventBridge', { source: 'aws.s3', 'detail-type': 'Object Created' }, 'EventBridge sent straight'],
    ['two queues', ofTwoQueues(), 'a delivery of several queues'],
    ['no queue', { Records: [{ ...record(), eventSourceARN: '' }] }, 'an event of unknown shape'],
  ])('and of %s it says what it is, and acknowledges nothing', (_, event, said) => {
    expect(() => readSqsEvent(event)).toThrow(said);
  });
});
