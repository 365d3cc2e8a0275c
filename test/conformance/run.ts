/** `npm run conformance`: what a warehouse does, against what the product believes of it. */
import { parseArgs } from 'node:util';
import { rm } from 'node:fs/promises';
import { LoaderError, messageOf } from '../../src/errors.ts';
import { startStack } from '../../src/local/stack.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { AREAS, idOf } from './belief.ts';
import { PROBES, runConformance, select, summary, type Report } from './conformance.ts';
import { estimate, estimateText } from './estimate.ts';
import { clusterVersion, readObserved, recordRun, writeObserved } from './observed.ts';
import { environmentOfStage, worldOf, type World } from './world.ts';

const HELP = `Usage: npm run conformance -- [--local | --stage <name> [--region <name>]] [options]

Compares a warehouse with what the product believes of Redshift. Without --local and --stage it is that of the
environment. Everything happens in a scratch schema and below a scratch prefix of the control bucket; both are removed.

  --local        start the local stack and run against it
  --stage NAME   run against a deployed stage; needs --yes
  --region NAME  the region of the stage
  --yes          agree to the cost
  --area AREA    one area: ${AREAS.join(', ')}
  --name TEXT    only what has this in its name
  --record       add what a cluster does to test/conformance/observed.json
  --json         print one JSON object instead of a table`;

const OPTIONS = {
  local: { type: 'boolean' },
  stage: { type: 'string' },
  region: { type: 'string' },
  yes: { type: 'boolean' },
  area: { type: 'string' },
  name: { type: 'string' },
  record: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Options = ReturnType<typeof parse>;
const parse = (argv: string[]) => parseArgs({ args: argv, options: OPTIONS }).values;

/** Where a run writes: results to `out`, everything for people to `err`. */
export type Output = { out: (line: string) => void; err: (line: string) => void };

/** Runs the command and gives its exit code: 0 as believed, 1 something differs, 2 misuse, 130 interrupted. */
export async function main(argv: string[], output: Output, interrupted: AbortSignal): Promise<number> {
  let options: Options;
  try {
    options = parse(argv);
    refuse(options);
  } catch (error) {
    output.err(messageOf(error));
    return 2;
  }
  if (options.help) {
    output.out(HELP);
    return 0;
  }
  const { environment, stop } = await environmentOf(options);
  try {
    return await runIn(worldOf(environment), options, output, interrupted);
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    output.err(`${error.message}\n→ ${error.hint}`);
    return 2;
  } finally {
    await stop();
  }
}

function refuse({ area, local, stage, record }: Options): void {
  if (area !== undefined && !AREAS.some((one) => one === area))
    throw new Error(`There is no area ${area}; there are: ${AREAS.join(', ')}`);
  if (local && stage !== undefined) throw new Error('Either --local or --stage');
  if (local && record) throw new Error('--record writes down what a cluster does, and the local warehouse is none');
}

async function environmentOf({ local, stage, region }: Options): Promise<{
  environment: Readonly<Record<string, string | undefined>>;
  stop: () => Promise<void>;
}> {
  const nothing = (): Promise<void> => Promise.resolve();
  if (stage !== undefined)
    return { environment: { ...process.env, ...(await environmentOfStage(stage, region)) }, stop: nothing };
  if (!local) return { environment: process.env, stop: nothing };
  const home = await temporaryFolder('conformance');
  const stack = await startStack({ home, inMemory: true, eventSource: false });
  return {
    environment: stack.environment,
    stop: async () => {
      await stack.stop();
      await rm(home, { recursive: true });
    },
  };
}

async function runIn(world: World, options: Options, output: Output, interrupted: AbortSignal): Promise<number> {
  const selected = select(options);
  if (selected.beliefs.length + selected.probes.length === 0) {
    output.err('Nothing has such a name.');
    return 2;
  }
  if (!world.isLocal) {
    output.err(estimateText(estimate(selected.beliefs, selected.probes, world.region), world.region));
    if (!options.yes) {
      output.err('→ Run it with --yes to agree');
      return 2;
    }
  }
  const cluster = world.isLocal ? 'local' : await clusterVersion(world);
  output.err(`${cluster}: schema ${world.schema}, s3://${world.bucket}/${world.prefix}`);
  const report = await runConformance(world, selected, interrupted, (done, total) => {
    if (done % 100 === 0) output.err(`${done} of ${total}`);
  });
  if (options.record && !world.isLocal) record(report, cluster);
  if (options.json) output.out(JSON.stringify({ cluster, ...report, summary: summary(report) }));
  else for (const line of linesOf(report)) output.out(line);
  if (interrupted.aborted) return 130;
  return report.differences.length === 0 ? 0 : 1;
}

function record(report: Report, cluster: string): void {
  const open = new Set(PROBES.filter(({ believed }) => believed === undefined).map(idOf));
  const judged = new Set(Object.keys(report.results).filter((id) => !open.has(id)));
  const differing = new Set(report.differences.map(idOf));
  const today = new Date().toISOString().slice(0, 10);
  writeObserved(recordRun(readObserved(), report.results, differing, judged, cluster, today));
}

/** What differs, what the probes have said, and the summary. */
export function linesOf(report: Report): string[] {
  return [
    ...report.differences.flatMap(({ area, name, expected, got }) => [
      `differs  ${area}: ${name}`,
      `  expected  ${expected}`,
      `  got       ${got}`,
    ]),
    ...report.answers.map(
      ({ area, name, believed, answer }) =>
        `${believed === undefined ? 'probe ' : 'belief'}  ${area}: ${name}\n  ${answer}`,
    ),
    summary(report),
  ];
}
