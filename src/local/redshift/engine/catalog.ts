import type { DuckDBConnection } from '@duckdb/node-api';
import { columnTypeOf } from '../sql/data-types.ts';
import { withoutShownQuery, quoteLiteral, quoteName } from '../sql/scope.ts';
import { ADMINISTRATOR } from '../rights/rights.ts';
import { keyOf, type PermanentTables } from './permanent-tables.ts';
import { SessionRights } from './session-rights.ts';
import {
  SqlError,
  type Catalog,
  type CatalogChange,
  type Column,
  type DatabaseCatalog,
  type Login,
  type RightsChange,
  type Table,
  type TableName,
} from '../types.ts';

/** System tables and views that exist here, by their bare names. */
const SYSTEM_VIEWS: ReadonlySet<string> = new Set([
  'stl_load_errors',
  'sys_load_error_detail',
  'sys_load_history',
  'sys_load_detail',
  'stl_load_commits',
  'svv_columns',
  'svv_table_info',
]);

const systemView = (name: string): Table => ({
  schema: 'redshift_system',
  name,
  temporary: false,
  kind: 'system view',
  columns: [],
});

/** What everybody sees, as committed now: asks the engine for what is not kept here. The log of loads must be there. */
export function committedCatalog(permanent: PermanentTables, connection: DuckDBConnection): DatabaseCatalog {
  return {
    schemas: async () => {
      const reader = await connection.runAndReadAll(
        `SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() AND NOT internal
           AND schema_name NOT IN ('main', 'redshift_catalog')`,
      );
      return reader.getRows().map(([name]) => String(name));
    },
    tables: async () => {
      const views = [...SYSTEM_VIEWS].map((name) => withColumns(systemView(name), connection));
      return [...permanent.list(), ...(await Promise.all(views))];
    },
  };
}

/**
 * What one session sees: its temporary tables, its open transaction's changes, and all that is committed. As on
 * Redshift the catalog shows what is committed now, not what was committed at the transaction's snapshot.
 */
export class SessionCatalog implements Catalog {
  readonly #permanent: PermanentTables;
  readonly #changes = new Map<string, Table | undefined>();
  /** Whether the schemas that the open transaction has made or dropped exist now. */
  readonly #schemas = new Map<string, boolean>();
  #temporary = new Map<string, Table>();
  #temporaryBefore: Map<string, Table> | undefined;
  readonly login: Login;
  readonly facts: SessionRights;
  #searchPath = 'public';
  #searchPathBefore: string | undefined;

  constructor(permanent: PermanentTables, login: Login = { user: ADMINISTRATOR, database: 'dev' }) {
    this.#permanent = permanent;
    this.login = login;
    this.facts = new SessionRights(permanent.facts);
  }

