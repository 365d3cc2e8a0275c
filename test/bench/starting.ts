/** How long a person waits for a command to say something, and for `npm start` to have loaded something. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LOCAL_NAMES } from '../../src/local/connect.ts';
import { PROJECT, SPARKIFY } from '../support/program.ts';
import type { Scale } from './cases.ts';
import { writeSample } from './objects.ts';
import type { CaseReport, Line } from './report.ts';
import { startRunningStack } from './running-stack.ts';

/** How it was started before there was a bundle of it. */
const UNCOMPILED = ['--import', 'tsx', 'src/cli.ts'];

/** Runs commands in turn from the bundle and file by file, with a stack running; and starts that stack. */
export async function measureStarting(scale: Scale): Promise<CaseReport> {
  const data = join(scale.directory, 's');
  const [key = ''] = writeSample(data, { songs: 20, events: 200 });
  const commands = [
    ['--help'],
    ['status', '--help'],
    ['status'],
    ['why', `s3://${LOCAL_NAMES.landingBucket}/${key}`],
    ['query', 'SELECT COUNT(*) FROM sparkify.songplays'],
  ];
  const firstBatch: number[] = [];
  const summary: number[] = [];
  const lines = commands.map((words) => ({
    what: words[0] === 'why' || words[0] === 'query' ? words[0] : words.join(' '),
    words,
    ours: [] as number[],
    before: [] as number[],
  }));
  for (let run = 0; run < scale.runs; run++) {
    const home = mkdtempSync(join(scale.directory, 's-home-'));
    const startedAt = performance.now();
    let committedAt: number | undefined;
    const stack = await startRunningStack({
      home,
      data,
      onProgress: (line) => {
        if (line.startsWith('batch ')) committedAt ??= performance.now();
      },
      onExit: (code) => {
        throw new Error(`the stack ended with ${code}`);
      },
    });
    summary.push(performance.now() - startedAt);
    firstBatch.push((committedAt ?? Number.NaN) - startedAt);
    for (const { words, ours, before } of lines) {
      ours.push(await millisecondsOf([...SPARKIFY, ...words], stack.environment));
      before.push(await millisecondsOf([...UNCOMPILED, ...words], stack.environment));
    }
    await stack.stop();
    rmSync(home, { recursive: true });
  }
  return {
    lines: [
      ...lines.map(({ what, ours, before }): Line => ({
        case: 's',
        what: `sparkify ${what}`,
        unit: 'ms',
        ours,
        other: { name: 'compiled at each start', values: before },
      })),
      { case: 's', what: 'npm start → first batch committed', unit: 'ms', ours: firstBatch },
      { case: 's', what: 'npm start → summary', unit: 'ms', ours: summary },
    ],
  };
}

/** Throws with what the command wrote when it fails. */
async function millisecondsOf(argv: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  const startedAt = performance.now();
  const env = { ...process.env, ...environment };
  await promisify(execFile)(process.execPath, argv, { cwd: PROJECT, env });
  return performance.now() - startedAt;
}
