import { emptyTally, totals, selectObjects, type BackfillRequest, type BackfillTally } from '../catch-up/backfill.ts';
import { assumptions, planBackfill, type MeasuredRates, type Range } from '../catch-up/estimate.ts';
import { globMatcher } from '../objects/glob.ts';
import { parseTimestamp } from '../catch-up/timestamp.ts';
import { parseS3Prefix } from '../objects/s3-url.ts';
import { LoaderError } from '../errors.ts';
import { runReport } from '../ledger/reports.ts';
import { ReplaySender, type ReplayTally } from '../catch-up/replay.ts';
import type { AddCommand, CommandContext, ExitCode, Io } from './command.ts';
import { ledgerOf, nothingBelowHint, replayOf, requireConfigured } from './connection.ts';
import { untilInterrupted } from './interruption.ts';
import { parseCount } from './options.ts';
import { startProgress } from './progress.ts';
import { sparkifyCommand } from './shell.ts';
import { table } from './table.ts';
import type { Connection } from '../ports.ts';
import { bytes, pluralize, duration, number } from '../numbers.ts';

type Options = {
  since?: string;
  until?: string;
  match?: string;
  limit?: number;
  rate?: number;
  startAfter?: string;
  all?: true;
  dryRun?: true;
  json?: true;
};

const EXAMPLES = `
Examples:
  npx sparkify backfill s3://landing/song_data/ --dry-run
  npx sparkify backfill s3://landing/log_data/ --since 2024-11-01 --until 2024-12-01
  npx sparkify backfill s3://landing/ --match '*.json.gz' --rate 500
  npx sparkify backfill s3://landing/song_data/A/ --all`;

/** `backfill s3://bucket/prefix`: replays what is already in a bucket. */
export const addBackfill: AddCommand = (program, context) => {
  program
    .command('backfill')
    .summary('load what is already in a bucket')
    .description(
      'Lists the objects below a prefix and sends those that are not in the ledger to the queue of replays, songs first.',
    )
    .argument('<url>', 's3://bucket/prefix')
    .option('--since <time>', 'only objects last modified at or after this time (2024-11-03, 2024-11-03T14:00Z, 36h)')
    .option('--until <time>', 'only objects last modified before this time')
    .option('--match <glob>', 'only keys that match; a glob without / is matched against the file name')
    .option('--limit <objects>', 'send at most this many objects', parseCount)
    .option('--rate <objects>', 'send at most this many objects per second', parseCount)
    .option('--start-after <key>', 'resume after this key; songs come first, then the rest in key order')
    .option('--all', 'also send what is already loaded; reloading never overrides newer events')
    .option('--dry-run', 'send nothing; estimate objects, batches, time and cost')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: Options) => {
      context.exit(await run(url, options, context));
    });
};

async function run(url: string, options: Options, { io, connect }: CommandContext): Promise<ExitCode> {
  const place = parseS3Prefix(url);
  const connection = connect();
  requireConfigured(place, connection);
  const request = readRequest(url, options, connection);
  const sender = new ReplaySender(options.dryRun ? undefined : replayOf(connection), options.rate);
  const tally = emptyTally();
  const stopped = await untilInterrupted(() => sendAll(request, sender, tally, { io, connection }));
  if (options.dryRun && !stopped) await printPlan(url, tally, sender.tally, options, { io, connection });
  if (!options.dryRun) printSent(url, tally, sender.tally, options, io);
  if (stopped) throw stopped.withMessage(stoppedText(url, tally, sender.tally, options));
  if (tally.listed > tally.ignored || options.startAfter !== undefined) return 0;
  io.err(nothingBelowHint(place, connection));
  return 1;
}

function readRequest(url: string, options: Options, connection: Connection): BackfillRequest {
  const now = connection.clock.now();
  const sinceMs = options.since === undefined ? undefined : parseTimestamp(options.since, now);
  const untilMs = options.until === undefined ? undefined : parseTimestamp(options.until, now);
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs >= untilMs) {
    throw new LoaderError('usage', '--since is not before --until, so no object can match.', 'Swap the two');
  }
  return {
    place: parseS3Prefix(url),
    sources: connection.config.landing.sources,
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(options.match === undefined ? {} : { match: globMatcher(options.match) }),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    ...(options.startAfter === undefined ? {} : { startAfter: options.startAfter }),
    all: options.all ?? false,
  };
}

