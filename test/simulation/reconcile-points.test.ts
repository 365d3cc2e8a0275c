/** A scheduled reconcile, struck at each of its calls and statements, or out of time anywhere, and run again until it is through. */
import { S3Client } from '@aws-sdk/client-s3';
import { S3StateStore } from '../../src/aws/reconcile-state.ts';
import { reconcileOf, replayOf } from '../../src/commands/connection.ts';
import { reconcileOnSchedule, type ScheduleDeps } from '../../src/catch-up/reconcile.ts';
import { ReplaySender } from '../../src/catch-up/replay.ts';
import { LoaderError } from '../../src/errors.ts';
import { parseMessage } from '../../src/objects/notification.ts';
import type { ObjectStore } from '../../src/ports.ts';
import { song } from '../support/files.ts';
import { SEARCHING, SEED } from '../support/seed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { PAST_THE_CLIENT, type PlannedFault } from '../support/switchboard.ts';
import { landing } from '../support/wire-shapes.ts';

const LIMITS = { page: 6, file: 4, unstorable: 2 };
const MISSING = Array.from({ length: 9 }, (_, n) => `song_data/${n}-missing.json`);
const HOUR_MS = 3_600_000;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
  for (let n = 0; n < 9; n += 1) await stack.put(`song_data/${n}.json`, song(n));
  await stack.deliver(stack.takeMessages());
  for (const [n, key] of MISSING.entries()) await stack.put(key, song(100 + n));
  stack.takeMessages();
});
afterAll(() => stack.stop());

/** The keys that messages named, and those reported as missing, over all runs since the last call of `begin`. */
let sent = new Set<string>();
let completed = 0;
/** What the runs since then warned of. */
let warned: string[] = [];

/** Pages of three objects, so that there are several. */
function inSmallPages(objects: ObjectStore): ObjectStore {
  const list = async function* (bucket: string, prefix: string, startAfter?: string) {
    for await (const page of objects.list(bucket, prefix, startAfter)) {
      for (let from = 0; from < page.length; from += 3) yield page.slice(from, from + 3);
    }
  };
  const put: ObjectStore['put'] = (...file) => objects.put(...file);
  return Object.assign(Object.create(objects) as ObjectStore, { list, put });
}

