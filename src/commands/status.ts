import type { Row, Connection } from '../ports.ts';
import type { Freshness } from '../ledger/status.ts';
import type { TableHealth } from '../ledger/table-health.ts';
import type { AddCommand, CommandContext, ExitCode, Io } from './command.ts';
import { replacedText } from './connection.ts';
import { untilInterrupted } from './interruption.ts';
import { parseCount } from './options.ts';
import { readAwayReport, readStatusReport, type StatusReport } from './status-report.ts';
import { escapeControls, table } from './table.ts';
import { isAway, waitingLine } from './waiting.ts';
import { bytes } from '../numbers.ts';

type Options = { watch?: number | true; json?: true };

/** Default seconds between refreshes. */
const WATCH_SECONDS = 5;

const HELP = `
Exits with 1 if something needs attention: a warehouse that is waited for, dead letters, quarantined objects,
rows rejected within a day, fields that changed within 30 days, a schema of another version, or one that differs
from what this release made of it.

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
      const status = await readStatusReport(connection).catch((error: unknown) =>
        showAway(error, connection, io, options),
      );
      ({ attention } = status);
      if (options.json) io.out(JSON.stringify(status));
      else if (options.watch === undefined) io.out(whole(status, connection));
      else io.out(look(status, connection, io));
      if (options.watch === undefined) return;
      await connection.clock.sleep((options.watch === true ? WATCH_SECONDS : options.watch) * 1000);
    }
  });
  // Watching until Ctrl-C is what was asked for, so it is not an interruption once something was shown.
  if (stopped && attention === undefined) throw stopped;
  return attention?.length === 0 ? 0 : 1;
}

/** Shows what is known without the warehouse, and gives the error on. */
async function showAway(error: unknown, connection: Connection, io: Io, { json }: Options): Promise<never> {
  if (!isAway(error)) throw error;
  const away = await readAwayReport(connection, error);
  if (json) io.out(JSON.stringify(away));
  else {
    const waits = waitingLine(away.waiting);
    io.out([depthsTable(away), ...(waits === undefined ? [] : [`! ${escapeControls(waits)}`])].join('\n\n'));
  }
  throw error;
}

/** The full report, with what needs attention at the end, next to the prompt. */
function whole(status: StatusReport, connection: Connection): string {
  return [...sections(status, connection), attentionText(status.attention)].join('\n\n');
}

/** One refresh: on a terminal it replaces the previous one, most important first, cut to fit. */
function look(status: StatusReport, connection: Connection, io: Io): string {
  const screen = io.screen();
  if (screen === undefined) return whole(status, connection);
  const lines = [attentionText(status.attention), ...sections(status, connection)].join('\n\n').split('\n');
  // The last line stays free for the cursor.
  const fits = lines.length < screen.rows;
  const shown = fits ? lines : [...lines.slice(0, screen.rows - 2), '… all of it: npx sparkify status'];
  return `\u001b[2J\u001b[H${shown.map((line) => line.slice(0, screen.columns)).join('\n')}`;
}

function attentionText(attention: string[]): string {
  return attention.length === 0 ? 'Nothing needs attention.' : attention.map((line) => `! ${line}`).join('\n');
}

function sections(status: StatusReport, connection: Connection): string[] {
  const { schema } = connection.config.names;
  const spans = (['hour', 'day'] as const).map((span) => freshnessRow(`last ${span}`, status.freshness[span]));
  const notLoaded = status.notLoaded.map((row) => [row.status, row.source, row.code, row.reason, row.objects]);
  return [
    depthsTable(status),
    table(['freshness (s)', 'objects', 'p50', 'p95', 'max'], spans),
    status.batches.length === 0 ? 'No batch has been loaded yet.' : table(BATCH_HEADINGS, status.batches.map(batchRow)),
    ...(notLoaded.length === 0 ? [] : [table(['not loaded', 'source', 'code', 'reason', 'objects'], notLoaded)]),
    table([`schema ${schema}, version ${status.schemaVersion}`, 'rows'], Object.entries(status.tables)),
    ...(status.replacedObjects === 0 ? [] : [replacedText(status.replacedObjects, connection.config.landing.buckets)]),
    ...healthSections(status.health),
    ...(status.waiting !== null && 'unreadable' in status.waiting ? [waitingLine(status.waiting) ?? ''] : []),
  ];
}

function depthsTable({ queue, replayQueue, dlq }: Pick<StatusReport, 'queue' | 'replayQueue' | 'dlq'>): string {
  const named = { queue, 'replay queue': replayQueue, 'dead letters': dlq };
  const depths = Object.entries(named).map(([name, depth]) => {
    return [name, depth?.waiting, depth?.inFlight, depth?.delayed];
  });
  return table(['messages', 'waiting', 'in flight', 'delayed'], depths);
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

function freshnessRow(name: string, freshness: Freshness | null): (string | number | null)[] {
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
