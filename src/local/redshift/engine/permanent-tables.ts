import type { DuckDBConnection } from '@duckdb/node-api';
import { isEngineSchema } from '../sql/engine-schemas.ts';
import { schemaIn } from '../rights/rights.ts';
import type { Table } from '../types.ts';

/** A permanent table's key. */
export const keyOf = (schema: string | undefined, name: string): string => `${schema ?? 'public'}.${name}`;

/** The permanent tables as last committed, shared by all sessions of one warehouse. */
export class PermanentTables {
  readonly #tables = new Map<string, Table>();
  readonly #schemas = new Set<string>();
  /** Users and their rights. */
  readonly facts = new Map<string, string>();
  #version = 0;

  /** Reads what earlier runs left in the database. */
  static async load(connection: DuckDBConnection): Promise<PermanentTables> {
    const loaded = new PermanentTables();
    const reader = await connection.runAndReadAll('SELECT definition FROM redshift_catalog.tables');
    for (const [definition] of reader.getRows()) {
      const table = JSON.parse(String(definition)) as Table;
      loaded.#tables.set(keyOf(table.schema, table.name), table);
    }
    const facts = await connection.runAndReadAll('SELECT fact, value FROM redshift_catalog.rights');
    for (const [fact, value] of facts.getRows()) loaded.facts.set(String(fact), String(value));
    const schemas = await connection.runAndReadAll(
      `SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() AND NOT internal`,
    );
    for (const [name] of schemas.getRows())
      if (!isEngineSchema(String(name))) loaded.#schemas.add(schemaIn(loaded.facts, String(name)));
    return loaded;
  }

  /** Grows with each transaction that changes schemas, tables, users or rights. */
  get version(): number {
    return this.#version;
  }

  get(key: string): Table | undefined {
    return this.#tables.get(key);
  }

  list(): Table[] {
    return [...this.#tables.values()];
  }

  entries(): Iterable<[key: string, table: Table]> {
    return this.#tables.entries();
  }

  /** Redshift's schemas, in no order. */
  schemas(): string[] {
    return [...this.#schemas];
  }

  hasSchema(name: string): boolean {
    return this.#schemas.has(name);
  }

  inSchema(schema: string): string[] {
    return [...this.#tables.entries()].filter(([, table]) => table.schema === schema).map(([key]) => key);
  }

  /** Takes over the changes of a committed transaction; undefined means dropped. `rights` says whether it has changed any. */
  commit(
    changes: ReadonlyMap<string, Table | undefined>,
    schemas: ReadonlyMap<string, boolean>,
    rights: boolean,
  ): void {
    if (rights || changes.size + schemas.size > 0) this.#version += 1;
    for (const [schema, exists] of schemas) {
      if (exists) this.#schemas.add(schema);
      else this.#schemas.delete(schema);
    }
    for (const [key, table] of changes) {
      if (table) this.#tables.set(key, table);
      else this.#tables.delete(key);
    }
  }
}
