import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { SessionCatalog } from '../../../../src/local/redshift/engine/catalog.ts';
import { PermanentTables } from '../../../../src/local/redshift/engine/permanent-tables.ts';
import { prepareEngine } from '../../../../src/local/redshift/engine/prepare-engine.ts';
import { Session, type CopyRunner } from '../../../../src/local/redshift/session/session.ts';
import { Slots } from '../../../../src/local/redshift/session/slots.ts';
import { Transactions } from '../../../../src/local/redshift/session/transactions.ts';

/** A session whose COPY lends the table one row and says when that is freed. */
let session: Session;
let instance: DuckDBInstance;
let freed: number[];
let copies = 0;

const copy: CopyRunner = async (statement, into) => {
  const table = into.catalog.find(statement.table);
  if (table === undefined) throw new Error('COPY knows its table');
  const number = ++copies;
  await into.showQuery(table, `SELECT ${number} AS k`, () => {
    freed.push(number);
    return Promise.resolve();
  });
  return { rows: 1 };
};

beforeEach(async () => {
  freed = [];
  copies = 0;
  instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await prepareEngine(connection);
  const catalog = new SessionCatalog(await PermanentTables.load(connection));
  const shared = { transactions: new Transactions('SNAPSHOT'), slots: new Slots(), copy, now: () => new Date() };
  session = new Session(1, connection, catalog, shared);
  await run('create temp table staged (k int)');
});
afterEach(async () => {
  await session.close();
  instance.closeSync();
});

const never = new AbortController().signal;
async function run(...sqls: string[]): Promise<number[]> {
  for (const sql of sqls) await session.run(sql, { queryId: 1, signal: never, format: 'JSON' });
  return freed;
}
const load = "copy staged from 's3://drop/x' iam_role default json 'auto'";

describe('the rows that a temporary table shows are freed', () => {
  test('when the session ends, and not before', async () => {
    expect(await run(load, 'begin', 'select k from staged', 'commit', 'select k from staged')).toEqual([]);
    await session.close();
    expect(freed).toEqual([1]);
  });

  test('with the transaction that copied them, when it is rolled back', async () => {
    expect(await run('begin', load)).toEqual([]);
    expect(await run('rollback')).toEqual([1]);
  });

  test.each(['insert into staged values (2)', 'drop table staged', 'delete from staged'])(
    'once %s is committed, and not when it is rolled back',
    async (change) => {
      expect(await run(load, 'begin', change, 'rollback', 'select k from staged')).toEqual([]);
      expect(await run('begin', change)).toEqual([]);
      expect(await run('commit')).toEqual([1]);
    },
  );
});

test('a session that is kept for a day does not keep the process', async () => {
  const script = `
    import { Sessions } from './src/local/redshift/session/sessions.ts';
    const sessions = new Sessions(async () => ({ pid: 1, close: async () => {} }), Date.now);
    const { release } = await sessions.reserve({ user: 'awsuser', isAdministrator: true }, undefined, 86400).open();
    await release();
    console.log(sessions.list()[0].status);`;
  const node = [process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]] as const;
  const { stdout } = await promisify(execFile)(...node, { timeout: 20_000 });
  expect(stdout).toBe('AVAILABLE\n');
}, 30_000);
