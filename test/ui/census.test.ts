import type { NewRow, SeenVersion } from '../../src/ledger/conservation.ts';
import { Census, type News } from '../../src/ui/census.ts';
import { PAGE_STATES } from '../../src/ui/shapes.ts';
import fc from '../support/fast-check.ts';

const version = (id: string, sequencer: string, more: Partial<SeenVersion> = {}): SeenVersion => ({
  bucket: 'b',
  key: `log_data/${id}.json`,
  etag: `${id}${sequencer}`,
  sequencer,
  eventTimeMs: 1000,
  replayMode: 'ifNew',
  objectId: id,
  nothingToLoad: false,
  ...more,
});
const row = (id: string, sequencer: string, status: NewRow['status'], batchNo = 1): NewRow => ({
  objectId: id,
  batchNo,
  status,
  etag: `${id}${sequencer}`,
  sequencer,
});
const news = (more: Partial<News> = {}): News => ({
  recorded: [],
  ledger: new Map(),
  deadLettered: new Map(),
  waiting: new Map(),
  delivered: new Set(),
  ...more,
});
const named = (...versions: SeenVersion[]): Map<string, SeenVersion[]> =>
  new Map(versions.map((one) => [one.objectId, [one]]));

/** Gathers and learns news. */
const learn = (census: Census, what: News) => {
  census.admit();
  return census.learn(what);
};

describe('the census', () => {
  test('follows an object from the bucket by the queue and a batch into the star', () => {
    const census = new Census();
    const a = version('a', '01');
    census.see(a);
    expect(learn(census, news({ waiting: named(a) })).moves).toEqual([
      { from: 'bucket', to: 'queue', count: 1, urls: ['s3://b/log_data/a.json'] },
    ]);
    const delivered = learn(census, news({ waiting: named(a), delivered: new Set(['a']) }));
    expect(delivered.moves).toMatchObject([{ from: 'queue', to: 'batch' }]);
    expect(census.stations()).toMatchObject({ queue: 0, batch: 1, star: 0 });
    const done = learn(census, news({ recorded: [row('a', '01', 'loaded', 7)] }));
    expect(done.moves).toMatchObject([{ from: 'batch', to: 'star' }]);
    expect(done.recorded).toEqual([{ version: a, batchNo: 7, loaded: true }]);
    expect(census.stations()).toMatchObject({ bucket: 0, queue: 0, batch: 0, star: 1 });
    expect(census.isOpen).toBe(false);
  });

  test('says of a version that nothing speaks of that it is unannounced, and names it as to be asked for', () => {
    const census = new Census();
    census.see(version('a', '01'));
    census.admit();
    expect(census.unexplained(news())).toEqual(['a']);
    learn(census, news());
    expect(census.counts().counts).toMatchObject({ unannounced: 1, waiting: 0 });
    expect([census.unannouncedSince(1000), census.unannouncedSince(1001)]).toEqual([0, 1]);
    expect(census.inState('unannounced', 10)).toMatchObject({ found: 1 });
  });

  test('finds in the ledger what an earlier run loaded', () => {
    const census = new Census();
    const a = version('a', '01');
    census.see(a);
    const times = { eventTimeMs: 1000, readAfterMs: 1000, recordedAtMs: 1000 };
    const entry = { status: 'loaded' as const, etag: a.etag, sequencer: '01', ...times };
    learn(census, news({ ledger: new Map([['a', entry]]) }));
    expect(census.counts()).toMatchObject({ seen: 1, counts: { alreadyLoaded: 1 } });
  });

  test('moves a quarantined object when a release loads it', () => {
    const census = new Census();
    census.see(version('a', '01'));
    learn(census, news({ recorded: [row('a', '01', 'quarantined')] }));
    expect(census.stations().quarantine).toBe(1);
    const { moves } = learn(census, news({ recorded: [row('a', '01', 'loaded', 2)] }));
    expect(moves).toMatchObject([{ from: 'quarantine', to: 'star' }]);
    expect(census.counts().counts).toMatchObject({ quarantined: 0, loaded: 1 });
  });

  test('does not count what was seen while the news was gathered, which cannot speak of it', () => {
    const census = new Census();
    census.admit();
    census.see(version('a', '01'));
    census.learn(news());
    expect([census.counts().seen, census.isOpen]).toEqual([0, true]);
  });

  test('counts a version once, however often it is seen', () => {
    const census = new Census();
    census.see(version('a', '01'));
    census.see(version('a', '01'));
    census.see(version('a', '02'));
    learn(census, news());
    expect(census.counts().seen).toBe(2);
  });

  test('has every version in exactly one state after any news', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd');
    const sequencer = fc.constantFrom('01', '02', '03');
    const step = fc.record({
      seen: fc.array(fc.tuple(id, sequencer, fc.boolean()), { maxLength: 4 }),
      waiting: fc.array(fc.tuple(id, sequencer), { maxLength: 3 }),
      dead: fc.array(fc.tuple(id, sequencer), { maxLength: 2 }),
      recorded: fc.array(fc.tuple(id, sequencer, fc.constantFrom('loaded', 'quarantined', 'vanished', 'dismissed')), {
        maxLength: 3,
      }),
      delivered: fc.array(id),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const census = new Census();
        const all = new Set<string>();
        for (const { seen, waiting, dead, recorded, delivered } of steps) {
          for (const [one, order, nothingToLoad] of seen) {
            census.see(version(one, order, { nothingToLoad }));
            all.add(`${one} ${order}`);
          }
          learn(
            census,
            news({
              waiting: named(...waiting.map(([one, order]) => version(one, order))),
              deadLettered: named(...dead.map(([one, order]) => version(one, order))),
              recorded: recorded.map(([one, order, status]) => row(one, order, status)),
              delivered: new Set(delivered),
            }),
          );
          const { seen: total, counts } = census.counts();
          expect(total).toBe(all.size);
          expect(Object.values(counts).reduce((sum, many) => sum + many, 0)).toBe(total);
          const listed = PAGE_STATES.map((state) => census.inState(state, 100).versions.length);
          expect(listed).toEqual(PAGE_STATES.map((state) => counts[state]));
          const { bucket, queue, batch, star, quarantine, deadLetters } = census.stations();
          const ended = counts.vanished + counts.ignored;
          expect(bucket + queue + batch + star + quarantine + deadLetters + ended).toBe(total);
          expect(Math.min(queue, batch)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
