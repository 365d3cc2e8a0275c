import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { parseCopy } from '../../../../src/local/redshift/copy/statement.ts';
import { runCopy } from '../../../../src/local/redshift/copy/run-copy.ts';
import { prepareLoadLog, type OpenLoadLog } from '../../../../src/local/redshift/copy/load-errors.ts';
import { tokenize } from '../../../../src/local/redshift/sql/tokens.ts';
import type { Column, ColumnType, ObjectReader, S3Address, Table } from '../../../../src/local/redshift/types.ts';
import { ObjectForbidden, ObjectMissing } from '../../../../src/local/redshift/types.ts';

export type Body = string | Uint8Array | (() => AsyncIterable<Uint8Array>);

/** Objects in memory, by `bucket/key`. A forbidden one is there but cannot be read. */
export class MemoryObjects implements ObjectReader {
  readonly bodies = new Map<string, Body | undefined>();
  readonly forbidden = new Set<string>();
  openReads = 0;
  openReadsMax = 0;

  put(key: string, body: Body): string {
    this.bodies.set(key, body);
    return `s3://bucket/${key}`;
  }

  putManifest(key: string, urls: (string | { url: string; mandatory: boolean })[]): string {
    const entries = urls.map((url) => (typeof url === 'string' ? { url, mandatory: true } : url));
    return this.put(key, JSON.stringify({ entries }));
  }

  async read({ key }: S3Address): Promise<{ sizeBytes: number; body: AsyncIterable<Uint8Array> }> {
    await Promise.resolve();
    if (this.forbidden.has(key)) throw new ObjectForbidden(key);
    const body = this.bodies.get(key);
    if (body === undefined) throw new ObjectMissing(key);
    const chunks = typeof body === 'function' ? body() : [typeof body === 'string' ? Buffer.from(body) : body];
    return { sizeBytes: 0, body: this.counted(chunks) };
  }

  async list({ bucket, key }: S3Address): Promise<S3Address[]> {
    await Promise.resolve();
    const keys = [...this.bodies.keys()].filter((candidate) => candidate.startsWith(key));
    return keys.sort().map((found) => ({ bucket, key: found }));
  }

  private async *counted(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    this.openReadsMax = Math.max(this.openReadsMax, ++this.openReads);
    try {
      for await (const chunk of chunks) yield chunk;
    } finally {
      this.openReads--;
    }
  }
}

export type LoadErrorRow = { file: string; line: number; column: string; code: number };

/** A DuckDB with a load log and objects in memory, to run COPY statements against. */
export class CopyBench {
  readonly objects = new MemoryObjects();
  readonly scratchDirectory: string;
  readonly tables = new Map<string, Table>();
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly log: OpenLoadLog;
  private queryId = 0;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, log: OpenLoadLog, scratch: string) {
    this.instance = instance;
    this.connection = connection;
    this.log = log;
    this.scratchDirectory = scratch;
  }

  static async start(scratch = mkdtempSync(path.join(tmpdir(), 'copy-test-'))): Promise<CopyBench> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'; CREATE SCHEMA public");
    return new CopyBench(instance, connection, await prepareLoadLog(instance), scratch);
  }

  stop(): void {
    this.log.close();
    this.connection.closeSync();
    this.instance.closeSync();
    rmSync(this.scratchDirectory, { recursive: true });
  }

  /** Creates a table; a column is `name: type`, or a whole column. */
  async table(
    name: string,
    columns: Record<string, ColumnType | Omit<Column, 'name'>>,
    temporary = false,
  ): Promise<Table> {
    const all = Object.entries(columns).map(([column, given]): Column => {
      return 'type' in given ? { name: column, ...given } : { name: column, type: given, notNull: false };
    });
    const definitions = all.map(
      ({ name: column, type, notNull, defaultExpression }) =>
        `"${column}" ${engineType(type)}${notNull ? ' NOT NULL' : ''}${defaultExpression ? ` DEFAULT ${defaultExpression}` : ''}`,
    );
    await this.connection.run(
      `CREATE ${temporary ? 'TEMP ' : ''}TABLE ${temporary ? '' : 'public.'}"${name}" (${definitions.join(', ')})`,
    );
    const table: Table = { schema: temporary ? undefined : 'public', name, temporary, kind: 'table', columns: all };
    this.tables.set(name, table);
    return table;
  }

  /** Runs a COPY and gives the number of rows loaded. */
  async copy(sql: string, signal = new AbortController().signal): Promise<number> {
    const statement = parseCopy(tokenize(sql));
    const table = this.tables.get(statement.table.name);
    if (!table) throw new Error(`no table ${statement.table.name}`);
    const { rows } = await runCopy(statement, table, {
      connection: this.connection,
      showQuery: () => Promise.reject(new Error('tables here are permanent, and those are never shown from files')),
      instance: this.instance,
      objects: this.objects,
      log: this.log,
      scratchDirectory: this.scratchDirectory,
      queryId: ++this.queryId,
      transactionId: 7,
      sessionId: 11,
      now: () => new Date(),
      signal,
    });
    return rows;
  }

  async rows(sql: string): Promise<unknown[][]> {
    return (await this.connection.runAndReadAll(sql)).getRowsJson();
  }

  /** The errors of the last COPY. */
  async errors(): Promise<LoadErrorRow[]> {
    const rows = await this.rows(
      `SELECT file_name, line_number, column_name, error_code FROM redshift_system.sys_load_error_detail WHERE query_id = ${this.queryId}`,
    );
    return rows.map(([file, line, column, code]) => ({
      file: String(file),
      line: Number(line),
      column: String(column),
      code: Number(code),
    }));
  }

  scratchFiles(): string[] {
    return readdirSync(this.scratchDirectory);
  }
}

function engineType(type: ColumnType): string {
  if ('lengthBytes' in type) return 'VARCHAR';
  if (type.name === 'numeric') return `DECIMAL(${type.precision},${type.scale})`;
  if (type.name === 'double precision') return 'DOUBLE';
  if (type.name === 'super') return 'JSON';
  return type.name.toUpperCase();
}

export const integer: ColumnType = { name: 'integer' };
export const bigint: ColumnType = { name: 'bigint' };
export const timestamp: ColumnType = { name: 'timestamp without time zone' };
export const varchar = (lengthBytes: number): ColumnType => ({ name: 'character varying', lengthBytes });
