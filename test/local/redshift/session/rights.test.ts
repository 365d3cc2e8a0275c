import { objectsInMemory, TestWarehouse } from '../warehouse-client.ts';

const ANN = '"IAMR:Ann"';
const ROLE = 'arn:aws:iam::123456789012:role/copy';

/** Every right there is to give on what the statements below touch: how it is given, and what is said when it is missing. */
const RIGHTS: Readonly<Record<string, { on: string; refusal: string }>> = {
  'USAGE s': { on: 'USAGE ON SCHEMA s', refusal: 'permission denied for schema s' },
  'CREATE s': { on: 'CREATE ON SCHEMA s', refusal: 'permission denied for schema s' },
  TEMPORARY: {
    on: 'TEMPORARY ON DATABASE dev',
    refusal: 'permission denied to create temporary tables in database "dev"',
  },
  'CREATE dev': { on: 'CREATE ON DATABASE dev', refusal: 'permission denied for database dev' },
  ASSUMEROLE: { on: `ASSUMEROLE ON '${ROLE}'`, refusal: 'ASSUMEROLE' },
  ...Object.fromEntries(
    ['t', 'u', 'v'].flatMap((table) =>
      ['SELECT', 'INSERT', 'UPDATE', 'DELETE'].map((privilege) => [
        `${privilege} ${table}`,
        { on: `${privilege} ON s.${table}`, refusal: `permission denied for relation ${table}` },
      ]),
    ),
  ),
};

/** The model: what each statement needs, by the pages on the statements; the rest is of no use to it. */
const STATEMENTS: readonly [sql: string, ...needed: string[]][] = [
  ['SELECT * FROM s.t', 'USAGE s', 'SELECT t'],
  ['SELECT * FROM s.v', 'USAGE s', 'SELECT v'],
  ['SELECT a FROM s.t WHERE EXISTS (SELECT 1 FROM s.u WHERE u.a = t.a)', 'USAGE s', 'SELECT t', 'SELECT u'],
  ['WITH q AS (SELECT a FROM s.u) SELECT * FROM q', 'USAGE s', 'SELECT u'],
  ['INSERT INTO s.t VALUES (1, 1)', 'USAGE s', 'INSERT t'],
  ['INSERT INTO s.t SELECT * FROM s.u', 'USAGE s', 'INSERT t', 'SELECT u'],
  ['UPDATE s.t SET b = 1', 'USAGE s', 'UPDATE t', 'SELECT t'],
  ['UPDATE s.t SET b = u.b FROM s.u WHERE t.a = u.a', 'USAGE s', 'UPDATE t', 'SELECT t', 'SELECT u'],
  ['DELETE FROM s.t', 'USAGE s', 'DELETE t', 'SELECT t'],
  ['DELETE FROM s.t USING s.u WHERE t.a = u.a', 'USAGE s', 'DELETE t', 'SELECT t', 'SELECT u'],
  [
    'MERGE INTO s.t USING s.u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = u.b WHEN NOT MATCHED THEN INSERT VALUES (u.a, u.b)',
    ...['USAGE s', 'SELECT t', 'SELECT u', 'UPDATE t', 'INSERT t'],
  ],
  [
    'MERGE INTO s.t USING s.u ON t.a = u.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (u.a, u.b)',
    ...['USAGE s', 'SELECT t', 'SELECT u', 'DELETE t', 'INSERT t'],
  ],
  [
    'MERGE INTO s.t USING s.u ON t.a = u.a REMOVE DUPLICATES',
    ...['USAGE s', 'SELECT t', 'SELECT u', 'DELETE t', 'INSERT t'],
  ],
  ['LOCK s.t', 'USAGE s', 'UPDATE t', 'DELETE t'],
  [`COPY s.t FROM 's3://b/k' IAM_ROLE '${ROLE}' JSON 'auto'`, 'USAGE s', 'INSERT t', 'ASSUMEROLE'],
  ['CREATE TABLE s.n (a INTEGER)', 'CREATE s'],
  ['CREATE VIEW s.n AS SELECT a FROM s.t', 'CREATE s', 'USAGE s', 'SELECT t'],
  ['CREATE TEMP TABLE n (a INTEGER)', 'TEMPORARY'],
  ['CREATE TABLE #n AS SELECT a FROM s.t', 'TEMPORARY', 'USAGE s', 'SELECT t'],
  ['CREATE TEMP TABLE n (LIKE s.t)', 'TEMPORARY', 'USAGE s', 'SELECT t'],
  ['CREATE SCHEMA n', 'CREATE dev'],
];

