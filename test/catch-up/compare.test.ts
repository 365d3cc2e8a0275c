import fc from '../support/fast-check.ts';
import { compareKeys } from '../../src/objects/key-order.ts';
import { comparePair, compareObject, nothingCompared, type Compared, type Pair } from '../../src/catch-up/compare.ts';
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

/** Judges pairs of an object and a row, either of which may be absent. */
function judged(
  pairs: readonly Pair[],
  { judgedBeforeMs = Infinity, startedMs = Infinity }: { judgedBeforeMs?: number; startedMs?: number } = {},
): Compared {
  const compared = nothingCompared();
  for (const pair of pairs) comparePair(pair, { bucket: 'landing', sources, judgedBeforeMs, startedMs }, compared);
  return compared;
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

describe('comparing objects with their rows', () => {
  test('names each kind of difference once', () => {
    const compared = judged([
      { object: object('a'), row: undefined },
      { object: object('b', { etag: 'bbb' }), row: row('b') },
      { object: object('c'), row: row('c') },
      { object: object('d'), row: row('d', { status: 'quarantined', reason: '1204: too long' }) },
      { object: object('d2'), row: row('d2', { status: 'dismissed' }) },
      { object: undefined, row: row('e', { status: 'vanished' }) },
      { object: undefined, row: row('f') },
      { object: undefined, row: row('g', { status: 'dismissed' }) },
    ]);
    expect(compared.findings.map(({ kind, key }) => [kind, key])).toEqual([
      ['missing', 'a'],
      ['changed', 'b'],
      ['quarantined', 'd'],
      ['vanished', 'e'],
      ['orphaned', 'f'],
    ]);
    expect(compared).toMatchObject({ ignored: 1, loaded: 1, tooRecent: 0 });
  });

  test('what may still be on its way is not judged', () => {
    const compared = judged(
      [
        { object: object('a'), row: undefined },
        { object: undefined, row: row('b') },
      ],
      {
        judgedBeforeMs: NOON - 1,
        startedMs: NOON - 1,
      },
    );
    expect(compared.findings).toEqual([]);
    expect(compared.tooRecent).toBe(2);
  });

  test('a load that began after the listing may have read a newer version, so its object is not judged changed', () => {
    const pair = { object: object('a'), row: row('a', { etag: 'bbb', readAfterMs: NOON + 2000 }) };
    expect(judged([pair], { startedMs: NOON + 1000 })).toMatchObject({ findings: [], tooRecent: 1 });
    expect(judged([pair], { startedMs: NOON + 3000 }).findings).toMatchObject([{ kind: 'changed' }]);
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
