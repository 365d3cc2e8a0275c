/** A rebuild, struck at its calls and statements, or killed at them, and run again until it is through. */
import assert from 'node:assert/strict';
import type { Connection } from '../../src/ports.ts';
import { event, song } from '../support/files.ts';
import { oracle } from '../support/oracle.ts';
import { SEARCHING, SEED } from '../support/seed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { PAST_THE_CLIENT, type PlannedFault } from '../support/switchboard.ts';
import { BUCKET, resetAll, watched } from './rebuilding.ts';
import { assertSameStar, linesOfOracle, readStar, type StarLines } from './star.ts';

const PATIENCE_MS = 300_000;
/** Of the many calls only every so manieth is struck in one run of the tests; another seed strikes others, and more of them. */
const STRIDE = SEARCHING ? 8 : 40;

/** What is loaded first, and what is in the bucket when the rebuild begins: overwritten with less, deleted, and one that landed. */
const FIRST = {
  'song_data/kept.json': song(1),
  'song_data/less.json': `${song(2)}\n${song(3)}`,
  'song_data/gone.json': song(4),
  'log_data/plays.json': `${event(1, { song: 'Title 3', artist: 'Artist 3', length: 200.5 })}\n${event(2)}`,
};
const NOW = {
  'song_data/kept.json': song(1),
  'song_data/less.json': song(2),
  'song_data/more.json': song(5, { title: 'Title 3', artist_name: 'Artist 3' }),
  'log_data/plays.json': event(1, { song: 'Title 3', artist: 'Artist 3', length: 200.5 }),
};
const LATE = { 'log_data/late.json': event(3) };

let stack: TestStack;
let before: StarLines;
const expected = linesOfOracle(oracle(filesOf(NOW)));

beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(() => stack.stop());

function filesOf(files: Readonly<Record<string, string>>): { key: string; body: string }[] {
  return Object.entries(files).map(([key, body]) => ({ key, body }));
}

async function setUp(): Promise<void> {
  await resetAll(stack);
  for (const { key, body } of filesOf(FIRST)) await stack.put(key, body);
  await stack.deliver(stack.takeMessages());
  for (const { key, body } of filesOf(NOW)) await stack.put(key, body);
  await stack.deliver(stack.takeMessages());
  await stack.remove('song_data/gone.json');
  before = await readStar(stack.connection.warehouse, stack.schema);
}

/** The stack's connection with batches of two objects, and pauses that take no time. */
function connection(): Connection {
  const { config, clock } = stack.connection;
  return {
    ...stack.connection,
    config: { ...config, limits: { ...config.limits, maxObjects: 2 } },
    clock: { ...clock, sleep: () => Promise.resolve() },
  };
}

const rebuild = (by: Connection = connection()) => stack.run(['rebuild', BUCKET, '--yes'], { connection: by });

/** Whatever happened, the star that is served is one of the two, whole. Tells which. */
async function assertServed(): Promise<'before' | 'now'> {
  const served = await readStar(stack.connection.warehouse, stack.schema);
  const isNow = JSON.stringify(served) === JSON.stringify(expected);
  if (!isNow) assertSameStar(served, before);
  return isNow ? 'now' : 'before';
}

/** A minute later nobody takes the last run for alive any more. */
async function passAMinute(): Promise<void> {
  await stack.rows(`UPDATE ${stack.schema}_next.rebuilds SET seen_at = DATEADD(seconds, -61, GETDATE())`);
}

/** Runs it again, as a person would, and then lets the loader go on. */
async function finish(): Promise<void> {
  stack.switchboard.arm();
  let { code, err } = await rebuild();
  if (code === 2 && err.includes('is at work')) {
    // Not even its end could be told.
    await passAMinute();
    ({ code, err } = await rebuild());
  }
  // Who swapped and was not told so learns it from what is left to drop.
  if (code !== 0) assert.match(err, /sparkify_old is still there/);
  expect(await assertServed()).toBe('now');
  for (const { key, body } of filesOf(LATE)) await stack.put(key, body);
  expect((await stack.deliver(stack.takeMessages())).failed).toEqual([]);
  assertSameStar(
    await readStar(stack.connection.warehouse, stack.schema),
    linesOfOracle(oracle([...filesOf(NOW), ...filesOf(LATE)])),
  );
}

const FAULTS: PlannedFault['fault'][] = [{ do: 'error' }, { do: 'error after' }, { do: 'drop reply' }];

test(
  'struck at any call, the star is served on or swapped, and the next run ends it',
  async () => {
    await setUp();
    stack.switchboard.arm();
    expect((await rebuild()).code).toBe(0);
    // How often it looks after a statement depends on how busy the machine is.
    const calls = stack.switchboard.calls.filter(
      ({ place, operation }) => place !== 'statement' && operation !== 'DescribeStatement',
    );
    expect([...new Set(calls.map(({ place, operation }) => `${place} ${operation}`))].sort()).toEqual([
      'redshift-data BatchExecuteStatement',
      'redshift-data ExecuteStatement',
      'redshift-data GetStatementResult',
      's3 GetObject',
      's3 ListObjectsV2',
      's3 PutObject',
    ]);
    for (const [index, { place, operation }] of calls.entries()) {
      if (index % STRIDE !== SEED % STRIDE) continue;
      const nth = calls.slice(0, index + 1).filter((one) => one.place === place && one.operation === operation).length;
      await setUp();
      stack.switchboard.arm({ place, operation, nth, times: PAST_THE_CLIENT, fault: FAULTS[index % FAULTS.length]! });
      await rebuild();
      stack.switchboard.arm();
      await assertServed();
      await finish();
    }
  },
  PATIENCE_MS,
);

test(
  'when a statement fails, the star is served on or swapped, and the next run ends it',
  async () => {
    await setUp();
    stack.switchboard.arm();
    await rebuild();
    const statements = stack.switchboard.calls.filter(({ place }) => place === 'statement').length;
    expect(statements).toBeGreaterThan(100);
    for (let nth = 1 + (SEED % (2 * STRIDE)); nth <= statements; nth += 2 * STRIDE) {
      await setUp();
      stack.switchboard.arm({
        place: 'statement',
        nth,
        times: 1,
        fault: { do: 'fail statement', message: 'the power went' },
      });
      await rebuild();
      stack.switchboard.arm();
      await assertServed();
      await finish();
    }
  },
  PATIENCE_MS,
);

/** Whoever is killed says nothing any more. */
class Killed extends Error {}

/** The connection of a process that is killed at its `nth` call to the warehouse, before it or behind it. */
function killedAt(nth: number, when: 'before' | 'behind'): Connection {
  let calls = 0;
  const count = (): Promise<void> => {
    calls += 1;
    return calls > nth || (calls === nth && when === 'before') ? Promise.reject(new Killed()) : Promise.resolve();
  };
  return watched(connection(), count);
}

test(
  'killed at any call, it is taken for alive for a minute, and then goes on where it stopped',
  async () => {
    let calls = 0;
    await setUp();
    await rebuild(
      watched(connection(), () => {
        calls += 1;
        return Promise.resolve();
      }),
    );
    expect(calls).toBeGreaterThan(30);
    let refused = 0;
    for (let nth = 1 + (SEED % STRIDE); nth <= calls; nth += STRIDE) {
      await setUp();
      await expect(rebuild(killedAt(nth, nth % 2 === 0 ? 'before' : 'behind'))).rejects.toBeInstanceOf(Killed);
      await assertServed();
      const { code, err } = await rebuild();
      if (code === 2 && err.includes('is at work')) {
        refused += 1;
        await passAMinute();
      }
      await finish();
    }
    expect(refused).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);
