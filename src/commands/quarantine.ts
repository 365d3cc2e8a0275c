import { objectId, s3Url } from '../objects/object-version.ts';
import { readNewestBatch } from '../ledger/reports.ts';
import { parseS3Object } from '../objects/s3-url.ts';
import { LoaderError } from '../errors.ts';
import { ReplaySender } from '../catch-up/replay.ts';
import { mapConcurrently, MAX_CONCURRENT } from '../pool.ts';
import type { AddCommand, CommandContext, ExitCode, Io } from './command.ts';
import { ledgerOf, replayOf } from './connection.ts';
import { untilInterrupted } from './interruption.ts';
import { parseCount } from './options.ts';
import { startProgress } from './progress.ts';
import { dismissAll } from './quarantine-dismiss.ts';
import { listNotLoaded, type NotLoadedObject } from './not-loaded.ts';
import { sparkifyCommand } from './shell.ts';
import { escapeControls, table } from './table.ts';
import type { Connection } from '../ports.ts';
import { pluralize } from '../numbers.ts';

type ListOptions = { reason?: string; show: number; json?: true };
type ReleaseOptions = { all?: true; reason?: string; json?: true };
type DismissOptions = ReleaseOptions & { why: string };

/** `quarantine list`, `quarantine release` and `quarantine dismiss`. */
export const addQuarantine: AddCommand = (program, context) => {
  const quarantine = program
    .command('quarantine')
    .summary('list what could not be loaded and why; retry or dismiss it')
    .description('Objects that could not be loaded are recorded with line and reason; the others load without them.')
    .addHelpText(
      'after',
      `
Examples:
  npx sparkify quarantine list
  npx sparkify quarantine list --reason 1207 --json
  npx sparkify quarantine release s3://landing/log_data/2018/11/2018-11-03-events.json
  npx sparkify quarantine release --reason AccessDenied
  npx sparkify quarantine dismiss s3://landing/log_data/old.json --why 'the producer sent it by mistake'`,
    );
  quarantine
    .command('list')
    .description('Lists what is quarantined or vanished now. Exits with 1 if anything is quarantined.')
    .option('--reason <text>', 'only those whose code or reason contains this text')
    .option('--show <objects>', 'list at most this many; all are counted', parseCount, 1000)
    .option('--json', 'print one JSON object')
    .action(async (options: ListOptions) => {
      context.exit(await list(options, context));
    });
  quarantine
    .command('release')
    .description('Retries objects that could not be loaded, as they are in the bucket now.')
    .argument('[urls...]', 's3://bucket/key')
    .option('--all', 'everything that is quarantined or vanished')
    .option('--reason <text>', 'those whose code or reason contains this text')
    .option('--json', 'print one JSON object')
    .action(async (urls: string[], options: ReleaseOptions) => {
      context.exit(await release(urls, options, context));
    });
  quarantine
    .command('dismiss')
    .description(
      'Dismisses objects that will never load; the ledger records who and why.\n' +
        'A later version loads as usual. Deleting or emptying a quarantined object dismisses it automatically.',
    )
    .argument('[urls...]', 's3://bucket/key')
    .option('--all', 'everything that is quarantined or vanished')
    .option('--reason <text>', 'those whose code or reason contains this text')
    .requiredOption('--why <text>', 'why it is not needed')
    .option('--json', 'print one JSON object')
    .action(async (urls: string[], options: DismissOptions) => {
      context.exit(await dismiss(urls, options, context));
    });
};

async function list(options: ListOptions, { io, connect }: CommandContext): Promise<ExitCode> {
  const shown: NotLoadedObject[] = [];
  let found = 0;
  let quarantined = 0;
  for await (const object of listNotLoaded(ledgerOf(connect()), options.reason)) {
    found += 1;
    if (object.status === 'quarantined') quarantined += 1;
    if (shown.length < options.show) shown.push(object);
  }
  if (options.json) {
    const objects = shown.map(({ bucket, key, eventTimeMs, ...rest }) => ({
      url: s3Url({ bucket, key }),
      ...rest,
      eventTime: new Date(eventTimeMs).toISOString(),
    }));
    io.out(JSON.stringify({ found, objects }));
  } else if (found === 0) io.out('Nothing is quarantined or vanished.');
  else {
    const rows = shown.map((o) => [s3Url(o), o.status, o.line, o.column, o.reason, o.recordedAt]);
    io.out(table(['object', 'outcome', 'line', 'column', 'reason', 'recorded (UTC)'], rows));
    if (found > shown.length) io.out(`… and ${found - shown.length} more; to see them: --show ${found}`);
    io.out('→ Upload a corrected file to the same key; it loads automatically. To retry the same file:');
    io.out('  npx sparkify quarantine release s3://…   (or --reason TEXT, or --all)');
    io.out('  To dismiss what will never load: npx sparkify quarantine dismiss s3://… --why TEXT');
  }
  return quarantined === 0 ? 0 : 1;
}