/** @throws LoaderError, Interrupted; the sender's tally then shows what was sent. */
async function sendAll(
  request: BackfillRequest,
  sender: ReplaySender,
  tally: BackfillTally,
  { io, connection }: { io: Io; connection: Connection },
): Promise<void> {
  const deps = { objects: connection.objects, ledger: ledgerOf(connection) };
  const progress = startProgress('listed', undefined, io, connection.clock);
  try {
    for await (const replays of selectObjects(request, deps, tally)) {
      for (const { object, replayMode } of replays) {
        io.interrupted.throwIfAborted();
        await sender.add(object, replayMode);
      }
      progress.update(
        tally.listed,
        `${number(sender.tally.objects)} sent in ${pluralize(sender.tally.messages, 'message')}`,
      );
      io.interrupted.throwIfAborted();
    }
    await sender.flush();
  } finally {
    progress.stop();
  }
}

function stoppedText(url: string, tally: BackfillTally, sent: ReplayTally, options: Options): string {
  const done = options.dryRun
    ? `Stopped after ${pluralize(tally.listed, 'object')}; nothing was sent.`
    : `Stopped: ${number(sent.objects)} of the ${pluralize(totals(tally).objects, 'object')} found so far were sent.`;
  const { lastKey } = sent;
  if (!options.all || options.dryRun || lastKey === undefined) {
    return `${done} Run the same command again to continue: what is loaded by then is skipped; what is still queued may be sent twice, which is harmless.`;
  }
  return `${done} To continue where it stopped: ${sparkifyCommand('backfill', url, '--all', '--start-after', lastKey)}`;
}

function printSent(url: string, tally: BackfillTally, sent: ReplayTally, options: Options, io: Io): void {
  if (options.json) {
    const { objects, bytes: size } = totals(tally);
    io.out(
      JSON.stringify({
        url,
        dryRun: false,
        ...tally,
        objects,
        bytes: size,
        sent: sent.objects,
        messages: sent.messages,
      }),
    );
    return;
  }
  io.out(`Sent ${pluralize(sent.objects, 'object')} in ${pluralize(sent.messages, 'message')}. ${skippedLine(tally)}`);
  if (tally.quarantined > 0) io.out('→ What was quarantined and why: npx sparkify quarantine list');
  if (sent.objects > 0) io.out('→ Watch them load: npx sparkify status --watch');
}

async function printPlan(
  url: string,
  tally: BackfillTally,
  packed: ReplayTally,
  options: Options,
  { io, connection }: { io: Io; connection: Connection },
): Promise<void> {
  const measured = await readRates(connection);
  const all = totals(tally);
  const work = { ...all, listed: tally.listed, messages: packed.messages, messageBytes: packed.bytes };
  const { region } = connection.config.names;
  const plan = planBackfill(work, connection.config.limits, measured, region);
  if (options.json) {
    io.out(
      JSON.stringify({
        url,
        dryRun: true,
        ...tally,
        ...all,
        messages: packed.messages,
        ...plan,
        seconds: plan.seconds ?? null,
        dollars: plan.dollars ?? null,
        assumptions: assumptions(measured, region),
      }),
    );
    return;
  }
  const rows = Object.entries(tally.sources).map(([name, of]) => [name, of.objects, bytes(of.bytes)]);
  if (rows.length > 0) io.out(`${table(['source', 'objects', 'bytes'], rows)}\n`);
  io.out(
    `Would send ${pluralize(all.objects, 'object')} (${bytes(all.bytes)}) in ${pluralize(packed.messages, 'message')}. ${skippedLine(tally)}`,
  );
  if (all.objects === 0) return;
  io.out(`Batches: ${range(plan.batches, String)}`);
  io.out(`Time: ${plan.seconds ? range(plan.seconds, duration) : 'unknown'}`);
  io.out(`Cost: ${plan.dollars ? range(plan.dollars, (dollars) => `$${dollars.toFixed(2)}`) : 'unknown'}`);
  for (const line of assumptions(measured, region)) io.out(`  · ${line}`);
}

/** How long recent batches took. @throws LoaderError */
export async function readRates(connection: Connection): Promise<MeasuredRates> {
  const [row] = await runReport('batch-rates', {}, ledgerOf(connection));
  return {
    batches: Number(row?.batches ?? 0),
    secondsMedian: Number(row?.seconds_median ?? 0),
    secondsP95: Number(row?.seconds_p95 ?? 0),
    bytesPerSecondBest: Number(row?.bytes_per_second_best ?? 0),
  };
}

function skippedLine(tally: BackfillTally): string {
  const parts = [
    [tally.alreadyLoaded, 'already loaded'],
    [tally.quarantined, 'in quarantine'],
    [tally.notSelected, 'not selected'],
    [tally.ignored, 'ignored'],
  ] as const;
  const said = parts.filter(([many]) => many > 0).map(([many, what]) => `${number(many)} ${what}`);
  return `${number(tally.listed)} listed${said.length === 0 ? '' : `: ${said.join(', ')}`}.`;
}

/** A range as one value where both ends look the same. */
export function range({ low, high }: Range, show: (value: number) => string): string {
  return show(low) === show(high) ? show(low) : `${show(low)} to ${show(high)}`;
}
