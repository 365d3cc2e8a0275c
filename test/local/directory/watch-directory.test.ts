import { appendFile, chmod, mkdir, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ObjectStore } from '../../../src/local/s3/object-store.ts';
import { lastModified, type ObjectChange } from '../../../src/local/s3/stored-object.ts';
import { watchDirectory, type WatchedDirectory } from '../../../src/local/directory/watch-directory.ts';
import { QUIET_MS } from '../../../src/local/directory/unstable-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const bucket = 'lake';
let home: string;
let data: string;
let store: ObjectStore;
let changes: ObjectChange[];
let mount: WatchedDirectory | undefined;

beforeEach(async () => {
  home = await temporaryFolder('watch');
  data = join(home, 'data');
  await mkdir(join(data, 'log_data/2018'), { recursive: true });
  store = await ObjectStore.open(join(home, 'objects'));
  store.createBucket(bucket);
  changes = [];
  store.onChange((change) => changes.push(change));
});
afterEach(async () => {
  await mount?.stop();
  await rm(home, { recursive: true });
});

const at = (path: string): string => join(data, path);
const told = (): string[] => changes.map(({ name, object }) => `${name} ${object.key}`);

/** Waits until a number of changes was told of, at most five seconds; then whether more follow. */
async function afterChanges(count: number): Promise<string[]> {
  for (let waited = 0; changes.length < count && waited < 5000; waited += 20) {
    await setTimeout(20);
  }
  await mount!.quiet();
  return told();
}

async function content(key: string): Promise<string> {
  // Small objects come whole.
  return Buffer.from((await store.read({ bucket, key })).body as Uint8Array).toString();
}

test('every file that is there is an object when the mount is made, read from where it lies', async () => {
  await writeFile(at('log_data/2018/a b+c.json'), 'one');
  await writeFile(at('top.json'), 'two');
  mount = await watchDirectory(store, bucket, data);
  expect(told().sort()).toEqual(['ObjectCreated:Put log_data/2018/a b+c.json', 'ObjectCreated:Put top.json']);
  expect(await content('log_data/2018/a b+c.json')).toBe('one');
  expect(store.head({ bucket, key: 'top.json' })).toMatchObject({
    sizeBytes: 3,
    etag: 'b8a9f715dbb64fd5c56e7783c6820a61',
  });
});

test('the files of some folders are objects before all others', async () => {
  const folders = ['a/b', 'c', 'd/e', 'log_data/2018', 'z/y'];
  for (const folder of folders) {
    await mkdir(at(folder), { recursive: true });
    await writeFile(at(`${folder}/1.json`), folder);
  }
  // So that none is taken for a file that is still being written.
  await setTimeout(2 * QUIET_MS);
  mount = await watchDirectory(store, bucket, data, { first: ['z/', 'missing/', 'd/e/'] });
  const order = told().map((change) => change.replace('ObjectCreated:Put ', ''));
  expect(order.slice(0, 2)).toEqual(['z/y/1.json', 'd/e/1.json']);
  expect(order.slice(2).sort()).toEqual(['a/b/1.json', 'c/1.json', 'log_data/2018/1.json']);
});

test('a file that is written, replaced and removed is put, put and deleted', async () => {
  mount = await watchDirectory(store, bucket, data);
  await writeFile(at('log_data/a.json'), 'one');
  expect(await afterChanges(1)).toEqual(['ObjectCreated:Put log_data/a.json']);
  await writeFile(at('.a.json.partial'), 'two!');
  await rename(at('.a.json.partial'), at('log_data/a.json'));
  expect(await afterChanges(2)).toHaveLength(2);
  expect(await content('log_data/a.json')).toBe('two!');
  await rm(at('log_data/a.json'));
  expect(await afterChanges(3)).toEqual([
    'ObjectCreated:Put log_data/a.json',
    'ObjectCreated:Put log_data/a.json',
    'ObjectRemoved:Delete log_data/a.json',
  ]);
});

test('a file that grows is taken when it has come to rest', async () => {
  mount = await watchDirectory(store, bucket, data);
  for (let piece = 0; piece < 10; piece++) {
    await appendFile(at('slow.json'), 'x');
    await setTimeout(40);
  }
  expect(await afterChanges(1)).toEqual(['ObjectCreated:Put slow.json']);
  expect(store.head({ bucket, key: 'slow.json' }).sizeBytes).toBe(10);
});

test('a directory that comes or goes brings or takes its files', async () => {
  await mkdir(join(home, 'elsewhere/deep'), { recursive: true });
  await writeFile(join(home, 'elsewhere/deep/a.json'), 'a');
  await writeFile(join(home, 'elsewhere/b.json'), 'b');
  mount = await watchDirectory(store, bucket, data);
  await rename(join(home, 'elsewhere'), at('song_data'));
  expect((await afterChanges(2)).sort()).toEqual([
    'ObjectCreated:Put song_data/b.json',
    'ObjectCreated:Put song_data/deep/a.json',
  ]);
  await writeFile(at('song_data/deep/c.json'), 'c');
  await afterChanges(3);
  await rename(at('song_data'), join(home, 'elsewhere'));
  expect((await afterChanges(6)).slice(3).sort()).toEqual([
    'ObjectRemoved:Delete song_data/b.json',
    'ObjectRemoved:Delete song_data/deep/a.json',
    'ObjectRemoved:Delete song_data/deep/c.json',
  ]);
});

test('hidden files are no objects, and a change of permissions is no write', async () => {
  await writeFile(at('a.json'), 'a');
  await writeFile(at('.DS_Store'), 'x');
  mount = await watchDirectory(store, bucket, data);
  await chmod(at('a.json'), 0o600);
  expect(await afterChanges(1)).toEqual(['ObjectCreated:Put a.json']);
});

test('an old file that is moved in landed when it was moved', async () => {
  mount = await watchDirectory(store, bucket, data);
  await writeFile(join(home, 'old.json'), 'old');
  await utimes(join(home, 'old.json'), new Date(0), new Date(0));
  const before = Date.now();
  await rename(join(home, 'old.json'), at('old.json'));
  await afterChanges(1);
  const { at: eventTime, object } = changes[0]!;
  expect(eventTime.getTime()).toBeGreaterThanOrEqual(before - 10);
  expect(lastModified(object).getTime()).toBeLessThanOrEqual(eventTime.getTime());
});

test('an object put over a file stays when the file goes', async () => {
  await writeFile(at('a.json'), 'file');
  mount = await watchDirectory(store, bucket, data);
  const {
    file,
    sizeBytes,
    md5: etag,
  } = await store.spool([Buffer.from('object')] as unknown as AsyncIterable<Uint8Array>);
  const object = {
    key: 'a.json',
    file,
    sizeBytes,
    etag,
    owned: true,
    contentType: 'c',
    metadata: {},
    atMs: Date.now(),
  };
  await store.put(bucket, object, 'ObjectCreated:Put');
  await rm(at('a.json'));
  await afterChanges(2);
  expect(await content('a.json')).toBe('object');
});

test('an emptied file is an object of zero bytes', async () => {
  await writeFile(at('a.json'), 'a');
  mount = await watchDirectory(store, bucket, data);
  await truncate(at('a.json'));
  await afterChanges(2);
  expect(store.head({ bucket, key: 'a.json' })).toMatchObject({
    sizeBytes: 0,
    etag: 'd41d8cd98f00b204e9800998ecf8427e',
  });
});

test('a directory that is not there is told at once', async () => {
  await expect(watchDirectory(store, bucket, at('nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
});
