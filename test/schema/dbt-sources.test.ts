import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { dbtSources, yamlOf } from '../../src/schema/dbt-sources.ts';
import { starTables } from '../../src/schema/relations.ts';
import { DESCRIPTIONS, RELATIONSHIPS } from '../../src/schema/star-descriptions.ts';
import { readLoadFiles, readSqlFiles, readTables } from '../../src/sql/files.ts';
import { event, song } from '../support/files.ts';
import { startTestStack } from '../support/stack.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { tables } = readTables();
const templates = { schema: readSqlFiles('schema'), report: readSqlFiles('report') };
const star = starTables(templates.schema, readLoadFiles());
const [source] = dbtSources('sparkify', star, { tables }, templates).sources;

describe('the star as it is described to dbt', () => {
  test('has every table and column that the migrations leave, each with a description, and no others', () => {
    expect(source!.tables.map(({ name }) => name)).toEqual(star);
    expect(Object.keys(DESCRIPTIONS).sort()).toEqual([...star].sort());
    for (const { name, columns, description } of source!.tables) {
      expect(columns.map((column) => column.name)).toEqual(Object.keys(tables[name]!));
      expect(description).toMatch(/\.$/);
      const undescribed = columns.filter((column) => column.description === undefined);
      expect(undescribed.map((column) => `${name}.${column.name}`)).toEqual([]);
      expect(Object.keys(DESCRIPTIONS[name]!.columns)).toEqual(columns.map((column) => column.name));
    }
  });

  test('tests the key of each table, and what it is made of', () => {
    const tested = (test: string): string[] =>
      source!.tables.flatMap(({ name, columns }) =>
        columns.flatMap((column) => (column.data_tests?.some((one) => one === test) ? [`${name}.${column.name}`] : [])),
      );
    expect(tested('unique')).toEqual([
      'songplays.songplay_id',
      'users.user_id',
      'songs.song_id',
      'artists.artist_id',
      'time.start_time',
    ]);
    expect(tested('not_null')).toEqual(
      expect.arrayContaining(['songplays.start_time', 'songplays.session_id', 'songplays.item_in_session']),
    );
  });

  test('names only columns that exist in what belongs together', () => {
    for (const { table, column, to, field } of RELATIONSHIPS) {
      expect(Object.keys(tables[table]!)).toContain(column);
      expect(Object.keys(tables[to]!)).toContain(field);
    }
  });

  test('is written so that a reader of YAML reads the text that was meant', () => {
    expect(yamlOf({ a: ['x: y', { b: '#1', c: [true, 2] }], d: 'it’s' })).toBe(
      'a:\n  - "x: y"\n  - b: "#1"\n    c:\n      - true\n      - 2\nd: "it’s"',
    );
  });
});

/** The dbt that is installed, with its adapter for DuckDB; SPARKIFY_DBT names it where it is not on the path. */
const DBT = process.env.SPARKIFY_DBT ?? 'dbt';
const version = spawnSync(DBT, ['--version'], { encoding: 'utf8' });
const isInstalled = version.error === undefined && version.stdout.includes('duckdb');
if (!isInstalled)
  process.stderr.write('dbt is not run: it is not installed here with dbt-duckdb; SPARKIFY_DBT can name it.\n');

(isInstalled ? describe : describe.skip)(
  `dbt with dbt-duckdb${isInstalled ? '' : ' (skipped: it is not installed)'}`,
  () => {
    let folder: string;

    /** Runs dbt on a copy of the warehouse to which something was done. */
    async function dbt(
      name: string,
      args: readonly string[],
      change?: string,
    ): Promise<{ status: number | null; out: string }> {
      const path = join(folder, `${name}.duckdb`);
      await copyFile(join(folder, 'home', 'warehouse.duckdb'), path);
      if (change !== undefined) {
        const instance = await DuckDBInstance.create(path);
        const connection = await instance.connect();
        await connection.run(change);
        connection.closeSync();
        instance.closeSync();
      }
      const profile = { target: 'local', outputs: { local: { type: 'duckdb', path, schema: 'main', threads: 1 } } };
      await writeFile(join(folder, 'profiles.yml'), yamlOf({ check: profile }));
      const ran = spawnSync(DBT, [...args, '--profiles-dir', folder, '--no-use-colors'], {
        cwd: folder,
        encoding: 'utf8',
      });
      return { status: ran.status, out: ran.stdout };
    }

    beforeAll(async () => {
      folder = await temporaryFolder('dbt');
      const home = join(folder, 'home');
      await mkdir(join(folder, 'models'), { recursive: true });
      await mkdir(home);
      const stack = await startTestStack({ inMemory: false, home });
      await stack.put('song_data/one.json', song(1));
      for (let n = 0; n < 5; n += 1) await stack.put(`log_data/${n}.json`, event(n));
      await stack.idle();
      const { code } = await stack.run(['dbt-sources', '--out', join(folder, 'models', 'sparkify.yml')]);
      expect(code).toBe(0);
      await stack.stop();
      const project = { name: 'check', version: '1.0', profile: 'check', flags: { send_anonymous_usage_stats: false } };
      await writeFile(join(folder, 'dbt_project.yml'), yamlOf(project));
    }, 60_000);
    afterAll(() => rm(folder, { recursive: true }));

    test('finds the star fresh, and all tests pass', async () => {
      const fresh = await dbt('fresh', ['source', 'freshness']);
      expect(fresh.out).toContain('PASS freshness of sparkify.songplays');
      expect(fresh.status).toBe(0);
      const tested = await dbt('whole', ['test']);
      expect(tested.out).toMatch(/Done\. PASS=\d+ WARN=0 ERROR=0/);
      expect(tested.status).toBe(0);
      expect(fresh.out + tested.out).not.toMatch(/Deprecated functionality|DeprecationSummary/);
    }, 120_000);

    test('finds it stale when no batch was committed for long', async () => {
      const change = "UPDATE sparkify.load_batches SET committed_at = committed_at - INTERVAL '3 days'";
      const { status, out } = await dbt('stale', ['source', 'freshness'], change);
      expect(out).toContain('ERROR STALE freshness of sparkify.songplays');
      expect(status).toBe(1);
    }, 120_000);

    test.each([
      [
        'unique',
        'INSERT INTO sparkify.users SELECT * FROM sparkify.users LIMIT 1',
        'source_unique_sparkify_users_user_id',
      ],
      ['relationships', 'DELETE FROM sparkify.users', 'source_relationships_sparkify_songplays_user_id'],
      ['relationships', 'DELETE FROM sparkify.time', 'source_relationships_sparkify_songplays_start_time'],
    ])(
      'fails the test %s when: %s',
      async (_, change, failed) => {
        const { status, out } = await dbt('broken', ['test'], change);
        expect(out).toMatch(new RegExp(`FAIL \\d+ ${failed}`));
        expect(status).toBe(1);
      },
      120_000,
    );
  },
);

test('the command prints it, writes it, and says when it cannot', async () => {
  const stack = await startTestStack({ eventSource: false });
  const folder = await temporaryFolder('sources');
  const file = join(folder, 'sparkify.yml');
  const printed = await stack.run(['dbt-sources']);
  expect(await stack.run(['dbt-sources', '--out', file])).toMatchObject({ code: 0, out: '' });
  expect(await readFile(file, 'utf8')).toBe(printed.out);
  expect(await stack.json(['dbt-sources'])).toEqual({ version: 2, sources: [source] });
  expect((await stack.run(['dbt-sources', '--out', join(folder, 'nowhere', 'x.yml')])).code).toBe(2);
  await rm(folder, { recursive: true });
  await stack.stop();
});
