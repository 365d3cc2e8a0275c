import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  ListSessionsCommand,
  ListStatementsCommand,
} from '@aws-sdk/client-redshift-data';
import { DuckDBInstance } from '@duckdb/node-api';
import { TestWarehouse } from '../warehouse-client.ts';

const IDENTITIES = { local: 'awsuser', loader: 'IAMR:loader', Ann: 'IAM:Ann' };

describe('who calls', () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await TestWarehouse.start({ identities: IDENTITIES });
  });
  afterAll(() => warehouse.stop());

  test.each(Object.entries(IDENTITIES))('the key %s is the database user %s', async (key, user) => {
    await warehouse.as(key, async () => {
      expect(await warehouse.rows('SELECT CURRENT_USER')).toEqual([[user]]);
      expect(await warehouse.run('SELECT 1')).toMatchObject({ DbUser: user });
    });
  });

  test.each(['nobody', 'LOADER', 'constructor', '__proto__'])('the key %s is nobody’s', async (key) => {
    await expect(warehouse.as(key, () => warehouse.run('SELECT 1'))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });

  test('IAM makes its users when they first log in', async () => {
    await warehouse.as('loader', () => warehouse.run('SELECT 1'));
    const { Error: error } = await warehouse.run('CREATE USER "IAMR:loader" PASSWORD DISABLE');
    expect(error).toContain('user "IAMR:loader" already exists');
  });

  test('the administrator logs in as another user of a cluster, and nobody else does', async () => {
    await warehouse.run('CREATE USER bob PASSWORD DISABLE');
    const asUser = (DbUser: string, target: object) =>
      warehouse.run('SELECT 1', { WorkgroupName: undefined, ClusterIdentifier: 'sparkify', DbUser, ...target });
    expect(await asUser('bob', {})).toMatchObject({ Status: 'FINISHED', DbUser: 'bob' });
    expect((await asUser('eve', {})).Error).toContain('password authentication failed for user "eve"');
    await expect(warehouse.as('loader', () => asUser('bob', {}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const workgroup = { WorkgroupName: 'sparkify', ClusterIdentifier: undefined };
    await expect(asUser('bob', workgroup)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(warehouse.run('SELECT 1', { SecretArn: 'arn:aws:secretsmanager:x' })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('statements, tokens and sessions of others are not to be seen or used, but for the administrator', async () => {
    const { address } = warehouse;
    const input = {
      ...address,
      Sql: 'SELECT 1',
      ClientToken: 'token',
      SessionKeepAliveSeconds: 60,
      WaitTimeSeconds: 10,
    };
    const mine = await warehouse.client.send(new ExecuteStatementCommand(input));
    await warehouse.as('loader', async () => {
      const { client } = warehouse;
      await expect(client.send(new DescribeStatementCommand({ Id: mine.Id }))).rejects.toThrow('does not exist');
      expect((await client.send(new ExecuteStatementCommand(input))).Id).not.toBe(mine.Id);
      const { Statements = [] } = await client.send(new ListStatementsCommand({ Status: 'ALL' }));
      expect(Statements.map(({ Id }) => Id)).not.toContain(mine.Id);
      const { Sessions = [] } = await client.send(new ListSessionsCommand({ WorkgroupName: 'sparkify' }));
      expect(Sessions.map(({ SessionId }) => SessionId)).not.toContain(mine.SessionId);
      const stolen = { Sql: 'SELECT 1', SessionId: mine.SessionId };
      await expect(client.send(new ExecuteStatementCommand(stolen))).rejects.toThrow('is invalid');
    });
    expect(await warehouse.run('SELECT 1', { SessionId: mine.SessionId })).toMatchObject({ Status: 'FINISHED' });
  });
});

describe('users', () => {
  const NAMES = [
    'x',
    'IAMR:a/b',
    `a"b`,
    `it's`,
    '["user","awsuser"]',
    'SELECT',
    'superuser',
    'ALL',
    'ä,ö',
    '__proto__',
    'a\\b',
  ];
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  let warehouse: TestWarehouse;
  const errorOf = async (sql: string): Promise<string | undefined> => (await warehouse.run(sql)).Error;

  test('of any name have their own rights and nobody else’s, also after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rights-'));
    const file = join(folder, 'warehouse.duckdb');
    const identities = { local: 'awsuser', ...Object.fromEntries(NAMES.map((name, index) => [`key${index}`, name])) };
    const start = () => TestWarehouse.start({ file, identities });
    warehouse = await start();
    expect(await errorOf('CREATE SCHEMA s')).toBeUndefined();
    for (const [index, name] of NAMES.entries()) {
      expect(await errorOf(`CREATE TABLE s.t${index} (a INTEGER)`)).toBeUndefined();
      expect(await errorOf(`CREATE USER ${quoted(name)} PASSWORD DISABLE`)).toBeUndefined();
      expect(await errorOf(`GRANT USAGE ON SCHEMA s TO ${quoted(name)}`)).toBeUndefined();
      expect(await errorOf(`GRANT SELECT ON s.t${index} TO ${quoted(name)}`)).toBeUndefined();
    }
    for (const restarted of [false, true]) {
      if (restarted) {
        await warehouse.stop();
        warehouse = await start();
      }
      for (const index of NAMES.keys()) {
        await warehouse.as(`key${index}`, async () => {
          expect(await errorOf(`SELECT * FROM s.t${index}`)).toBeUndefined();
          const other = (index + 1) % NAMES.length;
          expect(await errorOf(`SELECT * FROM s.t${other}`)).toContain(`permission denied for relation t${other}`);
          expect(await errorOf(`DROP TABLE s.t${index}`)).toContain('must be owner of relation');
        });
      }
    }
    await warehouse.stop();
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['CREATE USER public PASSWORD DISABLE', 'user name "public" is reserved'],
    ['CREATE USER "PUBLIC" PASSWORD DISABLE', 'is reserved'],
    ['CREATE USER x', 'syntax error'],
    [`CREATE USER "${'x'.repeat(128)}" PASSWORD DISABLE`, 'unacceptable user name'],
    ['CREATE USER "" PASSWORD DISABLE', 'unacceptable user name'],
    ['CREATE USER x PASSWORD DISABLE SYSLOG ACCESS UNRESTRICTED', 'does not support the user option SYSLOG'],
    ['CREATE GROUP g', 'does not support CREATE GROUP'],
    ['CREATE ROLE r', 'does not support CREATE ROLE'],
    ['GRANT SELECT ON s.t TO GROUP g', 'does not support rights of a GROUP'],
    ['GRANT SELECT ON s.t TO ROLE r', 'does not support rights of a ROLE'],
    ['GRANT SELECT (a) ON s.t TO ann', 'does not support rights on columns'],
    ['GRANT SELECT ON s.t TO ann WITH GRANT OPTION', 'does not support WITH GRANT OPTION'],
    ['REVOKE GRANT OPTION FOR SELECT ON s.t FROM ann', 'does not support REVOKE GRANT OPTION FOR'],
    ['GRANT SELECT ON ALL TABLES IN SCHEMA s TO ann', 'does not support GRANT and REVOKE ON ALL'],
    ['GRANT TRUNCATE ON s.t TO ann', 'does not support the privilege TRUNCATE on a relation'],
    ['GRANT SELECT ON s.nothing TO ann', 'relation "s.nothing" does not exist'],
    ['GRANT USAGE ON SCHEMA nothing TO ann', 'schema "nothing" does not exist'],
    ['GRANT TEMP ON DATABASE nothing TO ann', 'database "nothing" does not exist'],
    ['GRANT SELECT ON s.t TO nobody', 'user "nobody" does not exist'],
    ['GRANT SELECT ON s.t TO "Ann"', 'user "Ann" does not exist'],
    ['CREATE USER "Ann" PASSWORD DISABLE', 'user "ann" already exists'],
    ['DROP USER nobody', 'user "nobody" does not exist'],
    ['DROP USER awsuser', 'current user cannot be dropped'],
    ['DROP USER ann', "can't be dropped because the user has a privilege on some object"],
    ['DROP USER owner', "can't be dropped because the user owns some object"],
    ['REVOKE SELECT ON s.owned FROM owner', 'does not support revoking rights from an owner'],
    ['ALTER TABLE s.t OWNER TO nobody', 'user "nobody" does not exist'],
    ['CREATE SCHEMA n AUTHORIZATION nobody', 'user "nobody" does not exist'],
    ['CREATE VIEW s.w AS SELECT CURRENT_USER AS who FROM s.t', 'does not support the current user in views'],
    ["SELECT has_table_privilege('s.t', 'FLY')", 'unrecognized privilege type: "FLY"'],
    ["SELECT has_table_privilege('nobody', 's.t', 'SELECT')", 'user "nobody" does not exist'],
    ["SELECT has_table_privilege(lower('S.T'), 'SELECT')", 'of anything but literals'],
  ])('%s is refused', async (sql, message) => {
    warehouse = await TestWarehouse.start();
    for (const setup of [
      'CREATE SCHEMA s',
      'CREATE TABLE s.t (a INTEGER)',
      'CREATE TABLE s.owned (a INTEGER)',
      'CREATE USER ann PASSWORD DISABLE',
      'CREATE USER owner PASSWORD DISABLE',
      'GRANT SELECT ON s.t TO ann',
      'ALTER TABLE s.owned OWNER TO owner',
    ])
      expect(await errorOf(setup)).toBeUndefined();
    expect(await errorOf(sql)).toContain(message);
    await warehouse.stop();
  });

  test('a database file from before there were users is the administrator’s, and PUBLIC may what it may in a new one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rights-'));
    const file = join(folder, 'warehouse.duckdb');
    warehouse = await TestWarehouse.start({ file });
    expect(await errorOf('CREATE SCHEMA s')).toBeUndefined();
    expect(await errorOf('CREATE TABLE s.t (a INTEGER)')).toBeUndefined();
    await warehouse.stop();
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await connection.run('DROP TABLE redshift_catalog.rights');
    await connection.run(
      `UPDATE redshift_catalog.tables SET definition = replace(definition, '"owner":"awsuser"', '"x":1')`,
    );
    connection.closeSync();
    instance.closeSync();
    warehouse = await TestWarehouse.start({ file, identities: { local: 'awsuser', ann: 'IAM:ann' } });
    await warehouse.as('ann', async () => {
      expect(await errorOf('SELECT * FROM s.t')).toContain('permission denied for schema s');
      expect(await errorOf('CREATE TEMP TABLE n (a INTEGER)')).toBeUndefined();
    });
    for (const sql of [
      'GRANT USAGE ON SCHEMA s TO "IAM:ann"',
      'GRANT SELECT ON s.t TO "IAM:ann"',
      'ALTER TABLE s.t ADD COLUMN b INTEGER',
    ])
      expect(await errorOf(sql)).toBeUndefined();
    expect(await warehouse.as('ann', () => errorOf('SELECT b FROM s.t'))).toBeUndefined();
    await warehouse.stop();
    rmSync(folder, { recursive: true });
  });

  test('whoever owns nothing and has no rights can be dropped', async () => {
    warehouse = await TestWarehouse.start();
    for (const sql of ['CREATE USER ann PASSWORD DISABLE', 'GRANT USAGE ON SCHEMA public TO ann'])
      expect(await errorOf(sql)).toBeUndefined();
    expect(await errorOf('DROP USER ann')).toContain('has a privilege');
    for (const sql of ['REVOKE ALL ON SCHEMA public FROM ann', 'DROP USER ann', 'DROP USER IF EXISTS ann'])
      expect(await errorOf(sql)).toBeUndefined();
    await warehouse.stop();
  });
});
