import { OBJECT_STATES, type ObjectState } from '../ledger/conservation.ts';
import type { DeadLetter } from '../catch-up/dead-letter.ts';
import { countNames, type Source } from '../objects/source.ts';
import { countRows, rowLimit, runReport } from '../ledger/reports.ts';
import { starTables } from '../schema/relations.ts';
import type { Row, Connection } from '../ports.ts';
import type { Stack } from '../local/stack.ts';
import type { ConservationReport, RowAccount } from './local-conservation.ts';
import { ledgerOf } from './connection.ts';
import { shellQuote } from './shell.ts';
import { escapeControls, table } from './table.ts';
import { pluralize, duration } from '../numbers.ts';

/** The summary of a local run; `--json` prints exactly this. */
export type LocalSummary = {
  /** Every object version seen is in exactly one of the other states. */
  objects: { seen: number } & Record<ObjectState, number>;
  /** Every row staged is in exactly one of the other outcomes. */
  rows: RowAccount;
  /** Files of the folder that could not become objects, and why. */
  leftOut: { file: string; reason: string }[];
  /** Rows of each table of the star. */
  tables: Record<string, number>;
  batches: number;
  freshnessSeconds: { p50: number; p95: number; max: number };
  elapsedSeconds: number;
  /** The DuckDB file, which anyone can open. */
  warehouse: string;
};

/** The part of the summary that is read from the warehouse. */
export type WarehouseView = { counts: LocalSummary['tables']; topSongs: Row[]; busiestHours: Row[]; notLoaded: Row[] };

/** Reads the warehouse's part of the summary. @throws LoaderError */
export async function readView(connection: Connection): Promise<WarehouseView> {
  const deps = ledgerOf(connection);
  const { schema, load } = connection.templates;
  return {
    counts: await countRows(starTables(schema, load), deps),
    topSongs: await runReport('top-songs', {}, deps),
    busiestHours: await runReport('busiest-hours', {}, deps),
    notLoaded: await runReport('first-not-loaded', {}, deps, rowLimit(MAX_SHOWN + 1)),
  };
}

/** The summary for people. */
export function summaryText(
  summary: LocalSummary,
  view: WarehouseView,
  audit: ConservationReport,
  sources: readonly Source[],
): string {
  const { objects, rows, freshnessSeconds: freshness } = summary;
  const { skipped } = countNames(sources);
  const parts = [
    table(['table', 'rows'], Object.entries(summary.tables)),
    table(
      ['objects', 'count'],
      [['seen', objects.seen], ...OBJECT_STATES.map((state) => [words(state), objects[state]])],
    ),
    table(
      ['rows of new batches', 'count'],
      Object.entries(rows).map(([name, count]) => [name === 'skipped' ? skipped : words(name), count]),
    ),
  ];
  if (view.topSongs.length > 0) {
    parts.push(
      table(
        ['top songs', 'artist', 'plays'],
        view.topSongs.map((row) => [row.title, row.artist, row.plays]),
      ),
    );
  }
  if (view.busiestHours.length > 0) {
    parts.push(
      table(
        ['busiest hours (UTC)', 'plays'],
        view.busiestHours.map((row) => [hour(row.hour), row.plays]),
      ),
    );
  }
  if (view.notLoaded.length > 0) parts.push(notLoadedText(view.notLoaded));
  if (audit.deadLetters.length > 0) parts.push(deadLettersText(audit.deadLetters));
  if (rows.rejected > 0) parts.push(rejectedText(rows.rejected));
  if (summary.leftOut.length > 0) parts.push(leftOutText(summary.leftOut));
  parts.push(
    `${pluralize(summary.batches, 'batch', 'batches')} in ${duration(summary.elapsedSeconds)}; ` +
      `landing to commit: p50 ${duration(freshness.p50)}, p95 ${duration(freshness.p95)}, max ${duration(freshness.max)}`,
  );
  return parts.join('\n\n');
}

/** The most files or dead letters the summary lists; the commands list all. */
const MAX_SHOWN = 20;

/** The files that are not loaded, with place and reason. */
function notLoadedText(rows: readonly Row[]): string {
  const shown = table(
    ['not loaded', 'status', 'line', 'column', 'code', 'reason'],
    rows
      .slice(0, MAX_SHOWN)
      .map((row) => [`s3://${row.bucket}/${row.key}`, row.status, row.line, row.column_name, row.code, row.reason]),
  );
  const next = rows.length > MAX_SHOWN ? '… and more: npx sparkify quarantine list' : QUARANTINE_NEXT;
  return `${shown}\n${next}`;
}

