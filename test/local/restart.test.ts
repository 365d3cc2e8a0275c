import { createHash } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { DeleteMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { KilledEndpoint } from './killed-endpoint.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Each test starts processes, which takes seconds on a busy machine.
const long = 180_000;

const Bucket = 'lake';
const endpoint = new KilledEndpoint();
beforeEach(() => endpoint.start(), long);
afterEach(() => endpoint.remove(), long);

async function reached(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

test(
  'an object is after kill -9 what it was before, with all that its properties say',
  async () => {
    const Key = 'log_data/Beyoncé + "x"\u2028.json';
    await endpoint.s3.send(
      new PutObjectCommand({ Bucket, Key, Body: 'one', ContentType: 'application/json', Metadata: { origin: 'test' } }),
    );
    const { UploadId } = await endpoint.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
    const { ETag } = await endpoint.s3.send(
      new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1, Body: 'of parts' }),
    );
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await endpoint.s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'parts', UploadId, MultipartUpload }));
    await endpoint.s3.send(new PutObjectCommand({ Bucket, Key: 'gone', Body: 'gone' }));
    await endpoint.s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    const seen = async () =>
      Promise.all(
        [Key, 'parts'].map(async (key) => {
          const { Body, ContentType, ETag, LastModified, Metadata } = await endpoint.s3.send(
            new GetObjectCommand({ Bucket, Key: key }),
          );
          return { ContentType, ETag, LastModified, Metadata, text: await Body!.transformToString() };
        }),
      );
    const before = await seen();
    for (let runs = 0; runs < 2; runs++) {
      await endpoint.restart();
      expect(await seen()).toEqual(before);
      const { Contents } = await endpoint.s3.send(new ListObjectsV2Command({ Bucket }));
      expect(Contents!.map((one) => one.Key)).toEqual([Key, 'parts']);
    }
  },
  long,
);

test(
  'killed at any moment, it has each object whole: the acknowledged one or a later one',
  async () => {
    const keys = ['a', 'b', 'c', 'd'];
    const acknowledged = new Map<string, number>();
    let version = 0;
    for (const writes of [5, 21, 40]) {
      let isRunning = true;
      const write = async (Key: string): Promise<void> => {
        while (isRunning) {
          const Body = `${++version}\n`.repeat(1 + (version % 40_000));
          await endpoint.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
          acknowledged.set(Key, parseInt(Body, 10));
        }
      };
      const until = version + writes;
      const writers = keys.map((key) => write(key).catch(() => undefined));
      await reached(() => version >= until);
      await endpoint.kill();
      isRunning = false;
      await Promise.all(writers);
      await endpoint.start();
      const { Contents = [] } = await endpoint.s3.send(new ListObjectsV2Command({ Bucket }));
      expect(Contents.map(({ Key }) => Key)).toEqual(expect.arrayContaining([...acknowledged.keys()]));
      for (const { Key, ETag, Size } of Contents) {
        const { Body } = await endpoint.s3.send(new GetObjectCommand({ Bucket, Key }));
        const bytes = await Body!.transformToByteArray();
        expect([bytes.length, createHash('md5').update(bytes).digest('hex')]).toEqual([
          Size,
          ETag!.replaceAll('"', ''),
        ]);
        expect(parseInt(Buffer.from(bytes).toString(), 10)).toBeGreaterThanOrEqual(acknowledged.get(Key!) ?? 0);
      }
      // Nothing is left of what was under way.
      expect(await readdir(join(endpoint.home, 'objects'))).toHaveLength(Contents.length + 1);
    }
  },
  long,
);

