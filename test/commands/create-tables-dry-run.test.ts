import { randomUUID } from 'node:crypto';
import { connectTo } from '../../src/local/connect.ts';
import { splitFile } from '../../src/sql/template.ts';
import type { Row } from '../../src/ports.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(async () => {
  await stack.stop();
});

const query = (sql: string): Promise<Row[]> => stack.connection.warehouse.query('test', sql, {}, Date.now() + 60_000);
const columns = (): Promise<Row[]> =>
  query('SELECT table_schema, table_name, column_name, data_type FROM svv_columns ORDER BY 1, 2, ordinal_position');
const dropAll = async (): Promise<void> => {
  await stack.run(['create-tables', '--drop', '--yes']);
  await query('DROP SCHEMA sparkify CASCADE');
};

/** Runs printed SQL as a person with another tool would, a transaction at a time up to one that fails; gives how each ended. */
async function runByHand(printed: string): Promise<string[]> {
  const transactions = printed.split(/^COMMIT;$/m).map((part) => splitFile(part.replace(/^BEGIN;$/m, '')));
  const ended: string[] = [];
  for (const texts of transactions.filter((one) => one.length > 0)) {
    const statements = texts.map((text) => ({ stage: 'record' as const, name: 'by hand', text }));
    const { warehouse } = stack.connection;
    const result = await warehouse.transaction('by hand', statements, {}, randomUUID(), Date.now() + 60_000);
    ended.push(result.kind === 'committed' ? 'committed' : result.error.message);
    if (result.kind !== 'committed') break;
  }
  return ended;
}

describe('create-tables --dry-run', () => {
  test('for a schema that is not there prints all of it, makes nothing, and what it prints is the upgrade', async () => {
    const made = await columns();
    await dropAll();
    const { out, err, code } = await stack.run(['create-tables', '--dry-run']);
    expect([err, code]).toEqual(['', 0]);
    expect(out).toContain('-- Schema sparkify, from nothing to version 3.');
    expect(out.match(/^-- \d+-\w+$/gm)).toEqual(['-- 000-schema', '-- 001-star', '-- 002-ledger', '-- 003-fields']);
    expect(await columns()).toEqual([]);
    expect(await runByHand(out)).toEqual(['committed', 'committed', 'committed', 'committed']);
    expect(await columns()).toEqual(made);
    // The foundation may be laid again; no file runs twice.
    expect(await runByHand(out)).toEqual(['committed', expect.stringMatching(/null/i)]);
    expect((await stack.run(['create-tables'])).out).toContain('is at version 3; nothing to do.');
    expect((await stack.run(['status'])).code).toBe(0);
  });

  test('has nothing to print for a schema of this release', async () => {
    expect(await stack.run(['create-tables', '--dry-run'])).toEqual({
      out: '-- Schema sparkify is at version 3; nothing to do.\n',
      err: '',
      code: 0,
    });
    expect(await stack.json(['create-tables', '--dry-run'])).toEqual({ schema: 'sparkify', from: 3, to: 3, steps: [] });
  });

  test('prints each file above the version of the schema once, with its flag of what it breaks', async () => {
    const { connection } = stack;
    const later = {
      '101-genre': `-- breaking: songs.year is gone.\nALTER TABLE :"schema".songs DROP COLUMN year;\n`,
      '102-mood': `-- One more column.\nALTER TABLE :"schema".songs ADD COLUMN mood VARCHAR(8);\n`,
    };
    const templates = { ...connection.templates, schema: { ...connection.templates.schema, ...later } };
    const before = await columns();
    const asked = { connection: { ...connection, templates } };
    const { out } = await stack.run(['create-tables', '--dry-run', '--json'], asked);
    const recorded = (version: number): unknown => expect.stringContaining(`CAST('${version}' AS INTEGER)`);
    expect(JSON.parse(out)).toEqual({
      schema: 'sparkify',
      from: 3,
      to: 102,
      steps: [
        {
          name: '101-genre',
          breaking: 'songs.year is gone.',
          statements: ['LOCK "sparkify".load_lock', recorded(101), 'ALTER TABLE "sparkify".songs DROP COLUMN year'],
        },
        {
          name: '102-mood',
          statements: [
            'LOCK "sparkify".load_lock',
            recorded(102),
            'ALTER TABLE "sparkify".songs ADD COLUMN mood VARCHAR(8)',
          ],
        },
      ],
    });
    const text = (await stack.run(['create-tables', '--dry-run'], asked)).out;
    expect(text).toContain('-- Schema sparkify, from version 3 to version 102.');
    expect(text).toContain('-- 101-genre\n-- breaking: songs.year is gone.\nBEGIN;\nLOCK "sparkify".load_lock;\n');
    expect(await columns()).toEqual(before);
  });

  test('shows what was dropped and would be made anew, the lock of loads first', async () => {
    const made = await columns();
    for (const what of ['VIEW sparkify.freshness', 'TABLE sparkify.load_lock']) await query(`DROP ${what}`);
    const { out, code } = await stack.run(['create-tables', '--dry-run']);
    expect(code).toBe(0);
    expect(out.match(/^-- (?!Schema).*$/gm)).toEqual(['-- 000-schema', '-- freshness made anew']);
    expect(await runByHand(out)).toEqual(['committed', 'committed']);
    expect(await columns()).toEqual(made);
  });

  test('with --drop and users shows those too, asks nothing, and does nothing', async () => {
    const before = await columns();
    const argv = ['create-tables', '--dry-run', '--drop', '--grant-to', 'IAMR:loader', '--hardened'];
    const { out, err, code } = await stack.run([...argv, '--grant-read-to', 'ann']);
    expect([err, code]).toEqual(['', 0]);
    expect(out.match(/^-- (?!Schema).*$/gm)).toEqual([
      '-- drop',
      '-- 000-schema',
      '-- 001-star',
      '-- 002-ledger',
      '-- 003-fields',
      '-- IAMR:loader, unless there is such a user',
      '-- IAMR:loader: grant-load',
      '-- IAMR:loader: grant-hardened',
      '-- ann, unless there is such a user',
      '-- ann: grant-read',
    ]);
    expect(await columns()).toEqual(before);
  });

  test('does not take a database that is not there for a schema that is not there', async () => {
    const connection = connectTo({ ...stack.environment, SPARKIFY_DATABASE: 'elsewhere' });
    const { out, err, code } = await stack.run(['create-tables', '--dry-run'], { connection });
    expect(out).toBe('');
    expect(err).toContain('database "elsewhere" does not exist');
    expect(code).not.toBe(0);
  });

  test('refuses a schema that a newer release made, as the upgrade does', async () => {
    await query('INSERT INTO sparkify.schema_version (version, applied_at) VALUES (99, GETDATE())');
    const dry = await stack.run(['create-tables', '--dry-run']);
    expect(dry.err).toContain('Schema sparkify is at version 99; this release knows 3.');
    expect(dry).toEqual(await stack.run(['create-tables']));
    expect(dry.code).toBe(2);
  });
});
