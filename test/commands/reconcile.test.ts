import { S3Client } from '@aws-sdk/client-s3';
import { S3StateStore } from '../../src/aws/reconcile-state.ts';
import { reconcileOf, replayOf } from '../../src/commands/connection.ts';
import { landing } from '../support/wire-shapes.ts';
import type { Log, Meter } from '../../src/ports.ts';
import { reconcileOnSchedule, type ScheduleDeps } from '../../src/catch-up/reconcile.ts';
import { ReplaySender } from '../../src/catch-up/replay.ts';
import { song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
const URL = 's3://sparkify-landing/song_data/';
const strange = 'song_data/it\'s "odd" + 100% 🎵 \\ ; DROP TABLE x.json';

beforeAll(async () => {
  stack = await startTestStack();
});
/** All is loaded, and nobody was told of it but by backfill. */
async function fill(): Promise<void> {
  await stack.reset();
  for (let i = 0; i < 300; i += 1) await stack.put(`song_data/${i}.json`, song(i), { notify: false });
  await stack.put(strange, song(301), { notify: false });
  await stack.put('song_data/trailing.json', song(302), { notify: false });
  await stack.run(['backfill', URL]);
  await stack.idle();
}
afterAll(async () => {
  await stack.stop();
});

type Findings = { findings: { kind: string; url: string }[] };

describe('reconcile', () => {
  beforeEach(fill);

  test('finds nothing where all is loaded', async () => {
    const { out, code } = await stack.run(['reconcile', URL]);
    expect(out).toContain('302 objects in s3://sparkify-landing/song_data/: 302 loaded.\nBucket and ledger agree.');
    expect(code).toBe(0);
  });

  test('names exactly what is missing and what changed, repairs it, and then finds nothing', async () => {
    for (let i = 0; i < 10; i += 1) {
      await stack.put(`song_data/${i}.json`, song(i, { title: 'Overwritten' }), { notify: false });
    }
    for (let i = 400; i < 450; i += 1) await stack.put(`song_data/${i}.json`, song(i), { notify: false });
    const found = await stack.json(['reconcile', URL]);
    expect(found).toMatchObject({ listed: 352, loaded: 292, missing: 50, changed: 10, orphaned: 0 });
    const named = (found as unknown as Findings).findings.map(({ kind, url }) => `${kind} ${url.split('/').at(-1)}`);
    const overwritten = Array.from({ length: 10 }, (_, i) => `changed ${i}.json`);
    const dropped = Array.from({ length: 50 }, (_, i) => `missing ${i + 400}.json`);
    expect(named.sort()).toEqual([...overwritten, ...dropped].sort());
    expect((await stack.run(['reconcile', URL])).code).toBe(1);

    const repaired = await stack.run(['reconcile', URL, '--repair']);
    expect(repaired.out).toContain('Sent 60 objects in 2 messages.');
    expect(repaired.code).toBe(1);
    await stack.idle();
    const after = await stack.run(['reconcile', URL]);
    expect(after.out).toContain('Bucket and ledger agree.');
    expect(after.code).toBe(0);
    const titles = await stack.json(['query', "SELECT COUNT(*) AS n FROM sparkify.songs WHERE title = 'Overwritten'"]);
    expect(titles).toEqual([{ n: 10 }]);
  });

  test('says what was deleted after it was loaded, and lets that be ignored', async () => {
    await stack.remove('song_data/trailing.json');
    const { out, code } = await stack.run(['reconcile', URL]);
    expect(out).toMatch(/orphaned +s3:\/\/sparkify-landing\/song_data\/trailing\.json/);
    expect(code).toBe(1);
    expect((await stack.run(['reconcile', URL, '--ignore', 'orphaned,vanished'])).code).toBe(0);
  });

  test('shows only so many, and counts them all', async () => {
    await stack.remove('song_data/trailing.json');
    await stack.put('song_data/500.json', song(500), { notify: false });
    const found = await stack.json(['reconcile', URL, '--show', '1']);
    expect(found).toMatchObject({ missing: 1, orphaned: 1, findingsNotShown: 1 });
    expect((found as unknown as Findings).findings).toHaveLength(1);
  });

  test.each([
    ['a prefix where nothing is', 's3://sparkify-landing/song_dat/'],
    ['a prefix in other letters', 's3://sparkify-landing/Song_Data/'],
    ['a prefix where nothing of a source is', 's3://sparkify-landing/other/'],
  ])(
    '%s is no agreement: it is said, with where the sources lie, by reconcile and backfill alike',
    async (_name, url) => {
      await stack.put('other/notes.json', '{}');
      for (const command of ['reconcile', 'backfill']) {
        const { out, err, code } = await stack.run([command, url]);
        expect(out).not.toContain('agree');
        expect(err).toContain(`There is nothing to load below ${url}`);
        expect(err).toContain('songs at s3://sparkify-landing/song_data/, events at s3://sparkify-landing/log_data/');
        expect(code).toBe(1);
      }
    },
  );

  test('finds keys of any characters in the ledger', async () => {
    const { out } = await stack.run(['reconcile', `s3://sparkify-landing/${strange}`]);
    expect(out).toContain(': 1 loaded.\nBucket and ledger agree.');
  });
});

describe('a reconcile on schedule', () => {
  beforeEach(fill);

  const places = [
    { bucket: 'sparkify-landing', key: 'log_data/' },
    { bucket: 'sparkify-landing', key: 'song_data/' },
  ];

  function schedule(more: Partial<ScheduleDeps> = {}): { deps: ScheduleDeps; metrics: Map<string, number> } {
    const metrics = new Map<string, number>();
    const meter: Meter = {
      count: (name, value) => void metrics.set(name, (metrics.get(name) ?? 0) + value),
      seconds: () => undefined,
    };
    const nothing = (): void => undefined;
    const log: Log = { info: nothing, warn: nothing, error: nothing };
    const { connection } = stack;
    const s3 = new S3Client({
      region: 'us-east-1',
      endpoint: stack.aws.url,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const deps: ScheduleDeps = {
      ...reconcileOf(
        connection,
        () => undefined,
        () => undefined,
      ),
      state: new S3StateStore(s3, connection.config.control),
      // An hour from now, for everything here is younger than what a schedule judges.
      clock: { ...connection.clock, now: () => connection.clock.now() + 3_600_000 },
      log,
      meter,
      ...more,
    };
    return { deps, metrics };
  }

  test('goes on where its time ran out, and begins anew when it is through', async () => {
    const { deps } = schedule();
    await deps.state.write({ place: places[1]!, upTo: 'song_data/400.json' });
    const first = schedule();
    await reconcileOnSchedule(landing, first.deps, 0);
    expect(first.metrics.get('ReconcileCompleted')).toBeUndefined();
    expect(first.metrics.get('ReconcileListed')).toBeLessThan(300);
    expect(await deps.state.read()).toEqual({ place: places[1], upTo: expect.any(String) as string });

    const second = schedule();
    await reconcileOnSchedule(landing, second.deps, Infinity);
    expect(second.metrics.get('ReconcileCompleted')).toBe(1);
    expect(await deps.state.read()).toEqual({ place: places[0] });
  });

  test('counts what it finds, and sends what is missing', async () => {
    await stack.remove('song_data/trailing.json');
    for (const n of [500, 900]) await stack.put(`song_data/${n}.json`, song(n), { notify: false });
    const { deps, metrics } = schedule({ sender: new ReplaySender(replayOf(stack.connection)) });
    await reconcileOnSchedule(landing, deps, Infinity);
    expect(Object.fromEntries(metrics)).toMatchObject({ ReconcileMissing: 2, ReconcileOrphaned: 1, ReconcileSent: 2 });
    await stack.idle();
    const again = schedule();
    await reconcileOnSchedule(landing, again.deps, Infinity);
    expect(again.metrics.get('ReconcileMissing')).toBe(0);
  });
});

describe('a reconcile that is told wrong', () => {
  test.each([
    [['reconcile', '/song_data'], 'is not an S3 URL'],
    [['reconcile', URL, '--ignore', 'lost'], 'Kinds are: missing, changed'],
    [['reconcile', 's3://elsewhere/'], 'Bucket elsewhere is not configured'],
  ])('%j is misuse, and says why', async (argv, message) => {
    const { err, code } = await stack.run(argv);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});
