import { BatchExecuteStatementCommand, ExecuteStatementCommand } from '@aws-sdk/client-redshift-data';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWarehouse } from './warehouse-client.ts';

const home = mkdtempSync(join(tmpdir(), 'warehouse-file-'));
const file = join(home, 'warehouse.duckdb');
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => {
  rmSync(file, { force: true });
});

describe('a warehouse in a file', () => {
  test('has everything committed after it was stopped and started again', async () => {
    const first = await TestWarehouse.start({ file });
    await first.run('create table users (user_id bigint, name varchar(10) not null)');
    await first.run("insert into users values (1, 'Ann')");
    await first.stop();
    expect(existsSync(`${file}.wal`)).toBe(false);
    const second = await TestWarehouse.start({ file });
    expect(await second.rows('select * from users')).toEqual([[1, 'Ann']]);
    await second.stop();
  });

  test('stops although statements run, wait and sessions are open, and keeps nothing of them', async () => {
    const first = await TestWarehouse.start({ file });
    await first.run('create table users (user_id bigint)');
    const { SessionId } = await first.run('begin', { SessionKeepAliveSeconds: 3600 });
    await first.run('lock users', { SessionId });
    await first.run('insert into users values (1)', { SessionId });
    await first.client.send(
      new BatchExecuteStatementCommand({ ...first.address, Sqls: ['insert into users values (2)'] }),
    );
    const waits = first.client.send(
      new ExecuteStatementCommand({ ...first.address, Sql: 'select * from users', WaitTimeSeconds: 30 }),
    );
    await Promise.all([first.stop(), waits.catch(() => undefined)]);
    const second = await TestWarehouse.start({ file });
    expect(await second.rows('select count(*) from users')).toEqual([[0]]);
    await second.stop();
  });

  test('that another process has open is refused in one sentence', async () => {
    const script = `import('@duckdb/node-api').then(async ({ DuckDBInstance }) => {
      globalThis.open = await DuckDBInstance.create(${JSON.stringify(file)}); console.log('open'); setInterval(() => {}, 1000); })`;
    const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    await expect(TestWarehouse.start({ file })).rejects.toMatchObject({ name: 'WarehouseLocked' });
    other.kill('SIGKILL');
    await once(other, 'exit');
  });

  test('that this process has open is refused as well, until it is closed', async () => {
    const first = await TestWarehouse.start({ file });
    await expect(TestWarehouse.start({ file })).rejects.toThrow('is already open, perhaps in another process');
    await first.stop();
    await (await TestWarehouse.start({ file })).stop();
  });

  test('that a newer engine wrote is refused in one sentence', async () => {
    await (await TestWarehouse.start({ file })).stop();
    writeFileSync(file, withStorageVersion(readFileSync(file), 250n));
    await expect(TestWarehouse.start({ file })).rejects.toMatchObject({ name: 'WarehouseTooNew' });
  });

  test('survives that its process is killed in the middle of a transaction', async () => {
    const script = `import('@duckdb/node-api').then(async ({ DuckDBInstance }) => {
      const c = await (await DuckDBInstance.create(${JSON.stringify(file)})).connect();
      await c.run('create table committed as select 1 as k'); await c.run('begin'); await c.run('insert into committed values (2)'); process.kill(process.pid, 'SIGKILL'); })`;
    await new Promise((resolve) => execFile(process.execPath, ['-e', script], resolve));
    const warehouse = await TestWarehouse.start({ file });
    await warehouse.stop();
    expect(existsSync(`${file}.wal`)).toBe(false);
  });
});

describe('over the wire', () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await TestWarehouse.start();
  });
  afterAll(() => warehouse.stop());
  const post = async (headers: Record<string, string>, body: string): Promise<[number, string]> => {
    const typed = { 'content-type': 'application/x-amz-json-1.1', ...headers };
    const reply = await fetch(warehouse.warehouse.endpoint, { method: 'POST', headers: typed, body });
    const { __type: type } = (await reply.json()) as { __type: string };
    return [reply.status, type];
  };
  const execute = 'RedshiftData.ExecuteStatement';

  test.each([
    ['no signature', { 'x-amz-target': execute }, '{}', 403, 'MissingAuthenticationTokenException'],
    ['no target', { authorization: 'x' }, '{}', 404, 'UnknownOperationException'],
    [
      'the target of another service',
      { authorization: 'x', 'x-amz-target': 'AmazonSQS.SendMessage' },
      '{}',
      404,
      'UnknownOperationException',
    ],
    [
      'an operation that is not there',
      { authorization: 'x', 'x-amz-target': 'RedshiftData.ListNothing' },
      '{}',
      400,
      'UnknownOperationException',
    ],
    [
      'a name every object has',
      { authorization: 'x', 'x-amz-target': 'RedshiftData.constructor' },
      '{}',
      400,
      'UnknownOperationException',
    ],
    [
      'a body that is not JSON',
      { authorization: 'x', 'x-amz-target': execute },
      '{"Sql":',
      400,
      'SerializationException',
    ],
    ['a body that is no object', { authorization: 'x', 'x-amz-target': execute }, '[]', 400, 'ValidationException'],
    ['numbers for text', { authorization: 'x', 'x-amz-target': execute }, '{"Sql":1}', 400, 'ValidationException'],
  ])('%s is refused', async (_what, headers, body, status, type) => {
    expect(await post(headers as Record<string, string>, body)).toEqual([status, type]);
  });

  test('a body beyond all bounds is refused, and the next call is served', async () => {
    const huge = await post({ authorization: 'x', 'x-amz-target': execute }, 'x'.repeat(33 * 1024 * 1024));
    expect(huge).toEqual([413, 'RequestEntityTooLargeException']);
    expect(await warehouse.rows('select 1')).toEqual([[1]]);
  });

  test('a client that hangs up in the middle of its request harms nobody', async () => {
    const socket = connect(warehouse.warehouse.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"Sql"');
    socket.destroy();
    await once(socket, 'close');
    expect(await warehouse.rows('select 1')).toEqual([[1]]);
  });

  test('it listens on this machine only, and a port in use is an error that leaves the file closed', async () => {
    expect(warehouse.warehouse.endpoint).toBe(`http://127.0.0.1:${warehouse.warehouse.port}`);
    await expect(TestWarehouse.start({ file, port: warehouse.warehouse.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await (await TestWarehouse.start({ file })).stop();
  });

  test('fifty statements at once are all answered', async () => {
    const done = await Promise.all(Array.from({ length: 50 }, (_, index) => warehouse.rows(`select ${index}`)));
    expect(done.map((rows) => rows[0]?.[0])).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });
});

/** The same database file, as if a later storage format had written it: the header's version, and the checksum over it. */
function withStorageVersion(bytes: Buffer, version: bigint): Buffer {
  const blockBytes = 4096;
  bytes.writeBigUInt64LE(version, 12);
  let checksum = 5381n;
  for (let offset = 8; offset < blockBytes; offset += 8) {
    checksum ^= BigInt.asUintN(64, bytes.readBigUInt64LE(offset) * 0xbf58476d1ce4e5b9n);
  }
  bytes.writeBigUInt64LE(checksum, 0);
  return bytes;
}
