import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { readQuickly } from './quick-read.ts';
import { BAD_ROWS_KEPT, separateRows, type BadRow, type SeparatedRows } from './diagnose.ts';
import * as read from './exact-read.ts';
import type { LoadColumn } from './exact-read.ts';
import { loadErrors } from './report.ts';
import { inScratch, type Scratch } from './scratch.ts';
import { columnPaths, targetColumns } from './target.ts';
import { resolveFiles, s3Url, type LoadFile } from './manifest-file.ts';
import { valueError } from './load-error-text.ts';
import { engineName } from '../sql/scope.ts';
import { spoolObjects, type Spool } from './spool.ts';
import type { CopyStatement, LoadLog, ObjectReader, Table } from '../types.ts';
import { SqlError } from '../types.ts';

/** What a COPY works with. `connection` holds the session's open transaction; `now` gives the current time. */
export type CopyContext = {
  connection: DuckDBConnection;
  /** Makes a temporary table show a query; `free` removes those rows. */
  showQuery: (table: Table, rows: string, free: () => Promise<void>) => Promise<void>;
  instance: DuckDBInstance;
  objects: ObjectReader;
  log: LoadLog;
  scratchDirectory: string;
  queryId: number;
  transactionId: number;
  sessionId: number;
  now: () => Date;
  signal: AbortSignal;
};

/** From this size on, a temporary table shows the rows instead of copying them. Below it, that would cost more than it saves. */
const MIN_LENT_BYTES = 1024 * 1024;

/** One COPY on its way: what is read and how, and where the rows wait until they are known to be good. */
type Load = {
  copy: CopyStatement;
  table: Table;
  columns: LoadColumn[];
  files: LoadFile[];
  spool: Spool;
  scratch: Scratch;
  directory: string;
  context: CopyContext;
};

/**
 * Runs a COPY inside the session's transaction and gives the number of rows loaded. Bad rows are reported to
 * `context.log` whatever becomes of the transaction. The transaction itself is touched only by the final INSERT, since
 * the engine would abort it at the first bad value. Throws SqlError with Redshift's texts.
 */
