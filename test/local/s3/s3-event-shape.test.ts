import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { messagesOf, readEvent } from '../../support/wire-shapes.ts';
import { startTestEndpoint, type TestEndpoint } from '../endpoint.ts';

const Bucket = 'sparkify-landing';
let endpoint: TestEndpoint;
beforeEach(async () => {
  endpoint = await startTestEndpoint();
});
afterEach(async () => {
  await endpoint.close();
});

/** The paths of everything a value holds, with the kind of each leaf. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => shapeOf(one, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [`${path}: ${typeof value}`];
  return Object.entries(value).flatMap(([key, one]) => shapeOf(one, `${path}.${key}`));
}

test('the local S3 tells of an object in the very shape of S3', async () => {
  await endpoint.s3.send(new CreateBucketCommand({ Bucket }));
  const { QueueUrl } = await endpoint.sqs.send(new CreateQueueCommand({ QueueName: 'objects' }));
  const receive = async (): Promise<unknown> => {
    const { Messages = [] } = await endpoint.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    return JSON.parse(Messages[0]?.Body ?? 'null') as unknown;
  };
  const QueueConfigurations = [
    {
      Id: 'landing-to-queue',
      QueueArn: 'arn:aws:sqs:eu-west-1:000000000000:objects',
      Events: ['s3:ObjectCreated:*' as const],
    },
  ];
  await endpoint.s3.send(
    new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: { QueueConfigurations } }),
  );
  const testEvent = await receive();
  await endpoint.s3.send(new PutObjectCommand({ Bucket, Key: 'song_data/a.json', Body: '{}' }));
  const put = await receive();

  const expected = (name: string) => JSON.parse(messagesOf(readEvent(name))[0]?.body ?? 'null') as unknown;
  expect(shapeOf(testEvent).sort()).toEqual(shapeOf(expected('s3-test-event')).sort());
  expect(shapeOf(put).sort()).toEqual(shapeOf(expected('s3-put')).sort());
});
