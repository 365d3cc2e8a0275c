import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
} from '@aws-sdk/client-sqs';
import type { QueueAddress } from '../../src/local/queue.ts';

// Each test starts processes, which takes seconds on a busy machine.
const long = 180_000;

const Bucket = 'lake';
const program = fileURLToPath(new URL('fixtures/endpoint-process.ts', import.meta.url));
const settings = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
};

let home: string;
let child: ChildProcess;
let s3: S3Client;
let sqs: SQSClient;
let queue: QueueAddress;
let dead: QueueAddress;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'restart-'));
  await start();
});
afterEach(async () => {
  await kill();
  await rm(home, { recursive: true });
});

async function start(): Promise<void> {
  child = spawn(process.execPath, ['--import', 'tsx', program, home], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  const said = JSON.parse(line) as { url: string; queue: QueueAddress; dead: QueueAddress };
  ({ queue, dead } = said);
  s3 = new S3Client({ ...settings, endpoint: said.url });
  sqs = new SQSClient({ ...settings, endpoint: said.url });
}

async function kill(): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  s3.destroy();
  sqs.destroy();
}

async function restart(): Promise<void> {
  await kill();
  await start();
}

async function reached(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function receive(QueueUrl: string): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  );
  return Messages;
}

async function depth(QueueUrl: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }));
  return names.reduce((sum, name) => sum + Number(Attributes![name]), 0);
}

test(
  'an object is after kill -9 what it was before, with all that its properties say',
  async () => {
    const Key = 'log_data/Beyoncé + "x"\u2028.json';
    await s3.send(
      new PutObjectCommand({ Bucket, Key, Body: 'one', ContentType: 'application/json', Metadata: { origin: 'test' } }),
    );
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
    const { ETag } = await s3.send(
      new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1, Body: 'of parts' }),
    );
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'parts', UploadId, MultipartUpload }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'gone', Body: 'gone' }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    const seen = async () =>
      Promise.all(
        [Key, 'parts'].map(async (key) => {
          const { $metadata: _, Body, ...properties } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
          return { ...properties, text: await Body!.transformToString() };
        }),
      );
    const before = await seen();
    for (let runs = 0; runs < 2; runs++) {
      await restart();
      expect(await seen()).toEqual(before);
      const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
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
          await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
          acknowledged.set(Key, parseInt(Body, 10));
        }
      };
      const until = version + writes;
      const writers = keys.map((key) => write(key).catch(() => undefined));
      await reached(() => version >= until);
      await kill();
      isRunning = false;
      await Promise.all(writers);
      await start();
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      expect(Contents.map(({ Key }) => Key)).toEqual(expect.arrayContaining([...acknowledged.keys()]));
      for (const { Key, ETag, Size } of Contents) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        const bytes = await Body!.transformToByteArray();
        expect([bytes.length, createHash('md5').update(bytes).digest('hex')]).toEqual([
          Size,
          ETag!.replaceAll('"', ''),
        ]);
        expect(parseInt(Buffer.from(bytes).toString(), 10)).toBeGreaterThanOrEqual(acknowledged.get(Key!) ?? 0);
      }
      // Nothing is left of what was under way.
      expect(await readdir(join(home, 'objects'))).toHaveLength(Contents.length + 1);
    }
  },
  long,
);

test(
  'messages are kept with what is known of them, and those that somebody held are visible at once',
  async () => {
    const MessageAttributes = { why: { DataType: 'String', StringValue: 'backfill' } };
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: '{"🎵":1}', MessageAttributes }));
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'done' }));
    const [held, done] = await receive(queue.url);
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: done!.ReceiptHandle }));
    await restart();
    const [again, ...others] = await receive(queue.url);
    expect(others).toEqual([]);
    const { ReceiptHandle: _, Attributes, ...same } = held!;
    expect(again).toMatchObject({ ...same, Attributes: { ...Attributes, ApproximateReceiveCount: '2' } });
  },
  long,
);

test(
  'what died is dead after kill -9, and can be deleted for good',
  async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'bad' }));
    await receive(queue.url);
    await restart();
    await receive(queue.url);
    await restart();
    expect(await receive(queue.url)).toEqual([]);
    expect([await depth(queue.url), await depth(dead.url)]).toEqual([0, 1]);
    await restart();
    const [letter] = await receive(dead.url);
    expect(letter).toMatchObject({ Body: 'bad', Attributes: { ApproximateReceiveCount: '4' } });
    await sqs.send(new DeleteMessageCommand({ QueueUrl: dead.url, ReceiptHandle: letter!.ReceiptHandle }));
    expect(await depth(dead.url)).toBe(0);
  },
  long,
);

test(
  'killed at any moment, it has every acknowledged message, and a notification for every acknowledged object',
  async () => {
    const QueueConfigurations = [{ QueueArn: queue.arn, Events: ['s3:ObjectCreated:*' as const] }];
    const configure = () =>
      s3.send(
        new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: { QueueConfigurations } }),
      );
    const acknowledged: string[] = [];
    for (const count of [10, 31]) {
      await configure();
      let isRunning = true;
      const write = async (name: string): Promise<void> => {
        for (let index = 0; isRunning; index++) {
          const text = `${name}-${count}-${index}`;
          await s3.send(new PutObjectCommand({ Bucket, Key: `key-${text}`, Body: text }));
          await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: `sent-${text}` }));
          acknowledged.push(`key-${text}`, `sent-${text}`);
        }
      };
      const until = acknowledged.length + count;
      const writers = ['x', 'y', 'z'].map((name) => write(name).catch(() => undefined));
      await reached(() => acknowledged.length >= until);
      await kill();
      isRunning = false;
      await Promise.all(writers);
      await start();
    }
    const bodies: string[] = [];
    for (let some = await receive(queue.url); some.length > 0; some = await receive(queue.url)) {
      bodies.push(...some.map(({ Body }) => Body!));
    }
    const all = bodies.join('\n');
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.filter((text) => !all.includes(text))).toEqual([]);
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: acknowledged[0]! }))).resolves.toBeDefined();
  },
  long,
);
