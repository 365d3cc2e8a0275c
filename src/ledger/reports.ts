import { timestampText } from '../sql/timestamp-text.ts';
import { compareKeys } from '../objects/key-order.ts';
import { IDS_PER_QUERY, readLedgerRows, readStatus, type LedgerEntry, type LedgerRow } from './entries.ts';
import type { S3Location } from '../objects/s3-url.ts';
import { placeholdersIn, render, type TemplateValues } from '../sql/template.ts';
import type { Row, Warehouse } from '../ports.ts';
import type { Templates } from '../sql/statement.ts';

/** What is needed to query the ledger. */
export type LedgerDeps = {
  warehouse: Warehouse;
  reports: Templates;
  schema: string;
  /** The deadline of a query started now, epoch milliseconds. */
  deadlineMs: () => number;
};

/** Appended to a key to get the position just after it in sql/report/ledger-range.sql. */
const MARK = '\u0001';
const ROWS_PER_PAGE = 5000;

/**
 * Renders and runs one report of sql/report and returns its rows. `parameters` are bound, the other values rendered.
 * @throws LoaderError
 */
export async function runReport(
  name: string,
  parameters: Readonly<Record<string, string>>,
  deps: LedgerDeps,
  { identifiers = {}, ...values }: Pick<TemplateValues, 'identifiers' | 'literals' | 'keywords'> = {},
): Promise<Row[]> {
  const template = deps.reports[name];
  if (template === undefined) throw new Error(`there is no sql/report/${name}.sql`);
  // Reports of the warehouse's own views name no schema.
  const schema = placeholdersIn(template).has('schema') ? { schema: deps.schema } : {};
  const { text } = render(template, {
    identifiers: { ...schema, ...identifiers },
    ...values,
    parameters: Object.keys(parameters),
  });
  return deps.warehouse.query(`sparkify ${name}`, text, parameters, deps.deadlineMs());
}

/** The value of a report's LIMIT. */
export function rowLimit(rows: number): Pick<TemplateValues, 'keywords'> {
  return { keywords: { row_limit: String(rows) } };
}

/** The row counts of tables, by name, in the order given. @throws LoaderError */
export async function countRows(tables: readonly string[], deps: LedgerDeps): Promise<Record<string, number>> {
  const counts = tables.map(async (relation) => {
    const [row] = await runReport('row-count', {}, deps, { identifiers: { relation } });
    return [relation, Number(row?.row_count)] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

/**
 * The ledger's newest rows of some objects, by object id; unknown objects are absent, and so are those whose rows were all
 * recorded before `sinceMs` (epoch milliseconds). All queries run at once: the largest delivery, 6 MB of records, needs about a
 * dozen.
 * @throws LoaderError
 */
export async function readLedgerEntries(
  ids: readonly string[],
  deps: LedgerDeps,
  sinceMs = 0,
): Promise<Map<string, LedgerEntry>> {
  const questions = Array.from({ length: Math.ceil(ids.length / IDS_PER_QUERY) }, async (_, index) => {
    const from = index * IDS_PER_QUERY;
    const literals = { object_ids: ids.slice(from, from + IDS_PER_QUERY), since: timestampText(sinceMs) };
    return readLedgerRows(await runReport('check-ledger', {}, deps, { literals }));
  });
  // All of them end before this returns: Lambda would freeze whatever still ran in the background.
  await Promise.allSettled(questions);
  return new Map((await Promise.all(questions)).flatMap((answer) => [...answer]));
}

/**
 * The ledger's newest rows of all keys below a prefix, in key order, a page at a time. `startAfter` skips the keys up to
 * and including it.
 * @throws LoaderError
 */
export async function* readLedgerRange(
  { bucket, key: prefix }: S3Location,
  deps: LedgerDeps,
  startAfter?: string,
): AsyncGenerator<LedgerRow[]> {
  // A parameter may not be empty; the mark alone sorts before every key.
  let after = startAfter === undefined ? prefix || MARK : `${startAfter}${MARK}`;
  for (;;) {
    const rows = await runReport('ledger-range', { bucket, after }, deps, rowLimit(ROWS_PER_PAGE));
    const page = rows.map(readRow);
    const below = page.filter(({ key }) => key.startsWith(prefix));
    if (below.length > 0) yield below;
    const last = page.at(-1)?.key;
    if (last === undefined || page.length < ROWS_PER_PAGE) return;
    if (!last.startsWith(prefix) && compareKeys(last, prefix) > 0) return;
    after = `${last}${MARK}`;
  }
}

function readRow(row: Row): LedgerRow {
  const reason = [row.code, row.reason].filter((part) => part !== null).join(': ');
  return {
    key: String(row.key),
    status: readStatus(row.status),
    etag: String(row.etag ?? ''),
    eventTimeMs: Number(row.event_time_ms),
    readAfterMs: Number(row.read_after_ms),
    ...(reason === '' ? {} : { reason: row.line === null ? reason : `${reason} (line ${String(row.line)})` }),
  };
}
