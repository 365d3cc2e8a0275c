import fc from '../support/fast-check.ts';
import { candidate } from '../support/wire-shapes.ts';
import { buildMerging, buildStaging, fitsStatements, MAX_STATEMENTS } from '../../src/load/transaction.ts';
import { batch as merged } from '../support/built-loads.ts';
import { readLoadFiles } from '../../src/sql/files.ts';
import type { Candidate, Source } from '../../src/objects/source.ts';
import { cutBatches, groupName, groupObjects, newestFirst } from '../../src/load/batches.ts';

type Limits = Parameters<typeof cutBatches>[1];
const unlimited: Limits = { maxObjects: 1e9, maxBytes: 1e15, maxGroups: 100 };
const anyNumber = (): boolean => true;
const objects = fc
  .array(
    fc.record({
      source: fc.constantFrom('songs', 'events'),
      codec: fc.constantFrom('none' as const, 'gzip' as const, 'bzip2' as const, 'zstd' as const),
      sizeBytes: fc.integer({ min: 1, max: 100 }),
    }),
    { maxLength: 60 },
  )
  .map((list) => list.map((given, n) => candidate({ ...given, key: `log_data/${n}.json` })));
const limits: fc.Arbitrary<Limits> = fc.record({
  maxObjects: fc.integer({ min: 1, max: 10 }),
  maxBytes: fc.integer({ min: 1, max: 300 }),
  maxGroups: fc.integer({ min: 1, max: 8 }),
});

describe('cutting batches', () => {
  test('loses no object, repeats none, and makes no empty batch', () => {
    fc.assert(
      fc.property(objects, limits, (list, limit) => {
        const batches = cutBatches(list, limit, anyNumber);
        const names = batches.flat().map(({ key }) => key);
        expect(names.sort()).toEqual(list.map(({ key }) => key).sort());
        expect(batches.every((batch) => batch.length > 0)).toBe(true);
      }),
    );
  });

  test('keeps every batch within its limits, save one object that alone is larger', () => {
    fc.assert(
      fc.property(objects, limits, (list, limit) => {
        for (const batch of cutBatches(list, limit, anyNumber)) {
          const bytes = batch.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
          expect(batch.length).toBeLessThanOrEqual(limit.maxObjects);
          expect(bytes <= limit.maxBytes || batch.length === 1).toBe(true);
          expect(groupObjects(batch).length).toBeLessThanOrEqual(limit.maxGroups);
        }
      }),
    );
  });

  test('fills a batch before it opens the next', () => {
    fc.assert(
      fc.property(objects, fc.integer({ min: 1, max: 10 }), (list, maxObjects) => {
        const sizes = cutBatches(list, { ...unlimited, maxObjects }, anyNumber).map((batch) => batch.length);
        expect(sizes.slice(0, -1).every((size) => size === maxObjects)).toBe(true);
      }),
    );
  });

  test('makes no transaction of more statements than the Data API takes, however many sources there are', () => {
    const templates = readLoadFiles();
    const more = [3, 4].map((order): Source => {
      const { source } = candidate({ source: 'songs' });
      return { ...source, name: `s${order}`, order, prefix: `s${order}/` };
    });
    const kinds: Candidate[] = (['none', 'gzip'] as const).flatMap((codec) => [
      candidate({ source: 'songs', codec }),
      candidate({ codec }),
      ...more.map((source) => ({ ...candidate({ codec }), source })),
    ]);
    const fits = (sources: readonly Source[], copies: number): boolean => fitsStatements(sources, copies, templates);
    const batches = cutBatches(kinds, unlimited, fits);
    expect(batches.flat()).toHaveLength(kinds.length);
    const names = { schema: 'sparkify', copyRole: 'arn:aws:iam::123456789012:role/copy', region: 'eu-west-1' };
    const together: number[] = [];
    for (const batch of batches) {
      const groups = groupObjects(batch);
      const manifests = Object.fromEntries(groups.map((group) => [groupName(group), 's3://c/m']));
      const files = { objects: 's3://c/o', manifests };
      const sources = [...new Set(groups.map(({ source }) => source))];
      // Years apart: as many ranges as there can be.
      const at = (year: number) => ({ fromMs: Date.UTC(year), toMs: Date.UTC(year + 1) });
      const times = { whole: { fromMs: Date.UTC(1990), toMs: Date.UTC(2020) }, gaps: [at(1992), at(2010)] };
      const survey = { rejectedRows: 0, times: new Map(sources.map(({ name }) => [name, times])) };
      const merging = buildMerging(merged, sources, survey, names, templates, { mergeBounds: true });
      const staging = buildStaging(groups, files, names, templates);
      expect(staging.length).toBeLessThanOrEqual(MAX_STATEMENTS);
      expect(merging.length).toBeLessThanOrEqual(MAX_STATEMENTS);
      together.push(sources.length);
    }
    expect(together).toEqual([2, 2]);
  });

  test('puts songs before events, so that plays find their songs', () => {
    const list = [candidate(), candidate({ key: 'song_data/a.json', source: 'songs' })];
    const [first, second] = cutBatches(list, { ...unlimited, maxObjects: 1 }, anyNumber);
    expect([first, second].map((batch) => batch?.map(({ source }) => source.name))).toEqual([['songs'], ['events']]);
  });

  test('keeps the objects of a group in the order of the delivery', () => {
    const list = ['c', 'a', 'b'].map((name) => candidate({ key: `log_data/${name}.json` }));
    expect(cutBatches(list, unlimited, anyNumber)).toEqual([list]);
  });

  test('gives no batch for no objects, and takes an unknown size for none', () => {
    expect(cutBatches([], unlimited, anyNumber)).toEqual([]);
    const { sizeBytes, ...unsized } = candidate();
    expect(sizeBytes).toBe(10);
    expect(cutBatches([unsized, unsized], { ...unlimited, maxBytes: 1 }, anyNumber)).toEqual([[unsized, unsized]]);
  });
});

