import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LocalSummary } from '../../src/commands/local-report.ts';
import { PROJECT } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// A source is files and nothing else: this one is added to a copy of the project by copying its folder, and driven end to end.

const run = promisify(execFile);

let directory: string;
let copy: string;

beforeAll(async () => {
  directory = await temporaryFolder('ratings');
  copy = join(directory, 'project');
  for (const name of ['src', 'sql', 'package.json', 'tsconfig.json', 'serverless.yml', 'test/end-to-end/ratings']) {
    await cp(join(PROJECT, name), join(copy, name), { recursive: true });
  }
  await symlink(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  await cp(join(PROJECT, 'test/end-to-end/ratings/sql'), join(copy, 'sql'), { recursive: true });
});
afterAll(() => rm(directory, { recursive: true }));

/** Runs a program of the copy; gives what it printed, whatever it exited with. */
async function runCopy(...words: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: directory, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  try {
    return (await run(process.execPath, words, { cwd: copy, env })).stdout;
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string };
    if (code !== 1 || !stdout) throw new Error(stderr, { cause: error });
    return stdout;
  }
}

test('it converges through the deployed bundle, isolates a bad file, and is known to status, grants and drop', async () => {
  const out = await runCopy('--import', 'tsx', 'test/end-to-end/ratings/drive.ts', join(directory, 'home'), '7');
  const driven = JSON.parse(out) as Record<string, unknown> & { expected: string[] };
  expect(driven).toEqual({
    applied: ['001-star', '002-ledger', '003-fields', '004-ratings'],
    sources: ['songs', 'events', 'ratings'],
    expected: driven.expected,
    star: driven.expected,
    notLoaded: [{ key: 'rating_data/bad.json', status: 'quarantined' }],
    status: expect.objectContaining({ ratings: driven.expected.length, songs: 1, songplays: 1 }) as unknown,
    grants: ['GRANT SELECT, INSERT, UPDATE ON "sparkify"."ratings" TO "loader"'],
    left: 'nothing',
    moved: ['songs song_data/', 'events log_data/', 'ratings in/ratings/'],
  });
  expect(driven.expected.length).toBeGreaterThan(5);
});

test('a folder with nothing but its files is loaded by `sparkify local`, and its table is in the summary', async () => {
  await mkdir(join(directory, 'data/rating_data'), { recursive: true });
  const rating = { user_id: 'u1', song_id: 's1', rating: 5, rated_at: 1_541_000_000_000 };
  await writeFile(join(directory, 'data/rating_data/1.json'), JSON.stringify(rating));
  const words = ['local', '--data', join(directory, 'data'), '--home', join(directory, 'local'), '--exit', '--json'];
  const { objects, tables } = JSON.parse(await runCopy('src/sparkify.mjs', ...words)) as LocalSummary;
  expect(objects).toMatchObject({ seen: 1, loaded: 1 });
  expect(tables).toMatchObject({ ratings: 1, songs: 0 });
});

test('the package carries its SQL, tells the functions of it, and lets its keys through the rule of an existing bucket', async () => {
  await runCopy('node_modules/serverless/bin/serverless.js', 'package', '--package', join(directory, 'package'));
  const template = await readFile(join(directory, 'package/cloudformation-template-update-stack.json'), 'utf8');
  const placed = 'songs=song_data/,events=log_data/,ratings=rating_data/';
  // Three functions, and the output that the commands read.
  expect(template.split(placed)).toHaveLength(5);
  expect(template).toMatch(/"prefix": "log_data\/"\s*\},\s*\{\s*"prefix": "rating_data\/"/);
  expect(
    (await readFile(join(directory, 'package/loader.zip'))).includes('sql/load/ratings/82-merge-ratings.sql'),
  ).toBe(true);
}, 120_000);
