import type { Connection, Row } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import { rowLimit, runReport } from '../ledger/reports.ts';
import { codecOf } from '../objects/source.ts';
import { s3Url } from '../objects/object-version.ts';
import { placeholdersIn, render } from '../sql/template.ts';
import { excerptOf } from '../ui/excerpt.ts';
import { notReadOnly } from '../ui/read-only.ts';
import type { Batch, BatchDetail, QuarantineEntry, QuarantineList, QueryResult, Setup } from '../ui/shapes.ts';
import { ledgerOf } from './connection.ts';
import { sparkifyCommand } from './shell.ts';

const FILES_SHOWN = 200;
const ENTRIES_SHOWN = 50;
const ROWS_SHOWN = 500;
/** Lines beyond the file's start are not shown. */
const EXCERPT_BYTES = 256 * 1024;
const QUERY_LIMIT_MS = 30_000;

/** The reports that the page offers as sample questions. */
const SAMPLES: readonly (readonly [report: string, question: string])[] = [
  ['top-songs', 'Which songs are played most?'],
  ['busiest-hours', 'When do people listen?'],
  ['plays-by-weekday', 'On which weekdays?'],
  ['plays-by-level', 'Who pays for it?'],
];

/** The last batches, newest first. @throws LoaderError */
export async function readBatches(connection: Connection): Promise<Batch[]> {
  return (await runReport('last-batches', {}, ledgerOf(connection))).map(batchOf);
}

/** One batch with the first of its files; null when there is none of that number. @throws LoaderError */
export async function readBatch(connection: Connection, batchNo: number): Promise<BatchDetail | null> {
  const deps = ledgerOf(connection);
  const number = { batch_no: String(Math.trunc(batchNo)) };
  const [[row], files] = await Promise.all([
    runReport('one-batch', number, deps),
    runReport('batch-objects', number, deps, rowLimit(FILES_SHOWN)),
  ]);
  if (row === undefined) return null;
  const batch = batchOf(row);
  return {
    batch,
    files: files.map((file) => ({
      url: s3Url({ bucket: String(file.bucket), key: String(file.key) }),
      status: String(file.status),
      bytes: file.size_bytes === null ? null : Number(file.size_bytes),
    })),
    fileCount: batch.objects + batch.quarantined + batch.vanished,
    statements: null,
  };
}

/** A row of the report on batches. */
export function batchOf(row: Row): Batch {
  const number = (name: string): number => Number(row[name]);
  return {
    batchNo: number('batch_no'),
    batchId: String(row.batch_id),
    committedAt: String(row.committed_at),
    objects: number('objects_loaded'),
    quarantined: number('objects_quarantined'),
    vanished: number('objects_vanished'),
    bytes: number('bytes_loaded'),
    rows: {
      staged: number('rows_staged'),
      merged: number('rows_merged'),
      duplicate: number('rows_duplicate'),
      skipped: number('rows_skipped'),
      rejected: number('rows_rejected'),
    },
    seconds: number('seconds'),
    stages: [],
  };
}

/** What is not loaded, each with the line that COPY complained of, read from the object. @throws LoaderError */
export async function readQuarantine(connection: Connection): Promise<QuarantineList> {
  const rows = await runReport('first-not-loaded', {}, ledgerOf(connection), rowLimit(ENTRIES_SHOWN + 1));
  const entries = rows.slice(0, ENTRIES_SHOWN).map(async (row): Promise<QuarantineEntry> => {
    const place = { bucket: String(row.bucket), key: String(row.key) };
    const line = row.line === null ? null : Number(row.line);
    const column = row.column_name === null ? null : String(row.column_name);
    const url = s3Url(place);
    return {
      url,
      status: String(row.status),
      reason: [row.code, row.reason].filter((part) => part !== null).join(': '),
      line,
      column,
      recordedAt: String(row.recorded_at),
      excerpt: line === null ? null : await readExcerpt(connection, place, line, column),
      release: sparkifyCommand('quarantine', 'release', url),
    };
  });
  return { found: rows.length, entries: await Promise.all(entries) };
}

/** The offending line; null where the object is gone, may not be read, or has the line too far behind. */
async function readExcerpt(
  { objects }: Connection,
  { bucket, key }: { bucket: string; key: string },
  line: number,
  column: string | null,
): Promise<QuarantineEntry['excerpt']> {
  const codec = codecOf(key);
  if (codec === undefined) return null;
  try {
    const text = await objects.readStart(bucket, key, codec, EXCERPT_BYTES);
    return text === undefined ? null : excerptOf(text, line, column, text.length < EXCERPT_BYTES);
  } catch (error) {
    // The ledger's reason is shown in any case; that the object cannot be read now is no reason to show less of it.
    if (error instanceof LoaderError) return null;
    throw error;
  }
}

/** Runs a query of the page: a single SELECT, for at most half a minute. What the warehouse rejects is an answer too. */
export async function runQuery({ warehouse, clock }: Connection, sql: string): Promise<QueryResult> {
  const refused = notReadOnly(sql);
  if (refused !== undefined) return { kind: 'refused', reason: refused };
  const startedAt = clock.now();
  try {
    const rows = await warehouse.query('sparkify page', sql, {}, startedAt + QUERY_LIMIT_MS);
    const seconds = (clock.now() - startedAt) / 1000;
    const columns = Object.keys(rows[0] ?? {});
    return { kind: 'rows', columns, rows: rows.slice(0, ROWS_SHOWN), found: rows.length, seconds };
  } catch (error) {
    if (error instanceof LoaderError) return { kind: 'refused', reason: error.message };
    throw error;
  }
}

/** The sample questions, as statements that can be changed. */
export function sampleQuestions({ templates, config }: Connection): Setup['samples'] {
  return SAMPLES.flatMap(([report, question]) => {
    const template = templates.report[report];
    if (template === undefined || !placeholdersIn(template).has('schema')) return [];
    return [{ question, sql: render(template, { identifiers: { schema: config.names.schema } }).text }];
  });
}