const QUARANTINE_NEXT =
  '→ Upload a corrected file to the same key; it loads automatically. To dismiss it: npx sparkify quarantine dismiss s3://… --why TEXT';

/** The dead letters, with the object each names and the reason. */
function deadLettersText(deadLetters: readonly DeadLetter[]): string {
  const rows = deadLetters.slice(0, MAX_SHOWN).map((deadLetter) => {
    const [first, ...others] = deadLetter.kind === 'malformed' ? [] : deadLetter.objects;
    const more = others.length > 0 ? ` and ${others.length} more` : '';
    return [
      first ? `${escapeControls(first.url)}${more}` : 'no object',
      deadLetter.kind === 'objects' ? 'it failed every time' : deadLetter.reason,
    ];
  });
  const more = deadLetters.length > MAX_SHOWN ? `… and ${deadLetters.length - MAX_SHOWN} more\n` : '';
  return `${table(['dead letters', 'reason'], rows)}\n${more}→ To see why: npx sparkify redrive --dry-run`;
}

function rejectedText(rejected: number): string {
  const kept = `${pluralize(rejected, 'row')} could not be used; ${rejected === 1 ? 'it is' : 'they are'} kept with the reason`;
  return `${kept}: npx sparkify query "SELECT * FROM sparkify.rejected_rows ORDER BY batch_no DESC"`;
}

function leftOutText(files: LocalSummary['leftOut']): string {
  const shown = files.slice(0, MAX_SHOWN).map(({ file, reason }) => [escapeControls(file), reason]);
  return table([`left out: ${pluralize(files.length, 'file')}`, 'reason'], shown);
}

/** Whether a person must look at something, so that the run exits with 1. */
export function needsAttention(
  { rows, leftOut, objects }: LocalSummary,
  view: WarehouseView,
  { deadLetters }: ConservationReport,
): boolean {
  const quarantined = view.notLoaded.some((row) => row.status === 'quarantined');
  const isLeft = objects.waiting > 0 || leftOut.length > 0;
  return quarantined || deadLetters.length > 0 || rows.rejected > 0 || isLeft;
}

/** A camel-case name as words: `alreadyLoaded` → `already loaded`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function hour(value: Row[string] | undefined): string {
  return `${String(value).padStart(2, '0')}:00`;
}

/** The stack's endpoints, and what to try next: now while it runs and serves its page, or after starting it again. */
export function nextText(stack: Stack, directory: string, home: string, page: string | undefined): string {
  const { environment } = stack;
  const endpoints = table(
    ['endpoint', 'address'],
    [
      ...(page === undefined ? [] : [['page', page]]),
      ['S3', environment.AWS_ENDPOINT_URL_S3],
      ['SQS', environment.AWS_ENDPOINT_URL_SQS],
      ['Redshift Data API', environment.AWS_ENDPOINT_URL_REDSHIFT_DATA],
      ['warehouse file', stack.warehouseFile],
    ],
  );
  const target = `--workgroup-name ${environment.SPARKIFY_WORKGROUP ?? ''} --database ${environment.SPARKIFY_DATABASE ?? ''}`;
  const commands = [
    `. ${shellQuote(`${home}/env`)}`,
    `cp FILE ${shellQuote(`${directory}/log_data/`)}`,
    'npx sparkify query "SELECT COUNT(*) FROM sparkify.songplays"',
    `aws s3 cp FILE s3://${environment.SPARKIFY_LANDING_BUCKETS ?? ''}/log_data/`,
    'aws sqs get-queue-attributes --queue-url $SPARKIFY_QUEUE_URL --attribute-names All',
    `aws redshift-data execute-statement ${target} --sql "SELECT 1"`,
  ].map((command) => `  ${command}`);
  return page !== undefined
    ? ['', endpoints, '', 'Try, in another terminal:', ...commands, '', `Watching ${directory}. Ctrl-C ends.`].join(
        '\n',
      )
    : [
        '',
        endpoints,
        '',
        'The endpoints exist only while it runs. Next: npm start, and in another terminal:',
        ...commands,
      ].join('\n');
}