/** What no right but ownership allows. */
const OWNERS_ONLY: readonly [sql: string, refusal: string][] = [
  ['TRUNCATE s.t', 'must be owner of relation t'],
  ['DROP TABLE s.t', 'must be owner of relation t'],
  ['DROP VIEW s.v', 'must be owner of relation v'],
  ['CREATE OR REPLACE VIEW s.v AS SELECT a FROM s.t', 'must be owner of relation v'],
  ['ALTER TABLE s.t ADD COLUMN c INTEGER', 'must be owner of relation t'],
  ['ALTER TABLE s.t RENAME TO r', 'must be owner of relation t'],
  [`ALTER TABLE s.t OWNER TO ${ANN}`, 'must be owner of relation t'],
  ['DROP SCHEMA s CASCADE', 'must be owner of schema s'],
  [`GRANT SELECT ON s.t TO ${ANN}`, 'permission denied for relation t'],
  [`REVOKE SELECT ON s.t FROM ${ANN}`, 'permission denied for relation t'],
  [`GRANT CREATE ON SCHEMA s TO ${ANN}`, 'permission denied for schema s'],
  [`GRANT TEMP ON DATABASE dev TO ${ANN}`, 'permission denied for database dev'],
  [`GRANT ASSUMEROLE ON ALL TO ${ANN} FOR ALL`, 'must be superuser to grant or revoke ASSUMEROLE'],
  ['CREATE USER eve PASSWORD DISABLE', 'must be superuser to create users'],
  ['CREATE SCHEMA n AUTHORIZATION awsuser', 'must be superuser to create a schema for another user'],
  [`ALTER USER ${ANN} CREATEUSER`, 'must be superuser to alter users'],
  ['DROP USER awsuser', 'must be superuser to drop users'],
  ['SELECT * FROM svv_table_info', 'permission denied for relation svv_table_info'],
];

let warehouse: TestWarehouse;

beforeAll(async () => {
  warehouse = await TestWarehouse.start({
    objects: objectsInMemory({ 'b/k': '{"a": 1}' }),
    identities: { local: 'awsuser', ann: 'IAMR:Ann' },
  });
  await must(
    `CREATE USER ${ANN} PASSWORD DISABLE`,
    'REVOKE TEMP ON DATABASE dev FROM PUBLIC',
    'REVOKE ASSUMEROLE ON ALL FROM PUBLIC FOR ALL',
  );
});
afterAll(() => warehouse.stop());

beforeEach(async () => {
  await must('DROP SCHEMA IF EXISTS s CASCADE', 'DROP SCHEMA IF EXISTS n CASCADE', 'CREATE SCHEMA s');
  await must('CREATE TABLE s.t (a INTEGER, b INTEGER)', 'CREATE TABLE s.u (a INTEGER, b INTEGER)');
  await must('CREATE VIEW s.v AS SELECT a FROM s.t', `REVOKE ALL ON DATABASE dev FROM ${ANN}`);
  await must(`REVOKE ASSUMEROLE ON '${ROLE}' FROM ${ANN} FOR ALL`);
});

/** Runs statements that must succeed, as the administrator. */
async function must(...statements: string[]): Promise<void> {
  for (const sql of statements) {
    const { Status, Error: error } = await warehouse.run(sql);
    if (Status !== 'FINISHED') throw new Error(`${sql}: ${error ?? ''}`);
  }
}

async function grant(...rights: string[]): Promise<void> {
  const statements = rights.map((right) => {
    const suffix = right === 'ASSUMEROLE' ? ' FOR COPY' : '';
    return `GRANT ${RIGHTS[right]!.on} TO ${ANN}${suffix}`;
  });
  expect(await warehouse.batch(statements)).toMatchObject({ Status: 'FINISHED' });
}

/** The error of a statement of Ann's, or nothing. */
const asAnn = (sql: string): Promise<string | undefined> =>
  warehouse.as('ann', async () => (await warehouse.run(sql)).Error);

describe.each(STATEMENTS)('%s', (sql, ...needed) => {
  test(`needs no more than ${needed.join(', ')}`, async () => {
    await grant(...needed);
    expect(await asAnn(sql)).toBeUndefined();
  });

  test.each(needed)('is refused without %s, whatever else is granted', async (missing) => {
    await grant(...Object.keys(RIGHTS).filter((right) => right !== missing));
    expect(await asAnn(sql)).toContain(RIGHTS[missing]!.refusal);
  });
});

