import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  HeadObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  UploadPartCommand,
  type QueueConfiguration,
} from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { S3Event, S3EventRecord } from 'aws-lambda';
import type { Fault } from '../../../src/local/faults/plan.ts';
import { ObjectStore } from '../../../src/local/s3/object-store.ts';
import type { QueueAddress } from '../../../src/local/sqs/queues.ts';
import { region, startTestEndpoint, type TestEndpoint } from '../endpoint.ts';

const Bucket = 'lake';
let endpoint: TestEndpoint;
let queue: QueueAddress;
let faults: (Fault | undefined)[];

beforeEach(async () => {
  faults = [];
  endpoint = await startTestEndpoint({
    faults: (service) => (service === 'notifications' ? faults.shift() : undefined),
  });
  queue = endpoint.queues.create('objects', { visibilityTimeoutSeconds: 30 });
  await endpoint.s3.send(new CreateBucketCommand({ Bucket }));
});
afterEach(async () => {
  await endpoint.close();
});

async function configure(configuration: Partial<QueueConfiguration> = {}): Promise<void> {
  const target = { QueueArn: queue.arn, Events: ['s3:ObjectCreated:*' as const], ...configuration };
  await endpoint.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: { QueueConfigurations: [target] },
    }),
  );
}

/** Takes every message out of the queue. */
async function takeBodies(waitSeconds = 0): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await endpoint.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queue.url, MaxNumberOfMessages: 10, WaitTimeSeconds: waitSeconds }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body, ReceiptHandle } of Messages) {
      bodies.push(Body!);
      await endpoint.sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle }));
    }
    waitSeconds = 0;
  }
}

async function takeRecords(waitSeconds = 0): Promise<S3EventRecord[]> {
  return (await takeBodies(waitSeconds)).flatMap((body) => (JSON.parse(body) as S3Event).Records);
}

async function put(Key: string): Promise<void> {
  await endpoint.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
}

/** Configures the bucket and takes the test event out of the way. */
async function start(configuration: Partial<QueueConfiguration> = {}): Promise<void> {
  await configure(configuration);
  await takeBodies();
}

test('a new configuration sends a test event and can be read back', async () => {
  await configure({ Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'log_data/' }] } } });
  expect((await takeBodies()).map((body) => JSON.parse(body) as unknown)).toEqual([
    {
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      Bucket,
      RequestId: expect.any(String) as string,
      HostId: expect.any(String) as string,
    },
  ]);
  const { QueueConfigurations } = await endpoint.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  expect(QueueConfigurations).toMatchObject([
    { QueueArn: queue.arn, Events: ['s3:ObjectCreated:*'], Filter: { Key: { FilterRules: [{ Value: 'log_data/' }] } } },
  ]);
});

test('a queue that does not exist cannot be configured', async () => {
  await expect(configure({ QueueArn: `${queue.arn}-not` })).rejects.toMatchObject({ name: 'InvalidArgument' });
});

test('a put is told in S3’s own shape, its key form-encoded', async () => {
  await start();
  await put("log_data/a b+c%é/'x'.json");
  const head = await endpoint.s3.send(new HeadObjectCommand({ Bucket, Key: "log_data/a b+c%é/'x'.json" }));
  const [record] = await takeRecords();
  expect(record).toMatchObject({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventName: 'ObjectCreated:Put',
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: Bucket, arn: 'arn:aws:s3:::lake' },
      object: {
        key: 'log_data/a+b%2Bc%25%C3%A9/%27x%27.json',
        size: 26,
        eTag: head.ETag!.replaceAll('"', ''),
        sequencer: expect.stringMatching(/^[0-9A-F]{18}$/) as string,
      },
    },
  });
  const age = new Date(record!.eventTime).getTime() - head.LastModified!.getTime();
  expect(age).toBeGreaterThanOrEqual(0);
  expect(age).toBeLessThan(1000);
});

test('copies and multipart uploads are told by name, and sequencers grow with every write', async () => {
  await start();
  await put('a');
  await endpoint.s3.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` }));
  const { UploadId } = await endpoint.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'c' }));
  const { ETag } = await endpoint.s3.send(
    new UploadPartCommand({ Bucket, Key: 'c', UploadId, PartNumber: 1, Body: 'c' }),
  );
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await endpoint.s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'c', UploadId, MultipartUpload }));
  const records = await takeRecords();
  expect(records.map(({ eventName }) => eventName)).toEqual([
    'ObjectCreated:Put',
    'ObjectCreated:Copy',
    'ObjectCreated:CompleteMultipartUpload',
  ]);
  const sequencers = records.map(({ s3 }) => s3.object.sequencer);
  expect(sequencers).toEqual([...new Set(sequencers)].sort());
});

test('sequencers go on growing when the store is opened anew', async () => {
  const sequencers: string[] = [];
  for (const name of ['first', 'second']) {
    const store = await ObjectStore.open(`${endpoint.home}/${name}`);
    store.onChange(({ sequencer }) => sequencers.push(sequencer));
    store.createBucket(Bucket);
    const object = { key: 'k', file: 'f', owned: false, sizeBytes: 0, etag: 'e', contentType: 'c', metadata: {} };
    await store.put(Bucket, { ...object, atMs: Date.now() }, 'ObjectCreated:Put');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(sequencers[1]! > sequencers[0]!).toBe(true);
});

test('only the events and keys that were asked for are told', async () => {
  const FilterRules = [
    { Name: 'prefix' as const, Value: 'log_data/' },
    { Name: 'suffix' as const, Value: '.json' },
  ];
  await start({ Events: ['s3:ObjectRemoved:Delete'], Filter: { Key: { FilterRules } } });
  for (const Key of ['log_data/a.json', 'log_data/a.csv', 'other/a.json']) {
    await put(Key);
    await endpoint.s3.send(new DeleteObjectCommand({ Bucket, Key }));
  }
  await endpoint.s3.send(new DeleteObjectCommand({ Bucket, Key: 'log_data/never.json' }));
  const records = await takeRecords();
  expect(records.map(({ eventName, s3 }) => [eventName, s3.object.key])).toEqual([
    ['ObjectRemoved:Delete', 'log_data/a.json'],
  ]);
});

test('notifications can be lost, doubled, delayed and overtaken', async () => {
  await start();
  faults = [{ do: 'lose' }, { do: 'duplicate' }, { do: 'reorder' }, undefined, { do: 'delay', milliseconds: 300 }];
  for (const key of ['lost', 'twice', 'overtaken', 'last']) await put(key);
  const beganAt = performance.now();
  await put('late');
  const keys: string[] = [];
  while (!keys.includes('late')) keys.push(...(await takeRecords(1)).map(({ s3 }) => s3.object.key));
  expect(keys).toEqual(['twice', 'twice', 'last', 'overtaken', 'late']);
  expect(performance.now() - beganAt).toBeGreaterThanOrEqual(295);
});

test('an overtaken notification is not held back for ever', async () => {
  await start();
  faults = [{ do: 'reorder' }];
  await put('only');
  expect((await takeRecords(3)).map(({ s3 }) => s3.object.key)).toEqual(['only']);
});
