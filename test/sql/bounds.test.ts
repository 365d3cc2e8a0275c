import { buildMerging, buildStaging, buildSurvey } from '../../src/load/transaction.ts';
import { batch } from '../support/built-loads.ts';
import { readLoadFiles, readSources, readSqlFiles } from '../../src/sql/files.ts';

/**
 * Redshift skips the blocks of a table only where a comparison with constants says so; a join, even on the sort key, reads them
 * all: https://docs.aws.amazon.com/redshift/latest/dg/c_designing-queries-best-practices.html. So no statement of a load may
 * touch a table that grows without end unless it carries a literal range of its sort key, or only adds to it.
 */
const LARGE: Readonly<Record<string, string>> = {
  songplays: 'start_time',
  time: 'start_time',
  load_objects: 'batch_no',
  rejected_rows: 'batch_no',
  load_fields: 'batch_no',
};

const names = { schema: 'sparkify', copyRole: 'arn:aws:iam::123456789012:role/copy', region: 'eu-west-1' };
const templates = readLoadFiles();
const sources = readSources();
const whole = { fromMs: Date.parse('2018-11-01'), toMs: Date.parse('2018-11-30') };
const survey = {
  rejectedRows: 1,
  times: new Map(sources.map(({ name }) => [name, { whole, gaps: [] }])),
};
const files = { objects: 's3://c/o', manifests: {} };
const statements = [
  ...buildStaging([], files, names, templates, sources),
  ...buildSurvey(sources, names, templates),
  ...buildMerging(batch, sources, survey, names, templates, { mergeBounds: true }),
];

const TIME = "TIMESTAMP '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3,6}'";
const RANGES: Readonly<Record<string, string>> = {
  start_time: `start_time BETWEEN ${TIME} AND ${TIME}`,
  batch_no: 'batch_no > \\d+',
};

/** How often a statement reads or changes a table, and how often it carries a range of its column; adding rows reads nothing. */
function uses(text: string, table: string, column: string): { touched: number; bounded: number } {
  const own = `"sparkify"\\."?${table}"?`;
  const adding = new RegExp(`^INSERT INTO ${own}\\b`).test(text) ? 1 : 0;
  const touched = [...text.matchAll(new RegExp(`\\b(?:FROM|JOIN|INTO|UPDATE) ${own}(?![\\w.])`, 'g'))].length - adding;
  const alias = new RegExp(`\\b(?:FROM|JOIN) ${own} AS (\\w+)`, 'g');
  const called = [...text.matchAll(alias)].map(([, name]) => name ?? '');
  const prefixes = called.length > 0 ? called.map((name) => `${name}\\.`) : [`${own}\\.`];
  const bounded = prefixes.filter((prefix) => new RegExp(`${prefix}${RANGES[column] ?? ''}`).test(text)).length;
  return { touched, bounded: touched === 0 ? 0 : bounded };
}

describe.each(Object.entries(LARGE))('%s, which grows without end', (table, column) => {
  const touching = statements.filter(({ text }) => uses(text, table, column).touched > 0);

  test('is read and changed with a literal range of its sort key only', () => {
    const scans = touching.filter(({ text }) => {
      const { touched, bounded } = uses(text, table, column);
      return bounded < touched;
    });
    expect(scans.map(({ name }) => name)).toEqual([]);
  });

  test('is sorted by that column first', () => {
    const schema = Object.values(readSqlFiles('schema')).join('\n');
    const created = new RegExp(`CREATE TABLE IF NOT EXISTS :"schema"\\."?${table}"? \\([^;]*`).exec(schema)?.[0] ?? '';
    expect(created).toMatch(new RegExp(`SORTKEY \\(${column}\\)$`));
  });
});

test('the rule finds the statements it is about, and those that break it', () => {
  const touching = (table: string, column: string): string[] =>
    statements.flatMap(({ name, text }) => (uses(text, table, column).touched > 0 ? [name] : []));
  expect(touching('songplays', 'start_time')).toEqual([
    'songs/68-heal-find-plays 1',
    'songs/69-heal-plays 1',
    'events/75-merge-select-songplays 1',
    'events/78-merge-songplays 1',
  ]);
  expect(touching('time', 'start_time')).toEqual(['events/76-merge-select-time 1', 'events/77-merge-time 1']);
  expect(touching('load_objects', 'batch_no')).toEqual(['common/52-lock-check-unchanged']);
  const text = 'SELECT 1 FROM staging AS s JOIN "sparkify".songplays AS p ON p.start_time = s.start_time';
  expect(uses(text, 'songplays', 'start_time')).toEqual({ touched: 1, bounded: 0 });
});
