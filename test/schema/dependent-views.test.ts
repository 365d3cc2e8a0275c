import { splitFile } from '../../src/sql/template.ts';
import { readSqlFiles } from '../../src/sql/files.ts';

const VIEW = /^CREATE OR REPLACE VIEW :"schema"\."?(\w+)/;
const DROPPED_VIEW = /^DROP VIEW (?:IF EXISTS )?:"schema"\."?(\w+)/;
/** What Redshift refuses while a view depends on the table. A column that is added is no trouble. */
const CHANGED_TABLE =
  /^(?:ALTER TABLE :"schema"\."?(\w+)"? (?:DROP|RENAME|ALTER)\b|DROP TABLE (?:IF EXISTS )?:"schema"\."?(\w+))/;

/**
 * The views that stand in the way of a migration's change of a table, or are gone after it. A migration drops each view of the
 * table before, and makes it anew after.
 */
function troubledViews(files: Readonly<Record<string, string>>): string[] {
  const views = new Map<string, string>();
  const troubled: string[] = [];
  for (const file of Object.keys(files).sort()) {
    const dropped = new Set<string>();
    for (const statement of splitFile(files[file] ?? '')) {
      const [, made] = VIEW.exec(statement) ?? [];
      if (made !== undefined) {
        views.set(made, statement);
        dropped.delete(made);
      }
      const [, gone] = DROPPED_VIEW.exec(statement) ?? [];
      if (gone !== undefined) dropped.add(gone);
      const [, altered, removed] = CHANGED_TABLE.exec(statement) ?? [];
      const table = altered ?? removed;
      if (table === undefined) continue;
      for (const [view, text] of views) {
        const dependent = new RegExp(`:"schema"\\."?${table}\\b`).test(text);
        if (dependent && !dropped.has(view)) troubled.push(`${file}: ${view} depends on ${table}`);
      }
    }
    troubled.push(...[...dropped].map((view) => `${file}: ${view} is not made again`));
    for (const view of dropped) views.delete(view);
  }
  return troubled;
}

test('no migration changes a table under a view', () => {
  expect(troubledViews(readSqlFiles('schema'))).toEqual([]);
});

describe('it would be noticed', () => {
  const first =
    'CREATE TABLE :"schema".t (a INTEGER);\nCREATE OR REPLACE VIEW :"schema".v AS\nSELECT a FROM :"schema".t;';
  const of = (second: string): string[] => troubledViews({ '001-first': first, '002-second': second });
  const drop = 'DROP VIEW :"schema".v;\n';
  const again = '\nCREATE OR REPLACE VIEW :"schema".v AS\nSELECT a FROM :"schema".t;';

  test.each([
    ['ALTER TABLE :"schema".t DROP COLUMN a;'],
    ['ALTER TABLE :"schema".t RENAME COLUMN a TO b;'],
    ['ALTER TABLE :"schema".t RENAME TO u;'],
    ['DROP TABLE :"schema".t;'],
  ])('%s', (change) => {
    expect(of(change)).toEqual(['002-second: v depends on t']);
    expect(of(drop + change + again)).toEqual([]);
    expect(of(change + again)).toEqual(['002-second: v depends on t']);
    expect(of(drop + change)).toEqual(['002-second: v is not made again']);
  });

  test('and an added column is no trouble, nor a table that no view names', () => {
    expect(of('ALTER TABLE :"schema".t ADD COLUMN b INTEGER;')).toEqual([]);
    expect(of('ALTER TABLE :"schema".tt DROP COLUMN b;')).toEqual([]);
  });
});
