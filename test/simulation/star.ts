/** The star and the ledger, read from a warehouse by the Data API and compared with the oracle. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { LedgerStatus, LedgerRow } from '../../src/ledger/entries.ts';
import type { Row, Warehouse } from '../../src/ports.ts';
import type { Star } from '../support/oracle.ts';
import { STAR_TABLES, starColumns } from '../support/star-columns.ts';

const PATIENCE_MS = 60_000;

/** Runs a statement of the test's own and gives its rows. */
export function rowsOf(warehouse: Warehouse, sql: string): Promise<Row[]> {
  return warehouse.query('test', sql, {}, Date.now() + PATIENCE_MS);
}

/** One line of JSON per row and table, sorted. */
export type StarLines = Record<string, string[]>;

/** Reads the tables of the star, every column that the contents of the bucket decide. */
export async function readStar(warehouse: Warehouse, schema: string): Promise<StarLines> {
  const lines: StarLines = {};
  for (const table of STAR_TABLES) {
    const columns = starColumns(table).map(({ name, kind }) =>
      kind === 'instant' ? `DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', ${name}) AS ${name}` : name,
    );
    lines[table] = linesOf(table, await rowsOf(warehouse, `SELECT ${columns.join(', ')} FROM ${schema}."${table}"`));
  }
  return lines;
}

/** The oracle's answer in the same form. @throws Error for a column that the oracle does not know. */
export function linesOfOracle(star: Star): StarLines {
  const plays = star.songplays.map((play) => {
    const key = `${play.start_time}-${play.session_id}-${play.item_in_session}`;
    return { ...play, songplay_id: createHash('md5').update(key).digest('hex') };
  });
  const { users, songs, artists, time } = star;
  const answer: Record<string, readonly object[]> = { songplays: plays, users, songs, artists, time };
  return Object.fromEntries(STAR_TABLES.map((table) => [table, linesOf(table, answer[table] ?? [])]));
}

/** Compares all five tables at once, so that a failure shows which of them differ. Throws AssertionError. */
export function assertSameStar(actual: StarLines, expected: StarLines): void {
  assert.deepEqual(actual, expected);
}

function linesOf(table: string, rows: readonly object[]): string[] {
  const names = starColumns(table).map(({ name }) => name);
  return rows
    .map((row) => {
      const cells = row as Readonly<Record<string, unknown>>;
      const unknown = names.find((name) => !(name in cells));
      if (unknown !== undefined)
        throw new Error(`${table}.${unknown} is in the schema, and the oracle does not know it`);
      return JSON.stringify(Object.fromEntries(names.map((name) => [name, cells[name]])));
    })
    .sort();
}

/** Reads what the ledger says of every key now. */
export async function readLedger(warehouse: Warehouse, schema: string): Promise<Map<string, LedgerRow>> {
  const since = (column: string): string => `DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', ${column}) AS ${column}_ms`;
  const times = `${since('event_time')}, ${since('read_after')}`;
  const rows = await rowsOf(warehouse, `SELECT key, etag, status, ${times} FROM ${schema}.objects_now`);
  return new Map(
    rows.map((row) => {
      const key = String(row.key);
      const status = row.status as LedgerStatus;
      const [eventTimeMs, readAfterMs] = [Number(row.event_time_ms), Number(row.read_after_ms)];
      return [key, { key, etag: String(row.etag), status, eventTimeMs, readAfterMs }];
    }),
  );
}

/** Every batch must account for all its rows and keep those that it rejected, batches must be numbered 1, 2, 3 …, and every object row must have its batch. */
export async function assertAccountsClose(warehouse: Warehouse, schema: string): Promise<void> {
  const batches = await rowsOf(warehouse, `SELECT * FROM ${schema}.load_batches ORDER BY batch_no`);
  const kept = await rowsOf(
    warehouse,
    `SELECT batch_no, SUM(copies) AS n FROM ${schema}.rejected_rows GROUP BY batch_no`,
  );
  for (const [index, batch] of batches.entries()) {
    assert.equal(Number(batch.batch_no), index + 1, 'batches are numbered in the order of their commits');
    const parts = ['rows_merged', 'rows_duplicate', 'rows_skipped', 'rows_rejected'].map((name) => Number(batch[name])); // prettier-ignore
    const sum = parts.reduce((one, other) => one + other, 0);
    assert.equal(Number(batch.rows_staged), sum, `the counts of batch ${index + 1} close`);
    const rejected = kept.find(({ batch_no }) => Number(batch_no) === index + 1);
    assert.equal(Number(rejected?.n ?? 0), Number(batch.rows_rejected), `batch ${index + 1} kept what it rejected`);
  }
  const homeless = await rowsOf(
    warehouse,
    `SELECT o.key FROM ${schema}.load_objects AS o LEFT JOIN ${schema}.load_batches AS b
       ON b.batch_no = o.batch_no AND b.batch_id = o.batch_id WHERE b.batch_id IS NULL`,
  );
  assert.deepEqual(homeless, [], 'every row of the ledger belongs to a batch');
}

/**
 * Content never goes back: a row of the ledger may name an older version than a row before it only if its load began to read
 * when the newer one had been written, and so read that one or a newer one itself.
 */
export async function assertContentOrder(warehouse: Warehouse, schema: string): Promise<void> {
  const rows = await rowsOf(
    warehouse,
    `SELECT later.key, earlier.sequencer AS recorded, later.sequencer AS recorded_later
     FROM ${schema}.load_objects AS earlier JOIN ${schema}.load_objects AS later
       ON later.object_id = earlier.object_id AND later.batch_no > earlier.batch_no
     WHERE later.sequencer < earlier.sequencer AND later.read_after < earlier.event_time`,
  );
  assert.deepEqual(rows, [], 'no load merges content that it read before a newer one was loaded');
}
