import type { Drift } from '../schema/drift.ts';
import { newestVersion } from '../schema/migrations.ts';
import { LoaderError } from '../errors.ts';
import type { Row, Connection } from '../ports.ts';
import { starTables } from '../schema/relations.ts';
import { readWarehouseStatus, type Freshness, type Status } from '../ledger/status.ts';
import type { TableHealth } from '../ledger/table-health.ts';
import type { AddCommand, CommandContext, ExitCode, Io } from './command.ts';
import { ledgerOf } from './connection.ts';
import { driftAdvice, readDrift } from './drift.ts';
import { untilInterrupted } from './interruption.ts';
import { parseCount } from './options.ts';
import { table } from './table.ts';
import { bytes, pluralize } from '../numbers.ts';

type Options = { watch?: number | true; json?: true };

/** Default seconds between refreshes. */
const WATCH_SECONDS = 5;

const HELP = `
Exits with 1 if something needs attention: dead letters, quarantined objects, rows rejected within a day, a
schema of another version, or one that differs from what this release made of it.

The age of the oldest message is not shown: SQS reports it only to CloudWatch (ApproximateAgeOfOldestMessage), and looking
at messages would count as a receive and move them closer to the dead-letter queue.

Examples:
  npx sparkify status
  npx sparkify status --watch
  npx sparkify status --json`;

/** `status`: the state of queues, loads and tables. */
export const addStatus: AddCommand = (program, context) => {
  program
    .command('status')
    .summary('queue, batches, freshness, quarantine and tables')
    .description('Shows what is waiting, what was loaded and how fast, and what could not be loaded.')
    .option('--watch [seconds]', `refresh every so many seconds (default ${WATCH_SECONDS}) until Ctrl-C`, parseCount)
    .option('--json', 'print one JSON object; with --watch one a line')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      context.exit(await run(options, context));
    });
};

async function run(options: Options, { io, connect }: CommandContext): Promise<ExitCode> {
  const connection = connect();
  let attention: string[] | undefined;
  const stopped = await untilInterrupted(async () => {
    for (;;) {
      const { status, drift } = await readStatus(connection);
      attention = needsAttention(status, drift, connection);
      if (options.json) io.out(JSON.stringify(jsonOf(status, drift, attention)));
      else if (options.watch === undefined) io.out(whole(status, attention, connection));
      else io.out(look(status, attention, connection, io));
      if (options.watch === undefined) return;
      await connection.clock.sleep((options.watch === true ? WATCH_SECONDS : options.watch) * 1000);
    }
  });
  // Watching until Ctrl-C is what was asked for, so it is not an interruption once something was shown.
  if (stopped && attention === undefined) throw stopped;
  return attention?.length === 0 ? 0 : 1;
}

async function readStatus(connection: Connection): Promise<{ status: Status; drift: Drift[] }> {
  const { queueUrl, dlqUrl } = connection.config;
  const tables = [...starTables(connection.templates.schema, connection.templates.load), 'rejected_rows'];
  const [drift, warehouse, queue, dlq] = await Promise.all([
    readDrift(connection),
    readWarehouseStatus(tables, ledgerOf(connection)).catch(asValue),
    queueUrl === undefined ? undefined : connection.queue.depth(queueUrl),
    dlqUrl === undefined ? undefined : connection.queue.depth(dlqUrl),
  ]);
  if (!(warehouse instanceof LoaderError)) return { status: { ...warehouse, queue, dlq }, drift };
  // What the questions stumbled over is what differs, if anything does.
  const [advice] = driftAdvice(drift, connection.config.names.schema);
  throw advice === undefined ? warehouse : new LoaderError(warehouse.code, warehouse.message, advice, warehouse);
}

function asValue(error: unknown): LoaderError {
  if (error instanceof LoaderError) return error;
  throw error;
}

