/** Replays have a queue of their own, and yield to what lands: with the very bundle, in its own processes. */
import { GetEventSourceMappingCommand, InvokeCommand, LambdaClient, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda'; // prettier-ignore
import { setTimeout as sleep } from 'node:timers/promises';
import { watchObjects } from '../../src/commands/local-conservation.ts';
import { clientSettings } from '../../src/local/connect.ts';
import type { Fault } from '../../src/local/faults/plan.ts';
import { event, song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** Seconds. A batch of replays gives way for a tenth of it, less the reserve of ten seconds. */
const TIMEOUT = 60;
const GIVES_WAY_MS = 5000;
const SONGS = 2000;
/** So that a backfill of a few thousand objects takes several batches. */
const BATCH = 200;

let stack: TestStack;
let lambda: LambdaClient;
const lines: string[] = [];
/** Calls of SQS since the last test, and what befalls the next question how many messages wait. */
let calls: string[] = [];
let planned: Fault | undefined;

beforeAll(async () => {
  stack = await startTestStack({
    windowSeconds: 1,
    batchSize: 100,
    timeoutSeconds: TIMEOUT,
    environment: { SPARKIFY_BATCH_OBJECTS: String(BATCH) },
    onLine: (line) => lines.push(line),
    faults: (service, operation) => {
      if (service === 'sqs') calls.push(operation);
      if (service !== 'sqs' || operation !== 'GetQueueAttributes') return undefined;
      const fault = planned;
      planned = undefined;
      return fault;
    },
  });
  lambda = new LambdaClient(clientSettings(stack.environment, 'AWS_ENDPOINT_URL_LAMBDA'));
});
beforeEach(async () => {
  await stack.reset();
  lines.length = 0;
  calls = [];
  planned = undefined;
});
afterAll(async () => {
  lambda.destroy();
  await stack.stop();
});

const landing = (prefix: string): string => `s3://sparkify-landing/${prefix}`;
const said = (text: string): number => lines.filter((line) => line.includes(text)).length;
const asked = (): number => calls.filter((operation) => operation === 'GetQueueAttributes').length;

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await what()); tries += 1) {
    if (tries > 600) throw new Error(`It did not become so within 30 seconds: ${what.toString()}\n${lines.slice(-30).join('\n')}`); // prettier-ignore
    await sleep(50);
  }
}

