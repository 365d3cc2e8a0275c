import { SessionCatalog } from '../../../../src/local/redshift/engine/catalog.ts';
import { PermanentTables } from '../../../../src/local/redshift/engine/permanent-tables.ts';
import { SmallWarehouse } from '../small-warehouse.ts';

let warehouse: SmallWarehouse;
beforeEach(async () => {
  warehouse = await SmallWarehouse.open();
});
afterEach(() => {
  warehouse.close();
});

async function runAll(...statements: string[]): Promise<void> {
  for (const statement of statements) await warehouse.run(statement);
}

describe('tables', () => {
  test('identity columns count by themselves and defaults fill in', async () => {
    await runAll(
      `CREATE TABLE t (id bigint IDENTITY(0, 10), name varchar DEFAULT 'nobody')`,
      `INSERT INTO t (name) VALUES ('Ann'), (DEFAULT)`,
    );
    expect(await warehouse.run('SELECT id, name FROM t ORDER BY id')).toEqual([
      { id: '0', name: 'Ann' },
      { id: '10', name: 'nobody' },
    ]);
  });

  test('a temporary table shadows a permanent one and takes no schema', async () => {
    await runAll(
      'CREATE TABLE t (a int)',
      'INSERT INTO t VALUES (1)',
      'CREATE TEMP TABLE t (LIKE public.t)',
      'INSERT INTO t VALUES (2)',
    );
    expect(await warehouse.run('SELECT t.a, p.a AS permanent FROM t CROSS JOIN public.t AS p')).toEqual([
      { a: 2, permanent: 1 },
    ]);
    expect(warehouse.translate('SELECT * FROM t').reads).toEqual([]);
  });

  test('CREATE TABLE AS knows its columns afterwards', async () => {
    await runAll(`CREATE TABLE t DISTKEY (a) SORTKEY (a) AS SELECT 1 AS a, count(*), 'x'::varchar(5) AS c, 1.50 AS d`);
    expect(
      warehouse.catalog.find({ schema: undefined, name: 't' })?.columns.map(({ name, type }) => [name, type]),
    ).toEqual([
      ['a', { name: 'integer' }],
      ['count', { name: 'bigint' }],
      ['c', { name: 'character varying', lengthBytes: 65_535 }],
      ['d', { name: 'numeric', precision: 3, scale: 2 }],
    ]);
    await expect(warehouse.run('INSERT INTO t (nosuch) VALUES (1)')).rejects.toThrow('does not exist');
  });

  test('IF NOT EXISTS and IF EXISTS do nothing when there is nothing to do', async () => {
    await runAll('CREATE TABLE t (a int)', 'CREATE TABLE IF NOT EXISTS t (b int)', 'DROP TABLE IF EXISTS t, nosuch');
    expect(warehouse.translate('DROP TABLE IF EXISTS t').plan).toEqual({ kind: 'nothing' });
  });

  test('columns are added, renamed, widened and dropped, and rows stay', async () => {
    await runAll(
      'CREATE TABLE t (a int, b varchar(2))',
      `INSERT INTO t VALUES (1, 'xx')`,
      `ALTER TABLE t ADD COLUMN c varchar(3) NOT NULL DEFAULT 'new'`,
      'ALTER TABLE t RENAME COLUMN a TO id',
      'ALTER TABLE t ALTER COLUMN b TYPE varchar(5)',
      `INSERT INTO t VALUES (2, 'wider', 'c')`,
      'ALTER TABLE t RENAME TO u',
    );
    expect(await warehouse.run('SELECT * FROM u ORDER BY id')).toEqual([
      { id: 1, b: 'xx', c: 'new' },
      { id: 2, b: 'wider', c: 'c' },
    ]);
    await expect(warehouse.run(`INSERT INTO u VALUES (3, 'b', 'long')`)).rejects.toThrow('character varying(3)');
    await warehouse.run('ALTER TABLE u DROP COLUMN b');
    expect(await warehouse.run('SELECT * FROM u WHERE id = 1')).toEqual([{ id: 1, c: 'new' }]);
  });

  test('views follow their tables', async () => {
    await runAll(
      'CREATE SCHEMA s',
      'CREATE TABLE s.t (a int)',
      'CREATE VIEW s.v AS SELECT a, count(*) FROM s.t GROUP BY a',
      'INSERT INTO s.t VALUES (1), (1)',
      'CREATE OR REPLACE VIEW s.v AS SELECT a, count(*) AS n FROM s.t GROUP BY a WITH NO SCHEMA BINDING',
    );
    expect(await warehouse.run('SELECT * FROM s.v')).toEqual([{ a: 1, n: '2' }]);
    await warehouse.run('DROP SCHEMA s CASCADE');
    await expect(warehouse.run('SELECT * FROM s.v')).rejects.toThrow('relation "s.v" does not exist');
  });

  test('SET search_path says where names without a schema are, until a rollback undoes it', async () => {
    await runAll('CREATE SCHEMA s', 'CREATE TABLE t (a int)', 'SET search_path TO s', 'CREATE TABLE t (b int)');
    expect(warehouse.translate('SELECT b FROM t').reads).toEqual(['s.t']);
    await runAll('SET search_path TO "$user", public');
    expect(warehouse.translate('SELECT a FROM t').reads).toEqual(['public.t']);
    warehouse.catalog.setSearchPath('s');
    warehouse.catalog.rollback();
    expect(warehouse.translate('SELECT a FROM t').reads).toEqual(['public.t']);
  });

  test.each(['ANALYZE t', 'VACUUM', `COMMENT ON TABLE t IS 'x'`])('%s is accepted and changes nothing', (sql) => {
    expect(warehouse.translate(sql).plan).toEqual({ kind: 'nothing' });
  });
});

