import fc from '../support/fast-check.ts';
import { compareKeys } from '../../src/objects/key-order.ts';
import { compare, compareObject, type Compared, type Finding } from '../../src/catch-up/compare.ts';
import { sources } from '../support/wire-shapes.ts';
import type { ReplayObject } from '../../src/catch-up/replay-messages.ts';
import type { LedgerRow } from '../../src/ledger/entries.ts';

const NOON = Date.UTC(2024, 10, 3, 12);
const object = (key: string, more: Partial<ReplayObject> = {}): ReplayObject => ({
  bucket: 'landing',
  key,
  etag: 'aaa',
  sizeBytes: 10,
  lastModifiedMs: NOON,
  ...more,
});
const row = (key: string, more: Partial<LedgerRow> = {}): LedgerRow => ({
  key,
  status: 'loaded',
  etag: 'aaa',
  eventTimeMs: NOON + 250,
  readAfterMs: Infinity,
  ...more,
});

async function* pages<T>(all: readonly T[], size: number): AsyncGenerator<T[]> {
  for (let from = 0; from < all.length; from += size) yield await Promise.resolve(all.slice(from, from + size));
}

async function findings(
  listing: ReplayObject[],
  ledger: LedgerRow[],
  options: { size?: number; judgedBeforeMs?: number; startedMs?: number } = {},
): Promise<{ findings: Finding[]; total: Omit<Compared, 'findings' | 'upTo'> }> {
  const { size = 2, judgedBeforeMs = Infinity, startedMs = Infinity } = options;
  const found: Finding[] = [];
  const total = { listed: 0, ignored: 0, loaded: 0, tooRecent: 0 };
  const comparison = { bucket: 'landing', sources, judgedBeforeMs, startedMs };
  for await (const compared of compare(pages(listing, size), pages(ledger, size), comparison)) {
    found.push(...compared.findings);
    for (const name of ['listed', 'ignored', 'loaded', 'tooRecent'] as const) total[name] += compared[name];
  }
  return { findings: found, total };
}

describe('judging one object', () => {
  test('the same etag and an event as new as the object, to the second, is loaded', () => {
    expect(compareObject(object('k', { lastModifiedMs: NOON }), row('k', { eventTimeMs: NOON + 999 })).kind).toBe(
      'loaded',
    );
    expect(compareObject(object('k', { lastModifiedMs: NOON + 900 }), row('k', { eventTimeMs: NOON })).kind).toBe(
      'loaded',
    );
  });

  test('the same content written again later is changed, for what was in between may have been loaded', () => {
    expect(compareObject(object('k', { lastModifiedMs: NOON + 1000 }), row('k', { eventTimeMs: NOON })).kind).toBe(
      'changed',
    );
  });

  test('another etag is changed, and is loaded again whatever the times say', () => {
    const verdict = compareObject(object('k', { etag: 'bbb', lastModifiedMs: NOON - 5000 }), row('k'));
    expect(verdict).toMatchObject({ kind: 'changed', repair: 'reload' });
  });

  test('an object in quarantine stays there until it is written again', () => {
    const quarantined = row('k', { status: 'quarantined', reason: '1207: Invalid digit' });
    expect(compareObject(object('k'), quarantined)).toEqual({
      kind: 'quarantined',
      reason: '1207: Invalid digit',
      repair: undefined,
    });
    expect(compareObject(object('k', { etag: 'bbb' }), quarantined)).toMatchObject({
      kind: 'changed',
      repair: 'reload',
    });
  });

  test('an object that had vanished and is there again is missing', () => {
    expect(compareObject(object('k'), row('k', { status: 'vanished' }))).toMatchObject({
      kind: 'missing',
      repair: 'reload',
    });
  });
});

describe('comparing a listing with the ledger', () => {
  const song = (name: string): string => `song_data/${name}.json`;

  test('names each kind of difference once', async () => {
    const listing = [object(song('a')), object(song('b'), { etag: 'bbb' }), object(song('c')), object(song('d'))];
    const ledger = [
      row(song('b')),
      row(song('c')),
      row(song('d'), { status: 'quarantined', reason: '1204: too long' }),
      row(song('e'), { status: 'vanished' }),
      row(song('f')),
    ];
    const compared = await findings(listing, ledger);
    expect(compared.findings.map(({ kind, key }) => [kind, key])).toEqual([
      ['missing', song('a')],
      ['changed', song('b')],
      ['quarantined', song('d')],
      ['vanished', song('e')],
      ['orphaned', song('f')],
    ]);
    expect(compared.total).toEqual({ listed: 4, ignored: 0, loaded: 1, tooRecent: 0 });
  });

  test('objects the loader would ignore are not missing', async () => {
    const listing = [object('other/a.json'), object('song_data/a.txt'), object(song('zero'), { sizeBytes: 0 })];
    const compared = await findings(listing, []);
    expect(compared.findings).toEqual([]);
    expect(compared.total.ignored).toBe(3);
  });

  test('what may still be on its way is not judged', async () => {
    const compared = await findings([object(song('a'))], [row(song('b'))], {
      judgedBeforeMs: NOON - 1,
      startedMs: NOON - 1,
    });
    expect(compared.findings).toEqual([]);
    expect(compared.total.tooRecent).toBe(2);
  });

  test('any listing and ledger, in pages of any size, compare as sets would', async () => {
    const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }).map((name) => `song_data/${name}.json`);
    const keys = fc.uniqueArray(key, { maxLength: 30 }).map((all) => all.sort(compareKeys));
    await fc.assert(
      fc.asyncProperty(keys, keys, fc.integer({ min: 1, max: 7 }), async (listed, recorded, size) => {
        const compared = await findings(
          listed.map((name) => object(name)),
          recorded.map((name) => row(name)),
          { size },
        );
        const of = (kind: string): string[] =>
          compared.findings.filter((one) => one.kind === kind).map((one) => one.key);
        expect(of('missing')).toEqual(listed.filter((name) => !recorded.includes(name)));
        expect(of('orphaned')).toEqual(recorded.filter((name) => !listed.includes(name)));
        expect(compared.total.loaded).toBe(listed.filter((name) => recorded.includes(name)).length);
      }),
    );
  });
});

describe('the order of keys', () => {
  test('is that of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    expect(compareKeys('🎵', '\uffee')).toBeGreaterThan(0);
  });
});