/** Switches the event source of notifications, so that what lands waits and can be received. */
async function turnLive(Enabled: boolean): Promise<void> {
  const UUID = stack.eventSources?.[0];
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
  const state = async () => (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State;
  await until(async () => (await state()) === (Enabled ? 'Enabled' : 'Disabled'));
}

/** So many that a poller does not take them with one call. */
const CROWD = 11;

/** A crowd of files lands, and waits because its event source is off. */
async function crowdWaits(): Promise<void> {
  await turnLive(false);
  for (let n = 0; n < CROWD; n += 1) await stack.put(`log_data/live-${n}.json`, event(10 + n));
}

/** Lets a file lie in the bucket that nobody was told of. */
async function unannounced(key: string, body: string): Promise<void> {
  await stack.put(key, body, { notify: false });
}

test('files that land during a backfill load before it ends, and everything is loaded and accounted for', async () => {
  const watch = await watchObjects(stack);
  for (let n = 0; n < SONGS; n += 1) await unannounced(`song_data/${String(n).padStart(5, '0')}.json`, song(n));
  const { sent } = await stack.json(['backfill', landing('song_data/')]);
  expect(sent).toBe(SONGS);
  let landed = 0;
  const loads = async (source: string): Promise<number> =>
    Number(
      (await stack.rows(`SELECT COUNT(*) AS n FROM ${stack.schema}.objects_now WHERE source = '${source}'`))[0]?.n,
    );
  // They land until the backfill is half done.
  while ((await loads('songs')) < SONGS / 2) await stack.put(`log_data/${landed}.json`, event(landed++));
  await until(async () => (await loads('events')) === landed);
  expect(await loads('songs')).toBeLessThan(SONGS);
  await stack.idle();
  expect([await stack.count('songs'), await stack.count('songplays')]).toEqual([SONGS, landed]);
  const { objects, deadLetters } = await watch.audit();
  expect(objects).toMatchObject({ seen: SONGS + landed, unaccounted: [], counts: { loaded: SONGS + landed } });
  expect(deadLetters).toEqual([]);
}, 120_000);

test('only replays ask whether live messages wait', async () => {
  await stack.put('log_data/live.json', event(1));
  await stack.idle();
  expect([await stack.count('songplays'), asked()]).toEqual([1, 0]);
  await unannounced('log_data/late.json', event(2));
  await stack.run(['reconcile', landing('log_data/'), '--repair']);
  await stack.idle();
  expect([await stack.count('songplays'), asked()]).toEqual([2, 1]);
}, 60_000);

test('replays give way while live messages wait, and load all the same when that does not end', async () => {
  await crowdWaits();
  await unannounced('log_data/late.json', event(2));
  await stack.run(['backfill', landing('log_data/late.json')]);
  await until(async () => (await stack.statusOf('log_data/late.json')) === 'loaded');
  const [gaveWay = ''] = lines.filter((line) => line.includes('replays gave way to live messages'));
  const { seconds } = JSON.parse(gaveWay) as { seconds: number };
  expect(seconds).toBeGreaterThan(GIVES_WAY_MS / 1000 - 1);
  expect(seconds).toBeLessThan(GIVES_WAY_MS / 1000 + 1);
  expect((await stack.ledger()).length).toBe(1);
  await turnLive(true);
  await stack.idle();
  expect(await stack.count('songplays')).toBe(1 + CROWD);
}, 60_000);

test('a function that dies while it gives way costs nothing but time', async () => {
  await crowdWaits();
  await unannounced('log_data/late.json', event(2));
  await stack.run(['backfill', landing('log_data/late.json')]);
  await until(() => asked() >= 2);
  await stack.killBusy();
  expect(await stack.ledger()).toEqual([]);
  await turnLive(true);
  await stack.idle();
  expect((await stack.ledger()).filter(({ status }) => status === 'loaded').length).toBe(1 + CROWD);
  expect([stack.deadLetters(), stack.waiting()]).toEqual([[], []]);
}, 60_000);

test.each<[string, Fault]>([
  ['fails', { do: 'error', code: 'AccessDenied', status: 403 }],
  ['is answered too late', { do: 'delay', milliseconds: 3000 }],
])(
  'a question that %s does not keep replays from loading',
  async (_, fault) => {
    await unannounced('log_data/late.json', event(2));
    planned = fault;
    await stack.run(['backfill', landing('log_data/')]);
    await until(async () => (await stack.statusOf('log_data/late.json')) === 'loaded');
    expect(said('whether live messages wait is not known')).toBe(1);
    await stack.idle();
  },
  60_000,
);

test('dead letters are sent back as replays', async () => {
  const { queue, config } = stack.connection;
  await unannounced('log_data/late.json', event(2));
  const record = await stack.put('log_data/late.json', event(2), { notify: false });
  await queue.send(config.dlqUrl!, [{ id: '1', body: JSON.stringify({ Records: [record] }) }]);
  expect((await stack.run(['redrive'])).code).toBe(0);
  // The command asked how many dead letters there are.
  await until(() => asked() === 2);
  await stack.idle();
  expect(await stack.count('songplays')).toBe(1);
}, 60_000);

test('a delivery of a queue that is not the loader’s fails, and nothing of it is acknowledged', async () => {
  const record = { messageId: 'm', receiptHandle: 'r', body: '{}', attributes: {}, messageAttributes: {}, eventSource: 'aws:sqs' }; // prettier-ignore
  const Records = [{ ...record, eventSourceARN: `${stack.queueArn}-of-somebody-else` }];
  const Payload = JSON.stringify({ Records });
  const answer = await lambda.send(new InvokeCommand({ FunctionName: 'sparkify-loader', Payload }));
  expect(answer.FunctionError).toBe('Unhandled');
  expect(answer.Payload?.transformToString()).toContain('of-somebody-else, but the loader');
}, 60_000);
