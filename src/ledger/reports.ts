import { compareKeys } from '../objects/key-order.ts';
import { IDS_PER_QUERY, readLedgerRows, readStatus, type LedgerEntry, type LedgerRow } from './entries.ts';
import type { S3Location } from '../objects/s3-url.ts';
import { placeholdersIn, render, type TemplateValues } from '../sql/template.ts';
import type { Row, Warehouse } from '../ports.ts';
import type { Templates } from '../sql/statement.ts';

/** What reading the ledger takes. */
export type LedgerDeps = {
  warehouse: Warehouse;
  reports: Templates;
  schema: string;
  /** When a question asked now is given up, epoch milliseconds. */
  deadlineMs: () => number;
};

/** Stands behind every key in the comparison of sql/report/ledger-range.sql. */
const MARK = '\u0001';
/** The LIMIT of sql/report/ledger-range.sql. */
const ROWS_PER_PAGE = 5000;

/**
 * Renders and runs one report of sql/report; gives its rows. `parameters` are bound, `values` rendered.
 * @throws LoaderError
 */
export async function runReport(
  name: string,
  parameters: Readonly<Record<string, string>>,
  deps: LedgerDeps,
  { identifiers = {}, literals = {} }: Pick<TemplateValues, 'identifiers' | 'literals'> = {},
): Promise<Row[]> {
  const template = deps.reports[name];
  if (template === undefined) throw new Error(`there is no sql/report/${name}.sql`);
  // Reports of the warehouse's own views name no schema.
  const schema = placeholdersIn(template).has('schema') ? { schema: deps.schema } : {};
  const { text } = render(template, {
    identifiers: { ...schema, ...identifiers },
    literals,
    parameters: Object.keys(parameters),
  });
  return deps.warehouse.query(`sparkify ${name}`, text, parameters, deps.deadlineMs());
}

/** How many rows tables have, by name, in the order given. @throws LoaderError */
export async function countRows(tables: readonly string[], deps: LedgerDeps): Promise<Record<string, number>> {
  const counts = tables.map(async (relation) => {
    const [row] = await runReport('row-count', {}, deps, { identifiers: { relation } });
    return [relation, Number(row?.row_count)] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

/**
 * What the ledger says now of some objects, by object id; those it does not know are absent. All questions are asked at once:
 * the largest delivery, 6 MB of records, needs about a dozen.
 * @throws LoaderError
 */
export async function readLedgerEntries(ids: readonly string[], deps: LedgerDeps): Promise<Map<string, LedgerEntry>> {
  const questions = Array.from({ length: Math.ceil(ids.length / IDS_PER_QUERY) }, async (_, index) => {
    const from = index * IDS_PER_QUERY;
    const literals = { object_ids: ids.slice(from, from + IDS_PER_QUERY) };
    return readLedgerRows(await runReport('check-ledger', {}, deps, { literals }));
  });
  // All of them end before this does: what went on in the background would be paused with the function.
  await Promise.allSettled(questions);
  return new Map((await Promise.all(questions)).flatMap((answer) => [...answer]));
}

/**
 * What the ledger says of every key below a prefix, in the order of keys, a page at a time. `startAfter` skips the keys up to
 * and including it.
 * @throws LoaderError
 */
export async function* readLedgerRange(
  { bucket, key: prefix }: S3Location,
  deps: LedgerDeps,
  startAfter?: string,
): AsyncGenerator<LedgerRow[]> {
  // A parameter may not be empty; the mark alone comes before every key.
  let after = startAfter === undefined ? prefix || MARK : `${startAfter}${MARK}`;
  for (;;) {
    const rows = await runReport('ledger-range', { bucket, after }, deps);
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
