import type { DuckDBConnection } from '@duckdb/node-api';
import { asciiLowerCase } from './diagnose.ts';
import { isContentError, jsonLines, strictRows, type LoadColumn } from './exact-read.ts';
import type { Spool } from './spool.ts';
import type { CopyStatement } from '../types.ts';

/** How many rows are looked at to learn how keys are spelled, and how many lists of keys are then told by sight. */
const SAMPLED_ROWS = 100;
const MAX_LAYOUTS = 4;

/** The engine's variable that holds lists of keys: text from files never becomes part of a statement. */
const LAYOUTS = 'copy_layouts';

/**
 * Reads spooled objects as good data is best read, by the engine alone, into the new table `into` (undefined: nowhere).
 * Gives false, with nothing read, when anything is not beyond doubt: a bad row, or one that only the exact reading can
 * judge. What it does read is what the exact reading would.
 */
export async function readQuickly(
  spool: Spool,
  columns: LoadColumn[],
  copy: CopyStatement,
  { work, into, signal }: { work: DuckDBConnection; into: string | undefined; signal: AbortSignal },
): Promise<boolean> {
  if (spool.unreadable.length > 0 || spool.isDoubtful) return false;
  const source = jsonLines(spool.path);
  try {
    const known = copy.json.kind === 'auto ignorecase' ? await sampledSpelling(source, columns, work) : columns;
    if (known === undefined) return false;
    const strict = strictRows(source, known, copy, `getvariable('${LAYOUTS}')[:${MAX_LAYOUTS}]`);
    await work.run(into === undefined ? `SELECT count(*) FROM (${strict})` : `CREATE TABLE ${into} AS ${strict}`);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!isContentError(error)) throw error;
    return false;
  }
}

/**
 * The columns with their keys as the first rows spell them, and the engine's variable set to the lists of keys that these
 * rows have; a clean load has them throughout. Undefined when two spellings are about.
 */
async function sampledSpelling(
  source: string,
  columns: LoadColumn[],
  work: DuckDBConnection,
): Promise<LoadColumn[] | undefined> {
  const sample = `SELECT json FROM ${source} LIMIT ${SAMPLED_ROWS}`;
  await work.run(`SET VARIABLE ${LAYOUTS} = (SELECT coalesce(list(DISTINCT json_keys(json)), []) FROM (${sample}))`);
  const sampled = await work.runAndReadAll(`SELECT DISTINCT unnest(flatten(getvariable('${LAYOUTS}')))`);
  const names = sampled.getRowsJS().flatMap(([name]) => (typeof name === 'string' ? [name] : []));
  const spelled = columns.map(({ column }) => {
    const spellings = names.filter((name) => asciiLowerCase(name) === column.name);
    return { column, path: [spellings[0] ?? column.name], isOne: spellings.length <= 1 };
  });
  return spelled.every(({ isOne }) => isOne) ? spelled : undefined;
}
