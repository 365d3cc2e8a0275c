import { DuckDBTimestampValue, type DuckDBConnection, type DuckDBInstance } from '@duckdb/node-api';
import type { LoadError, LoadLog } from '../types.ts';

type Cell = string | number | Date;
type Load = Parameters<LoadLog['recordLoad']>[0];

/** Rows kept in each table of the log, or files told of in them, the newest; a warehouse that runs for months must not grow without bound. */
const ROWS_KEPT = 100_000;

// A database beside the warehouse, in memory: what is written there outlives the rollback of the load it tells of.
// The views have the columns of Redshift's system views; what has no meaning here is constant.
const TABLES = `
ATTACH ':memory:' AS redshift_system;
CREATE TABLE redshift_system.load_errors (
  entry BIGINT, recorded_at TIMESTAMP, query_id BIGINT, transaction_id BIGINT, session_id BIGINT, table_name VARCHAR,
  file_name VARCHAR, line_number BIGINT, column_name VARCHAR, column_type VARCHAR, column_length VARCHAR, position BIGINT,
  error_code BIGINT, error_message VARCHAR, raw_line VARCHAR, raw_field_value VARCHAR);
CREATE TABLE redshift_system.loads (
  entry BIGINT, query_id BIGINT, transaction_id BIGINT, table_name VARCHAR, data_source VARCHAR, file_count BIGINT,
  loaded_rows BIGINT, loaded_bytes BIGINT, error_count BIGINT, status VARCHAR, started_at TIMESTAMP, duration BIGINT);
CREATE TABLE redshift_system.loaded_files (entry BIGINT, query_id BIGINT, file_names VARCHAR, recorded_at TIMESTAMP);
CREATE VIEW redshift_system.each_loaded_file AS SELECT
  query_id, unnest(from_json(file_names, '["VARCHAR"]')) AS file_name, recorded_at FROM redshift_system.loaded_files;
CREATE VIEW redshift_system.sys_load_error_detail AS SELECT
  100 AS user_id, query_id, transaction_id, CAST(session_id AS INTEGER) AS session_id, 'dev' AS database_name,
  0 AS table_id, recorded_at AS start_time, left(file_name, 256) AS file_name, line_number,
  left(column_name, 127) AS column_name, column_type, column_length, CAST(position AS INTEGER) AS position,
  CAST(error_code AS INTEGER) AS error_code, left(error_message, 512) AS error_message
  FROM redshift_system.load_errors;
CREATE VIEW redshift_system.stl_load_errors AS SELECT
  100 AS userid, 0 AS slice, 0 AS tbl, recorded_at AS starttime, CAST(session_id AS INTEGER) AS session,
  query_id AS query, left(file_name, 256) AS filename, line_number, left(column_name, 127) AS colname,
  column_type AS type, column_length AS col_length, CAST(position AS INTEGER) AS position, raw_line, raw_field_value,
  CAST(error_code AS INTEGER) AS err_code, left(error_message, 100) AS err_reason, 0 AS is_partial,
  CAST(0 AS BIGINT) AS start_offset, CAST(-1 AS BIGINT) AS copy_job_id
  FROM redshift_system.load_errors;
CREATE VIEW redshift_system.sys_load_history AS SELECT
  100 AS user_id, query_id, transaction_id, 0 AS session_id, 'dev' AS database_name, status, table_name,
  started_at AS start_time, started_at + to_microseconds(duration) AS end_time, duration, data_source,
  'JSON' AS file_format, loaded_rows, loaded_bytes, CAST(file_count AS INTEGER) AS source_file_count,
  loaded_bytes AS source_file_bytes, CAST(file_count AS INTEGER) AS file_count_scanned,
  loaded_bytes AS file_bytes_scanned, error_count, CAST(-1 AS BIGINT) AS copy_job_id
  FROM redshift_system.loads;
CREATE VIEW redshift_system.sys_load_detail AS SELECT
  100 AS user_id, query_id, file_name, CAST(NULL AS BIGINT) AS bytes_scanned, CAST(NULL AS BIGINT) AS lines_scanned,
  1 AS splits_scanned, recorded_at AS record_time
  FROM redshift_system.each_loaded_file;
CREATE VIEW redshift_system.stl_load_commits AS SELECT
  100 AS userid, query_id AS query, 0 AS slice, table_name AS name, file_name AS filename,
  0 AS byte_offset, CAST(NULL AS INTEGER) AS lines_scanned, CAST(error_count AS INTEGER) AS errors,
  recorded_at AS curtime, 1 AS status, 'JSON' AS file_format, 0 AS is_partial, CAST(0 AS BIGINT) AS start_offset,
  CAST(-1 AS BIGINT) AS copy_job_id
  FROM redshift_system.each_loaded_file JOIN redshift_system.loads USING (query_id) WHERE status = 'completed';
`;

