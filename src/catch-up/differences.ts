import type { LoaderError } from '../errors.ts';
import { readStatus, type LedgerRow } from '../ledger/entries.ts';
import type { Row, SessionUse, Warehouse } from '../ports.ts';
import type { Statement, Templates, WarehouseNames } from '../sql/statement.ts';
import { placeholdersIn, render } from '../sql/template.ts';
import type { Pair } from './compare.ts';

/** What asking the warehouse for differences takes. */
export type DifferenceDeps = {
  warehouse: Warehouse;
  templates: Templates;
  names: WarehouseNames;
  /** The deadline of a question asked now, epoch milliseconds. */
  deadlineMs: () => number;
  limits: DifferenceLimits;
};

/** The most differences kept of one page, and read at once, and how long a session stays open when idle. */
export type DifferenceLimits = { differences: number; rows: number; keepAliveSeconds: number };

/**
 * As many differences are kept as a page has objects: beyond them the rest is listed again. Between two questions of one page its
 * findings are logged and sent, which takes seconds. A page's session is not used by the next one, which is listed for longer than
 * any session should wait; so a few are idle at a time, of the 500 that a warehouse may have.
 */
export const DIFFERENCE_LIMITS: DifferenceLimits = { differences: 250_000, rows: 5000, keepAliveSeconds: 120 };

/** Sorts before all other characters of a key; sql/reconcile/4-find-differences.sql explains it. */
const MARK = '\u0001';

/** What is to be compared: the keys of a bucket below a prefix, after one key and up to another, and the page listed of them. */
export type DifferenceRange = {
  bucket: string;
  prefix: string;
  after: string | undefined;
  upTo: string | undefined;
  stored: number;
  manifest: string | undefined;
};

/** The differences of one page, which the session keeps. `all`: there are no more than those. */
export type Differences = { sessionId: string | undefined; count: number; all: boolean };

/**
 * Copies a page into the warehouse and compares it with the ledger, in one transaction; `token` is unique to the page. The
 * result is read with readDifferences.
 * @throws LoaderError
 */
export async function findDifferences(
  range: DifferenceRange,
  token: string,
  deps: DifferenceDeps,
): Promise<Differences> {
  const { bucket, prefix, after, upTo, manifest } = range;
  const parameters = {
    bucket,
    prefix: `${MARK}${prefix}`,
    after: after === undefined ? MARK : endOf(after),
    last_page: upTo === undefined ? 'yes' : 'no',
    up_to: upTo === undefined ? MARK : endOf(upTo),
  };
  const statements = [
    statement('1-create-listing', 'stage', deps),
    ...(manifest === undefined ? [] : [statement('2-copy-listing', 'copy', deps, { manifest })]),
    statement('3-create-differences', 'stage', deps),
    statement('4-find-differences', 'merge', deps, { keywords: { row_limit: deps.limits.differences }, parameters }),
    statement('5-count', 'count', deps),
  ];
  const session = { keepAliveSeconds: deps.limits.keepAliveSeconds };
  const { rows, sessionId } = await run(statements, parameters, token, deps, session);
  const [counts] = rows;
  if (Number(counts?.staged) !== range.stored) {
    throw new Error(`${range.stored} objects were listed, and COPY staged ${String(counts?.staged)}`);
  }
  const count = Number(counts?.differences);
  return { sessionId, count, all: count < deps.limits.differences };
}

/** Reads the differences in pieces, in the order of their keys. @throws LoaderError */
export async function* readDifferences(
  { sessionId, count }: Differences,
  bucket: string,
  token: string,
  deps: DifferenceDeps,
): AsyncGenerator<{ pairs: Pair[]; last: string }> {
  for (let from = 0; from < count; from += deps.limits.rows) {
    const keywords = { after_place: from, up_to_place: from + deps.limits.rows };
    const statements = [statement('6-read-differences', 'record', deps, { keywords })];
    const { rows } = await run(statements, {}, `${token}-${from}`, deps, inSession(sessionId));
    const pairs = rows.map((row) => readPair(row, bucket));
    yield { pairs, last: String(rows.at(-1)?.key) };
  }
}

