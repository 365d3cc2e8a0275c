/**
 * `npm run prove -- --minutes N`: looks for a counterexample as long as it is told, and ends with counts.
 * `--only` names one property, `--seed` and `--path` replay what a failure printed. Exit code 1 when anything failed.
 */
import { parseArgs } from 'node:util';
import { compareReaders } from '../local/redshift/copy/copy-readers.ts';
import { CrashBench, FED_BY_HAND } from './crash-points.ts';
import { callPoints, statementPoints, stuckAt, sweep, sweepFunction, type CrashPoint } from './crash-sweep.ts';
import { runDrawingSuites } from './drawing-suites.ts';
import { emptyTally } from './converge.ts';
import { checkConvergence, checkRebuilds, checkWriters, type Verdict } from './properties.ts';
import { emptyRebuildTally } from './rebuilding.ts';
import { emptyRaceTally } from './writers.ts';
import { addCounts, type StepCounts } from '../support/load-steps.ts';
import { freshSeed } from '../support/seed.ts';
import { startTestStack, type TestStack, type TestStackOptions } from '../support/stack.ts';

/** How long one property is looked at before the next one has its turn. */
const TURN_MS = 60_000;
const MANY = 1_000_000;
/** How many crash points in processes of their own are struck in one turn; the next turn goes on with the following ones. */
const KILLS_A_TURN = 16;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    only: { type: 'string' },
    seed: { type: 'string' },
    path: { type: 'string' },
  },
});
const endsAt = performance.now() + Number(values.minutes) * 60_000;
const counts = {
  histories: 0,
  interleavings: 0,
  rebuilds: 0,
  crashPoints: 0,
  kills: 0,
  copied: 0,
  suites: 0,
};
const delivered = emptyTally();
const raced = emptyRaceTally();
const rebuilt = emptyRebuildTally();
let failures = 0;
let seed = values.seed === undefined ? freshSeed() : Number(values.seed);

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const settings = () => ({
  seed,
  runs: values.path === undefined ? MANY : 1,
  timeMs: values.path === undefined ? Math.min(TURN_MS, endsAt - performance.now()) : Infinity,
  ...(values.path === undefined ? {} : { path: values.path }),
});

function judge(name: string, { failure, runs }: Verdict): void {
  say(`${name}: seed ${seed}, ${runs} runs, ${failure === undefined ? 'fine' : `FAILED\n${failure}`}`);
  if (failure !== undefined) failures += 1;
}

async function convergence(): Promise<void> {
  await within({ eventSource: false }, async (stack) => {
    const verdict = await checkConvergence(stack, settings());
    counts.histories += verdict.runs;
    addCounts(delivered, verdict.tally);
    judge('convergence', verdict);
  });
}

async function writers(): Promise<void> {
  for (const isolation of ['SNAPSHOT', 'SERIALIZABLE'] as const) {
    await within({ eventSource: false, isolation }, async (stack) => {
      const verdict = await checkWriters(stack, settings());
      counts.interleavings += verdict.runs;
      addCounts(raced, verdict.tally);
      judge(`writers under ${isolation}`, verdict);
    });
  }
}

async function rebuilds(): Promise<void> {
  await within({ eventSource: false }, async (stack) => {
    const verdict = await checkRebuilds(stack, settings());
    counts.rebuilds += verdict.runs;
    addCounts(rebuilt, verdict.tally);
    judge('rebuilds', verdict);
  });
}

async function crashPoints(): Promise<void> {
  await within({ eventSource: false, events: true }, async (stack) => {
    const bench = new CrashBench(stack);
    const calls = await bench.calls();
    const statements = statementPoints(calls.clean);
    const points = [
      ...(['clean', 'troubles', 'unused'] as const).flatMap((kind) => callPoints(kind, calls[kind], 'errors')),
      ...statements,
      ...statements.map((_, index) => [stuckAt(index + 1)]),
    ].flat();
    await strikeWhileTime(points, (some) => sweep(bench, some), 'crashPoints');
  });
}

