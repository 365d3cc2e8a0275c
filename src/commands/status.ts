import { newestVersion } from '../core/schema.ts';
import type { Row } from '../deps.ts';
import { readWarehouseStatus, type Freshness, type Status } from '../status.ts';
import type { AddCommand, CommandContext, Connection, ExitCode, Io } from './command.ts';
import { ledgerOf } from './connection.ts';
import { parseCount } from './options.ts';
import { bytes, counted, table } from './table.ts';

type Options = { watch?: number | true; json?: true };

/** Seconds between two looks, unless told. */
const WATCH_SECONDS = 5;
/** Checks for Ctrl-C come so often while waiting. */
const TICK_MS = 200;

const HELP = `
Exits with 1 if something needs attention: dead letters, objects set aside, an older schema.

The age of the oldest message is not told: SQS gives it only to CloudWatch (ApproximateAgeOfOldestMessage), and to look at
messages would count as trying them, which brings them nearer to the dead-letter queue.

Examples:
  npx sparkify status
  npx sparkify status --watch
  npx sparkify status --json`;

/** `status`: how things stand. */
export const addStatus: AddCommand = (program, context) => {
  program
    .command('status')
    .summary('queue, batches, freshness, quarantine and tables')
    .description('Tells how things stand: what waits, what was loaded and how fast, what was set aside.')
    .option('--watch [seconds]', `look again every so many seconds (${WATCH_SECONDS}) until Ctrl-C`, parseCount)
    .option('--json', 'print one JSON object; with --watch one a line')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      context.exit(await run(options, context));
    });
};

async function run(options: Options, { io, connect }: CommandContext): Promise<ExitCode> {
  const connection = connect();
  for (;;) {
    const status = await readStatus(connection);
    const attention = needsAttention(status, connection);
    if (options.json) io.out(JSON.stringify(jsonOf(status, attention)));
    else {
      if (options.watch !== undefined && io.isTerminal) io.out('\u001b[2J\u001b[H');
      printStatus(status, attention, connection, io);
    }
    if (options.watch === undefined) return attention.length === 0 ? 0 : 1;
    await wait(options.watch === true ? WATCH_SECONDS : options.watch, connection, io);
    if (io.interrupted.aborted) return attention.length === 0 ? 0 : 1;
  }
}

async function wait(seconds: number, { clock }: Connection, io: Io): Promise<void> {
  const untilMs = clock.now() + seconds * 1000;
  while (clock.now() < untilMs && !io.interrupted.aborted) await clock.sleep(Math.min(TICK_MS, untilMs - clock.now()));
}

async function readStatus(connection: Connection): Promise<Status> {
  const { queueUrl, dlqUrl } = connection.config;
  const [warehouse, queue, dlq] = await Promise.all([
    readWarehouseStatus(ledgerOf(connection)),
    queueUrl === undefined ? undefined : connection.queue.depth(queueUrl),
    dlqUrl === undefined ? undefined : connection.queue.depth(dlqUrl),
  ]);
  return { ...warehouse, queue, dlq };
}

/** What a person should look at, each with the next thing to type. */
function needsAttention(status: Status, connection: Connection): string[] {
  const attention: string[] = [];
  const dead = status.dlq === undefined ? 0 : status.dlq.waiting + status.dlq.inFlight;
  const aside = status.setAside.reduce((sum, row) => sum + Number(row.objects), 0);
  const newest = newestVersion(connection.templates.schema);
  if (dead > 0) attention.push(`${counted(dead, 'dead letter')} → npx sparkify redrive --dry-run`);
  if (aside > 0) attention.push(`${counted(aside, 'object')} set aside → npx sparkify quarantine list`);
  if (status.schemaVersion !== newest) {
    attention.push(
      `schema is at version ${status.schemaVersion}, this release has ${newest} → npx sparkify create-tables`,
    );
  }
  return attention;
}

function jsonOf(status: Status, attention: string[]): object {
  const { queue, dlq, freshness } = status;
  return {
    ...status,
    queue: queue ?? null,
    dlq: dlq ?? null,
    freshness: { hour: freshness.hour ?? null, day: freshness.day ?? null },
    attention,
  };
}

function printStatus(status: Status, attention: string[], connection: Connection, io: Io): void {
  const { schema } = connection.config.names;
  const depths = (['queue', 'dlq'] as const).map((name) => {
    const depth = status[name];
    return [name === 'dlq' ? 'dead letters' : name, depth?.waiting, depth?.inFlight, depth?.delayed];
  });
  io.out(table(['messages', 'waiting', 'in flight', 'delayed'], depths));
  const spans = (['hour', 'day'] as const).map((span) => freshnessRow(`last ${span}`, status.freshness[span]));
  io.out(`\n${table(['freshness (s)', 'objects', 'p50', 'p95', 'max'], spans)}`);
  io.out(
    status.batches.length === 0
      ? '\nNo batch was loaded yet.'
      : `\n${table(BATCH_HEADINGS, status.batches.map(batchRow))}`,
  );
  if (status.setAside.length > 0) {
    const rows = status.setAside.map((row) => [row.status, row.source, row.code, row.reason, row.objects]);
    io.out(`\n${table(['set aside', 'source', 'code', 'reason', 'objects'], rows)}`);
  }
  io.out(`\n${table([`schema ${schema}, version ${status.schemaVersion}`, 'rows'], Object.entries(status.tables))}`);
  io.out('');
  if (attention.length === 0) io.out('Nothing needs attention.');
  for (const line of attention) io.out(`! ${line}`);
}

function freshnessRow(name: string, freshness: Freshness | undefined): (string | number | null)[] {
  if (!freshness) return [name, 0, null, null, null];
  return [name, freshness.objects, freshness.p50, freshness.p95, freshness.max];
}

const BATCH_HEADINGS = [
  'last batches',
  'committed (UTC)',
  'objects',
  'bytes',
  'set aside',
  'rows',
  'rejected',
  'seconds',
];

function batchRow(row: Row): (string | number | null)[] {
  const aside = Number(row.objects_quarantined) + Number(row.objects_vanished);
  return [
    String(row.batch_id),
    String(row.committed_at),
    Number(row.objects_loaded),
    bytes(Number(row.bytes_loaded)),
    aside,
    Number(row.rows_merged),
    Number(row.rows_rejected),
    Number(row.seconds),
  ];
}