/** How many of the page's stored objects come up to a key. @throws LoaderError */
export async function countUpTo(
  { sessionId }: Differences,
  key: string,
  token: string,
  deps: DifferenceDeps,
): Promise<{ listed: number; ignored: number }> {
  const parameters = { up_to: endOf(key) };
  const statements = [statement('7-count-up-to', 'record', deps, { parameters })];
  const { rows } = await run(statements, parameters, `${token}-up-to`, deps, inSession(sessionId));
  return { listed: Number(rows[0]?.listed), ignored: Number(rows[0]?.ignored) };
}

/** The place just after a key. What follows a NUL is left out: no key of the ledger lies in between. */
function endOf(key: string): string {
  return `${key.split('\0', 1)[0] ?? ''}${MARK}`;
}

function inSession(sessionId: string | undefined): SessionUse {
  if (sessionId === undefined) throw new Error('the Data API opened no session');
  return { sessionId };
}

/** Runs statements as one transaction, of which the last one gives rows. @throws LoaderError */
export async function run(
  statements: readonly Statement[],
  parameters: Readonly<Record<string, string>>,
  token: string,
  deps: DifferenceDeps,
  session?: SessionUse,
): Promise<{ rows: Row[]; sessionId: string | undefined }> {
  const name = `sparkify reconcile ${token}`;
  const marked = statements.map((one, at) =>
    at === statements.length - 1 ? { ...one, givesRows: true as const } : one,
  );
  const result = await deps.warehouse.transaction(name, marked, parameters, token, deps.deadlineMs(), session);
  if (result.kind === 'committed') return { rows: result.rows, sessionId: result.sessionId };
  const error: LoaderError = result.error;
  throw error;
}

type Values = {
  manifest?: string;
  literals?: Readonly<Record<string, string>>;
  keywords?: Readonly<Record<string, number>>;
  parameters?: Readonly<Record<string, string>>;
};

/** Renders one file of sql/reconcile. */
export function statement(
  name: string,
  stage: Statement['stage'],
  { templates, names }: DifferenceDeps,
  { manifest, literals = {}, keywords = {}, parameters = {} }: Values = {},
): Statement {
  const template = templates[name];
  if (template === undefined) throw new Error(`there is no sql/reconcile/${name}.sql`);
  const { text } = render(template, {
    identifiers: placeholdersIn(template).has('schema') ? { schema: names.schema } : {},
    literals:
      manifest === undefined ? literals : { ...literals, manifest, copy_role: names.copyRole, region: names.region },
    keywords: Object.fromEntries(Object.entries(keywords).map(([word, value]) => [word, String(value)])),
    parameters: Object.keys(parameters),
  });
  return { stage, name: `reconcile/${name}`, text };
}

function readPair(row: Row, bucket: string): Pair {
  const key = String(row.key);
  if (row.etag === null) return { object: undefined, row: ledgerRow(key, row) };
  const { etag, size_bytes: sizeBytes, modified_ms: lastModifiedMs } = row;
  const object = {
    bucket,
    key,
    etag: String(etag),
    sizeBytes: Number(sizeBytes),
    lastModifiedMs: Number(lastModifiedMs),
  };
  return { object, row: row.ledger_status === null ? undefined : ledgerRow(key, row) };
}

function ledgerRow(key: string, row: Row): LedgerRow {
  const reason = [row.code, row.reason].filter((part) => part !== null).join(': ');
  return {
    key,
    status: readStatus(row.ledger_status),
    etag: String(row.ledger_etag ?? ''),
    eventTimeMs: Number(row.event_time_ms),
    readAfterMs: Number(row.read_after_ms),
    ...(reason === '' ? {} : { reason: row.line === null ? reason : `${reason} (line ${String(row.line)})` }),
  };
}
