/** A conformance run: beliefs, then probes, in a scratch schema that is removed whatever happens. */
import { idOf, type Belief, type Difference } from './belief.ts';
import { BELIEFS } from './beliefs.ts';
import { judge } from './judge.ts';
import { probes as copyProbes } from './probes/copy.ts';
import { probes as loadProbes } from './probes/load.ts';
import type { Probe } from './probes/probe.ts';
import { probes as sessionProbes } from './probes/sessions.ts';
import { probes as warehouseProbes } from './probes/warehouse.ts';
import type { World } from './world.ts';
import { messageOf } from '../../src/errors.ts';
import { pluralize } from '../../src/numbers.ts';

/** Every probe, in the order in which they run. */
export const PROBES: readonly Probe[] = [...sessionProbes, ...warehouseProbes, ...copyProbes, ...loadProbes];

/** What is to run: an area, and a part of a name; undefined means all. */
export type Selection = { area?: string | undefined; name?: string | undefined };

/** The beliefs and probes of a selection. */
export function select({ area, name }: Selection): { beliefs: Belief[]; probes: Probe[] } {
  const isSelected = (one: { area: string; name: string }): boolean =>
    (area === undefined || one.area === area) && (name === undefined || one.name.includes(name));
  return { beliefs: BELIEFS.filter(isSelected), probes: PROBES.filter(isSelected) };
}

/** What a probe has said. */
export type Answer = { area: string; name: string; believed?: string; answer: string };

/** What a run has found. `results` has what each belief and probe gave, by its identity. */
export type Report = {
  asBelieved: number;
  judged: number;
  notRun: number;
  differences: Difference[];
  answers: Answer[];
  results: Record<string, string>;
};

/** What a run tells of its progress. */
export type Progress = (done: number, total: number) => void;

/**
 * Runs beliefs and probes in a world of their own. When the signal is aborted, what is under way is awaited, and the rest is not
 * run. What was made is removed in any case. @throws what the run itself failed with, or what could not be removed
 */
export async function runConformance(
  world: World,
  { beliefs, probes }: { beliefs: readonly Belief[]; probes: readonly Probe[] },
  signal: AbortSignal,
  progress: Progress = () => undefined,
): Promise<Report> {
  const total = beliefs.length + probes.length;
  try {
    await world.open();
    const judged = await judge(world, beliefs, signal, (done) => {
      progress(done, total);
    });
    const answers: Answer[] = [];
    for (const probe of probes) {
      if (signal.aborted) break;
      answers.push(await ask(world, probe));
      progress(judged.length + answers.length, total);
    }
    const wrong = answers.flatMap((answer) => answerDifference(answer) ?? []);
    const differences = [...judged.flatMap((one) => one.difference ?? []), ...wrong];
    const believedAnswers = answers.filter(({ believed }) => believed !== undefined).length;
    const all = judged.length + believedAnswers;
    return {
      asBelieved: all - differences.length,
      judged: all,
      notRun: total - judged.length - answers.length,
      differences,
      answers,
      results: Object.fromEntries([
        ...judged.map(({ belief, got }) => [idOf(belief), got] as const),
        ...answers.map((answer) => [`${answer.area}: ${answer.name}`, answer.answer] as const),
      ]),
    };
  } finally {
    await world.close();
  }
}

/** A probe that cannot be made says why: on a cluster it asks for what not everybody may do. */
async function ask(world: World, { area, name, believed, ask: question }: Probe): Promise<Answer> {
  const answer = await question(world).catch((error: unknown) => `the probe failed: ${messageOf(error)}`);
  return { area, name, answer, ...(believed === undefined ? {} : { believed }) };
}

function answerDifference({ area, name, believed, answer }: Answer): Difference | undefined {
  if (believed === undefined || answer === believed) return undefined;
  return { area: area as Difference['area'], name, expected: believed, got: answer };
}

/** The last line of a run. */
export function summary({ asBelieved, judged, differences, answers, notRun }: Report): string {
  const line = `${asBelieved} of ${judged} as believed, ${differences.length} differ, ${pluralize(answers.length, 'probe')}`;
  return notRun === 0 ? line : `${line}; ${notRun} not run`;
}