export async function runCopy(copy: CopyStatement, table: Table, context: CopyContext): Promise<{ rows: number }> {
  const startedAt = context.now();
  const targets = targetColumns(copy, table);
  const paths = await columnPaths(copy, targets, context.objects);
  const columns = targets.map((column, i) => ({ column, path: paths?.[i] ?? [column.name] }));
  // A jsonpaths file that misspells its one member is ignored by Redshift, which reads as 'auto' then.
  const json = copy.json.kind === 'jsonpaths' && !paths ? { kind: 'auto' as const } : copy.json;
  const files = await resolveFiles(copy.from, copy.manifest, context.objects);
  const directory = await mkdtemp(path.join(context.scratchDirectory, 'copy-'));
  try {
    const spoolPath = path.join(directory, 'spool.json');
    const spool = await spoolObjects(files, spoolPath, {
      codec: copy.codec,
      objects: context.objects,
      signal: context.signal,
    });
    return await inScratch(context, async (scratch) => {
      const load: Load = { copy: { ...copy, json }, table, columns, files, spool, scratch, directory, context };
      const errors = await readRows(load);
      const isTooMany = errors.hasFatal || errors.count >= Math.max(copy.maxErrors, 1);
      const rows = isTooMany || copy.noLoad ? 0 : await keepRows(load);
      await record(load, { errors, isTooMany, rows, startedAt });
      if (isTooMany) throw loadFailed(table);
      return { rows };
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function loadFailed(table: Table): SqlError {
  return new SqlError(
    `Load into table '${table.name}' failed.  Check 'sys_load_error_detail' system table for details.`,
  );
}

type Errors = { count: number; hasFatal: boolean; reported: BadRow[] };

/** Leaves the good rows in the scratch table (unless nothing is to be loaded) and gives the bad ones. */
async function readRows(load: Load): Promise<Errors> {
  const { spool, columns, copy, context, scratch } = load;
  const into = copy.noLoad ? undefined : `${scratch.name}.good`;
  const isRead = await readQuickly(spool, columns, copy, { work: scratch.work, into, signal: context.signal });
  return isRead ? { count: 0, hasFatal: false, reported: [] } : readExactly(load);
}

async function readExactly(load: Load): Promise<Errors> {
  const { copy, directory, context } = load;
  const { work, name } = load.scratch;
  const separatedPath = path.join(directory, 'rows.json');
  const separated = await separateRows(load.spool, separatedPath, load.columns, { copy, signal: context.signal });
  const columns = load.columns.map(({ column, path: given }) => {
    const spelling = separated.spellings.get(column.name);
    return { column, path: spelling === undefined ? given : [spelling] };
  });
  const converted = read.convertedRows(read.jsonLines(separatedPath), columns, copy);
  await work.run(`CREATE TABLE ${name}.judged AS ${read.judgedRows(converted, columns)}`);
  const values = columns.map((_, i) => `v${i}`).join(', ');
  if (!copy.noLoad)
    await work.run(`CREATE VIEW ${name}.good AS SELECT ${values} FROM ${name}.judged WHERE bad IS NULL`);
  const limit = Math.min(Math.max(copy.maxErrors, 1), BAD_ROWS_KEPT);
  const badValues = await badValueRows(load, separated, limit);
  const reported = [...separated.badRows, ...badValues.rows].sort(
    (one, other) => one.file - other.file || one.line - other.line || (one.startBytes ?? 0) - (other.startBytes ?? 0),
  );
  const count = separated.badRowCount + badValues.count;
  return { count, hasFatal: separated.hasFatal, reported: reported.slice(0, limit) };
}

async function badValueRows(
  { scratch: { work, name }, columns }: Load,
  { origins }: SeparatedRows,
  limit: number,
): Promise<{ count: number; rows: BadRow[] }> {
  const counted = await work.runAndReadAll(`SELECT count(bad) FROM ${name}.judged`);
  const found = await work.runAndReadAll(
    `SELECT CAST(n AS DOUBLE), bad, code, field FROM ${name}.judged WHERE bad IS NOT NULL ORDER BY n LIMIT ${limit}`,
  );
  const rows = found.getRows().map(([n, bad, code, field]): BadRow => {
    const row = Number(n);
    const column = columns[Number(bad)]?.column;
    const [file, line] = [origins.file[row], origins.line[row]];
    if (!column || file === undefined || line === undefined) throw new Error(`row ${row} of the load has no origin`);
    const value = typeof field === 'string' ? field : '';
    return {
      file,
      line,
      startBytes: origins.startBytes[row],
      column,
      value,
      ...valueError(Number(code), column, value),
    };
  });
  return { count: Number(counted.getRows()[0]?.[0]), rows };
}

/** Copies the good rows into the target, or makes an empty temporary table show them. Returns their number. */
async function keepRows(load: Load): Promise<number> {
  const { context, table, columns, scratch, spool } = load;
  const good = `${scratch.name}.good`;
  const isWhole = table.temporary && columns.length === table.columns.length && spooledBytes(spool) >= MIN_LENT_BYTES;
  if (isWhole && (await countOf(context.connection, `(SELECT 1 FROM ${engineName(table)} LIMIT 1)`)) === 0) {
    const named = table.columns.map(({ name }) => {
      const position = columns.findIndex(({ column }) => column.name === name);
      return `v${position} AS ${read.quote(name)}`;
    });
    const rows = await countOf(scratch.work, good);
    scratch.isKept = true;
    await context.showQuery(table, `SELECT ${named.join(', ')} FROM ${good}`, scratch.free);
    return rows;
  }
  const names = columns.map(({ column }) => read.quote(column.name)).join(', ');
  const into = `INSERT INTO ${engineName(table)} (${names})`;
  return (await context.connection.run(`${into} SELECT * FROM ${good}`)).rowsChanged;
}

function spooledBytes({ segments }: Spool): number {
  return segments.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
}

async function countOf(connection: DuckDBConnection, relation: string): Promise<number> {
  const [counted] = (await connection.runAndReadAll(`SELECT count(*) FROM ${relation}`)).getRows();
  return Number(counted?.[0]);
}

async function record(
  load: Load,
  { errors, isTooMany, rows, startedAt }: { errors: Errors; isTooMany: boolean; rows: number; startedAt: Date },
): Promise<void> {
  const { context, copy, files, spool, table } = load;
  const { queryId, transactionId, log } = context;
  if (errors.reported.length > 0)
    await log.recordErrors(await loadErrors(errors.reported, { table, files, spool, context }));
  const loaded = spool.segments.toSorted((one, other) => one.file - other.file);
  await log.recordLoad({
    queryId,
    transactionId,
    tableName: table.name,
    dataSource: s3Url(copy.from),
    fileNames: loaded.map(({ address }) => s3Url(address)),
    rows,
    bytes: spooledBytes(spool),
    errors: errors.count,
    status: isTooMany ? 'aborted' : 'completed',
    startedAt,
    durationMicroseconds: (context.now().getTime() - startedAt.getTime()) * 1000,
  });
}
