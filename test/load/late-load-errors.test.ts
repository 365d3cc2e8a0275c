import { setTimeout as sleep } from 'node:timers/promises';
import { ERRORS_LATE_MS } from '../../src/load/find-bad-files.ts';
import { event } from '../support/files.ts';
import { invokeLoader } from '../support/loader.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** Sixteen files, of which two are bad in different ways. */
const FILES = Array.from({ length: 16 }, (_, n): [string, string] => [
  `log_data/${n}.json`,
  n === 3 ? event(n, { sessionId: 10.5 }) : n === 11 ? '{"ts": ' : event(n),
]);

let stack: TestStack;
let late = 0;
let calls: string[] = [];
/** Pauses the loader made for load errors; other pauses are random, and shorter. A second of them takes a tenth of one here. */
let waits: number[] = [];
const FASTER = 10;

beforeAll(async () => {
  stack = await startTestStack({ eventSource: false, loadErrorsLateMs: () => late });
});
afterAll(() => stack.stop());
beforeEach(async () => {
  late = 0;
  await stack.reset();
});

/** Loads the files in one delivery. */
async function load(files: readonly (readonly [string, string])[]): Promise<void> {
  for (const [key, body] of files) await stack.put(key, body);
  stack.switchboard.arm();
  waits = [];
  const { failed } = await stack.deliver(stack.takeMessages(), {
    sleep: async (milliseconds) => {
      if (!ERRORS_LATE_MS.some((pause) => pause === milliseconds)) return;
      waits.push(milliseconds);
      await sleep(milliseconds / FASTER);
    },
  });
  calls = stack.switchboard.calls.filter(({ place }) => place === 'redshift-data').map(({ operation }) => operation);
  expect(failed).toEqual([]);
}

async function outcomes(): Promise<unknown[]> {
  const rows = await stack.ledger();
  return rows.filter(({ status }) => status !== 'loaded').map(({ key, code }) => [key, code]);
}

const submissions = (): number => calls.filter((operation) => operation === 'BatchExecuteStatement').length;
const questions = (): number => calls.filter((operation) => operation === 'ExecuteStatement').length;

test('a clean load asks for no load errors', async () => {
  await load(FILES.filter((_, n) => n !== 3 && n !== 11));
  expect([submissions(), questions()]).toEqual([2, 1]);
});

test('load errors that are there at once cost one question, and one pass names all bad files', async () => {
  await load(FILES);
  expect(await outcomes()).toEqual([
    ['log_data/11.json', '1216'],
    ['log_data/3.json', '1207'],
  ]);
  // The staging that failed, the pass, and the load without the bad files, staged and merged; the ledger's question and that for errors.
  expect([submissions(), questions(), waits]).toEqual([4, 2, []]);
});

test('load errors that come late are waited for, and cost a question more and no pass', async () => {
  late = 1500 / FASTER;
  await load(FILES);
  expect(await outcomes()).toEqual([
    ['log_data/11.json', '1216'],
    ['log_data/3.json', '1207'],
  ]);
  expect([submissions(), questions(), waits]).toEqual([4, 3, [3000]]);
});

test('load errors that never come are waited for once, and then the batch is halved until each bad file is alone', async () => {
  late = Infinity;
  await load(FILES);
  expect(waits).toEqual(ERRORS_LATE_MS);
  expect((await outcomes()).map((row) => (row as unknown[])[0])).toEqual(['log_data/11.json', 'log_data/3.json']);
  expect(await stack.count('songplays')).toBe(14);
});

test('there is no waiting beyond the deadline', async () => {
  late = Infinity;
  for (const [key, body] of FILES) await stack.put(key, body);
  const paused: number[] = [];
  const sleepNot = (milliseconds: number): Promise<void> => Promise.resolve(void paused.push(milliseconds));
  await stack.deliver(stack.takeMessages(), { timeMs: 9000, sleep: sleepNot });
  expect(paused.filter((pause) => pause >= 3000)).toEqual([3000]);
});

test('errors that the view has for no query, but for the process that ran it, are found', async () => {
  for (const [key, body] of FILES) await stack.put(key, body);
  const { warehouse } = stack.connection;
  const nameless = Object.assign(Object.create(warehouse) as typeof warehouse, {
    query: (...args: Parameters<typeof warehouse.query>) =>
      args[0] === 'sparkify load-errors' ? Promise.resolve([]) : warehouse.query(...args),
    transaction: (...args: Parameters<typeof warehouse.transaction>) => warehouse.transaction(...args),
    systemIds: (id: string) => warehouse.systemIds(id),
  });
  await invokeLoader({ ...stack.connection, warehouse: nameless }, 'abcdef01', stack.takeMessages());
  expect(await outcomes()).toEqual([
    ['log_data/11.json', '1216'],
    ['log_data/3.json', '1207'],
  ]);
});
