import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ObjectForbidden } from '../../../src/local/redshift/index.ts';
import { bucket, DataFolder } from './data-folder.ts';

const folder = new DataFolder();
beforeEach(() => folder.make());
afterEach(() => folder.remove());

describe('links', () => {
  test('to files and folders anywhere are followed', async () => {
    await mkdir(join(folder.home, 'elsewhere/deep'), { recursive: true });
    await writeFile(join(folder.home, 'elsewhere/deep/a.json'), 'a');
    await symlink(join(folder.home, 'elsewhere'), folder.at('log_data/linked'));
    await symlink(join(folder.home, 'elsewhere/deep/a.json'), folder.at('log_data/b.json'));
    await folder.mount();
    expect(folder.keys()).toEqual(['log_data/b.json', 'log_data/linked/deep/a.json']);
    expect(folder.left()).toEqual([]);
    await writeFile(join(folder.home, 'elsewhere/deep/a.json'), 'changed');
    await folder.until(() => folder.changes.length === 4);
    await unlink(folder.at('log_data/linked'));
    await folder.until(() => folder.keys().length === 1);
    expect(folder.keys()).toEqual(['log_data/b.json']);
  });

  test('that lead back, nowhere, in circles or to a folder that is read already are left out and named', async () => {
    await writeFile(folder.at('log_data/a.json'), 'a');
    await mkdir(join(folder.home, 'elsewhere'));
    await writeFile(join(folder.home, 'elsewhere/b.json'), 'b');
    await symlink('..', join(folder.home, 'elsewhere/up'));
    await symlink(folder.home, folder.at('back'));
    await symlink(folder.at(''), folder.at('log_data/loop'));
    await symlink('circle', folder.at('circle'));
    await symlink('nothing', folder.at('nowhere'));
    await symlink('log_data', folder.at('same'));
    await symlink(join(folder.home, 'elsewhere'), folder.at('one'));
    await symlink(join(folder.home, 'elsewhere'), folder.at('two'));
    await folder.mount();
    expect(folder.keys()).toEqual(['log_data/a.json', 'one/b.json']);
    expect(folder.left().sort()).toEqual([
      'back: it is a link to a folder that contains it',
      'circle: it is a circular link',
      'log_data/loop: it is a link to a folder that contains it',
      'nowhere: it is a broken link',
      'one/up: it is a link to a folder that contains it',
      'same: it is the same folder as log_data',
      'two: it is the same folder as one',
    ]);
  });
});

describe('what can be no object is named with the reason', () => {
  test('a name that is no UTF-8, a key that is too long, a pipe', async () => {
    await writeFile(
      Buffer.concat([Buffer.from(folder.at('log_data/caf')), Buffer.from([0xe9]), Buffer.from('.json')]),
      'x',
    );
    const deep = Array.from({ length: 5 }, () => 'd'.repeat(210)).join('/');
    await mkdir(folder.at(deep), { recursive: true });
    execFileSync('mkfifo', [folder.at('log_data/pipe.json')]);
    await folder.mount();
    expect(folder.keys()).toEqual([]);
    expect(folder.left().sort()).toEqual([
      `${deep}: its key would be longer than 1024 bytes, S3's limit`,
      'log_data/caf\\xe9.json: its name is not UTF-8',
      'log_data/pipe.json: it is neither a file nor a folder',
    ]);
  });

  test('a pipe in the place of a file ends the object, and nobody waits for its other end', async () => {
    await writeFile(folder.at('a.json'), 'a');
    await folder.mount();
    await unlink(folder.at('a.json'));
    execFileSync('mkfifo', [folder.at('a.json')]);
    expect(() => folder.store.read({ bucket, key: 'a.json' })).not.toThrow(/EAGAIN/);
    await folder.until(() => folder.keys().length === 0);
    expect(folder.told()).toEqual(['ObjectCreated:Put a.json', 'ObjectRemoved:Delete a.json']);
    expect(folder.left()).toEqual(['a.json: it is neither a file nor a folder']);
  });

  test('a file that keeps growing does not hold up the others for ever', async () => {
    await folder.mount();
    // By a process of its own: this one may be busy for longer than a file must be left alone to be whole. It starts no others,
    // for which a busy machine may take as long.
    const write = `setInterval(() => require('node:fs').appendFileSync(process.argv[1], 'x'), 10)`;
    const growing = spawn(process.execPath, ['-e', write, folder.at('endless.json')]);
    await folder.until(() => existsSync(folder.at('endless.json')));
    const ended = once(growing, 'exit');
    try {
      await writeFile(folder.at('still.json'), 'x');
      await folder.until(() => folder.keys().length > 0);
      expect(folder.keys()).toEqual(['still.json']);
      expect(folder.left()).toEqual(['endless.json: it is still being written']);
    } finally {
      growing.kill();
      await ended;
    }
    await folder.until(() => folder.keys().length === 2);
    expect(folder.left()).toEqual([]);
  }, 60_000);
});

describe('a file that may not be read', () => {
  test('when it lands is taken up as soon as it may', async () => {
    await writeFile(folder.at('a.json'), 'a', { mode: 0 });
    await folder.mount();
    expect([folder.keys(), folder.left()]).toEqual([[], ['a.json: it may not be read']]);
    await chmod(folder.at('a.json'), 0o600);
    await folder.until(() => folder.keys().length === 1);
    expect([folder.keys(), folder.left()]).toEqual([['a.json'], []]);
  });

  test('any more is refused as an object without a right to it would be, and told of again when it may', async () => {
    await writeFile(folder.at('a.json'), 'a');
    await folder.mount();
    await chmod(folder.at('a.json'), 0);
    expect(() => folder.store.read({ bucket, key: 'a.json' })).toThrow(ObjectForbidden);
    expect(() => folder.store.head({ bucket, key: 'a.json' })).toThrow(/Access Denied/);
    await folder.until(() => folder.left().length === 1);
    await folder.restart();
    expect([folder.keys(), folder.left()]).toEqual([['a.json'], ['a.json: it may not be read']]);
    const { sequencer } = folder.changes[0]!;
    await chmod(folder.at('a.json'), 0o600);
    await folder.until(() => folder.changes.length === 2);
    expect(folder.left()).toEqual([]);
    expect(folder.changes[1]!.sequencer > sequencer).toBe(true);
  });

  test('because its folder may not be entered is refused, too, and the others are not', async () => {
    await mkdir(folder.at('closed'));
    await writeFile(folder.at('closed/a.json'), 'a');
    await writeFile(folder.at('log_data/b.json'), 'b');
    await folder.mount();
    await chmod(folder.at('closed'), 0);
    await folder.until(() => folder.left().length > 0);
    expect(folder.keys()).toEqual(['closed/a.json', 'log_data/b.json']);
    expect(() => folder.store.read({ bucket, key: 'closed/a.json' })).toThrow(ObjectForbidden);
    await chmod(folder.at('closed'), 0o700);
    await folder.until(() => folder.changes.length === 3);
    expect(folder.told()[2]).toBe('ObjectCreated:Put closed/a.json');
  });
});
