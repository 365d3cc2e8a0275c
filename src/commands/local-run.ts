import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { LoaderError, messageOf } from '../errors.ts';
import { PortInUse } from '../local/endpoint.ts';
import { checkDataDirectory, makeSample } from '../local/directory/data-directory.ts';
import { FaultSwitches } from '../local/faults/switches.ts';
import { InvalidFaultPlan, faultSource, readFaultPlan, type FaultPlan } from '../local/faults/plan.ts';
import { HomeUnusable, homeError } from '../local/home.ts';
import { WarehouseLocked, WarehouseTooNew, WarehouseUnreadable } from '../local/redshift/index.ts';
import { describeLogLine } from '../local/log-line.ts';
import { LOCAL_NAMES, startStack, type Stack } from '../local/stack.ts';
import type { SkippedFile } from '../local/directory/skipped-files.ts';
import { createDeliveryStats, percentile } from '../local/delivery-stats.ts';
import { watchDirectory, type WatchedDirectory } from '../local/directory/watch-directory.ts';
import { countNames } from '../objects/source.ts';
import { readSources } from '../sql/files.ts';
import type { CommandContext, ExitCode, Io } from './command.ts';
import { interruption } from './interruption.ts';
import { watchObjects, type ConservationReport } from './local-conservation.ts';
import {
  needsAttention,
  nextText,
  readView,
  summaryText,
  type LocalSummary,
  type WarehouseView,
} from './local-report.ts';
import { openLocalPage, type LocalPage } from './local-page-door.ts';
import { makeLocalTables } from './local-tables.ts';
import { shellQuote } from './shell.ts';
import { readWaitingReport, waitingLine } from './waiting.ts';

const PLAN_HINT = 'See "Fault injection" in docs/OPERATIONS.md';

const DEFECT = 'a bug in sparkify; npx sparkify reconcile loads it if it is missing';

const STOPPED =
  'Stopped before everything was loaded. What is loaded stays; run the same command again to load the rest.';

/**
 * Runs `local`.
 * @throws LoaderError, `usage` for problems with the user's machine, files or options.
 */
export async function runLocal(options: LocalOptions, context: CommandContext): Promise<ExitCode> {
  return run(options, context).catch((error: unknown) => explain(homeError(error, resolve(options.home))));
}

async function run(options: LocalOptions, { io }: CommandContext): Promise<ExitCode> {
  checkOptions(options);
  const home = resolve(options.home);
  const sources = readSources();
  if (options.data !== undefined) await checkDataDirectory(options.data, sources);
  const plan = options.faults === undefined ? undefined : await readPlan(options.faults);
  const switches = new FaultSwitches(plan && faultSource(plan));
  let armed = false;
  const startedAt = performance.now();
  const tally = createDeliveryStats();
  await mkdir(home, { recursive: true });
  const print = options.json ? (): void => undefined : io.err;
  const page = options.exit ? undefined : await openLocalPage(home, options.uiPort);
  if (page) io.out(`The page that shows everything: ${page.url}`);
  const stack = await startStack({
    home,
    awsPort: options.port,
    warehousePort: options.warehousePort,
    events: true,
    onLine: (line) => {
      tally.add(line);
      page?.addLine(line);
      const text = describeLogLine(line, countNames(sources));
      if (text !== undefined) print(text);
    },
    // Faults apply to loading, not to creating the tables.
    faults: (...call) => (armed ? switches.source(...call) : undefined),
    ...(page ? { observer: page.observer } : {}),
  }).catch(closing(page));
  let mount: WatchedDirectory | undefined;
  try {
    io.interrupted.throwIfAborted();
    await makeLocalTables(stack.connection);
    // Faults apply to loading, not to creating the tables.
    armed = true;
    const directory = options.data ?? (await makeSample(home, options.seed));
    await writeEnvironment(home, stack);
    io.interrupted.throwIfAborted();
    const watch = await watchObjects({ ...stack, connection: stack.quietConnection() });
    const folder = relativeTo(directory);
    page?.show(stack, { switches, since: watch.since, folder, shell: `${relativeTo(home)}/env` });
    print(`Loading ${folder} …`);
    mount = await watchDirectory(stack.aws.store, LOCAL_NAMES.landingBucket, directory, {
      first: sources.map(({ prefix }) => prefix),
      signal: io.interrupted,
      onTrouble: (file, error) => {
        io.err(`${file} is left out: ${error.message}`);
      },
    });
    const stopped = await Promise.race([whatIsThere(mount, stack, options), interruption(io)]);
    if (stopped) await Promise.all([mount.stop(), stack.endDeliveries()]);
    const view = await readView(stack.quietConnection());
    const audit = await watch.audit();
    const seconds = (performance.now() - startedAt) / 1000;
    const summary = sum(audit, tally.freshnessSeconds(), view, stack, mount.leftOut(), seconds);
    io.out(options.json ? JSON.stringify(summary) : summaryText(summary, view, audit, sources));
    await tellTrouble(stack, audit, io);
    if (stopped) throw stopped.withMessage(STOPPED);
    if (!options.json) io.out(nextText(stack, folder, relativeTo(home), page?.url));
    if (!options.exit) await interruption(io);
    return needsAttention(summary, view, audit) || audit.objects.unaccounted.length > 0 ? 1 : 0;
  } finally {
    await mount?.stop();
    await page?.stop();
    await stack.stop();
  }
}

