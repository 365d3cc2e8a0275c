import { readFileSync } from 'node:fs';
import { commitEvent, type Circumstances, type CommitEvent } from '../../src/load/commit-event.ts';
import { readLoadFiles } from '../../src/sql/files.ts';
import { sources } from '../support/wire-shapes.ts';

const report = {
  batchNo: 42,
  committedAtMs: Date.parse('2018-11-30T21:04:31Z'),
  objectsLoaded: 2,
  objectsQuarantined: 1,
  objectsVanished: 0,
  bytesLoaded: 81_236,
  rowsStaged: 388,
  rowsMerged: 330,
  rowsDuplicate: 0,
  rowsSkipped: 57,
  rowsRejected: 1,
  keysInConflict: 0,
  rowsHealed: 3,
  fieldsDrifted: 0,
};
const batch = { batchId: '20181130t210405z-5f3a9c21-0', report, sources: ['events', 'songs'] };
const about: Circumstances = {
  service: 'sparkify-dev',
  schema: 'sparkify',
  sources,
  load: readLoadFiles(),
  notLoadedMs: [Date.parse('2018-11-30T21:04:09.120Z'), Date.parse('2018-11-30T21:04:05.796Z')],
  resent: false,
};
const detailOf = (event: { detail: string }): CommitEvent => JSON.parse(event.detail) as CommitEvent;

test('the event of a batch is the one that is documented', () => {
  const page = readFileSync(new URL('../../docs/EVENTS.md', import.meta.url), 'utf8');
  const [, example = ''] = /```json\n([^]*?)```/.exec(page) ?? [];
  const { source, detailType, timeMs, detail } = commitEvent(batch, about);
  expect(JSON.parse(example)).toMatchObject({
    source,
    'detail-type': detailType,
    time: new Date(timeMs).toISOString().replace('.000Z', 'Z'),
  });
  expect((JSON.parse(example) as { detail: unknown }).detail).toEqual(JSON.parse(detail));
});

test('it names the tables of the sources that were loaded, and none of a batch that only recorded', () => {
  const tables = (...loaded: string[]): string[] => detailOf(commitEvent({ ...batch, sources: loaded }, about)).tables;
  expect(tables('events')).toEqual(['songplays', 'time', 'tracks', 'users']);
  expect(tables('songs')).toEqual(['artists', 'songplays', 'songs', 'tracks']);
  expect(tables()).toEqual([]);
  expect(tables('of another release')).toEqual([]);
});

test('it tells the oldest object that is still to be loaded, or that there is none', () => {
  expect(detailOf(commitEvent(batch, about)).oldestNotLoadedAt).toBe('2018-11-30T21:04:05.796Z');
  expect(detailOf(commitEvent(batch, { ...about, notLoadedMs: [] })).oldestNotLoadedAt).toBeNull();
});

test('the largest one is far below the limit of EventBridge', () => {
  const schema = 's'.repeat(127);
  const many = Object.fromEntries(Object.keys(report).map((name) => [name, 1e15])) as typeof report;
  const largest = { ...batch, batchId: 'b'.repeat(64), report: { ...many, committedAtMs: report.committedAtMs } };
  const { detail } = commitEvent(largest, { ...about, service: 'x'.repeat(64), schema });
  expect(Buffer.byteLength(detail)).toBeLessThan(256 * 1024 / 100); // prettier-ignore
});
