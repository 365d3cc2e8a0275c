import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { prepareEngine } from '../../../../src/local/redshift/engine/prepare-engine.ts';
import { closeEngine } from '../../../../src/local/redshift/engine/closed-engine.ts';
import { openDatabaseFile, type DatabaseFile } from '../../../../src/local/redshift/engine/database-file.ts';

/** What no answer and no error may contain. */
const secret = 'a-secret-of-this-machine';

describe('the engine itself, whatever the dialect lets through', () => {
  const home = mkdtempSync(join(tmpdir(), 'closed-engine-'));
  const scratch = join(home, 'scratch');
  const file = join(home, 'warehouse.duckdb');
  let database: DatabaseFile;
  let connection: DuckDBConnection;
  beforeAll(async () => {
    mkdirSync(scratch);
    mkdirSync(join(home, 'scratch-of-another'));
    for (const name of ['secret.csv', 'secret.json', 'secret.parquet', 'scratch-of-another/secret.csv'])
      writeFileSync(join(home, name), `{"a": "${secret}"}\n`);
    database = await openDatabaseFile(file, '80MB');
    const keeper = await database.instance.connect();
    await prepareEngine(keeper);
    await closeEngine(keeper, scratch);
    keeper.closeSync();
    connection = await database.instance.connect();
  });
  afterAll(() => {
    connection.closeSync();
    database.close();
    rmSync(home, { recursive: true });
  });

  test.each([
    `SELECT * FROM "${home}/secret.csv"`,
    `SELECT * FROM '${home}/secret.json'`,
    `SELECT * FROM '${home}/secret.parquet'`,
    `SELECT * FROM '${home}/*.csv'`,
    `SELECT * FROM "${home}/scratch/../secret.csv"`,
    `SELECT * FROM "${home}/scratch-of-another/secret.csv"`,
    `SELECT * FROM "file://${home}/secret.csv"`,
    `SELECT * FROM 'https://127.0.0.1:9/secret.csv'`,
    `SELECT * FROM read_text('${home}/secret.csv')`,
    `SELECT * FROM read_blob('/proc/self/environ')`,
    `SELECT * FROM read_csv('${home}/secret.csv')`,
    `SELECT * FROM sniff_csv('${home}/secret.csv')`,
    `SELECT * FROM read_json('${home}/secret.json')`,
    `SELECT * FROM parquet_metadata('${home}/secret.parquet')`,
    `SELECT * FROM glob('${home}/*')`,
    `SELECT * FROM read_duckdb('${home}/other.duckdb')`,
    `COPY (SELECT 1) TO '${home}/written.csv'`,
    `CREATE TABLE read AS SELECT * FROM '${home}/secret.csv'`,
    `ATTACH '${home}/attached.duckdb'`,
    `EXPORT DATABASE '${home}/exported'`,
    `IMPORT DATABASE '${home}/exported'`,
    'INSTALL httpfs',
    'LOAD httpfs',
    `LOAD '${home}/secret.csv'`,
    'CREATE PERSISTENT SECRET s (TYPE S3)',
    'SET enable_external_access = true',
    'RESET enable_external_access',
    `SET GLOBAL allowed_directories = ['/']`,
    `SET allowed_paths = ['${home}/secret.csv']`,
    `SET temp_directory = '${home}'`,
    `SET home_directory = '${home}'`,
    'SET lock_configuration = false',
    'SET autoload_known_extensions = true',
    `SET memory_limit = '1TB'`,
    `PRAGMA log_query_path = '${home}/written.log'`,
    `PRAGMA profiling_output = '${home}/written.json'`,
  ])('refuses %s', async (statement) => {
    const before = readdirSync(home);
    const answer = await connection.runAndReadAll(statement).then(
      (reader) => `answered ${JSON.stringify(reader.getRowsJson())}`,
      (error: unknown) => String(error),
    );
    expect(answer).not.toContain(secret);
    expect(answer).toMatch(/Permission Error|locked|IO Error|Catalog Error|Configuration Error/);
    expect(readdirSync(home)).toEqual(before);
  });

  test('still reads the spool of COPY, into a database of its own', async () => {
    writeFileSync(join(scratch, 'spool.json'), '{"a": 1}\n');
    await connection.run(`ATTACH ':memory:' AS own`);
    await connection.run(`CREATE TABLE own.good AS SELECT * FROM read_json_objects('${scratch}/spool.json')`);
    expect((await connection.runAndReadAll('SELECT json FROM own.good')).getRowsJson()).toEqual([['{"a": 1}']]);
    await connection.run('DETACH own');
  });

  test('still spills to that directory what memory cannot hold, and writes its own file', async () => {
    await connection.run('CREATE TABLE many AS SELECT i, md5(CAST(i AS VARCHAR)) AS m FROM range(700000) AS t (i)');
    const sorted = 'SELECT count(*) FROM (SELECT i, row_number() OVER (ORDER BY m) AS n FROM many) WHERE n > i';
    expect((await connection.runAndReadAll(sorted)).getRowsJson()).toHaveLength(1);
    await connection.run('CHECKPOINT');
    expect(statSync(file).size).toBeGreaterThan(1_000_000);
    expect(existsSync(join(scratch, 'spill'))).toBe(true);
  });
});
