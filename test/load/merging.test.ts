import type { Candidate } from '../../src/objects/source.ts';
import { buildMerging, buildStaging } from '../../src/load/transaction.ts';
import type { Statement } from '../../src/sql/statement.ts';
import { candidate } from '../support/wire-shapes.ts';
import { batch, calm, filesOf, kinds, loadOf, names, scattered, templates } from '../support/built-loads.ts';
import { groupObjects } from '../../src/load/batches.ts';

describe('the merge', () => {
  const both = [candidate(), candidate({ source: 'songs' })];
  const perRange = (statements: readonly Statement[], file: string): Statement[] =>
    statements.filter(({ name }) => name.startsWith(`${file} `));

  test('is of the schema it is given, throughout', () => {
    const groups = groupObjects(kinds);
    const other = { ...names, schema: 'other' };
    const staging = buildStaging(groups, filesOf(groups), other, templates);
    const sources = [...new Set(groups.map(({ source }) => source))];
    const statements = [
      ...staging,
      ...buildMerging(batch, sources, scattered, other, templates, { mergeBounds: true }),
    ];
    expect(statements.filter(({ text }) => text.includes('sparkify'))).toEqual([]);
    expect(statements.filter(({ text }) => text.includes('"other".')).length).toBeGreaterThan(15);
  });

  test('carries each range of the plays as literals, into tables of its own', () => {
    const merges = perRange(loadOf([candidate()]).merging, 'events/78-merge-songplays');
    expect(merges.map(({ text }) => /BETWEEN (TIMESTAMP '.*?' AND TIMESTAMP '.*?')/.exec(text)?.[1])).toEqual([
      "TIMESTAMP '1969-12-31 23:59:59.999' AND TIMESTAMP '1970-01-02 00:00:00.000999'",
      "TIMESTAMP '2018-10-31 23:59:59.999' AND TIMESTAMP '2018-11-30 00:00:00.000999'",
      "TIMESTAMP '2098-12-31 23:59:59.999' AND TIMESTAMP '2099-01-01 00:00:00.000999'",
    ]);
    expect(merges.map(({ text }) => /USING "(\w+)"/.exec(text)?.[1])).toEqual([
      'merge_songplays_1',
      'merge_songplays_2',
      'merge_songplays_3',
    ]);
  });

  test('takes fewer ranges where the statements would be too many', () => {
    const count = (objects: readonly Candidate[]): number =>
      perRange(loadOf(objects).merging, 'events/78-merge-songplays').length;
    expect([count([candidate()]), count(both)]).toEqual([3, 2]);
  });

  test('touches songplays for songs only when a play is to be healed', () => {
    const { merging } = loadOf([candidate({ source: 'songs' })], { ...calm, times: new Map() });
    expect(merging.filter(({ text }) => text.includes('songplays'))).toEqual([
      expect.objectContaining({ name: 'songs/71-heal-count-plays' }),
    ]);
    const healing = loadOf([candidate({ source: 'songs' })]).merging;
    expect(healing.filter(({ text }) => text.includes('"sparkify".songplays'))).toHaveLength(6);
  });

  test('leaves the bound out of MERGE, and nowhere else, where it is told to', () => {
    const { source } = candidate();
    const without = buildMerging(batch, [source], calm, names, templates, { mergeBounds: false });
    const withBound = buildMerging(batch, [source], calm, names, templates, { mergeBounds: true });
    const bounded = ({ text }: Statement): boolean => text.includes('BETWEEN');
    const changed = withBound.filter((one, index) => one.text !== without[index]?.text);
    expect(changed.map(({ name }) => name)).toEqual(['events/77-merge-time 1', 'events/78-merge-songplays 1']);
    expect(changed.every(bounded)).toBe(true);
    expect(without.filter(bounded).map(({ name }) => name)).toEqual([
      'events/75-merge-select-songplays 1',
      'events/76-merge-select-time 1',
    ]);
  });

  test('marks the statements that fail on purpose', () => {
    const guards = loadOf(both).merging.flatMap(({ name, guard }) => (guard === undefined ? [] : [[name, guard]]));
    expect(guards).toEqual([
      ['common/52-lock-check-unchanged', 'unchanged'],
      ['songs/67-heal-check-covered', 'covered'],
    ]);
  });

  test('is not built when a load file is missing', () => {
    const { 'songs/61-merge-songs': gone, ...rest } = templates;
    expect(gone).toBeDefined();
    const { source } = candidate({ source: 'songs' });
    expect(() => buildMerging(batch, [source], calm, names, rest, { mergeBounds: true })).toThrow(
      'there is no sql/load/songs/61-merge-songs.sql',
    );
  });
});