test('a group is of one source and codec, and is named by them', () => {
  const list = [
    candidate({ codec: 'gzip' }),
    candidate(),
    candidate({ source: 'songs' }),
    candidate({ codec: 'gzip' }),
  ];
  const groups = groupObjects(list).map((group) => [groupName(group), group.objects.length]);
  expect(groups).toEqual([
    ['songs-none', 1],
    ['events-gzip', 2],
    ['events-none', 1],
  ]);
});

describe('the order of a delivery', () => {
  const NOW = Date.UTC(2026, 10, 28);
  const landed = (count: number, ageMs: (n: number) => number, more: { replayed?: true } = {}): Candidate[] =>
    Array.from({ length: count }, (_, n) =>
      candidate({ key: `log_data/${n}.json`, eventTimeMs: NOW - ageMs(n), ...more }),
    );

  test('is the newest first', () => {
    const list = landed(50, (n) => ((n * 7) % 50) * 1000);
    const [only, ...others] = newestFirst(list, NOW);
    expect(others).toEqual([]);
    expect(only?.map(({ eventTimeMs }) => NOW - eventTimeMs)).toEqual(Array.from({ length: 50 }, (_, n) => n * 1000));
  });

  test('lets the newest of a backlog load for themselves, and forgets none', () => {
    const list = landed(3700, (n) => ((n * 7) % 3700) * 1000);
    const [newest = [], rest = []] = newestFirst(list, NOW);
    expect(newest).toHaveLength(500);
    expect(Math.max(...newest.map(({ eventTimeMs }) => NOW - eventTimeMs))).toBe(499_000);
    expect(new Set([...newest, ...rest])).toEqual(new Set(list));
  });

  test.each([
    ['a burst that has just landed', landed(3700, () => 60_000)],
    ['a replay of old files', landed(3700, () => 86_400_000, { replayed: true })],
    ['a few old files', landed(900, () => 86_400_000)],
  ])('is not cut for %s', (_, list) => {
    expect(newestFirst(list, NOW)).toHaveLength(1);
  });
});
