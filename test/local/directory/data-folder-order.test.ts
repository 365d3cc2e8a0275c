import { chmod, mkdir, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bucket, DataFolder } from './data-folder.ts';

const folder = new DataFolder();
beforeEach(() => folder.make());
afterEach(() => folder.remove());

describe('the order of writes is that in which they were seen', () => {
  test('also when a folder with older files is moved into place', async () => {
    await mkdir(join(folder.home, 'older'));
    await writeFile(join(folder.home, 'older/a.json'), 'older');
    await new Promise((resolve) => setTimeout(resolve, 30));
    await writeFile(folder.at('log_data/a.json'), 'newer');
    await folder.mount();
    await rename(folder.at('log_data'), join(folder.home, 'away'));
    await rename(join(folder.home, 'older'), folder.at('log_data'));
    await folder.until(() => folder.changes.length >= 2 && folder.changes.at(-1)!.name === 'ObjectCreated:Put');
    expect((await stat(folder.at('log_data/a.json'))).ctimeMs).toBeLessThan(folder.changes[0]!.at.getTime());
    expect(folder.changes.at(-1)!.sequencer > folder.changes[0]!.sequencer).toBe(true);
    expect(folder.changes.at(-1)!.at.getTime()).toBeGreaterThanOrEqual(folder.changes[0]!.at.getTime());
  });

  test('and when the clock was set back since the last run; no event is in the future', async () => {
    await writeFile(folder.at('a.json'), 'a');
    const { now } = Date;
    Date.now = () => now() + 3_600_000;
    await folder.putByClient('x', 'x');
    Date.now = now;
    const [before] = folder.changes;
    await folder.restart();
    await folder.putByClient('x', 'y');
    expect(folder.changes.every(({ sequencer }) => sequencer > before!.sequencer)).toBe(true);
    expect(folder.changes.every((change) => change.at.getTime() <= Date.now())).toBe(true);
  });

  test('an overwrite that keeps size and time is seen', async () => {
    await writeFile(folder.at('a.json'), 'one');
    const { atime, mtime } = await stat(folder.at('a.json'));
    await utimes(folder.at('a.json'), atime, mtime);
    await folder.mount();
    await writeFile(folder.at('a.json'), 'two');
    await utimes(folder.at('a.json'), atime, mtime);
    await folder.until(() => folder.changes.length === 2);
    expect(folder.store.head({ bucket, key: 'a.json' }).etag).toBe('b8a9f715dbb64fd5c56e7783c6820a61');
  });
});

describe('the next run', () => {
  test('tells of an unchanged file again as the same write, without reading it', async () => {
    await writeFile(folder.at('a.json'), 'a');
    await folder.mount();
    const [first] = folder.changes;
    await folder.close();
    const journal = join(folder.home, 'objects/journal.jsonl');
    const made = 'f'.repeat(32);
    await writeFile(journal, (await readFile(journal, 'utf8')).replaceAll(first!.object.etag, made));
    await folder.restart();
    expect(folder.changes).toHaveLength(1);
    expect(folder.changes[0]).toMatchObject({ sequencer: first!.sequencer, at: first!.at, object: { etag: made } });
  });

  test('sees what was written and removed in between, and takes a change of permissions for none', async () => {
    await writeFile(folder.at('a.json'), 'a');
    await writeFile(folder.at('b.json'), 'b');
    await writeFile(folder.at('c.json'), 'c');
    await folder.mount();
    const before = new Map(folder.changes.map(({ object }) => [object.key, object.sequencer]));
    await folder.close();
    await writeFile(folder.at('a.json'), 'changed');
    await chmod(folder.at('b.json'), 0o600);
    await unlink(folder.at('c.json'));
    await folder.restart();
    const after = new Map(folder.changes.map(({ object }) => [object.key, object.sequencer]));
    expect(folder.keys()).toEqual(['a.json', 'b.json']);
    expect(after.get('a.json')! > before.get('c.json')!).toBe(true);
    expect(after.get('b.json')).toBe(before.get('b.json'));
  });

  test('leaves alone what a client put in the place of a file, or deleted, until the file changes', async () => {
    await writeFile(folder.at('a.json'), 'file');
    await writeFile(folder.at('b.json'), 'file');
    await folder.mount();
    await folder.putByClient('a.json', 'object');
    await folder.store.delete({ bucket, key: 'b.json' });
    for (let runs = 0; runs < 2; runs++) {
      await folder.restart();
      expect([folder.keys(), folder.store.head({ bucket, key: 'a.json' }).owned]).toEqual([['a.json'], true]);
    }
    await writeFile(folder.at('b.json'), 'changed');
    await folder.until(() => folder.keys().length === 2);
    expect(folder.keys()).toEqual(['a.json', 'b.json']);
  });
});
