import { skipKnownVersions, type Skipped } from '../../src/load/plan.ts';
import type { LedgerEntry } from '../../src/ledger/entries.ts';
import type { ObjectVersion } from '../../src/objects/object-version.ts';
import { candidate } from '../support/wire-shapes.ts';
import type { Candidate } from '../../src/objects/source.ts';

describe('what the ledger says of a candidate', () => {
  const entry = (given: Partial<LedgerEntry>): LedgerEntry => ({
    status: 'loaded',
    etag: 'e1',
    eventTimeMs: 1000,
    readAfterMs: Infinity,
    recordedAtMs: 0,
    ...given,
  });
  const a: Partial<ObjectVersion> = { sequencer: 'A' };

  test.each<[string, Partial<ObjectVersion>, Partial<LedgerEntry> | undefined, Skipped['outcome'] | 'load']>([
    ['nothing', a, undefined, 'load'],
    ['this very version was loaded', a, { sequencer: 'A' }, 'alreadyLoaded'],
    ['this content was loaded, told without a sequencer', {}, { sequencer: 'A' }, 'alreadyLoaded'],
    ['this content was loaded as a later version', a, { sequencer: 'B' }, 'alreadyLoaded'],
    ['an older version was loaded', { sequencer: 'B', etag: 'e2' }, { sequencer: 'A' }, 'load'],
    ['an older version with the same content was loaded', { sequencer: 'B' }, { sequencer: 'A' }, 'load'],
    ['a newer version was loaded', { sequencer: 'A', etag: 'e2' }, { sequencer: 'B' }, 'superseded'],
    // What a hand-made notification claims of etag and sequencer cannot hide a version that was written after the load read.
    [
      'a newer version was loaded, by a load that began before this one was written',
      { sequencer: 'A', etag: 'e2', eventTimeMs: 5001 },
      { sequencer: 'FFFF', eventTimeMs: 9000, readAfterMs: 5000 },
      'load',
    ],
    [
      'this very content was claimed before it was written',
      { sequencer: 'A', eventTimeMs: 5001 },
      { sequencer: 'FFFF', eventTimeMs: 9000, readAfterMs: 5000 },
      'load',
    ],
    [
      'this very content was claimed in the second that it says it was written in',
      { eventTimeMs: 5000, wholeSeconds: true },
      { eventTimeMs: 9000, readAfterMs: 5400 },
      'load',
    ],
    [
      'this very content was read after the millisecond it was written in, at the turn of a second',
      { eventTimeMs: 5000 },
      { eventTimeMs: 5000, readAfterMs: 5001 },
      'alreadyLoaded',
    ],
    [
      'a newer version was loaded, by a load that began after this one was written',
      { sequencer: 'A', etag: 'e2', eventTimeMs: 5001 },
      { sequencer: 'FFFF', readAfterMs: 5001 },
      'superseded',
    ],
    ['this version was dismissed', a, { sequencer: 'A', status: 'dismissed' }, 'ignored'],
    [
      'this version was dismissed, to be released',
      { ...a, replayMode: 'release' },
      { sequencer: 'A', status: 'dismissed' },
      'load',
    ],
    [
      'a corrected version of one dismissed',
      { sequencer: 'B', etag: 'e2' },
      { sequencer: 'A', status: 'dismissed' },
      'load',
    ],
    ['other content was loaded at the same time', { etag: 'e2' }, {}, 'load'],
    [
      'other content was loaded later in the second that a listing gives',
      { etag: 'e2', eventTimeMs: 1000 },
      { sequencer: 'A', eventTimeMs: 1700 },
      'load',
    ],
    [
      'a newer version is in quarantine',
      { sequencer: 'A', etag: 'e2' },
      { sequencer: 'B', status: 'quarantined' },
      'superseded',
    ],
    ['this version is in quarantine', a, { sequencer: 'A', status: 'quarantined' }, 'stillQuarantined'],
    [
      'this version is in quarantine, to be released',
      { ...a, replayMode: 'release' },
      { sequencer: 'A', status: 'quarantined' },
      'load',
    ],
    ['this version vanished', a, { sequencer: 'A', status: 'vanished' }, 'stillVanished'],
    [
      'this version vanished, to be released',
      { ...a, replayMode: 'release' },
      { sequencer: 'A', status: 'vanished' },
      'load',
    ],
    ['this version was loaded, to be released', { ...a, replayMode: 'release' }, { sequencer: 'A' }, 'alreadyLoaded'],
    ['this version was loaded, to be reloaded', { ...a, replayMode: 'reload' }, { sequencer: 'A' }, 'load'],
    [
      'a newer version was loaded, this one to be reloaded',
      { ...a, etag: 'e2', replayMode: 'reload' },
      { sequencer: 'B' },
      'load',
    ],
    [
      'a corrected version of one in quarantine',
      { sequencer: 'B', etag: 'e2' },
      { sequencer: 'A', status: 'quarantined' },
      'load',
    ],
  ])('%s', (_, version, known, expected) => {
    const one = candidate(version);
    const ledger = new Map(known ? [[one.objectId, entry(known)]] : []);
    const { load, skipped } = skipKnownVersions([one], ledger);
    expect(load).toEqual(expected === 'load' ? [one] : []);
    expect(skipped.map(({ outcome }) => outcome)).toEqual(expected === 'load' ? [] : [expected]);
    expect(skipped.every(({ url, reason }) => url === 's3://sparkify-landing/log_data/a.json' && reason !== '')).toBe(
      true,
    );
  });

  test('decides each candidate by its own key, and loses none', () => {
    const candidates: Candidate[] = ['a', 'b', 'c'].map((name) => candidate({ key: `log_data/${name}.json` }));
    const { load, skipped } = skipKnownVersions(candidates, new Map([[candidates[1]!.objectId, entry({})]]));
    expect(load.map(({ key }) => key)).toEqual(['log_data/a.json', 'log_data/c.json']);
    expect(skipped.map(({ url }) => url)).toEqual(['s3://sparkify-landing/log_data/b.json']);
  });
});