describe('the catalog', () => {
  test('forgets what was rolled back, temporary tables too', async () => {
    await warehouse.connection.run('BEGIN');
    for (const sql of ['CREATE TABLE t (a int)', 'CREATE TEMP TABLE s (a int)']) {
      const { plan } = warehouse.translate(sql);
      if (plan.kind === 'define') await warehouse.catalog.apply(plan.changes, warehouse.connection);
    }
    expect(warehouse.catalog.find({ schema: undefined, name: 't' })).toBeDefined();
    await warehouse.connection.run('ROLLBACK');
    warehouse.catalog.rollback();
    expect(warehouse.catalog.find({ schema: undefined, name: 't' })).toBeUndefined();
    expect(warehouse.catalog.find({ schema: undefined, name: 's' })).toBeUndefined();
    expect(
      await warehouse.connection.runAndReadAll('FROM redshift_catalog.tables').then((rows) => rows.currentRowCount),
    ).toBe(0);
  });

  test('is there again after a restart', async () => {
    await warehouse.run('CREATE TABLE t (id bigint IDENTITY(1, 1), name varchar(7) NOT NULL)');
    const before = warehouse.catalog.find({ schema: 'public', name: 't' });
    const restarted = new SessionCatalog(await PermanentTables.load(warehouse.connection));
    expect(restarted.find({ schema: undefined, name: 't' })).toEqual(before);
  });

  test('shows a table to other sessions once it is committed', async () => {
    const permanent = await PermanentTables.load(warehouse.connection);
    const [one, other] = [new SessionCatalog(permanent), new SessionCatalog(permanent)];
    const table = {
      schema: 'public',
      name: 't',
      temporary: false,
      kind: 'table' as const,
      columns: [{ name: 'a', type: { name: 'integer' as const }, notNull: false }],
    };
    await one.apply([{ kind: 'create', table }], warehouse.connection);
    expect(other.find({ schema: undefined, name: 't' })).toBeUndefined();
    one.commit();
    expect(other.find({ schema: undefined, name: 't' })).toEqual(table);
  });
});
