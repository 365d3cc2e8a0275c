import { InvalidArgumentError } from 'commander';
import { FINDING_KINDS, type Finding, type FindingKind } from '../catch-up/compare.ts';
import { parseS3Prefix } from '../objects/s3-url.ts';
import { emptyReconcileTally, reconcile, handlePage, type ReconcileTally } from '../catch-up/reconcile.ts';
import { ReplaySender } from '../catch-up/replay.ts';
import { countReplaced } from '../ledger/status.ts';
import type { AddCommand, CommandContext, ExitCode, Io } from './command.ts';
import { ledgerOf, nothingBelowHint, reconcileOf, replacedText, replayOf, requireConfigured } from './connection.ts';
import { untilInterrupted } from './interruption.ts';
import { parseCount } from './options.ts';
import { startProgress } from './progress.ts';
import { sparkifyCommand } from './shell.ts';
import { escapeControls, table } from './table.ts';
import type { Connection } from '../ports.ts';
import { pluralize, number } from '../numbers.ts';

type Options = { repair?: true; ignore: FindingKind[]; show: number; json?: true };

/** What to do about each kind. */
const NEXT: Readonly<Record<FindingKind, string>> = {
  missing: 'never loaded: repair, or see why: npx sparkify why s3://…',
  changed: 'overwritten after it was loaded: repair',
  quarantined: 'quarantined: npx sparkify quarantine list',
  vanished: 'deleted before it was loaded: upload it again, or --ignore vanished',
  orphaned: 'deleted since it was loaded; its rows stay: fine where objects expire, then --ignore orphaned, or rebuild',
};

const EXAMPLES = `
Exits with 1 if bucket and ledger differ, even with --repair: what it sends is loaded a little later.
An object that has just landed counts as missing until it is loaded.

Examples:
  npx sparkify reconcile s3://landing/song_data/
  npx sparkify reconcile s3://landing/ --repair
  npx sparkify reconcile s3://landing/log_data/ --ignore orphaned,vanished --json`;

/** `reconcile s3://bucket/prefix`: compares a bucket with the ledger. */
export const addReconcile: AddCommand = (program, context) => {
  program
    .command('reconcile')
    .summary('compare a bucket with the ledger, and load what is missing')
    .description('Compares the objects below a prefix with the ledger, and lists each difference.')
    .argument('<url>', 's3://bucket/prefix')
    .option('--repair', 'send what is missing or changed to the queue of replays')
    .option('--ignore <kinds>', `kinds to ignore, from: ${FINDING_KINDS.join(', ')}`, parseKinds, [])
    .option('--show <objects>', 'list at most this many objects; all are counted, and repaired', parseCount, 1000)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: Options) => {
      context.exit(await run(url, options, context));
    });
};

function parseKinds(text: string): FindingKind[] {
  return text.split(',').map((word) => {
    const kind = FINDING_KINDS.find((one) => one === word.trim());
    if (kind === undefined) throw new InvalidArgumentError(`Kinds are: ${FINDING_KINDS.join(', ')}.`);
    return kind;
  });
}

async function run(url: string, options: Options, { io, connect }: CommandContext): Promise<ExitCode> {
  const place = parseS3Prefix(url);
  const connection = connect();
  requireConfigured(place, connection);
  const sender = options.repair ? new ReplaySender(replayOf(connection)) : undefined;
  const tally = emptyReconcileTally();
  const shown: Finding[] = [];
  const fields: Fields = { drifted: 0, unread: 0, error: undefined };
  const work = { sender, tally, shown, fields };
  const stopped = await untilInterrupted(() => walk(url, options, work, { io, connection }));
  // What was deleted is known by the listing alone, and what was overwritten by the ledger alone.
  const replaced = stopped ? 0 : (await countReplaced(ledgerOf(connection))) + tally.orphaned;
  const report = { url, replaced, ...work };
  if (options.json) printJson(report, io);
  else printReport(report, connection, io);
  if (stopped) {
    const known = `Stopped after ${pluralize(tally.listed, 'object')}; the rest was not compared`;
    const sent = sender ? `; ${number(sender.tally.objects)} of them sent` : '';
    throw stopped.withMessage(`${known}${sent}. Run the same command again.`);
  }
  if (tally.listed + tally.tooRecent + differences(tally) === tally.ignored) {
    io.err(nothingBelowHint(place, connection));
    return 1;
  }
  return FINDING_KINDS.some((kind) => tally[kind] > 0 && !options.ignore.includes(kind)) ? 1 : 0;
}

type Work = { sender: ReplaySender | undefined; tally: ReconcileTally; shown: Finding[]; fields: Fields };

