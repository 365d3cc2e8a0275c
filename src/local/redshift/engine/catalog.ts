import type { DuckDBConnection } from '@duckdb/node-api';
import { SYSTEM_VIEWS, systemView, withColumns } from './committed-catalog.ts';
import { withoutShownQuery, quoteLiteral } from '../sql/scope.ts';
import { ADMINISTRATOR, placeOf } from '../rights/rights.ts';
import { keyOf, type PermanentTables } from './permanent-tables.ts';
import { SessionRights } from './session-rights.ts';
import {
  SqlError,
  type Catalog,
  type CatalogChange,
  type Login,
  type RightsChange,
  type Table,
  type TableName,
} from '../types.ts';

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
    return this.#permanentTable(keyOf(schema ?? this.#searchPath, name));
  }

  /** A permanent table or view by its key, as the open transaction has changed it. */
  #permanentTable(key: string): Table | undefined {
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
        await this.facts.place(change.schema, change.place, connection);
        await this.facts.own(change.schema, change.owner, connection);
      } else if (change.kind === 'own schema') await this.facts.own(change.schema, change.owner, connection);
      else if (change.kind === 'rename schema') await this.#renameSchema(change.schema, change.name, connection);
      else if (change.kind === 'rename') await this.#rename(change.from, change.name, connection);
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
    if (this.#all().some((table) => table.owner === user) || this.facts.ownsSchema(user))
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
    this.#permanent.commit(this.#changes, this.#schemas, this.facts.commit());
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
    if (this.#permanentTable(key)) await forget(key, connection);
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
    await this.facts.displace(schema, connection);
    await this.facts.forget(connection, schema);
    for (const { name } of this.#all().filter((table) => table.schema === schema)) {
      const key = keyOf(schema, name);
      await forget(key, connection);
      this.#changes.set(key, undefined);
    }
  }

  /**
   * What is in the schema keeps its place in the engine, and its rights; views keep what they read, by whatever name it has now, as
   * on Redshift, which knows it by number.
   */
  async #renameSchema(schema: string, name: string, connection: DuckDBConnection): Promise<void> {
    const place = placeOf(this.facts, schema);
    await this.facts.renameSchema(schema, name, place, connection);
    this.#schemas.set(schema, false);
    this.#schemas.set(name, true);
    const renamed = (one: string | undefined): string | undefined => (one === schema ? name : one);
    for (const table of this.#all()) {
      const isIn = table.schema === schema;
      if (!isIn && !table.reads?.some((read) => read.schema === schema)) continue;
      if (isIn) await forget(keyOf(schema, table.name), connection);
      if (isIn) this.#changes.set(keyOf(schema, table.name), undefined);
      const reads = table.reads?.map((read) => ({ ...read, schema: renamed(read.schema) }));
      await this.#put(
        { ...table, schema: renamed(table.schema), ...(isIn ? { place } : {}), ...(reads ? { reads } : {}) },
        connection,
      );
    }
  }

  /** The permanent tables and views, as the open transaction has changed them. */
  #all(): Table[] {
    const all = new Map<string, Table | undefined>([...this.#permanent.entries(), ...this.#changes]);
    return [...all.values()].filter((table) => table !== undefined);
  }

  lateBindingViews(): Table[] {
    return this.#all().filter(({ lateBinding }) => lateBinding);
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
