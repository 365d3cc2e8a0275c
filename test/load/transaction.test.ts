import { DEFAULT_LIMITS } from '../../src/config.ts';
import { buildStaging, buildSurvey, buildValidation, MAX_STATEMENTS } from '../../src/load/transaction.ts';
import { candidate, sourceOf } from '../support/wire-shapes.ts';
import { calm, kinds, loadOf, names, templates } from '../support/built-loads.ts';
import { byNumber, phaseOf, stageOf } from '../../src/sql/stages.ts';
import { groupName, groupObjects, type Group } from '../../src/load/batches.ts';

/** Every combination of sources and codecs a batch can have, the empty one too. */
const combinations = Array.from({ length: 2 ** kinds.length }, (_, bits) =>
  kinds.filter((_kind, n) => (bits >> n) & 1),
).filter(({ length }) => length <= DEFAULT_LIMITS.maxGroups);

describe('the transactions of every combination of sources and codecs', () => {
  const loads = combinations.map((objects) => loadOf(objects));
  const transactions = loads.flatMap(({ staging, merging }) => [staging, merging]);
  const texts = transactions.flatMap((statements) => statements.map(({ text }) => text));

  test('fit the Data API: at most 40 statements of at most 100 KB', () => {
    expect(loads).toHaveLength(163);
    expect(Math.max(...transactions.map(({ length }) => length))).toBeLessThanOrEqual(MAX_STATEMENTS);
    expect(Math.max(...texts.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(100_000);
  });

  test('lock first in the merge, and nowhere else', () => {
    for (const { staging, merging } of loads) {
      expect(merging[0]?.text).toBe('LOCK "sparkify".load_lock');
      expect([...staging, ...merging].filter(({ text }) => /^LOCK\b/.test(text))).toHaveLength(1);
    }
  });

  test('change no table of the schema before the lock', () => {
    const changing = loads.flatMap(({ staging }) => staging).filter(({ text }) => !/^(CREATE TEMP TABLE|SELECT|SET timezone)/.test(text));
    expect(changing.filter(({ text }) => /^\w+( INTO| FROM)? "sparkify"/.test(text))).toEqual([]);
    expect(changing.filter(({ text }) => !/^(INSERT INTO|COPY|UPDATE) \w+\s/.test(text))).toEqual([]);
  }); // prettier-ignore

  test('end and begin no transaction of their own', () => {
    // TRUNCATE commits, as do these; see the Data API's rules for TRANSACTION mode.
    expect(texts.filter((text) => /^(BEGIN|START|COMMIT|END|ROLLBACK|ABORT|TRUNCATE|VACUUM)\b/i.test(text))).toEqual([]);
  }); // prettier-ignore

  test('are one statement after another: none holds two', () => {
    expect(texts.filter((text) => text.includes(';'))).toEqual([]);
  });

  test('begin with the time zone, and run in the order of their numbers', () => {
    for (const { staging, merging } of loads) {
      expect(staging[0]?.name).toBe('common/01-stage-set-timezone');
      for (const statements of [staging, merging]) {
        const files = statements.map(({ name }) => name.split(' ')[0] ?? '');
        expect(files).toEqual([...files].sort(byNumber));
      }
    }
  });

  test('leave no name without a value', () => {
    expect(texts.flatMap((text) => [...text.matchAll(/(?<![:'"\w]):(?!:)["']?([a-z_]+)/g)])).toEqual([]);
  });

  test('copy each group once, from its own manifest, with the keyword of its codec', () => {
    const keyword = { none: '', gzip: 'GZIP', bzip2: 'BZIP2', zstd: 'ZSTD' };
    for (const [index, { staging }] of loads.entries()) {
      const copies = staging.filter(({ text }) => /\bMANIFEST\b/.test(text)).map(({ text }) => text);
      const groups = groupObjects(combinations[index] ?? []);
      expect(copies).toHaveLength(groups.length);
      for (const group of groups) {
        const copy = copies.find((text) => text.includes(`'s3://control/${groupName(group)}.manifest'`));
        expect(/\b(GZIP|BZIP2|ZSTD)\b/.exec(copy ?? 'no copy')?.[0] ?? '').toBe(keyword[group.codec]);
        expect(copy).toContain("FROM 's3://control/");
      }
    }
  });

  test('never skip a row or a file in silence', () => {
    expect(texts.filter((text) => /MAXERROR|NOLOAD|IGNOREALLERRORS|ACCEPTINVCHARS|TRUNCATECOLUMNS/i.test(text))).toEqual([]);
  }); // prettier-ignore

  test('give rows from their last statement alone', () => {
    for (const statements of transactions) {
      expect(statements.map(({ givesRows }) => givesRows === true)).toEqual(
        statements.map((_, index) => index === statements.length - 1),
      );
    }
  });

  test('name each of their statements differently', () => {
    for (const { staging, merging } of loads) {
      const all = [...staging, ...merging].map(({ name }) => name);
      expect(new Set(all).size).toBe(all.length);
    }
  });
});

describe('staging', () => {
  test('without objects to load only prepares the record', () => {
    const { staging, merging } = loadOf([], { ...calm, times: new Map() });
    expect(staging.map(({ name }) => name)).toEqual([
      'common/01-stage-set-timezone',
      'common/02-stage-create-objects',
      'common/03-stage-create-counts',
      'common/04-stage-create-rejected',
      'common/05-stage-create-spans',
      'common/06-stage-create-columns',
      'common/20-copy-objects',
      'common/46-count-fields',
      'common/49-survey-report',
    ]);
    expect(merging.map(({ name }) => name)).toEqual([
      'common/50-lock-load',
      'common/51-lock-number-batch',
      'common/52-lock-check-unchanged',
      'common/87-record-fields',
      'common/88-record-baselines',
      'common/89-record-new-baselines',
      'common/90-record-rejected',
      'common/91-record-objects',
      'common/92-record-batch',
      'common/93-record-report',
    ]);
  });

  test('is not built when a manifest is missing', () => {
    const groups = groupObjects(kinds);
    expect(() => buildStaging(groups, { objects: 's3://c/o', manifests: {} }, names, templates)).toThrow(
      'no manifest was written for songs-none',
    );
  });

  test('is surveyed again by its survey alone, which changes no table', () => {
    const { source: songs } = candidate({ source: 'songs' });
    expect(buildSurvey([songs], names, templates).map(({ name }) => name)).toEqual([
      'songs/47-survey-songs',
      'common/49-survey-report',
    ]);
  });
});

describe('the validation of a group', () => {
  const group: Group = { source: sourceOf('events'), codec: 'gzip', objects: [candidate({ codec: 'gzip' })] };

  test('creates the staging table and copies into it without loading', () => {
    const statements = buildValidation(group, 's3://control/m', names, templates);
    expect(statements.map(({ stage, name }) => [stage, name])).toEqual([
      ['stage', 'events/13-stage-create-events'],
      ['copy', 'events/22-copy-events noload'],
    ]);
    expect(statements[1]?.text).toMatch(/FROM 's3:\/\/control\/m' .* GZIP .*NOLOAD MAXERROR 100000$/s);
  });

  test('needs a step that creates the staging table', () => {
    const source = { ...group.source, steps: [] };
    expect(() => buildValidation({ ...group, source }, 's3://control/m', names, templates)).toThrow(
      'source events has no step that creates its staging table',
    );
  });
});

test.each([
  ['common/02-stage-create-objects', 'stage', 'staging'],
  ['common/20-copy-objects', 'copy', 'staging'],
  ['songs/30-reject-songs', 'reject', 'staging'],
  ['events/38-pick-users', 'pick', 'staging'],
  ['events/41-count-events', 'count', 'staging'],
  ['common/49-survey-report', 'survey', 'staging'],
  ['common/50-lock-load', 'lock', 'merging'],
  ['songs/69-heal-plays', 'heal', 'merging'],
  ['events/78-merge-songplays', 'merge', 'merging'],
  ['common/93-record-report', 'record', 'merging'],
])('%s is of the stage %s, in %s', (file, stage, phase) => {
  expect(stageOf(file)).toBe(stage);
  expect(phaseOf(stageOf(file))).toBe(phase);
});

test.each(['songs/merge-songs', 'songs/42-upsert-songs', '42-merge-songs'])('%s is no name of a load file', (file) => {
  expect(() => stageOf(file)).toThrow('names no stage');
});
