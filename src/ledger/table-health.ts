import { LoaderError } from '../errors.ts';
import { runReport, type LedgerDeps } from './reports.ts';

/** A large table, and what a person should run for it. Percent, as SVV_TABLE_INFO gives them; null where a table is not sorted. */
export type LargeTable = { table: string; rows: number; unsorted: number | null; statsOff: number; mend: string[] };

/** The state of the large tables, or why it is not known. */
export type TableHealth = { tables: LargeTable[] } | { unreadable: string };

/**
 * From these percentages on a statement is suggested. Redshift itself sorts no further where 95 percent are sorted, and analyzes
 * a table when 10 percent of it have changed.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html, https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE.html
 */
const MEND_FROM = { unsorted: 5, statsOff: 10 };

/** What the warehouse says to those who may not ask. */
const UNREADABLE = /permission denied|does not exist|does not support/i;

/** How sorted the large tables are, and how old their statistics. @throws LoaderError for what is not a lack of rights. */
export async function readTableHealth(deps: LedgerDeps): Promise<TableHealth> {
  try {
    const rows = await runReport('table-health', {}, deps, { literals: { schema_name: deps.schema } });
    const tables = rows.map((row) => {
      const unsorted = row.unsorted === null ? null : Number(row.unsorted);
      return largeTable(String(row.relation), Number(row.row_count), unsorted, Number(row.stats_off ?? 0), deps.schema);
    });
    return { tables };
  } catch (error) {
    if (error instanceof LoaderError && UNREADABLE.test(error.message)) return { unreadable: error.message };
    throw error;
  }
}

function largeTable(
  table: string,
  rows: number,
  unsorted: number | null,
  statsOff: number,
  schema: string,
): LargeTable {
  const name = `"${schema}"."${table}"`;
  const mend = [
    ...(unsorted !== null && unsorted > MEND_FROM.unsorted ? [`VACUUM SORT ONLY ${name}`] : []),
    ...(statsOff > MEND_FROM.statsOff ? [`ANALYZE ${name} PREDICATE COLUMNS`] : []),
  ];
  return { table, rows, unsorted, statsOff, mend };
}