async function dismiss(urls: string[], options: DismissOptions, { io, connect }: CommandContext): Promise<ExitCode> {
  const wanted = wantedIds(urls, options, 'dismiss');
  const byUrl = wanted.size > 0;
  if (options.why.trim() === '') {
    throw new LoaderError('usage', 'Say why it is not needed.', "For example: --why 'sent by mistake'");
  }
  const connection = connect();
  // Before the list is read: what is recorded of an object afterwards is not dismissed unseen.
  const asked = { atMs: connection.clock.now(), batchNo: await readNewestBatch(ledgerOf(connection)) };
  const chosen: NotLoadedObject[] = [];
  for await (const object of listNotLoaded(ledgerOf(connection), options.reason)) {
    io.interrupted.throwIfAborted();
    if (byUrl && !wanted.delete(objectId(object))) continue;
    chosen.push(object);
    if (byUrl && wanted.size === 0) break;
  }
  await dismissAll(chosen, options.why, asked, { io, connection });
  const notQuarantined = [...new Set(urls)].filter((url) => wanted.has(objectId(parseS3Object(url))));
  if (options.json) io.out(JSON.stringify({ dismissed: chosen.map(s3Url), notQuarantined }));
  else {
    io.out(`Dismissed ${pluralize(chosen.length, 'object')}.`);
    for (const url of notQuarantined)
      io.out(`${escapeControls(url)} is neither quarantined nor vanished → ${sparkifyCommand('why', url)}`);
  }
  return notQuarantined.length === 0 ? 0 : 1;
}

/** The ids of the URLs. @throws LoaderError unless exactly one of URLs, --reason and --all is given. */
function wantedIds(urls: readonly string[], options: ReleaseOptions, verb: string): Set<string> {
  const ways = [urls.length > 0, options.all === true, options.reason !== undefined];
  if (ways.filter(Boolean).length !== 1) {
    throw new LoaderError(
      'usage',
      `Say what to ${verb}: URLs, --reason TEXT or --all, exactly one of them.`,
      'See what could not be loaded: npx sparkify quarantine list',
    );
  }
  return new Set(urls.map((url) => objectId(parseS3Object(url))));
}

async function release(urls: string[], options: ReleaseOptions, { io, connect }: CommandContext): Promise<ExitCode> {
  const wanted = wantedIds(urls, options, 'release');
  const connection = connect();
  const sender = new ReplaySender(replayOf(connection));
  const counts = { released: 0, gone: 0 };
  const stopped = await untilInterrupted(() => releaseChosen(wanted, options, { sender, counts }, { io, connection }));
  const notQuarantined = [...new Set(urls)].filter((url) => wanted.has(objectId(parseS3Object(url))));
  if (stopped) {
    const done = `Stopped: ${pluralize(sender.tally.objects, 'object')} released`;
    throw stopped.withMessage(`${done}. Run the same command again; releasing twice is harmless.`);
  }
  if (options.json) io.out(JSON.stringify({ ...counts, notQuarantined, messages: sender.tally.messages }));
  else {
    io.out(`Released ${pluralize(counts.released, 'object')} in ${pluralize(sender.tally.messages, 'message')}.`);
    if (counts.gone > 0)
      io.out(
        `Not in the bucket any more: ${pluralize(counts.gone, 'object')}. What is uploaded again loads by itself.`,
      );
    for (const url of notQuarantined)
      io.out(`${escapeControls(url)} is neither quarantined nor vanished → ${sparkifyCommand('why', url)}`);
  }
  return notQuarantined.length + counts.gone === 0 ? 0 : 1;
}

type Release = { sender: ReplaySender; counts: { released: number; gone: number } };

/** Releases the chosen objects. With URLs, the ids found are removed from `wanted`. */
async function releaseChosen(
  wanted: Set<string>,
  options: ReleaseOptions,
  { sender, counts }: Release,
  { io, connection }: { io: Io; connection: Connection },
): Promise<void> {
  const byUrl = wanted.size > 0;
  const chosen: NotLoadedObject[] = [];
  const progress = startProgress('released', byUrl ? wanted.size : undefined, io, connection.clock);
  try {
    for await (const object of listNotLoaded(ledgerOf(connection), options.reason)) {
      io.interrupted.throwIfAborted();
      if (byUrl && !wanted.delete(objectId(object))) continue;
      chosen.push(object);
      if (chosen.length >= MAX_CONCURRENT) await releaseAll(chosen.splice(0), sender, counts, connection);
      progress.update(counts.released, `${counts.gone} no longer in the bucket`);
      if (byUrl && wanted.size === 0) break;
    }
    await releaseAll(chosen, sender, counts, connection);
    io.interrupted.throwIfAborted();
    await sender.flush();
  } finally {
    progress.stop();
  }
}

/** Sends objects as they are in the bucket now: a corrected file under the same key is another version. */
async function releaseAll(
  objects: readonly NotLoadedObject[],
  sender: ReplaySender,
  counts: { released: number; gone: number },
  connection: Connection,
): Promise<void> {
  const heads = await mapConcurrently(objects, ({ bucket, key }) => connection.objects.head(bucket, key));
  for (const [index, object] of objects.entries()) {
    const head = heads[index];
    if (head === undefined || head.kind === 'missing') {
      counts.gone += 1;
      continue;
    }
    // An object that this role may not read is sent as the ledger has it; the loader finds out whether it loads.
    const { bucket, key, etag, sizeBytes, eventTimeMs } = object;
    const now = head.kind === 'present' ? head : { etag, sizeBytes, lastModifiedMs: eventTimeMs };
    await sender.add({ bucket, key, ...now }, now.etag === etag ? 'release' : 'reload');
    counts.released += 1;
  }
}
