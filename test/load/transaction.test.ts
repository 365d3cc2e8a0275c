import { DEFAULT_LIMITS } from '../../src/config.ts';
import type { Codec, Candidate } from '../../src/objects/source.ts';
import { buildTransaction, buildValidation, type ControlFiles } from '../../src/load/transaction.ts';
import { readLoadFiles } from '../../src/sql/files.ts';
import { candidate, sourceOf } from '../support/wire-shapes.ts';
import { STAGES, stageOf } from '../../src/sql/stages.ts';
import { groupName, groupObjects, type Group } from '../../src/load/batches.ts';

const templates = readLoadFiles();
const names = { schema: 'sparkify', copyRole: 'arn:aws:iam::123456789012:role/copy', region: 'eu-west-1' };
const codecs: Codec[] = ['none', 'gzip', 'bzip2', 'zstd'];
const kinds = ['songs', 'events'].flatMap((source) => codecs.map((codec) => candidate({ source, codec })));

function filesOf(groups: readonly Group[]): ControlFiles {
  const manifests = groups.map((group) => [groupName(group), `s3://control/${groupName(group)}.manifest`]);
  return { objects: 's3://control/objects.json', manifests: Object.fromEntries(manifests) as Record<string, string> };
}

function transactionOf(objects: readonly Candidate[]) {
  const groups = groupObjects(objects);
  return buildTransaction('batch-1', groups, filesOf(groups), names, templates);
}

/** Every combination of sources and codecs a batch can have, the empty one too. */
const combinations = Array.from({ length: 2 ** kinds.length }, (_, bits) =>
  kinds.filter((_kind, n) => (bits >> n) & 1),
).filter(({ length }) => length <= DEFAULT_LIMITS.maxGroups);

describe('the transaction of every combination of sources and codecs', () => {
  const transactions = combinations.map(transactionOf);

  test('fits the Data API: at most 40 statements of at most 100 KB', () => {
    expect(transactions).toHaveLength(163);
    expect(Math.max(...transactions.map(({ statements }) => statements.length))).toBeLessThanOrEqual(40);
    const sizes = transactions.flatMap(({ statements }) => statements.map(({ text }) => Buffer.byteLength(text)));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100_000);
  });

  test('locks first, and only then', () => {
    for (const { statements } of transactions) {
      expect(statements[0]?.text).toBe('LOCK "sparkify".load_lock');
      expect(statements.filter(({ text }) => /^LOCK\b/.test(text))).toHaveLength(1);
    }
  });

  test('ends and begins no transaction of its own', () => {
    const texts = transactions.flatMap(({ statements }) => statements.map(({ text }) => text));
    // TRUNCATE commits, as do these; see the Data API's rules for TRANSACTION mode.
    expect(texts.filter((text) => /^(BEGIN|START|COMMIT|END|ROLLBACK|ABORT|TRUNCATE|VACUUM)\b/i.test(text))).toEqual(
      [],
    );
  });

  test('is one statement after another: none holds two', () => {
    const texts = transactions.flatMap(({ statements }) => statements.map(({ text }) => text));
    expect(texts.filter((text) => text.includes(';'))).toEqual([]);
  });

  test('runs its stages in their order', () => {
    for (const { statements } of transactions) {
      const stages = statements.map(({ stage }) => STAGES.indexOf(stage));
      expect(stages).toEqual([...stages].sort((a, b) => a - b));
    }
  });

  test('uses every parameter it binds, and leaves no other name', () => {
    for (const { statements, parameters } of transactions) {
      const left = statements.flatMap(({ text }) => [...text.matchAll(/(?<![:'"\w]):(?!:)["']?([a-z_]+)/g)]);
      expect(new Set(left.map(([, name]) => name))).toEqual(new Set(Object.keys(parameters)));
    }
    expect(transactions[0]?.parameters).toEqual({ batch_id: 'batch-1' });
  });

  test('copies each group once, from its own manifest, with the keyword of its codec', () => {
    const keyword = { none: '', gzip: 'GZIP', bzip2: 'BZIP2', zstd: 'ZSTD' };
    for (const [index, { statements }] of transactions.entries()) {
      const copies = statements.filter(({ text }) => /\bMANIFEST\b/.test(text)).map(({ text }) => text);
      const groups = groupObjects(combinations[index] ?? []);
      expect(copies).toHaveLength(groups.length);
      for (const group of groups) {
        const copy = copies.find((text) => text.includes(`'s3://control/${groupName(group)}.manifest'`));
        expect(/\b(GZIP|BZIP2|ZSTD)\b/.exec(copy ?? 'no copy')?.[0] ?? '').toBe(keyword[group.codec]);
        expect(copy).toContain("FROM 's3://control/");
      }
    }
  });

  test('never skips a row or a file in silence', () => {
    const texts = transactions.flatMap(({ statements }) => statements.map(({ text }) => text));
    expect(
      texts.filter((text) => /MAXERROR|NOLOAD|IGNOREALLERRORS|ACCEPTINVCHARS|TRUNCATECOLUMNS/i.test(text)),
    ).toEqual([]);
  });

  test('gives rows from its last statement alone', () => {
    for (const { statements } of transactions) {
      expect(statements.map(({ givesRows }) => givesRows === true)).toEqual(
        statements.map((_, index) => index === statements.length - 1),
      );
    }
  });

  test('names each of its statements differently', () => {
    for (const { statements } of transactions) {
      expect(new Set(statements.map(({ name }) => name)).size).toBe(statements.length);
    }
  });
});