function depsOf(now: () => number): ScheduleDeps {
  const { connection } = stack;
  const deps = reconcileOf(
    connection,
    () => undefined,
    () => undefined,
  );
  const s3 = new S3Client({
    region: 'us-east-1',
    endpoint: stack.aws.url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { queue, ...replay } = replayOf(connection);
  const recording = Object.assign(Object.create(queue) as typeof queue, {
    send: async (...[url, messages]: Parameters<typeof queue.send>) => {
      const failed = await queue.send(url, messages);
      for (const { id, body } of messages) {
        const parsed = parseMessage(body);
        if (failed.includes(id) || parsed.kind !== 'notifications') continue;
        for (const one of parsed.notifications) if (one.kind === 'created') sent.add(one.object.key);
      }
      return failed;
    },
  });
  const clock = { ...connection.clock, now, sleep: () => Promise.resolve() };
  return {
    listing: { ...deps.listing, objects: inSmallPages(connection.objects), limits: LIMITS },
    differences: { ...deps.differences, limits: { differences: 4, rows: 2, keepAliveSeconds: 2 } },
    newPageId: deps.newPageId,
    state: new S3StateStore(s3, connection.config.control),
    clock,
    log: { info: () => undefined, warn: (message) => void warned.push(message), error: () => undefined },
    meter: {
      count: (name, value) => void (completed += name === 'ReconcileCompleted' ? value : 0),
      seconds: () => undefined,
    },
    sender: new ReplaySender({ ...replay, queue: recording, clock }),
  };
}

/** An hour from now, for everything here is younger than what a schedule judges. */
const later = (): number => Date.now() + HOUR_MS;

function begin(planned?: PlannedFault): void {
  sent = new Set();
  completed = 0;
  warned = [];
  stack.switchboard.arm(planned);
}

/** Runs it again and again, each time whole, until it says that it is through. */
async function finish(): Promise<void> {
  for (let run = 0; completed === 0 && run < 3; run += 1) await reconcileOnSchedule(landing, depsOf(later), Infinity);
  expect(completed).toBe(1);
  expect([...sent].sort()).toEqual(MISSING);
}

const FAULTS: PlannedFault['fault'][] = [{ do: 'error' }, { do: 'error after' }, { do: 'drop reply' }];

/** Of calls, statements and looks at the clock only every so manieth in one run of the tests; another seed takes all of them. */
const STRIDE = SEARCHING ? 1 : 4;
const isDrawn = (index: number): boolean => index % STRIDE === SEED % STRIDE;

test('struck at any call it fails, unless it only looked at fields, and the next run sends the rest', async () => {
  begin();
  await finish();
  const calls = stack.switchboard.calls.filter(({ place }) => place !== 'statement');
  expect([...new Set(calls.map(({ place, operation }) => `${place} ${operation}`))].sort()).toEqual([
    'redshift-data BatchExecuteStatement',
    'redshift-data GetStatementResult',
    's3 GetObject',
    's3 ListObjectsV2',
    's3 PutObject',
  ]);
  const counts = new Map<string, number>();
  let struck = 0;
  let failures = 0;
  for (const [index, { place, operation }] of calls.entries()) {
    const nth = (counts.get(`${place} ${operation}`) ?? 0) + 1;
    counts.set(`${place} ${operation}`, nth);
    // Each operation fails in each way.
    if (nth > FAULTS.length && !isDrawn(index)) continue;
    struck += 1;
    const fault = FAULTS[nth % FAULTS.length]!;
    begin({ place, operation, nth, times: PAST_THE_CLIENT, fault });
    const ended = await reconcileOnSchedule(landing, depsOf(later), Infinity).catch((error: unknown) => error);
    if (ended !== undefined) {
      expect(ended).toBeInstanceOf(LoaderError);
      failures += 1;
    } else {
      // Looks are made side by side, so that the client may get over a fault of three calls.
      const isLook = operation === 'GetObject' || warned.includes('fields not looked at');
      expect([operation, isLook]).toEqual([operation, true]);
    }
    await finish();
  }
  expect(failures).toBeGreaterThan(struck / 3);
}, 300_000);

test('when a statement of a page fails, so does the run, unless it only records fields, and the next one sends the rest', async () => {
  begin();
  await finish();
  const statements = stack.switchboard.calls.filter(({ place }) => place === 'statement').length;
  expect(statements).toBeGreaterThan(10);
  for (let nth = 1; nth <= statements; nth += 1) {
    if (!isDrawn(nth)) continue;
    begin({ place: 'statement', nth, times: 1, fault: { do: 'fail statement', message: 'the power went' } });
    const ended = await reconcileOnSchedule(landing, depsOf(later), Infinity).catch((error: unknown) => error);
    if (ended === undefined) expect(warned).toContain('fields not looked at');
    else expect(ended).toMatchObject({ message: expect.stringContaining('the power went') as string });
    await finish();
  }
}, 300_000);

test('out of time at any look at the clock, it ends in peace, and further runs send the rest', async () => {
  begin();
  let looks = 0;
  await reconcileOnSchedule(
    landing,
    depsOf(() => {
      looks += 1;
      return later();
    }),
    Infinity,
  );
  expect(looks).toBeGreaterThan(10);
  for (let last = 1; last <= looks; last += 1) {
    if (!isDrawn(last)) continue;
    begin();
    let look = 0;
    const deadlineMs = later() + HOUR_MS;
    const now = (): number => ((look += 1) >= last ? deadlineMs : later());
    await reconcileOnSchedule(landing, depsOf(now), deadlineMs);
    await finish();
  }
}, 300_000);