/** A log of loads; `close` frees its connection. */
export type OpenLoadLog = LoadLog & { close(): void };

/**
 * Creates the tables behind `sys_load_error_detail`, `sys_load_history`, `sys_load_detail`, `stl_load_errors` and
 * `stl_load_commits` in a database `redshift_system` of the instance, and gives the log that fills them.
 * https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html. `errorsLateMs` is asked how long the errors of a COPY
 * are not shown yet: forever for Infinity.
 */
export async function prepareLoadLog(
  instance: DuckDBInstance,
  now = () => new Date(),
  errorsLateMs = () => 0,
): Promise<OpenLoadLog> {
  const connection = await instance.connect();
  await connection.run(TABLES);
  return new DatabaseLoadLog(connection, now, errorsLateMs);
}

class DatabaseLoadLog implements OpenLoadLog {
  readonly #connection: DuckDBConnection;
  #turn: Promise<void> = Promise.resolve();
  readonly #now: () => Date;
  readonly #errorsLateMs: () => number;
  readonly #late = new Set<NodeJS.Timeout>();
  #entries = 0;

  constructor(connection: DuckDBConnection, now: () => Date, errorsLateMs: () => number) {
    this.#connection = connection;
    this.#now = now;
    this.#errorsLateMs = errorsLateMs;
  }

  async recordErrors(errors: LoadError[]): Promise<void> {
    const late = this.#errorsLateMs();
    if (late === Infinity) return;
    const rows = this.#errorRows(errors);
    if (late === 0) {
      await this.#append('load_errors', rows);
      return;
    }
    const timer = setTimeout(() => {
      this.#late.delete(timer);
      void this.#append('load_errors', rows);
    }, late);
    this.#late.add(timer);
  }

  #errorRows(errors: LoadError[]): Cell[][] {
    const now = this.#now();
    return errors.map((error) => [
      now,
      error.queryId,
      error.transactionId,
      error.sessionId,
      error.tableName,
      error.fileName,
      error.lineNumber,
      error.columnName,
      error.columnType,
      error.columnLength,
      error.position,
      error.errorCode,
      error.errorMessage,
      error.rawLine,
      error.rawFieldValue,
    ]);
  }

  async recordLoad(load: Load): Promise<void> {
    await this.#append('loads', [
      [
        load.queryId,
        load.transactionId,
        load.tableName,
        load.dataSource,
        load.fileNames.length,
        load.rows,
        load.bytes,
        load.errors,
        load.status,
        load.startedAt,
        load.durationMicroseconds,
      ],
    ]);
    const recordedAt = this.#now();
    // One row for all of them: a row for each would take longer than many a load.
    const names = JSON.stringify(load.fileNames);
    await this.#append('loaded_files', [[load.queryId, names, recordedAt]], load.fileNames.length);
  }

  close(): void {
    for (const timer of this.#late) clearTimeout(timer);
    this.#connection.closeSync();
  }

  // One write at a time: the connection has one transaction, and the newest entry is the one written last.
  #append(table: string, rows: Cell[][], filesInRow = 1): Promise<void> {
    const written = this.#turn.then(() => this.#write(table, rows.slice(-ROWS_KEPT), filesInRow));
    this.#turn = written.catch(() => undefined);
    return written;
  }

  async #write(table: string, rows: Cell[][], filesInRow: number): Promise<void> {
    const appender = await this.#connection.createAppender(table, 'main', 'redshift_system');
    for (const row of rows) {
      this.#entries += filesInRow;
      appender.appendBigInt(BigInt(this.#entries));
      for (const cell of row) {
        if (typeof cell === 'string') appender.appendVarchar(cell);
        else if (typeof cell === 'number') appender.appendBigInt(BigInt(cell));
        else appender.appendTimestamp(new DuckDBTimestampValue(BigInt(cell.getTime()) * 1000n));
      }
      appender.endRow();
    }
    appender.closeSync();
    if (this.#entries <= ROWS_KEPT) return;
    await this.#connection.run(
      `DELETE FROM redshift_system.${table} WHERE entry <= (SELECT max(entry) - ${ROWS_KEPT} FROM redshift_system.${table})`,
    );
  }
}