test(
  'messages are kept with what is known of them, and those that somebody held are visible at once',
  async () => {
    const MessageAttributes = { why: { DataType: 'String', StringValue: 'backfill' } };
    await endpoint.sqs.send(
      new SendMessageCommand({ QueueUrl: endpoint.queue.url, MessageBody: '{"🎵":1}', MessageAttributes }),
    );
    await endpoint.sqs.send(new SendMessageCommand({ QueueUrl: endpoint.queue.url, MessageBody: 'done' }));
    const [held, done] = await endpoint.receive(endpoint.queue);
    await endpoint.sqs.send(
      new DeleteMessageCommand({ QueueUrl: endpoint.queue.url, ReceiptHandle: done!.ReceiptHandle }),
    );
    await endpoint.restart();
    const [again, ...others] = await endpoint.receive(endpoint.queue);
    expect(others).toEqual([]);
    expect(again!.ReceiptHandle).not.toBe(held!.ReceiptHandle);
    expect({ ...again, ReceiptHandle: '' }).toEqual({
      ...held,
      ReceiptHandle: '',
      Attributes: { ...held!.Attributes, ApproximateReceiveCount: '2' },
    });
  },
  long,
);

test(
  'what died is dead after kill -9, and can be deleted for good',
  async () => {
    await endpoint.sqs.send(new SendMessageCommand({ QueueUrl: endpoint.queue.url, MessageBody: 'bad' }));
    await endpoint.receive(endpoint.queue);
    await endpoint.restart();
    await endpoint.receive(endpoint.queue);
    await endpoint.restart();
    expect(await endpoint.receive(endpoint.queue)).toEqual([]);
    expect([await endpoint.depth(endpoint.queue), await endpoint.depth(endpoint.dead)]).toEqual([0, 1]);
    await endpoint.restart();
    const [letter] = await endpoint.receive(endpoint.dead);
    expect(letter).toMatchObject({ Body: 'bad', Attributes: { ApproximateReceiveCount: '4' } });
    await endpoint.sqs.send(
      new DeleteMessageCommand({ QueueUrl: endpoint.dead.url, ReceiptHandle: letter!.ReceiptHandle }),
    );
    expect(await endpoint.depth(endpoint.dead)).toBe(0);
  },
  long,
);

test(
  'killed at any moment, it has every acknowledged message, and a notification for every acknowledged object',
  async () => {
    const QueueConfigurations = [{ QueueArn: endpoint.queue.arn, Events: ['s3:ObjectCreated:*' as const] }];
    const configure = () =>
      endpoint.s3.send(
        new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: { QueueConfigurations } }),
      );
    const acknowledged: string[] = [];
    for (const count of [10, 31]) {
      await configure();
      let isRunning = true;
      const write = async (name: string): Promise<void> => {
        for (let index = 0; isRunning; index++) {
          const text = `${name}-${count}-${index}`;
          await endpoint.s3.send(new PutObjectCommand({ Bucket, Key: `key-${text}`, Body: text }));
          await endpoint.sqs.send(
            new SendMessageCommand({ QueueUrl: endpoint.queue.url, MessageBody: `sent-${text}` }),
          );
          acknowledged.push(`key-${text}`, `sent-${text}`);
        }
      };
      const until = acknowledged.length + count;
      const writers = ['x', 'y', 'z'].map((name) => write(name).catch(() => undefined));
      await reached(() => acknowledged.length >= until);
      await endpoint.kill();
      isRunning = false;
      await Promise.all(writers);
      await endpoint.start();
    }
    const bodies: string[] = [];
    for (
      let some = await endpoint.receive(endpoint.queue);
      some.length > 0;
      some = await endpoint.receive(endpoint.queue)
    ) {
      bodies.push(...some.map(({ Body }) => Body!));
    }
    const all = bodies.join('\n');
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.filter((text) => !all.includes(text))).toEqual([]);
    await expect(endpoint.s3.send(new HeadObjectCommand({ Bucket, Key: acknowledged[0]! }))).resolves.toBeDefined();
  },
  long,
);

test(
  'a file of a data folder has one notification, however often it is killed before anybody took it',
  async () => {
    const data = await temporaryFolder('data');
    await writeFile(join(data, 'a.json'), 'a');
    for (let runs = 0; runs < 3; runs++) {
      await endpoint.kill();
      await endpoint.start(data);
    }
    const bodies = (await endpoint.receive(endpoint.queue)).map(({ Body }) => Body!);
    expect(bodies.filter((body) => body.includes('a.json'))).toHaveLength(1);
    // The others are the test events, one of each run.
    expect(bodies).toHaveLength(4);
    await rm(data, { recursive: true });
  },
  long,
);
