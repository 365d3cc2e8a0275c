import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { event } from '../support/files.ts';
import { PROJECT, startProgram, type Ended } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const launcher = join(PROJECT, 'src/sparkify.mjs');

let folder: string;
beforeAll(async () => {
  folder = join(await temporaryFolder('elsewhere'), 'a folder with blanks');
  await mkdir(folder);
  // Somebody else's project: its settings of TypeScript are not for us.
  await writeFile(join(folder, 'tsconfig.json'), '{ "compilerOptions": ');
});
afterAll(() => rm(join(folder, '..'), { recursive: true }));

/** Runs a program in the other folder, with nothing of this project's environment. */
function runElsewhere(program: string, ...words: string[]): Promise<Ended> {
  return startProgram(program, words, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } }).ended;
}

describe('the command line, from another folder', () => {
  test.each([
    ['by its path', (): Promise<Ended> => runElsewhere(launcher, '--help')],
    ['by Node', (): Promise<Ended> => runElsewhere(process.execPath, launcher, '--help')],
    ['by npx and the folder of the project', () => runElsewhere('npx', '--prefix', PROJECT, 'sparkify', '--help')],
    [
      'by a link, as npm link makes one',
      async (): Promise<Ended> => {
        await symlink(launcher, join(folder, 'sparkify'));
        return runElsewhere('./sparkify', '--help');
      },
    ],
  ])('%s, prints its help and no word on stderr', async (_, start) => {
    const ran = await start();
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toContain('Usage: sparkify');
  });

  test('the local stack loads a file of that folder', async () => {
    await mkdir(join(folder, 'data/log_data'), { recursive: true });
    await writeFile(join(folder, 'data/log_data/one.json'), event(1));
    const ran = await runElsewhere(launcher, 'local', '--data', 'data', '--exit', '--json');
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({ tables: { songplays: 1 } });
  }, 60_000);

  test('what it is told wrong is misuse there as well', async () => {
    const ran = await runElsewhere(launcher, 'status', '--colour');
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain("unknown option '--colour'");
  });
});

test('what has changed since it was last started is compiled anew, and found beside its source', async () => {
  const copy = join(folder, 'copy');
  await mkdir(join(copy, 'src'), { recursive: true });
  await mkdir(join(copy, 'node_modules'));
  await symlink(join(PROJECT, 'node_modules/esbuild'), join(copy, 'node_modules/esbuild'));
  for (const file of [
    'tsconfig.json',
    ...['sparkify.mjs', 'compile.mjs', 'build-cache.mjs', 'quiet-sdk.mjs', 'bundle.json'].map((name) => `src/${name}`),
  ])
    await copyFile(join(PROJECT, file), join(copy, file));
  const start = async (text: string): Promise<Ended> => {
    await writeFile(join(copy, 'src/cli.ts'), text);
    return runElsewhere(process.execPath, join(copy, 'src/sparkify.mjs'));
  };
  expect(await start("console.log('one' as string)")).toMatchObject({ code: 0, out: 'one\n' });
  const place = await start("console.log(new URL('x.sql', import.meta.url).pathname.endsWith('/copy/src/x.sql'))");
  expect(place).toMatchObject({ code: 0, out: 'true\n' });
});