/** What looking at some of the files took notice of; see `drift`. */
type Fields = { drifted: number; unread: number; error: string | undefined };

async function walk(
  url: string,
  options: Options,
  { sender, tally, shown, fields }: Work,
  { io, connection }: { io: Io; connection: Connection },
): Promise<void> {
  const startedMs = connection.clock.now();
  // The command asks about now, so nothing is too recent to judge.
  const place = parseS3Prefix(url);
  const { sources } = connection.config.landing;
  const comparison = { bucket: place.bucket, sources, startedMs, judgedBeforeMs: Infinity };
  const progress = startProgress('listed', undefined, io, connection.clock);
  let listed = 0;
  const onListed = (objects: number): void => {
    listed += objects;
    progress.update(listed, `${differences(tally)} differences`);
    io.interrupted.throwIfAborted();
  };
  const deps = reconcileOf(connection, onListed, (noticed) => {
    fields.drifted += noticed.drifted;
    fields.unread += noticed.unread;
    fields.error ??= noticed.error;
  });
  try {
    for await (const compared of reconcile(place, comparison, deps)) {
      await handlePage(compared, tally, sender);
      shown.push(...compared.findings.slice(0, options.show - shown.length));
      io.interrupted.throwIfAborted();
    }
    await sender?.flush();
  } finally {
    progress.stop();
  }
}

/** `replaced`: objects whose old rows may still be there. */
type Report = Work & { url: string; replaced: number };

function printJson({ url, tally, shown, sender, fields, replaced }: Report, io: Io): void {
  const { bucket } = parseS3Prefix(url);
  const findings = shown.map(({ kind, key, reason, object }) => ({
    kind,
    url: `s3://${bucket}/${key}`,
    reason,
    ...(object === undefined ? {} : { lastModified: new Date(object.lastModifiedMs).toISOString() }),
  }));
  const sent = sender === undefined ? {} : { sent: sender.tally.objects, messages: sender.tally.messages };
  const noticed = { fieldsDrifted: fields.drifted, fieldsUnread: fields.unread };
  const findingsNotShown = differences(tally) - findings.length;
  io.out(JSON.stringify({ url, ...tally, replaced, ...sent, ...noticed, findings, findingsNotShown }));
}

function printReport({ url, tally, shown, sender, fields, replaced }: Report, connection: Connection, io: Io): void {
  const { bucket } = parseS3Prefix(url);
  const found = differences(tally);
  if (shown.length > 0) {
    const rows = shown.map(({ kind, key, object, reason }) => [
      kind,
      `s3://${bucket}/${key}`,
      object === undefined ? null : new Date(object.lastModifiedMs).toISOString().replace('.000Z', 'Z'),
      reason,
    ]);
    io.out(table(['finding', 'object', 'last modified', 'reason'], rows));
    if (found > shown.length) io.out(`… and ${number(found - shown.length)} more; to see them: --show ${found}`);
    io.out('');
  }
  const ignored = tally.ignored === 0 ? '' : `, ${number(tally.ignored)} ignored`;
  const tooRecent = tally.tooRecent === 0 ? '' : `, ${number(tally.tooRecent)} too recent to judge`;
  io.out(
    `${pluralize(tally.listed, 'object')} in ${escapeControls(url)}: ${number(tally.loaded)} loaded${ignored}${tooRecent}.`,
  );
  if (found === 0 && tally.loaded > 0) io.out('Bucket and ledger agree.');
  for (const kind of FINDING_KINDS) {
    if (tally[kind] > 0) io.out(`${number(tally[kind])} ${kind} – ${NEXT[kind]}`);
  }
  if (fields.drifted > 0) io.out(`${pluralize(fields.drifted, 'field')} changed → npx sparkify drift`);
  if (fields.error !== undefined) {
    io.err(`Fields of ${pluralize(fields.unread, 'file')} were not looked at: ${escapeControls(fields.error)}`);
  }
  if (replaced > 0) io.out(replacedText(replaced, connection.config.landing.buckets));
  if (sender) {
    io.out(`Sent ${pluralize(sender.tally.objects, 'object')} in ${pluralize(sender.tally.messages, 'message')}.`);
    if (sender.tally.objects > 0) io.out(`→ To check once they are loaded: ${sparkifyCommand('reconcile', url)}`);
  } else if (tally.missing + tally.changed > 0) io.out(`→ To repair: ${sparkifyCommand('reconcile', url, '--repair')}`);
}

function differences(tally: ReconcileTally): number {
  return FINDING_KINDS.reduce((sum, kind) => sum + tally[kind], 0);
}