test.each(OWNERS_ONLY)('%s is refused to whoever is not the owner', async (sql, refusal) => {
  await grant(...Object.keys(RIGHTS));
  expect(await asAnn(sql)).toContain(refusal);
});

test('whoever owns a table, or was made a superuser, needs no right on it', async () => {
  await grant('USAGE s', 'CREATE s');
  await must(`ALTER TABLE s.t OWNER TO ${ANN}`);
  for (const sql of [
    'UPDATE s.t SET b = 1',
    'ALTER TABLE s.t RENAME TO r',
    'TRUNCATE s.r',
    'GRANT SELECT ON s.r TO awsuser',
  ])
    expect(await asAnn(sql)).toBeUndefined();
  expect(await asAnn('SELECT * FROM s.u')).toContain('permission denied for relation u');
  await must(`ALTER USER ${ANN} CREATEUSER`);
  expect(await asAnn('DROP SCHEMA s CASCADE')).toBeUndefined();
  await must(`ALTER USER ${ANN} NOCREATEUSER`);
});

test('a view reads with the rights of its owner, whoever asks', async () => {
  await grant('USAGE s', 'CREATE s', 'SELECT t');
  expect(await asAnn('CREATE VIEW s.w AS SELECT a FROM s.t')).toBeUndefined();
  expect(await warehouse.rows('SELECT * FROM s.w')).toEqual([]);
  await must(`REVOKE SELECT ON s.t FROM ${ANN}`);
  await expect(warehouse.rows('SELECT * FROM s.w')).rejects.toThrow('permission denied for relation t');
});

test('a table keeps its rights when it is renamed or changed, and loses them when it is dropped', async () => {
  await grant('USAGE s', 'SELECT u');
  await must('ALTER TABLE s.u RENAME TO r', 'ALTER TABLE s.r ADD COLUMN c INTEGER');
  expect(await asAnn('SELECT * FROM s.r')).toBeUndefined();
  await must('DROP TABLE s.r', 'CREATE TABLE s.r (a INTEGER)');
  expect(await asAnn('SELECT * FROM s.r')).toContain('permission denied for relation r');
});

test('rights come and go with their transaction', async () => {
  const { Status } = await warehouse.batch([
    `GRANT USAGE ON SCHEMA s TO ${ANN}`,
    `GRANT SELECT ON s.t TO ${ANN}`,
    'CREATE USER eve PASSWORD DISABLE',
    'SELECT 1 / 0 FROM s.nothing',
  ]);
  expect(Status).toBe('FAILED');
  expect(await asAnn('SELECT * FROM s.t')).toContain('permission denied for schema s');
  await must('CREATE USER eve PASSWORD DISABLE', 'DROP USER eve');
});

test('tables are found without a schema only in public, and only by those who may use it', async () => {
  await must('CREATE TABLE public.p (a INTEGER)', `GRANT SELECT ON public.p TO ${ANN}`);
  expect(await asAnn('SELECT * FROM p')).toBeUndefined();
  await must('REVOKE ALL ON SCHEMA public FROM PUBLIC');
  expect(await asAnn('SELECT * FROM p')).toContain('relation "p" does not exist');
  expect(await asAnn('SELECT * FROM public.p')).toContain('permission denied for schema public');
  expect(await asAnn('CREATE TABLE q (a INTEGER)')).toContain('permission denied for schema public');
  await must('GRANT ALL ON SCHEMA public TO PUBLIC', 'DROP TABLE p');
});

test('a session tells who it is and what it may do', async () => {
  await grant('USAGE s', 'SELECT t');
  const questions = `SELECT CURRENT_USER, has_table_privilege('s.t', 'select'), has_table_privilege('s.t', 'INSERT'),
    has_schema_privilege('s', 'CREATE'), has_table_privilege('awsuser', 's.t', 'DELETE')`;
  await warehouse.as('ann', async () => {
    expect(await warehouse.rows(questions)).toEqual([['IAMR:Ann', true, false, false, true]]);
    const { Error: error } = await warehouse.run("SELECT has_table_privilege('s.t', 'SELECT') FROM s.t");
    expect(error).toContain('Function "has_table_privilege()" not supported');
  });
});