/** @throws LoaderError (`usage`) for options that do not go together. */
function checkOptions(options: LocalOptions): void {
  if (options.json && !options.exit) {
    throw new LoaderError(
      'usage',
      '--json needs --exit: a run that does not end has no summary.',
      'npm start -- --exit --json',
    );
  }
}

/** Stops the page of a stack that could not be started. */
function closing(page: LocalPage | undefined): (error: unknown) => Promise<never> {
  return async (error) => {
    await page?.stop();
    throw error;
  };
}

/** Says what is in no state, which is a bug, and what the warehouse is waited for, if it is. */
async function tellTrouble({ connection }: Stack, { objects }: ConservationReport, io: Io): Promise<void> {
  for (const { key } of objects.unaccounted)
    io.err(`s3://${LOCAL_NAMES.landingBucket}/${key} is in no state: ${DEFECT}`);
  const waits = waitingLine(await readWaitingReport(connection));
  if (waits !== undefined) io.err(waits);
}

function sum(
  { objects, rows, batches }: ConservationReport,
  freshness: number[],
  view: WarehouseView,
  stack: Stack,
  leftOut: readonly SkippedFile[],
  elapsedSeconds: number,
): LocalSummary {
  const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;
  return {
    objects: { seen: objects.seen, ...objects.counts },
    rows,
    leftOut: [...leftOut],
    tables: view.counts,
    batches,
    freshnessSeconds: {
      p50: rounded(percentile(freshness, 0.5)),
      p95: rounded(percentile(freshness, 0.95)),
      max: rounded(percentile(freshness, 1)),
    },
    elapsedSeconds: rounded(elapsedSeconds),
    warehouse: stack.warehouseFile,
  };
}

/** Resolves when everything present has been processed. With --exit no new files are picked up, or the run might never end. */
async function whatIsThere(mount: WatchedDirectory, stack: Stack, { exit }: LocalOptions): Promise<void> {
  await mount.quiet();
  if (exit) await mount.stop();
  await stack.idle();
}

async function readPlan(file: string): Promise<FaultPlan> {
  return readFaultPlan(file).catch((error: unknown) => {
    if (error instanceof InvalidFaultPlan) throw error;
    throw new LoaderError('usage', `The fault plan cannot be read: ${messageOf(error)}.`, PLAN_HINT, error);
  });
}

/** A path relative to the current folder when it is inside it. */
function relativeTo(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') || short === '' ? path : short;
}

/** Writes the stack's settings for other shells: `. .sparkify/env`. */
async function writeEnvironment(home: string, stack: Stack): Promise<void> {
  const lines = Object.entries(stack.environment).map(([name, value]) => `export ${name}=${shellQuote(value)}\n`);
  await writeFile(join(home, 'env'), lines.join(''));
}

/** Turns problems with the user's machine or files into a message and the next command. */
function explain(error: unknown): never {
  if (error instanceof PortInUse)
    throw new LoaderError('usage', error.message, 'npm start -- --port 0 --warehouse-port 0', error);
  if ([WarehouseLocked, WarehouseTooNew, WarehouseUnreadable].some((kind) => error instanceof kind)) {
    throw new LoaderError('usage', messageOf(error), 'Use another folder: npm start -- --home .sparkify-2', error);
  }
  if (error instanceof HomeUnusable) throw new LoaderError('usage', error.message, error.hint, error);
  if (error instanceof InvalidFaultPlan) throw new LoaderError('usage', error.message, PLAN_HINT, error);
  throw error;
}

/** The options of `local`. */
export type LocalOptions = {
  data?: string;
  home: string;
  exit?: true;
  json?: true;
  port: number;
  warehousePort: number;
  /** Undefined takes the port of the last time, if it is free. */
  uiPort?: number;
  faults?: string;
  seed: number;
};
