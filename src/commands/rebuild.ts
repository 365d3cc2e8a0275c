import { randomUUID } from 'node:crypto';
import { LoaderError } from '../errors.ts';
import { parseS3Prefix } from '../objects/s3-url.ts';
import type { Connection } from '../ports.ts';
import { number, pluralize } from '../numbers.ts';
import { schemasOf, type RebuildDeps } from '../rebuild/deps.ts';
import { measure } from '../rebuild/fill.ts';
import { giveSignOfLife } from '../rebuild/next-schema.ts';
import { dropOld, readOld, examineLive, rebuild, type Rebuilt } from '../rebuild/rebuild.ts';
import type { AddCommand, CommandContext, ExitCode, Io } from './command.ts';
import { requireConfigured } from './connection.ts';
import { startProgress } from './progress.ts';
import { printComparison, printLacking, printPlan, planOf, type RebuildPlan } from './rebuild-report.ts';
import { sparkifyCommand } from './shell.ts';

type Options = {
  check?: true;
  dropOld?: true;
  withQuarantined?: true;
  dryRun?: true;
  yes?: true;
  json?: true;
};

/** How often it says that it is at work: several times before another run may take it for dead. */
const SIGN_EVERY_MS = 15_000;

const EXAMPLES = `
Every landing bucket has to be named, because the star is made of all of them. The star of before stays as another schema until
--drop-old. Killed at any point, the live star serves on; run again, it goes on where it stopped.

Examples:
  npx sparkify rebuild s3://landing/ --dry-run
  npx sparkify rebuild s3://landing/ --check
  npx sparkify rebuild s3://landing/
  npx sparkify rebuild --drop-old`;

/** `rebuild s3://bucket/`: makes the star anew beside the live one, and swaps the two. */
export const addRebuild: AddCommand = (program, context) => {
  program
    .command('rebuild')
    .summary('load the bucket as it is now beside the star, and swap')
    .description(
      'Loads the landing buckets as they are now into a schema beside the live one, while that goes on loading and being read, and then swaps the two in one transaction. Run it as a superuser.',
    )
    .argument('[urls...]', 's3://bucket/ of every landing bucket')
    .option('--check', 'swap nothing; compare the star with what it would be, and exit with 1 if they differ')
    .option('--with-quarantined', 'swap even if files that the live star has loaded could not be loaded anew')
    .option('--drop-old', 'drop the star of before the last rebuild (asks, unless --yes)')
    .option('--dry-run', 'make nothing; estimate objects, time and cost, and tell what cannot be carried over')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (urls: string[], options: Options) => {
      context.exit(await run(urls, options, context));
    });
};

async function run(urls: string[], options: Options, { io, connect }: CommandContext): Promise<ExitCode> {
  const places = urls.map(parseS3Prefix);
  const connection = connect();
  const { live, old } = schemasOf(connection.config.names.schema);
  if (options.dropOld) return drop(urls, options, { io, connection });
  for (const { bucket, key } of places) {
    requireConfigured({ bucket, key }, connection);
    if (key === '') continue;
    const hint = `Name the whole bucket: ${sparkifyCommand('rebuild', `s3://${bucket}/`)}`;
    throw new LoaderError('usage', 'A rebuild is of whole buckets: the rest of the star would be missing.', hint);
  }
  const named = places.map(({ bucket }) => bucket);
  const unnamed = connection.config.landing.buckets.filter((bucket) => !named.includes(bucket));
  if (unnamed.length > 0) {
    const all = connection.config.landing.buckets.map((bucket) => `s3://${bucket}/`);
    const hint = `Name all of them: ${sparkifyCommand('rebuild', ...all)}`;
    throw new LoaderError('usage', `The star is made of ${unnamed.join(', ')} as well.`, hint);
  }
  const plan = await makePlan({ io, connection });
  if (options.dryRun) {
    if (options.json) io.out(JSON.stringify({ schema: live, dryRun: true, ...plan }));
    else printPlan(plan, io.out);
    return 0;
  }
  if (!options.json) printPlan(plan, io.err);
  if (!options.check && !options.yes && !(await io.confirm(`Rebuild ${live} and swap?`))) {
    io.err('Nothing was made. To skip the question: --yes');
    return 1;
  }
  const rebuilt = await work(plan, options, { io, connection });
  return report(rebuilt, { live, old, urls }, options, io);
}

type Surroundings = { io: Io; connection: Connection };