/** What needs attention, each with the next command. */
function needsAttention(status: Status, drift: Drift[], connection: Connection): string[] {
  const { schema } = connection.config.names;
  const attention: string[] = [];
  const dead = status.dlq === undefined ? 0 : status.dlq.waiting + status.dlq.inFlight;
  // Vanished objects were deleted before they were read, so there is nothing to fix.
  const quarantined = status.notLoaded.filter((row) => row.status === 'quarantined');
  const notLoaded = quarantined.reduce((sum, row) => sum + Number(row.objects), 0);
  const newest = newestVersion(connection.templates.schema);
  if (dead > 0) attention.push(`${pluralize(dead, 'dead letter')} → npx sparkify redrive --dry-run`);
  if (notLoaded > 0) attention.push(`${pluralize(notLoaded, 'object')} not loaded → npx sparkify quarantine list`);
  if (status.rejectedRows > 0) {
    const query = `npx sparkify query "SELECT * FROM ${schema}.rejected_rows ORDER BY batch_no DESC LIMIT 20"`;
    attention.push(`${pluralize(status.rejectedRows, 'row')} rejected within a day → ${query}`);
  }
  if (status.schemaVersion < newest) {
    attention.push(
      `schema is at version ${status.schemaVersion}, this release has ${newest} → npx sparkify create-tables`,
    );
  }
  if (status.schemaVersion > newest) {
    attention.push(
      `schema is at version ${status.schemaVersion}, this release knows ${newest} → use the newer release`,
    );
  }
  return [...attention, ...driftAdvice(drift, schema)];
}

function jsonOf(status: Status, drift: Drift[], attention: string[]): object {
  const { queue, dlq, freshness } = status;
  return {
    ...status,
    queue: queue ?? null,
    dlq: dlq ?? null,
    freshness: { hour: freshness.hour ?? null, day: freshness.day ?? null },
    drift,
    attention,
  };
}

/** The full report, with what needs attention at the end, next to the prompt. */
function whole(status: Status, attention: string[], connection: Connection): string {
  return [...sections(status, connection), attentionText(attention)].join('\n\n');
}

/** One refresh: on a terminal it replaces the previous one, most important first, cut to fit. */
function look(status: Status, attention: string[], connection: Connection, io: Io): string {
  const screen = io.screen();
  if (screen === undefined) return whole(status, attention, connection);
  const lines = [attentionText(attention), ...sections(status, connection)].join('\n\n').split('\n');
  // The last line stays free for the cursor.
  const fits = lines.length < screen.rows;
  const shown = fits ? lines : [...lines.slice(0, screen.rows - 2), '… all of it: npx sparkify status'];
  return `\u001b[2J\u001b[H${shown.map((line) => line.slice(0, screen.columns)).join('\n')}`;
}

function attentionText(attention: string[]): string {
  return attention.length === 0 ? 'Nothing needs attention.' : attention.map((line) => `! ${line}`).join('\n');
}

function sections(status: Status, connection: Connection): string[] {
  const { schema } = connection.config.names;
  const depths = (['queue', 'dlq'] as const).map((name) => {
    const depth = status[name];
    return [name === 'dlq' ? 'dead letters' : name, depth?.waiting, depth?.inFlight, depth?.delayed];
  });
  const spans = (['hour', 'day'] as const).map((span) => freshnessRow(`last ${span}`, status.freshness[span]));
  const notLoaded = status.notLoaded.map((row) => [row.status, row.source, row.code, row.reason, row.objects]);
  return [
    table(['messages', 'waiting', 'in flight', 'delayed'], depths),
    table(['freshness (s)', 'objects', 'p50', 'p95', 'max'], spans),
    status.batches.length === 0 ? 'No batch has been loaded yet.' : table(BATCH_HEADINGS, status.batches.map(batchRow)),
    ...(notLoaded.length === 0 ? [] : [table(['not loaded', 'source', 'code', 'reason', 'objects'], notLoaded)]),
    table([`schema ${schema}, version ${status.schemaVersion}`, 'rows'], Object.entries(status.tables)),
    ...healthSections(status.health),
  ];
}

/** The large tables, and what to run for those that need it; nothing where no table is large. */
function healthSections(health: TableHealth): string[] {
  if ('unreadable' in health) {
    return ['How sorted the tables are is not known: svv_table_info is for superusers, and for whom they grant it.'];
  }
  if (health.tables.length === 0) return [];
  const rows = health.tables.map(({ table: name, rows: count, unsorted, statsOff }) => [
    name,
    count,
    unsorted,
    statsOff,
  ]);
  const mend = health.tables.flatMap((one) => one.mend.map((statement) => `→ at a quiet time: ${statement};`));
  return [[table(['large tables', 'rows', 'unsorted %', 'stats off %'], rows), ...mend].join('\n')];
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
  'not loaded',
  'rows',
  'rejected',
  'seconds',
];

function batchRow(row: Row): (string | number | null)[] {
  const notLoaded = Number(row.objects_quarantined) + Number(row.objects_vanished);
  return [
    String(row.batch_id),
    String(row.committed_at),
    Number(row.objects_loaded),
    bytes(Number(row.bytes_loaded)),
    notLoaded,
    Number(row.rows_merged),
    Number(row.rows_rejected),
    Number(row.seconds),
  ];
}
