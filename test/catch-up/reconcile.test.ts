import { createHash } from 'node:crypto';
import fc from '../support/fast-check.ts';
import {
  comparePair,
  compareObject,
  nothingCompared,
  routeListed,
  type Compared,
  type Comparison,
} from '../../src/catch-up/compare.ts';
import { reconcile, type ReconcileDeps } from '../../src/catch-up/reconcile.ts';
import { reconcileOf } from '../../src/commands/connection.ts';
import type { LedgerRow, LedgerStatus } from '../../src/ledger/entries.ts';
import { compareKeys } from '../../src/objects/key-order.ts';
import { objectId } from '../../src/objects/object-version.ts';
import type { ListedObject, ObjectStore } from '../../src/ports.ts';
import { sources } from '../support/wire-shapes.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const BUCKET = 'sparkify-landing';
const NOON = Date.UTC(2024, 10, 3, 12);
const place = { bucket: BUCKET, key: 'song_data/' };
const comparison: Comparison = { bucket: BUCKET, sources, judgedBeforeMs: Infinity, startedMs: Infinity };

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(async () => {
  await stack.stop();
});

type Recorded = LedgerRow & { batchNo: number };

/** Fills the ledger with these rows and no others. */
async function record(rows: readonly Recorded[]): Promise<void> {
  await stack.rows('DELETE FROM sparkify.load_objects');
  if (rows.length === 0) return;
  const parameters: Record<string, string> = {};
  const values = rows.map(({ key, status, etag, eventTimeMs, readAfterMs, batchNo }, n) => {
    parameters[`key${n}`] = key;
    const at = (ms: number): string => `TIMESTAMP '${new Date(ms).toISOString().slice(0, 23).replace('T', ' ')}'`;
    const head = `'${objectId({ bucket: BUCKET, key })}', '${BUCKET}', :key${n}, '${etag}', ${at(eventTimeMs)}`;
    return `(${head}, 'songs', FALSE, '${status}', 'batch', ${batchNo}, ${at(readAfterMs)}, ${at(readAfterMs)})`;
  });
  const columns =
    'object_id, bucket, key, etag, event_time, source, replayed, status, batch_id, batch_no, read_after, recorded_at';
  const text = `INSERT INTO sparkify.load_objects (${columns}) VALUES ${values.join(', ')}`;
  await stack.connection.warehouse.query('test', text, parameters, Date.now() + 60_000);
}

/** The real deps, with a bucket that lists these objects, in pages of `page` keys. */
function depsOf(listed: readonly ListedObject[], page: number, more: { differences?: number } = {}): ReconcileDeps {
  const deps = reconcileOf(
    stack.connection,
    () => undefined,
    () => undefined,
  );
  const list = async function* (_bucket: string, prefix: string, startAfter?: string) {
    const left = listed.filter(
      ({ key }) => key.startsWith(prefix) && (startAfter === undefined || compareKeys(key, startAfter) > 0),
    );
    for (let from = 0; from < left.length; from += page) yield await Promise.resolve(left.slice(from, from + page));
  };
  const put: ObjectStore['put'] = (...file) => stack.connection.objects.put(...file);
  return {
    ...deps,
    listing: {
      ...deps.listing,
      objects: { put, list } as unknown as ObjectStore,
      limits: { page, file: 3, unstorable: 2 },
    },
    differences: { ...deps.differences, limits: { differences: more.differences ?? 5, rows: 2, keepAliveSeconds: 2 } },
  };
}

async function reconciled(deps: ReconcileDeps, startAfter?: string): Promise<Compared> {
  const all = nothingCompared();
  for await (const one of reconcile(place, comparison, deps, startAfter)) {
    all.findings.push(...one.findings);
    for (const name of ['listed', 'ignored', 'loaded', 'tooRecent'] as const) all[name] += one[name];
  }
  return all;
}

/** What should be found: the newest row of each key, found by looking at all of them. */
function expected(listed: readonly ListedObject[], rows: readonly Recorded[]): Compared {
  const newest = new Map<string, Recorded>();
  for (const row of rows) if (row.batchNo > (newest.get(row.key)?.batchNo ?? 0)) newest.set(row.key, row);
  const all = { ...nothingCompared(), listed: listed.length };
  for (const object of listed) {
    if (routeListed(object, sources).kind === 'ignored') all.ignored += 1;
    else comparePair({ object, row: newest.get(object.key) }, comparison, all);
  }
  const keys = new Set(listed.map(({ key }) => key));
  for (const row of newest.values()) {
    if (!keys.has(row.key) && row.key.startsWith(place.key)) comparePair({ object: undefined, row }, comparison, all);
  }
  return all;
}

const named = ({ findings }: Compared): string[] =>
  findings.map(({ kind, key, reason }) => `${kind} ${key} ${reason}`).sort();

