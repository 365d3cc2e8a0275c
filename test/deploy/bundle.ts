import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { buildBundle } from '../../src/local/lambda/bundle.ts';
import { PROJECT } from '../support/program.ts';
import type { Package } from './packaging.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);

/** Bytes. What Lambda reads before the first line runs. */
const LARGEST_BUNDLE = 500 * 1024;

/** What is shipped. */
export function describeBundle(thePackage: () => Package): void {
  let home: string;
  beforeAll(async () => {
    home = await temporaryFolder('bundle');
  });
  afterAll(() => rm(home, { recursive: true }));

  test.each([
    ['loader', 'src/handler.mjs'],
    ['reconcile', 'src/reconcile-handler.mjs'],
    ['resume', 'src/resume-handler.mjs'],
  ])('that of the %s holds its bundle and the SQL beside it, and nothing else', async (name, bundle) => {
    const files = [...(await thePackage().archive(name)).keys()];
    const sql = await readdir(join(PROJECT, 'sql'), { recursive: true });
    const expected = sql.filter((name) => /\.\w+$/.test(name)).map((name) => `sql/${name}`);
    expect(files.sort()).toEqual([bundle, ...expected].sort());
  });

  test('that of the loader holds the bundle that the local stack runs, byte for byte', async () => {
    const { handlerFile } = await buildBundle({ home });
    const packaged = (await thePackage().archive('loader')).get('src/handler.mjs')!;
    expect(packaged.equals(await readFile(handlerFile))).toBe(true);
  });

  test('that of the resume function is what the local stack runs, byte for byte, and the loader carries none of it', async () => {
    const entry = join(PROJECT, 'src/resume-handler.ts');
    const { handlerFile } = await buildBundle({ home: join(home, 'resume'), entry });
    const packaged = (await thePackage().archive('resume')).get('src/resume-handler.mjs')!;
    expect(packaged.equals(await readFile(handlerFile))).toBe(true);
    const loader = (await thePackage().archive('loader')).get('src/handler.mjs')!;
    expect(packaged.includes('UpdateEventSourceMapping')).toBe(true);
    expect(loader.includes('UpdateEventSourceMapping')).toBe(false);
  });

  test('that of the loader is small, and starts from where it is unpacked', async () => {
    const files = await thePackage().archive('loader');
    for (const [name, content] of files) {
      await mkdir(dirname(join(home, 'task', name)), { recursive: true });
      await writeFile(join(home, 'task', name), content);
    }
    const exports = await importIt(join(home, 'task/src/handler.mjs'));
    const bytes = files.get('src/handler.mjs')!.length;
    expect(exports).toContain('handler');
    expect(bytes).toBeLessThanOrEqual(LARGEST_BUNDLE);
  });
}

/** Imports a bundle in a process of its own, with what a function is told. Gives what it exports. */
async function importIt(file: string): Promise<string[]> {
  const program = `const exports = Object.keys(await import(${JSON.stringify(file)}));
    process.stdout.write('\\n' + JSON.stringify(exports));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
    env: {
      PATH: process.env.PATH,
      AWS_REGION: 'us-east-1',
      SPARKIFY_LANDING_BUCKETS: 'landing',
      SPARKIFY_CONTROL_BUCKET: 'control',
      SPARKIFY_DATABASE: 'sparkify',
      SPARKIFY_WORKGROUP: 'sparkify',
      SPARKIFY_COPY_ROLE_ARN: 'arn:aws:iam::123456789012:role/copy',
      SPARKIFY_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/load',
      SPARKIFY_REPLAY_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/replay',
      SPARKIFY_DLQ_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/dead',
    },
  });
  return JSON.parse(stdout.split('\n').at(-1) ?? '') as string[];
}
