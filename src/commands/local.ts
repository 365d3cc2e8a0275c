import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { LoaderError, messageOf } from '../errors.ts';
import { PortInUse } from '../local/aws-endpoint.ts';
import { checkDataDirectory, makeSample } from '../local/data-directory.ts';
import { FaultPlanInvalid, faultSource, readFaultPlan, type FaultPlan } from '../local/faults.ts';
import { WarehouseLocked, WarehouseTooNew } from '../local/redshift/warehouse.ts';
import { narrate } from '../local/narrate.ts';
import { LOCAL_NAMES, startStack, type Stack } from '../local/stack.ts';
import { createTally, percentile, type Tally } from '../local/tally.ts';
import { mountDirectory, type Mount } from '../local/watch-directory.ts';
import { upgradeSchema } from '../schema.ts';
import type { AddCommand, CommandContext, ExitCode, Io } from './command.ts';
import { schemaDeps } from './create-tables.ts';
import { nextText, readView, summaryText, type LocalSummary, type WarehouseView } from './local-report.ts';

const PLAN_HINT = 'See "Faults on purpose" in docs/OPERATIONS.md';

type Options = {
  data?: string;
  home: string;
  exit?: true;
  json?: true;
  port: number;
  warehousePort: number;
  faults?: string;
  seed: number;
};

/** `local`: the whole pipeline on this machine. */
export const addLocal: AddCommand = (program, context) => {
  program
    .command('local')
    .summary('run everything on this machine, without AWS')
    .description(
      'Starts local S3, SQS, Redshift and the event source, loads the files of a folder through the deployed code, prints\n' +
        'what landed, and goes on watching the folder: a file dropped in, or changed, is loaded. Ctrl-C ends it.',
    )
    .option('--data <dir>', 'the contents of the bucket: song_data/ and log_data/ (default: a sample it makes)')
    .option('--home <dir>', 'where it keeps its files', '.sparkify')
    .option('--exit', 'end when the queue is empty')
    .option('--json', 'print one JSON object, once, and nothing else on stdout; needs --exit')
    .option('--port <number>', 'port of local S3 and SQS; 0 takes any free one', port, 0)
    .option('--warehouse-port <number>', 'port of the local Redshift Data API; 0 takes any free one', port, 0)
    .option('--faults <file>', 'go wrong on purpose, by a plan (docs/OPERATIONS.md)')
    .option('--seed <number>', 'which sample to make', port, 1)
    .addHelpText(
      'after',
      '\nExamples:\n  npx sparkify local\n  npx sparkify local --data my-files --exit\n  npx sparkify local --exit --json',
    )
    .action(async (options: Options) => {
      context.exit(await run(options, context).catch(explain));
    });
};

function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  }
  return number;
}

async function run(options: Options, { io }: CommandContext): Promise<ExitCode> {
  if (options.json && !options.exit) {
    throw new LoaderError(
      'usage',
      '--json needs --exit: without it there is no end to sum up.',
      'npm start -- --exit --json',
    );
  }
  const home = resolve(options.home);
  if (options.data !== undefined) await checkDataDirectory(options.data);
  const plan = options.faults === undefined ? undefined : await readPlan(options.faults);
  const startedAt = performance.now();
  const tally = createTally();
  await mkdir(home, { recursive: true });
  const say = options.json ? (): void => undefined : io.err;
  const stack = await startStack({
    home,
    awsPort: options.port,
    warehousePort: options.warehousePort,
    onLine: (line) => {
      tally.add(line);
      const told = narrate(line);
      if (told !== undefined) say(told);
    },
    ...(plan ? { faults: faultSource(plan) } : {}),
  });
  let mount: Mount | undefined;
  try {
    await upgradeSchema(schemaDeps(stack.connection));
    const directory = options.data ?? (await makeSample(home, options.seed));
    await writeEnvironment(home, stack);
    say(`Loading ${relativeTo(directory)} …`);
    mount = await mountDirectory(stack.aws.store, LOCAL_NAMES.landingBucket, directory, {
      onTrouble: (file, error) => {
        io.err(`${file} cannot be read and was left out: ${error.message}`);
      },
    });
    await Promise.race([mount.settled().then(() => stack.idle()), interruption(io)]);
    const view = await readView(stack.connection);
    const summary = sum(tally, view, stack, (performance.now() - startedAt) / 1000);
    io.out(options.json ? JSON.stringify(summary) : summaryText(summary, view));
    if (!options.json) io.out(nextText(stack, relativeTo(directory), relativeTo(home), options.exit === undefined));
    if (!options.exit) await interruption(io);
    return view.setAside.some((row) => row.status === 'quarantined') ? 1 : 0;
  } finally {
    await mount?.stop();
    await stack.stop();
  }
}

function sum(tally: Tally, view: WarehouseView, stack: Stack, elapsedSeconds: number): LocalSummary {
  const freshness = tally.freshnessSeconds();
  const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;
  return {
    objects: {
      loaded: tally.count('ObjectsLoaded'),
      alreadyLoaded: tally.count('ObjectsAlreadyLoaded'),
      superseded: tally.count('ObjectsSuperseded'),
      quarantined: tally.count('ObjectsQuarantined') + tally.count('ObjectsStillQuarantined'),
      vanished: tally.count('ObjectsVanished') + tally.count('ObjectsStillVanished'),
      ignored: tally.count('ObjectsIgnored'),
    },
    tables: view.counts,
    batches: tally.count('BatchesCommitted'),
    freshnessSeconds: {
      p50: rounded(percentile(freshness, 0.5)),
      p95: rounded(percentile(freshness, 0.95)),
      max: rounded(percentile(freshness, 1)),
    },
    elapsedSeconds: rounded(elapsedSeconds),
    warehouse: stack.warehouseFile,
  };
}

async function readPlan(file: string): Promise<FaultPlan> {
  return readFaultPlan(file).catch((error: unknown) => {
    if (error instanceof FaultPlanInvalid) throw error;
    throw new LoaderError('usage', `The plan of faults cannot be read: ${messageOf(error)}.`, PLAN_HINT, error);
  });
}

/** A path as a person in this folder would type it. */
function relativeTo(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') || short === '' ? path : short;
}

/** Resolves at Ctrl-C. */
async function interruption(io: Io): Promise<void> {
  if (io.interrupted.aborted) return;
  await once(io.interrupted, 'abort');
}

/** Leaves the stack's settings where another shell can take them up: `. .sparkify/env`. */
async function writeEnvironment(home: string, stack: Stack): Promise<void> {
  const lines = Object.entries(stack.environment).map(([name, value]) => `export ${name}='${value}'\n`);
  await writeFile(join(home, 'env'), lines.join(''));
}

/** What is wrong with the user's machine or files becomes a sentence and the next command. */
function explain(error: unknown): never {
  if (error instanceof PortInUse)
    throw new LoaderError('usage', error.message, 'npm start -- --port 0 --warehouse-port 0', error);
  if (error instanceof WarehouseLocked || error instanceof WarehouseTooNew) {
    throw new LoaderError('usage', error.message, 'Use another folder: npm start -- --home .sparkify-2', error);
  }
  if (error instanceof FaultPlanInvalid) throw new LoaderError('usage', error.message, PLAN_HINT, error);
  throw error;
}
