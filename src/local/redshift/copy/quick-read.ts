import type { DuckDBConnection } from '@duckdb/node-api';
import { asciiLowerCase } from './diagnose.ts';
import {
  isContentError,
  jsonLines,
  strictLayoutRows,
  strictRows,
  type Layouts,
  type LoadColumn,
} from './exact-read.ts';
import type { Spool } from './spool.ts';
import type { CopyStatement } from '../types.ts';

/** How many rows are looked at to learn how keys are spelled, and how many lists of keys are then told by sight. */
const SAMPLED_ROWS = 100;
const MAX_LAYOUTS = 4;

/** The engine's variable that holds lists of keys: text from files never becomes part of a statement. */
const LAYOUTS = 'copy_layouts';
const KNOWN = `getvariable('${LAYOUTS}')[:${MAX_LAYOUTS}]`;

/**
 * Reads spooled objects as good data is best read, by the engine alone, into the new table `into` (undefined: nowhere).
 * Returns false, with nothing read, when anything is doubtful: a bad row, or one that only the exact reading can
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
  const read = async (rows: string): Promise<boolean> => {
    await work.run(into === undefined ? `SELECT count(*) FROM (${rows})` : `CREATE TABLE ${into} AS ${rows}`);
    return true;
  };
  const orDoubt = (error: unknown): false => {
    signal.throwIfAborted();
    if (!isContentError(error)) throw error;
    return false;
  };
  try {
    if (copy.json.kind !== 'auto ignorecase') return await read(strictRows(source, columns, copy, KNOWN));
    const { columns: spelled, isOneSpelling, layouts } = await sampled(source, columns, work);
    if (!isOneSpelling) return false;
    const ofLayouts = layouts && strictLayoutRows(spool.path, spelled, copy, layouts);
    if (ofLayouts !== undefined && (await read(ofLayouts).catch(orDoubt))) return true;
    return await read(strictRows(source, spelled, copy, KNOWN));
  } catch (error) {
    return orDoubt(error);
  }
}

/** What the first rows show: the columns with their keys as these spell them, and the lists of keys where none has a key twice. */
type Sample = { columns: LoadColumn[]; isOneSpelling: boolean; layouts: Layouts | undefined };

/** Looks at the first rows, and sets the engine's variable to the lists of keys that these have; a clean load has them throughout. */
async function sampled(source: string, columns: LoadColumn[], work: DuckDBConnection): Promise<Sample> {
  const sample = `SELECT json FROM ${source} LIMIT ${SAMPLED_ROWS}`;
  await work.run(`SET VARIABLE ${LAYOUTS} = (SELECT coalesce(list(DISTINCT json_keys(json)), []) FROM (${sample}))`);
  const [row] = (await work.runAndReadAll(`SELECT ${KNOWN}`)).getRowsJS();
  const keys = row?.[0] as string[][];
  const names = new Set(keys.flat());
  const spelled = columns.map(({ column }) => {
    const spellings = [...names].filter((name) => asciiLowerCase(name) === column.name);
    return { column, path: [spellings[0] ?? column.name], isOne: spellings.length <= 1 };
  });
  const areDistinct = keys.every((layout) => new Set(layout).size === layout.length);
  return {
    columns: spelled,
    isOneSpelling: spelled.every(({ isOne }) => isOne),
    layouts: areDistinct ? { sql: KNOWN, keys } : undefined,
  };
}