  find({ schema, name }: TableName): Table | undefined {
    if ((schema === undefined || schema === 'pg_catalog') && SYSTEM_VIEWS.has(name)) return systemView(name);
    const temporary = schema === undefined ? this.#temporary.get(name) : undefined;
    if (temporary) return temporary;
    const key = keyOf(schema ?? this.#searchPath, name);
    return this.#changes.has(key) ? this.#changes.get(key) : this.#permanent.get(key);
  }

  get searchPath(): string {
    return this.#searchPath;
  }

  /** Sets the schema of names without one; a rollback undoes it, as it undoes every SET. */
  setSearchPath(schema: string): void {
    this.#searchPathBefore ??= this.#searchPath;
    this.#searchPath = schema;
  }

  hasSchema(name: string): boolean {
    return this.#schemas.get(name) ?? this.#permanent.hasSchema(name);
  }

  /**
   * Records changes after their statements ran, in the transaction that ran them. Asks the engine for the columns of
   * tables and views made by queries.
   */
  async apply(changes: readonly CatalogChange[], connection: DuckDBConnection): Promise<void> {
    for (const change of changes) {
      if (change.kind === 'create schema') {
        this.#schemas.set(change.schema, true);
        await this.facts.own(change.schema, change.owner, connection);
      } else if (change.kind === 'rename') await this.#rename(change.from, change.name, connection);
      else if (change.kind === 'drop schema') await this.#dropSchema(change.schema, connection);
      else if (change.kind === 'drop') await this.#drop(change.name, connection);
      else {
        const { schema, name } = change.table;
        // What was granted on a table while it was being dropped is no right on the next of its name.
        if (change.kind === 'create' && schema !== undefined) await this.facts.forget(connection, schema, name);
        await this.#put(await withColumns(change.table, connection), connection);
      }
    }
  }

  /** Changes users and rights, in the transaction of their statement. Throws SqlError for what does not fit the users there are. */
  async applyRights(changes: readonly RightsChange[], connection: DuckDBConnection): Promise<void> {
    for (const change of changes) {
      if (change.kind === 'drop user') this.#refuseDrop(change.user);
      await this.facts.apply(change, connection);
    }
  }

  /** https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_USER.html */
  #refuseDrop(user: string): void {
    const all = new Map([...this.#permanent.entries(), ...this.#changes]);
    if ([...all.values()].some((table) => table?.owner === user) || this.facts.ownsSchema(user))
      throw new SqlError(`user "${user}" can't be dropped because the user owns some object`, '2BP01');
    if (this.facts.isGranted(user))
      throw new SqlError(`user "${user}" can't be dropped because the user has a privilege on some object`, '2BP01');
  }

  /** Records that a temporary table shows a query, or (undefined) has its own rows again. */
  setShownQuery(table: Table, rows: string | undefined): void {
    const own = withoutShownQuery(table);
    this.#keepTemporary().set(table.name, rows === undefined ? own : { ...own, shownQuery: rows });
  }

  /** The queries that temporary tables show now. */
  shownQueries(): Set<string> {
    return new Set([...this.#temporary.values()].flatMap(({ shownQuery }) => shownQuery ?? []));
  }

  /** Publishes the open transaction's changes. Call it once the engine has committed. */
  commit(): void {
    this.#permanent.commit(this.#changes, this.#schemas);
    this.facts.commit();
    this.#changes.clear();
    this.#schemas.clear();
    this.#temporaryBefore = undefined;
    this.#searchPathBefore = undefined;
  }

  /** Forgets the open transaction's changes. */
  rollback(): void {
    this.facts.rollback();
    this.#changes.clear();
    this.#schemas.clear();
    if (this.#temporaryBefore) this.#temporary = this.#temporaryBefore;
    this.#temporaryBefore = undefined;
    this.#searchPath = this.#searchPathBefore ?? this.#searchPath;
    this.#searchPathBefore = undefined;
  }

  async #put(table: Table, connection: DuckDBConnection): Promise<void> {
    if (table.temporary) {
      this.#keepTemporary().set(table.name, table);
      return;
    }
    const key = keyOf(table.schema, table.name);
    await forget(key, connection);
    const values = [table.schema ?? 'public', table.name, JSON.stringify(table)].map(quoteLiteral);
    await connection.run(`INSERT INTO redshift_catalog.tables VALUES (${values.join(', ')})`);
    this.#changes.set(key, table);
  }

  async #drop({ schema, name }: TableName, connection: DuckDBConnection): Promise<void> {
    if (schema === undefined) {
      this.#keepTemporary().delete(name);
      return;
    }
    const key = keyOf(schema, name);
    await forget(key, connection);
    await this.facts.forget(connection, schema, name);
    this.#changes.set(key, undefined);
  }

  /** A table keeps its rights under its new name. */
  async #rename(from: Table, name: string, connection: DuckDBConnection): Promise<void> {
    if (from.schema !== undefined) await this.facts.rename(from.schema, from.name, name, connection);
    await this.#drop(from, connection);
    await this.#put({ ...from, name }, connection);
  }

  async #dropSchema(schema: string, connection: DuckDBConnection): Promise<void> {
    this.#schemas.set(schema, false);
    await this.facts.forget(connection, schema);
    const created = [...this.#changes.keys()].filter((key) => key.startsWith(`${schema}.`));
    for (const key of new Set([...this.#permanent.inSchema(schema), ...created])) {
      await forget(key, connection);
      this.#changes.set(key, undefined);
    }
  }

  #keepTemporary(): Map<string, Table> {
    this.#temporaryBefore ??= new Map(this.#temporary);
    return this.#temporary;
  }
}

async function forget(key: string, connection: DuckDBConnection): Promise<void> {
  await connection.run(
    `DELETE FROM redshift_catalog.tables WHERE schema_name || '.' || table_name = ${quoteLiteral(key)}`,
  );
}

async function withColumns(table: Table, connection: DuckDBConnection): Promise<Table> {
  if (table.columns.length > 0) return table;
  // Asking for no rows is far cheaper than the engine's catalog, which is searched as a whole.
  const name = quoteName(table.name);
  const place = table.temporary ? 'temp.main' : quoteName(table.schema ?? 'public');
  const empty = await connection.run(`SELECT * FROM ${place}.${name} LIMIT 0`);
  const types = empty.columnTypes();
  const columns = empty.columnNames().map((column, index): Column => ({
    name: column,
    type: columnTypeOf(String(types[index])),
    notNull: false,
  }));
  return { ...table, columns };
}