async function makePlan({ io, connection }: Surroundings): Promise<RebuildPlan> {
  const progress = startProgress('listed', undefined, io, connection.clock);
  let listed = 0;
  const deps = depsOf({ io, connection }, randomUUID(), {
    onListed: (objects) => {
      listed += objects;
      progress.update(listed, 'to be loaded');
      io.interrupted.throwIfAborted();
    },
  });
  try {
    const rights = await examineLive(deps);
    return await planOf(await measure(deps), rights, connection);
  } finally {
    progress.stop();
  }
}

async function work(plan: RebuildPlan, options: Options, { io, connection }: Surroundings): Promise<Rebuilt> {
  const progress = startProgress('loaded', plan.objects, io, connection.clock);
  let loaded = 0;
  const deps = depsOf({ io, connection }, randomUUID(), {
    onLoaded: (objects) => {
      loaded += objects;
      progress.update(Math.min(loaded, plan.objects), `${number(loaded)} by this run`);
      io.interrupted.throwIfAborted();
    },
  });
  const signs = setInterval(() => {
    giveSignOfLife(deps).catch((error: unknown) => {
      io.err(`No sign of life could be given: ${error instanceof Error ? error.message : String(error)}`);
    });
  }, SIGN_EVERY_MS);
  try {
    return await rebuild({ check: options.check ?? false, withQuarantined: options.withQuarantined ?? false }, deps);
  } finally {
    clearInterval(signs);
    progress.stop();
  }
}

function depsOf(
  { io, connection }: Surroundings,
  runId: string,
  told: Partial<Pick<RebuildDeps, 'onListed' | 'onLoaded'>>,
): RebuildDeps {
  const say = (message: string, fields: Record<string, unknown> = {}): void => {
    const said = Object.entries(fields).map(([name, value]) => `${name} ${String(value)}`);
    io.err([message, ...said].join(', '));
  };
  return {
    connection,
    schemas: schemasOf(connection.config.names.schema),
    runId,
    log: { info: () => undefined, warn: say, error: say },
    onListed: () => undefined,
    onLoaded: () => undefined,
    ...told,
  };
}

function report(
  rebuilt: Rebuilt,
  { live, old, urls }: { live: string; old: string; urls: string[] },
  options: Options,
  io: Io,
): ExitCode {
  if (options.json) io.out(JSON.stringify({ schema: live, dryRun: false, ...rebuilt }));
  switch (rebuilt.kind) {
    case 'swapped':
      if (!options.json) {
        io.out(`Schema ${live} is the bucket as it is now. The star of before is ${old}.`);
        if (rebuilt.notLoaded > 0) io.out(withoutText(rebuilt.notLoaded));
        io.out('→ When nothing needs it any more: npx sparkify rebuild --drop-old');
      }
      return 0;
    case 'lacking':
      if (!options.json) printLacking(rebuilt.quarantined, io);
      return 1;
    case 'compared':
      if (!options.json) printComparison(rebuilt.comparison, sparkifyCommand('rebuild', ...urls), io);
      return rebuilt.comparison.differences.length === 0 ? 0 : 1;
  }
}

/** Those that the star before had not loaded either do not stop the swap, but rows of their earlier versions are gone with it. */
function withoutText(quarantined: number): string {
  return `It is without ${pluralize(quarantined, 'object')} that could not be loaded → npx sparkify quarantine list`;
}

async function drop(urls: string[], options: Options, { io, connection }: Surroundings): Promise<ExitCode> {
  if (urls.length > 0) {
    throw new LoaderError('usage', '--drop-old takes no bucket.', 'Run it alone: npx sparkify rebuild --drop-old');
  }
  const { old } = schemasOf(connection.config.names.schema);
  const deps = depsOf({ io, connection }, randomUUID(), {});
  if ((await readOld(deps)) === undefined) {
    if (options.json) io.out(JSON.stringify({ schema: old, dropped: false }));
    else io.out(`There is no schema ${old}; nothing to do.`);
    return 0;
  }
  if (
    !options.yes &&
    !(await io.confirm(`Drop schema ${old}, the star of before the last rebuild, with all its rows?`))
  ) {
    io.err('Nothing was dropped. To skip the question: npx sparkify rebuild --drop-old --yes');
    return 1;
  }
  await dropOld(deps);
  if (options.json) io.out(JSON.stringify({ schema: old, dropped: true }));
  else io.out(`Schema ${old} is dropped.`);
  return 0;
}
