import { PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Interrupted } from '../../src/errors.ts';
import { sendingBy } from '../support/commands.ts';
import { song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import type { Connection } from '../../src/ports.ts';

let stack: TestStack;
let sqs: SQSClient;

beforeAll(async () => {
  stack = await startTestStack();
  sqs = new SQSClient({
    region: 'us-east-1',
    endpoint: stack.aws.url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await stack.put('song_data/good.json', song(1));
  await stack.idle();
});
afterAll(async () => {
  sqs.destroy();
  await stack.stop();
});

const dlq = (): string => stack.connection.config.dlqUrl!;
const empty = () => sqs.send(new PurgeQueueCommand({ QueueUrl: dlq() }));
const event = (key: string, bucket = 'sparkify-landing'): string =>
  JSON.stringify({
    Records: [
      {
        eventName: 'ObjectCreated:Put',
        eventTime: '2024-11-03T12:00:00.000Z',
        s3: { bucket: { name: bucket }, object: { key, eTag: 'aaa', size: 5 } },
      },
    ],
  });
const bury = (body: string) =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: dlq(),
      MessageBody: body,
      MessageAttributes: { origin: { DataType: 'String', StringValue: 'test' } },
    }),
  );

describe('redrive', () => {
  const buryFour = async (): Promise<void> => {
    await bury('not json');
    await bury(event('a.json', 'elsewhere'));
    await bury(event('song_data/new.json'));
    await bury(event('song_data/good.json'));
  };
  beforeEach(empty);

  test('has nothing to do on an empty dead-letter queue', async () => {
    const { out, code } = await stack.run(['redrive']);
    expect(out).toBe('The dead-letter queue is empty.\n');
    expect(code).toBe(0);
  });

  test('tells what each message died of, and moves nothing in a dry run', async () => {
    await buryFour();
    for (let twice = 0; twice < 2; twice += 1) {
      const { messages, moved, left } = await stack.json(['redrive', '--dry-run']);
      expect({ moved, left }).toEqual({ moved: 0, left: 4 });
      const causes = (messages as { cause: string }[]).map(({ cause }) => cause.replace(/\d+ times?/, 'n times'));
      expect(causes.sort()).toEqual([
        'bucket elsewhere is not configured',
        'malformed: the body is not JSON',
        'received n times; 1 loaded since',
        'received n times; 1 not loaded',
      ]);
    }
  });

  test('moves what is asked for, with its attributes, and leaves the rest to be seen again', async () => {
    await buryFour();
    const sent: unknown[] = [];
    const connection = sendingBy(stack.connection, (url, messages) => {
      sent.push(...messages);
      return stack.connection.queue.send(url, messages);
    });
    const { out, code } = await stack.run(['redrive', '--match', 'good.json'], { connection });
    expect(out).toContain('1 of 4 messages moved; 3 left in the dead-letter queue.');
    expect(code).toBe(1);
    expect(sent).toMatchObject([{ messageAttributes: { origin: { dataType: 'String', stringValue: 'test' } } }]);
    expect(await stack.connection.queue.depth(dlq())).toEqual({ waiting: 3, inFlight: 0, delayed: 0 });
  });

  test('loses nothing when the queue does not take the messages', async () => {
    await buryFour();
    const refusing = sendingBy(stack.connection, (_url, messages) => Promise.resolve(messages.map(({ id }) => id)));
    const connection = { ...refusing, clock: { ...refusing.clock, sleep: () => Promise.resolve() } };
    const { err, code } = await stack.run(['redrive'], { connection });
    expect(err).toMatch(/the queue did not take \d messages? in 7 tries/);
    expect(code).toBe(1);
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: dlq(), MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
    );
    expect(Messages).toHaveLength(4);
  });

  test.each([
    [['redrive', '--limit', 'many'], 'It is a whole number from 1.'],
    [['redrive', 's3://x'], 'too many arguments'],
  ])('%j is misuse, and says why', async (argv, message) => {
    const { err, code } = await stack.run(argv);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  test('without a dead-letter queue configured says which variable to set', async () => {
    const { dlqUrl, ...config } = stack.connection.config;
    const { err, code } = await stack.run(['redrive'], { connection: { ...stack.connection, config } });
    expect(dlqUrl).toBeDefined();
    expect(err).toContain('SPARKIFY_DLQ_URL is not set');
    expect(code).toBe(2);
  });
});

describe('redrive --discard', () => {
  type Discarded = { found: number; messages: { body: string; who: string; why: string; cause: string }[] };
  const discarded = async () => (await stack.json(['redrive', '--discarded'])) as unknown as Discarded;
  const depth = async () => (await stack.connection.queue.depth(dlq())).waiting;
  beforeEach(empty);

  test('shows what would go and asks; without an answer nothing goes, and it can be seen again at once', async () => {
    await bury('not json');
    const { err, code } = await stack.run(['redrive', '--discard', '--why', 'a test']);
    expect(err).toMatch(/1 +malformed: the body is not JSON +0 .* not json +left/);
    expect(err).toContain('Nothing was discarded. To discard without being asked: --yes');
    expect(code).toBe(1);
    expect(await depth()).toBe(1);
  });

  test('removes what was chosen, and only that, and keeps it with who, why, cause and text', async () => {
    await bury('not json');
    await bury(event('song_data/wrong.json', 'elsewhere'));
    await bury(event('log_data/kept.json'));
    const before = (await discarded()).found;
    const questions: string[] = [];
    const confirm = (question: string) => Promise.resolve(questions.push(question) > 0);
    const argv = ['redrive', '--discard', '--match', 'song_data/**', '--why', 'sent by mistake'];
    const { out, code } = await stack.run(argv, { confirm });
    expect(questions).toEqual(['Remove this message for good?']);
    expect(out).toContain('1 of 3 messages discarded; 2 left in the dead-letter queue.');
    expect(code).toBe(1);
    const found = await discarded();
    expect(found.found).toBe(before + 1);
    expect(found.messages.at(-1)).toMatchObject({
      who: 'ann@laptop',
      why: 'sent by mistake',
      cause: 'bucket elsewhere is not configured',
      body: event('song_data/wrong.json', 'elsewhere'),
    });
    const listed = await stack.run(['redrive', '--discarded']);
    expect(listed.out).toMatch(/ann@laptop +sent by mistake +bucket elsewhere is not configured/);
    expect(listed.code).toBe(0);
  });

  test('records first: where the delete fails or is interrupted nothing is lost, and the next run says the same again', async () => {
    await bury('not json');
    const before = (await discarded()).found;
    const { queue } = stack.connection;
    const withDelete = (remove: Connection['queue']['delete']): Connection => ({
      ...stack.connection,
      queue: { ...sendingBy(stack.connection, (...sent) => queue.send(...sent)).queue, delete: remove },
    });
    const argv = ['redrive', '--discard', '--why', 'a test', '--yes'];
    const failing = withDelete((_url, messages) => Promise.resolve(messages.map(({ messageId }) => messageId)));
    const failed = await stack.run(argv, { connection: failing });
    expect([failed.code, failed.err]).toEqual([1, expect.stringContaining('They are recorded and still there')]);
    const stopped = await stack.run(argv, {
      connection: withDelete(() => Promise.reject(new Interrupted('SIGINT'))),
    });
    expect(stopped.err).toContain(
      'Stopped: 0 of 1 message discarded; the others are in the dead-letter queue as before.',
    );
    expect([stopped.code, await depth()]).toEqual([130, 1]);
    expect((await stack.run(argv)).code).toBe(0);
    expect((await discarded()).found).toBe(before + 1);
    expect(await depth()).toBe(0);
  });

  test('takes no more than --limit', async () => {
    for (let i = 0; i < 12; i += 1) await bury(`not json ${i}`);
    await stack.run(['redrive', '--discard', '--limit', '11', '--why', 'a test', '--yes']);
    expect(await depth()).toBe(1);
  });

  test.each([
    [['redrive', '--discard', '--yes'], '--discard needs --why'],
    [['redrive', '--discard', '--why', ' ', '--yes'], '--discard needs --why'],
    [['redrive', '--why', 'x'], '--why says why messages are discarded'],
    [['redrive', '--discard', '--why', 'x', '--dry-run'], 'only one can be meant'],
    [['redrive', '--discarded', '--dry-run'], 'only one can be meant'],
  ])('%j is misuse, and says why', async (argv, message) => {
    const { err, code } = await stack.run(argv);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});

describe('many dead letters', () => {
  test('are told by what they died of, in a few short lines, whatever is in them', async () => {
    await empty();
    for (let i = 0; i < 30; i += 1) await bury(event(`song_data/${'long'.repeat(200)}${i}.json`));
    for (let i = 0; i < 30; i += 1) await bury(event('x.json', `elsewhere-${i}`));
    await bury(event('song_data/%1B%5B2J.json'));
    const { out } = await stack.run(['redrive', '--dry-run']);
    expect(out).toMatch(/^ +31 +received \d+ times?; 1 not loaded +31 /m);
    expect(out).toMatch(/^… and of 11 other kinds: --json$/m);
    expect(out).not.toContain('\u001b');
    expect(out.length).toBeLessThan(30_000);
    const json = await stack.json(['redrive', '--dry-run']);
    expect(json.messages).toHaveLength(61);
    expect(JSON.stringify(json).length).toBeLessThan(61 * 700);
  }, 60_000);
});