describe('a transaction', () => {
  test('without objects to load only records', () => {
    expect(transactionOf([]).statements.map(({ name }) => name)).toEqual([
      'common/01-lock-load',
      'common/02-stage-create-batch',
      'common/03-stage-number-batch',
      'common/04-stage-create-objects',
      'common/05-stage-create-counts',
      'common/22-copy-objects',
      'common/80-record-objects',
      'common/81-record-batch',
      'common/90-record-report',
    ]);
  });

  test('is of the schema it is given, throughout', () => {
    const groups = groupObjects(kinds);
    const { statements } = buildTransaction('b', groups, filesOf(groups), { ...names, schema: 'other' }, templates);
    expect(statements.filter(({ text }) => text.includes('sparkify'))).toEqual([]);
    expect(statements.filter(({ text }) => text.includes('"other".')).length).toBeGreaterThan(15);
  });

  test('is not built when a manifest is missing', () => {
    const groups = groupObjects(kinds);
    expect(() => buildTransaction('b', groups, { objects: 's3://c/o', manifests: {} }, names, templates)).toThrow(
      'no manifest was written for songs-none',
    );
  });

  test('is not built when a load file is missing', () => {
    const { 'songs/42-merge-songs': gone, ...rest } = templates;
    expect(gone).toBeDefined();
    const groups = groupObjects(kinds);
    expect(() => buildTransaction('b', groups, filesOf(groups), names, rest)).toThrow(
      'there is no sql/load/songs/42-merge-songs.sql',
    );
  });
});

describe('the validation of a group', () => {
  const group: Group = { source: sourceOf('events'), codec: 'gzip', objects: [candidate({ codec: 'gzip' })] };

  test('creates the staging table and copies into it without loading', () => {
    const statements = buildValidation(group, 's3://control/m', names, templates);
    expect(statements.map(({ stage, name }) => [stage, name])).toEqual([
      ['stage', 'events/11-stage-create-events'],
      ['copy', 'events/21-copy-events noload'],
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
  ['common/01-lock-load', 'lock'],
  ['common/02-stage-create-batch', 'stage'],
  ['common/22-copy-objects', 'copy'],
  ['songs/30-reject-songs', 'reject'],
  ['events/57-merge-songplays', 'merge'],
  ['songs/62-heal-plays', 'heal'],
  ['events/71-count-events', 'count'],
  ['common/90-record-report', 'record'],
])('%s is of the stage %s', (file, stage) => {
  expect(stageOf(file)).toBe(stage);
});

test.each(['songs/merge-songs', 'songs/42-upsert-songs', '42-merge-songs'])('%s is no name of a load file', (file) => {
  expect(() => stageOf(file)).toThrow('names no stage');
});
