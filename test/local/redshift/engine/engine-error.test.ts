import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { engineError } from '../../../../src/local/redshift/engine/engine-error.ts';
import { SqlError } from '../../../../src/local/redshift/types.ts';

describe('errors of the engine in Redshift words', () => {
  let one: DuckDBConnection;
  let other: DuckDBConnection;
  beforeAll(async () => {
    const instance = await DuckDBInstance.create(':memory:');
    one = await instance.connect();
    other = await instance.connect();
    await one.run('CREATE TABLE t (a integer)');
    await one.run('INSERT INTO t VALUES (1)');
  });
  afterAll(() => {
    one.closeSync();
    other.closeSync();
  });

  test.each([
    ['two transactions update one row', 'UPDATE t SET a = 2', 'UPDATE t SET a = 3'],
    ['two transactions delete one row', 'DELETE FROM t', 'DELETE FROM t'],
    ['two transactions create one table', 'CREATE TABLE u (a integer)', 'CREATE TABLE u (a integer)'],
  ])('%s: error 1023', async (_situation, first, second) => {
    await one.run('BEGIN');
    await other.run('BEGIN');
    await one.run(first);
    const error: unknown = await other.run(second).catch((caught: unknown) => caught);
    await other.run('ROLLBACK');
    await one.run('ROLLBACK');
    expect(engineError(error).message).toBe('1023 DETAIL: Serializable isolation violation on table in Redshift');
  });

  test('a table altered under an open insert: error 1023 at commit', async () => {
    await one.run('BEGIN');
    await one.run('INSERT INTO t VALUES (5)');
    await other.run('ALTER TABLE t ADD COLUMN b integer');
    const error: unknown = await one.run('COMMIT').catch((caught: unknown) => caught);
    expect(engineError(error).message).toContain('1023');
  });

  test('an SqlError stays what it is', () => {
    const error = new SqlError('Divide by zero', '22012');
    expect(engineError(error)).toBe(error);
  });

  test('an error without a counterpart keeps its own first line', () => {
    expect(engineError(new Error('Binder Error: something odd\n\nLINE 1: …')).message).toBe('something odd');
  });
});