const character = fc.oneof(
  fc.constantFrom('a', 'b', ' ', '%', '_', '\\', "'", '"', '\t', '\n', '\u0001', 'é', '🎵', '\uffee'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
);
const name = fc.string({ unit: character, maxLength: 3 });
/** Of the source, of no source but below the prefix, and outside of it. */
const key = fc.oneof(
  { weight: 6, arbitrary: name.map((text) => `song_data/${text}.json`) },
  { weight: 2, arbitrary: name.map((text) => `song_data/${text}`) },
  { weight: 1, arbitrary: name.map((text) => `song_dat${text}`) },
);
const etag = fc.constantFrom('a', 'b');
const time = fc.integer({ min: 0, max: 2 }).map((second) => NOON + second * 1000);
const status = fc.constantFrom<LedgerStatus>('loaded', 'loaded', 'quarantined', 'vanished', 'dismissed');
const object = fc.record({ key, etag, lastModifiedMs: time, sizeBytes: fc.constantFrom(10, 10, 0) });
const row = fc.record({ key, etag, status, eventTimeMs: time, readAfterMs: time });

test('any listing and any ledger, in pages of any size, compare as when each key is looked up', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(object, { maxLength: 14, selector: (one) => one.key }),
      fc.array(row, { maxLength: 14 }),
      fc.array(fc.nat(), { maxLength: 10 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      async (objects, rows, both, page, differences) => {
        const listed = objects
          .filter((one) => one.key.startsWith(place.key))
          .map((one) => ({ bucket: BUCKET, ...one }))
          .sort((a, b) => compareKeys(a.key, b.key));
        // Some keys are in both, which chance alone would hardly make.
        const recorded = rows
          .filter((one) => !one.key.includes('\0'))
          .map((one, n) => ({ ...one, key: (listed[(both[n] ?? 99) % 20]?.key ?? one.key).split('\0').join('') }))
          .map((one, n) => ({ ...one, batchNo: n + 1 }));
        await record(recorded);
        const found = await reconciled(depsOf(listed, page, { differences }));
        const wanted = expected(listed, recorded);
        expect(named(found)).toEqual(named(wanted));
        const { listed: count, ignored, loaded, tooRecent } = wanted;
        expect(found).toMatchObject({ listed: count, ignored, loaded, tooRecent });
      },
    ),
    { numRuns: 60 },
  );
}, 300_000);

test('what the warehouse leaves out is exactly what compare.ts calls loaded, at every second and etag', async () => {
  const cases = [0, 999, 1000, 1999].flatMap((event) =>
    [0, 1000, 2000].flatMap((read) => ['a', 'a ', 'b'].map((tag) => ({ event, read, tag }))),
  );
  const of = (n: number): string => `song_data/${String(n).padStart(3, '0')}.json`;
  const listed = cases.map((_, n) => ({
    bucket: BUCKET,
    key: of(n),
    etag: 'a',
    sizeBytes: 1,
    lastModifiedMs: NOON + 1000,
  }));
  const recorded = cases.map(({ event, read, tag }, n) => ({
    key: of(n),
    etag: tag,
    status: 'loaded' as const,
    eventTimeMs: NOON + event,
    readAfterMs: NOON + read,
    batchNo: n + 1,
  }));
  await record(recorded);
  const found = await reconciled(depsOf(listed, 100, { differences: 100 }));
  const loaded = listed.filter((one, n) => compareObject(one, recorded[n]).kind === 'loaded');
  expect(loaded.length).toBeGreaterThan(0);
  expect(found).toMatchObject({ listed: cases.length, loaded: loaded.length });
  expect(found.findings).toHaveLength(cases.length - loaded.length);
});

test('keys that the warehouse cannot store are missing, and hide nothing before or after them', async () => {
  const keys = ['song_data/\0.json', 'song_data/a\0.json', 'song_data/a\0b.json', 'song_data/b.json'];
  const listed = keys.map((one) => ({ bucket: BUCKET, key: one, etag: 'a', sizeBytes: 1, lastModifiedMs: NOON }));
  const loaded = { etag: 'a', status: 'loaded' as const, eventTimeMs: NOON, readAfterMs: NOON };
  await record(['song_data/a', 'song_data/b.json'].map((one, n) => ({ ...loaded, key: one, batchNo: n + 1 })));
  for (const page of [1, 2, 4]) {
    const found = await reconciled(depsOf(listed, page));
    expect(named(found).map((line) => line.split(' ', 2).join(' '))).toEqual(
      [
        'missing song_data/\0.json',
        'missing song_data/a\0.json',
        'missing song_data/a\0b.json',
        'orphaned song_data/a',
      ].sort(),
    );
    expect(found).toMatchObject({ listed: 4, loaded: 1 });
  }
});

test('an empty bucket and a full ledger: everything is orphaned, however few differences are kept', async () => {
  const loaded = { etag: 'a', status: 'loaded' as const, eventTimeMs: NOON, readAfterMs: NOON };
  await record(Array.from({ length: 23 }, (_, n) => ({ ...loaded, key: `song_data/${n}.json`, batchNo: n + 1 })));
  const found = await reconciled(depsOf([], 10));
  expect(new Set(found.findings.map(({ key: one }) => one)).size).toBe(23);
  expect(found.findings).toHaveLength(23);
});

test('files of a page are gzip, a manifest names them all, and both are below the control prefix', async () => {
  await record([]);
  const listed = Array.from({ length: 7 }, (_, n) => ({
    bucket: BUCKET,
    key: `song_data/${n}.json`,
    etag: createHash('md5').update(String(n)).digest('hex'),
    sizeBytes: 1,
    lastModifiedMs: NOON,
  }));
  const written: string[] = [];
  const deps = depsOf(listed, 10, { differences: 100 });
  const { objects: real } = deps.listing;
  const objects = {
    ...real,
    put: (bucket: string, file: string, body: string | Uint8Array) => {
      written.push(`${bucket}/${file.replace(/[0-9a-f-]{36}/, 'PAGE')}`);
      return real.put(bucket, file, body);
    },
  };
  await reconciled({ ...deps, listing: { ...deps.listing, objects } });
  expect(written).toEqual([
    'sparkify-control/loads/reconcile/PAGE/0.json.gz',
    'sparkify-control/loads/reconcile/PAGE/1.json.gz',
    'sparkify-control/loads/reconcile/PAGE/2.json.gz',
    'sparkify-control/loads/reconcile/PAGE/listing.manifest',
  ]);
});
