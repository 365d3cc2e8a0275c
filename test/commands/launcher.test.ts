import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { event } from '../support/files.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const launcher = join(project, 'src/sparkify.mjs');

let folder: string;
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'elsewhere-')), 'a folder with blanks');
  await mkdir(folder);
  // Somebody else's project: its settings of TypeScript are not for us.
  await writeFile(join(folder, 'tsconfig.json'), '{ "compilerOptions": ');
});
afterAll(() => rm(join(folder, '..'), { recursive: true }));

type Ran = { code: number; out: string; err: string };

/** Runs a program in the other folder, with nothing of this project's environment. */
function runElsewhere(program: string, ...words: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, HOME: folder };
    const child = execFile(program, words, { cwd: folder, env }, (_error, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err });
    });
  });
}

describe('the command line, from another folder', () => {
  test.each([
    ['by its path', (): Promise<Ran> => runElsewhere(launcher, '--help')],
    ['by Node', (): Promise<Ran> => runElsewhere(process.execPath, launcher, '--help')],
    ['by npx and the folder of the project', () => runElsewhere('npx', '--prefix', project, 'sparkify', '--help')],
    [
      'by a link, as npm link makes one',
      async (): Promise<Ran> => {
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
