import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { clearScratch, expireControlFiles, homeError } from '../../src/local/home.ts';
import { Journal, readJournal } from '../../src/local/journal.ts';
import { ObjectStore } from '../../src/local/s3/object-store.ts';
import { openDatabaseFile } from '../../src/local/redshift/engine/database-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let home: string;
beforeEach(async () => {
  home = await temporaryFolder('home');
});
afterEach(async () => {
  await rm(home, { recursive: true });
});

describe('a home that cannot be used is a sentence and a next command', () => {
  const trouble = (code: string, text: string): unknown =>
    homeError(Object.assign(new Error(`${code}: ${text} '/there/.sparkify/env'`), { code }), '/there/.sparkify');

  test.each([
    ['EACCES', 'permission denied, open', /is not writable/],
    ['EROFS', 'read-only file system, open', /is not writable/],
    ['ENOTDIR', 'not a directory, mkdir', /is not a folder/],
    ['ENOSPC', 'no space left on device, write', /The disk of .* is full/],
  ])('%s', (code, text, said) => {
    expect(trouble(code, text)).toMatchObject({
      name: 'HomeUnusable',
      message: expect.stringMatching(said) as string,
      hint: expect.stringContaining('npm start -- --home') as string,
    });
  });

  test('when the engine says it, too', () => {
    const full = 'FATAL Error: Could not write file "/there/.sparkify/warehouse.duckdb": No space left on device';
    const denied = 'IO Error: Cannot open file "/there/.sparkify/warehouse.duckdb": Permission denied';
    for (const said of [full, denied]) {
      expect(homeError(new Error(said), '/there/.sparkify')).toMatchObject({ name: 'HomeUnusable' });
    }
  });

  test('what is about another folder stays as it is', () => {
    const error = Object.assign(new Error("EACCES: permission denied, open '/elsewhere'"), { code: 'EACCES' });
    expect(homeError(error, '/there')).toBe(error);
  });
});

describe('a warehouse file', () => {
  test.each([
    ['of another program', 'SQLite format 3\0'.padEnd(20_000, '\0')],
    ['of text', 'hello\n'.repeat(5000)],
    ['without content', ''],
  ])('%s is refused as no DuckDB file', async (_, content) => {
    const file = join(home, 'warehouse.duckdb');
    await writeFile(file, content);
    await expect(openDatabaseFile(file, '1GB')).rejects.toMatchObject({ name: 'WarehouseUnreadable' });
    expect(await readFile(file, 'utf8')).toBe(content);
  });

  test('that is cut off, or is a folder, is refused', async () => {
    const file = join(home, 'warehouse.duckdb');
    const { instance, close } = await openDatabaseFile(file, '1GB');
    const connection = await instance.connect();
    await connection.run('CREATE TABLE t AS SELECT * FROM range(100000)');
    await connection.run('CHECKPOINT');
    connection.closeSync();
    close();
    const whole = await readFile(file);
    for (const part of [0.01, 0.1, 0.5]) {
      await writeFile(file, whole.subarray(0, whole.length * part));
      await expect(openDatabaseFile(file, '1GB')).rejects.toMatchObject({ name: 'WarehouseUnreadable' });
    }
    await mkdir(join(home, 'folder.duckdb'));
    await expect(openDatabaseFile(join(home, 'folder.duckdb'), '1GB')).rejects.toMatchObject({
      name: 'WarehouseUnreadable',
    });
  });
});

test('what a killed COPY left is removed', async () => {
  await mkdir(join(home, 'copy-1'));
  await writeFile(join(home, 'copy-1/spool.json'), '{}');
  await clearScratch(home);
  expect(await readdir(home)).toEqual([]);
});

test('control files of loads are kept for two weeks, and no more than the newest thousand; the others stay', async () => {
  const store = await ObjectStore.open(join(home, 'objects'));
  store.createBucket('control');
  const put = async (key: string, at: Date): Promise<void> => {
    const { md5: etag, ...spooled } = await store.spool(Readable.from([Buffer.from(key)]));
    const object = { key, ...spooled, etag, owned: true, contentType: 'c', metadata: {}, atMs: at.getTime() };
    await store.put('control', object, 'ObjectCreated:Put');
  };
  const day = 24 * 60 * 60 * 1000;
  const now = Date.now();
  for (let index = 0; index < 1002; index++) await put(`loads/new-${index}`, new Date(now - index));
  await put('loads/old', new Date(now - 15 * day));
  // A folder where its file should be cannot be unlinked.
  await put('discarded/old', new Date(now - 17 * day));
  await put('loads/older', new Date(now - 16 * day));
  const { file } = store.head({ bucket: 'control', key: 'loads/older' });
  await rm(file);
  await mkdir(file);
  const problems: string[] = [];
  const stop = await expireControlFiles(store, { bucket: 'control', prefix: 'loads/' }, (problem) =>
    problems.push(problem),
  );
  await stop();
  expect(problems).toEqual([expect.stringMatching(/^The expired control file loads\/older could not be removed: E/)]);
  const keys = store.page('control', { limit: Infinity }).objects.map(({ key }) => key);
  expect(keys).toHaveLength(1001);
  expect(keys).toContain('discarded/old');
  expect(keys).not.toContain('loads/old');
  expect(keys).not.toContain('loads/new-1001');
  expect(keys).toContain('loads/new-999');
  expect(await readdir(join(home, 'objects'))).toHaveLength(1003);
  store.close();
});

describe('a journal', () => {
  async function lines(file: string): Promise<unknown[]> {
    const read: unknown[] = [];
    for await (const line of readJournal(file)) read.push(line);
    return read;
  }

  test('gives back what was appended, but for a line that was cut off', async () => {
    const file = join(home, 'journal');
    const journal = new Journal(file, () => [['whole']]);
    journal.append(['line', '\u2028\n"é🎵', '\ud800']);
    journal.close();
    await writeFile(file, '["cut of', { flag: 'a' });
    expect(await lines(file)).toEqual([['whole'], ['line', '\u2028\n"é🎵', '\ud800']]);
  });

  test('does not grow without end: it is written anew from its state', async () => {
    const file = join(home, 'journal');
    let state = '';
    const journal = new Journal(file, () => [state]);
    const large = 'x'.repeat(1024 * 1024);
    for (let index = 0; index < 40; index++) {
      journal.append(`${index}${large}`);
      state = `${index}${large}`;
      await new Promise((resolve) => setImmediate(resolve));
    }
    journal.append('last');
    journal.close();
    const read = (await lines(file)) as string[];
    expect(read.length).toBeLessThan(25);
    expect(read.slice(-2)).toEqual([`39${large}`, 'last']);
  });

  test('that is missing holds nothing', async () => {
    expect(await lines(join(home, 'nothing'))).toEqual([]);
  });
});
