import { timestampText } from '../sql/timestamp-text.ts';
import { IDS_PER_QUERY, readLedgerRows, type LedgerAnswer } from './entries.ts';
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

/** The number of the newest batch; 0 for none. @throws LoaderError */
export async function readNewestBatch(deps: LedgerDeps): Promise<number> {
  const [row] = await runReport('newest-batch', {}, deps);
  return Number(row?.batch_no);
}

/** The row counts of tables, by name, in the order given. @throws LoaderError */
export async function countRows(tables: readonly string[], deps: LedgerDeps): Promise<Record<string, number>> {
  const counts = tables.map(async (relation) => {
    const [row] = await runReport('row-count', {}, deps, { identifiers: { relation } });
    return [relation, Number(row?.row_count)] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

/** A batch as load_batches has it, the sources of which it loaded files, and one of the objects that were asked about. */
export type RecordedBatch = { batchId: string; row: Row; sources: string[]; objectId: string };

/**
 * The batches that recorded some objects since a time (epoch milliseconds), each once, also those that others superseded.
 * @throws LoaderError
 */
export async function readBatchesOf(
  ids: readonly string[],
  sinceMs: number,
  deps: LedgerDeps,
): Promise<RecordedBatch[]> {
  const answers = await askByIds('batches-of-objects', ids, sinceMs, deps);
  const batches = new Map<string, RecordedBatch>();
  for (const rows of answers) {
    for (const row of rows) {
      const batchId = String(row.batch_id);
      const batch = batches.get(batchId) ?? { batchId, row, sources: [], objectId: String(row.object_id) };
      const source = row.source === null ? undefined : String(row.source);
      // A batch with objects of several questions is in the answer to each.
      if (source !== undefined && !batch.sources.includes(source)) batch.sources.push(source);
      batches.set(batchId, batch);
    }
  }
  return [...batches.values()];
}

/**
 * The ledger's newest rows of some objects, by object id; unknown objects are absent, and so are those whose rows were all
 * recorded before `sinceMs` (epoch milliseconds). What later batches than the newest record is not in the answer. All queries run at once: the largest delivery, 6 MB of records, needs about a
 * dozen.
 * @throws LoaderError
 */
export async function readLedgerEntries(ids: readonly string[], deps: LedgerDeps, sinceMs = 0): Promise<LedgerAnswer> {
  const answers = (await askByIds('check-ledger', ids, sinceMs, deps)).map(readLedgerRows);
  return {
    entries: new Map(answers.flatMap(({ entries }) => [...entries])),
    newestBatch: Math.min(...answers.map(({ newestBatch }) => newestBatch)),
  };
}

async function askByIds(name: string, ids: readonly string[], sinceMs: number, deps: LedgerDeps): Promise<Row[][]> {
  const questions = Array.from({ length: Math.ceil(ids.length / IDS_PER_QUERY) }, (_, index) => {
    const from = index * IDS_PER_QUERY;
    const literals = { object_ids: ids.slice(from, from + IDS_PER_QUERY), since: timestampText(sinceMs) };
    return runReport(name, {}, deps, { literals });
  });
  // All of them end before this returns: Lambda would freeze whatever still ran in the background.
  await Promise.allSettled(questions);
  return Promise.all(questions);
}