let killed = 0;
async function kills(): Promise<void> {
  await within(FED_BY_HAND, async (stack) => {
    const bench = new CrashBench(stack);
    const clean = callPoints('clean', (await bench.strikeFunction('clean')).calls, 'kills');
    const troubles = callPoints('troubles', (await bench.strikeFunction('troubles')).calls, 'kills');
    const all = [...clean, ...troubles].flat();
    const points = Array.from({ length: KILLS_A_TURN }, (_, index) => all[(killed + index) % all.length]);
    killed += KILLS_A_TURN;
    const known = points.filter((point) => point !== undefined);
    await strikeWhileTime(known, (some) => sweepFunction(bench, some), 'kills');
  });
}

async function strikeWhileTime(
  points: readonly CrashPoint[],
  strike: (points: readonly CrashPoint[]) => Promise<number>,
  count: 'crashPoints' | 'kills',
): Promise<void> {
  let struck = 0;
  try {
    for (const point of points) {
      if (performance.now() > endsAt) break;
      struck += await strike([point]);
    }
  } catch (error) {
    // A failure is what this command is here to find: it is told, counted, and the search goes on.
    failures += 1;
    say(`FAILED ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  counts[count] += struck;
  say(`${count === 'kills' ? 'kills' : 'crash points'}: ${struck} struck`);
}

async function copyReaders(): Promise<void> {
  const { files, failure } = await compareReaders(settings());
  counts.copied += files;
  judge('readers of COPY', { seed, runs: files, failure, reason: '' });
}

async function suites(): Promise<void> {
  if (performance.now() > endsAt) return;
  const { runs, failure } = await runDrawingSuites(seed);
  counts.suites += runs;
  judge('test files that draw by chance', { seed, runs, failure, reason: '' });
}

async function within(options: TestStackOptions, work: (stack: TestStack) => Promise<void>): Promise<void> {
  if (performance.now() > endsAt) return;
  const stack = await startTestStack(options);
  try {
    await work(stack);
  } finally {
    await stack.stop();
  }
}

/** What the transactions of loads came to, in words. */
function stepsOf(steps: StepCounts): string {
  const {
    staged,
    merged,
    surveyedAgain,
    unchangedHits,
    coveredHits,
    conflicts,
    sessionsLost,
    ranges,
    inSeveralRanges,
  } = steps;
  return [
    `staged ${staged}, merged ${merged} in ${ranges} ranges (${inSeveralRanges} in several)`,
    `guard hits: unchanged ${unchangedHits}, covered ${coveredHits}`,
    `surveyed again ${surveyedAgain}, conflicts ${conflicts}, sessions lost ${sessionsLost}`,
  ].join('; ');
}

const turns = {
  convergence,
  writers,
  rebuilds,
  'crash-points': crashPoints,
  kills,
  'copy-readers': copyReaders,
  suites,
};
const chosen = Object.entries(turns).filter(([name]) => values.only === undefined || values.only === name);
if (chosen.length === 0) throw new Error(`--only takes ${Object.keys(turns).join(', ')}`);
do {
  for (const [, turn] of chosen) await turn();
  seed += 1;
} while (performance.now() < endsAt && values.path === undefined);
say(
  [
    `${counts.histories} histories in ${delivered.deliveries} deliveries (${delivered.faults} with a fault, ${delivered.repaired} objects repaired)`,
    `  ${stepsOf(delivered)}, ${delivered.healed} plays healed`,
    `${counts.interleavings} interleavings of writers in ${raced.deliveries} deliveries (${raced.behind} keys whose last row names an older version)`,
    `  ${stepsOf(raced)}, ${raced.healed} plays healed`,
    `${counts.rebuilds} rebuilds among ${rebuilt.acts} writes and deliveries; ${rebuilt.heldOverSwap} loads staged before a swap and merged behind it, guard hits: unchanged ${rebuilt.guarded}`,
    `${counts.crashPoints} crash points, ${counts.kills} processes killed`,
    `${counts.copied} files given to both readers of COPY`,
    `${counts.suites} test files run with another seed`,
    `failures ${failures}`,
  ].join('\n'),
);
process.exitCode = failures === 0 ? 0 : 1;
