import { Access, lookUp, schemaOf } from './access.ts';
import { columnsOfTable, Names, type Columns } from './names.ts';
import { leaderOnly, LEADER_ONLY_VIEWS, computeOnly, viewOfLeader } from './refusals.ts';
import { SqlError } from '../types.ts';
import type { Catalog, Table, TableName } from '../types.ts';
import { missingRelation } from './system-names.ts';

/** Writes a name so that the engine takes it literally. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Writes a string literal for the engine. */
export function quoteLiteral(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A table's name for the engine, always with its schema, so that no search path decides. */
export function engineName(table: Pick<Table, 'schema' | 'name' | 'temporary' | 'place'>): string {
  if (table.temporary) return `temp.main.${quoteName(table.name)}`;
  return `${quoteName(table.place ?? schemaOf(table))}.${quoteName(table.name)}`;
}

/** What locks and conflicts know a permanent table by: the table itself, whatever its schema is called by now. */
export function lockName(table: Pick<Table, 'schema' | 'name' | 'place'>): string {
  return `${table.place ?? schemaOf(table)}.${table.name}`;
}

/**
 * A CTE's name for the engine that cannot match anything else: no table or view, and no file, which the engine recognizes by
 * their extensions.
 */
export function cteName(name: string): string {
  return quoteName(`${name} (with)`);
}

/** The table as it is without a shown query. */
export function withoutShownQuery(table: Table): Table {
  const own = { ...table };
  delete own.shownQuery;
  return own;
}

/** A name as error messages show it. */
export function displayName({ schema, name }: TableName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

/** The state while one statement is translated: what exists, which CTEs are visible, which tables were used. */
export class Scope {
  readonly catalog: Catalog;
  readonly reads = new Set<string>();
  readonly writes = new Set<string>();
  /** Tables that the statement changes and that show a query. */
  readonly toMaterialize: Table[] = [];
  /** The privileges the statement needs. */
  readonly access = new Access();
  /** Everything read, by the engine's names, temporary tables too. */
  readonly readNames = new Map<string, Table>();
  /** Start of the statement, for GETDATE(); undefined in views and defaults, which are evaluated later. */
  readonly now: Date | undefined;
  /** The names of the query that is being read; undefined where a query sees nothing of those around it. */
  names: Names | undefined;
  readonly #ctes: Map<string, Columns>[] = [];
  #readsTables = false;
  #leaderFunction: string | undefined;
  #leaderView: string | undefined;
  #computeFunction = false;

  constructor(catalog: Catalog, now: Date | undefined) {
    this.catalog = catalog;
    this.now = now;
  }

  /** Runs `inner` with a fresh set of CTE names visible in it; `declare` adds to them. */
  withCtes<Result>(inner: (declare: (name: string, columns: Columns) => void) => Result): Result {
    const names = new Map<string, Columns>();
    this.#ctes.push(names);
    try {
      return inner((name, columns) => names.set(name, columns));
    } finally {
      this.#ctes.pop();
    }
  }

  /** Reads a query, or another construct with tables, inside the surrounding one. */
  inQuery<Result>(read: (names: Names) => Result): Result {
    return this.#naming(new Names(this.names), read);
  }

  /** Reads a query that sees nothing of the surrounding ones: in FROM and in WITH. */
  alone<Result>(read: () => Result): Result {
    return this.#naming(undefined, read);
  }

  #naming<N extends Names | undefined, Result>(names: N, read: (names: N) => Result): Result {
    const before = this.names;
    this.names = names;
    try {
      return read(names);
    } finally {
      this.names = before;
    }
  }

  /** The engine's name of a table or CTE that is read. Throws when it does not exist. */
  read(name: TableName): string {
    if (this.isCte(name)) return cteName(name.name);
    const table = this.find(name);
    if (table.kind === 'system view' && LEADER_ONLY_VIEWS.has(table.name)) this.#leaderView = table.name;
    this.#readsTables ||= table.kind !== 'system view';
    if (!table.temporary) this.reads.add(lockName(table));
    this.access.need(table, 'SELECT');
    const text = engineName(table);
    this.readNames.set(text, table);
    return text;
  }

  /** The columns of a table or CTE, as far as they are known. */
  columnsOf(name: TableName): Columns {
    if (!this.isCte(name)) return columnsOfTable(this.find(name));
    return this.#ctes.findLast((names) => names.has(name.name))?.get(name.name);
  }

  isCte({ schema, name }: TableName): boolean {
    return schema === undefined && this.#ctes.some((names) => names.has(name));
  }

  /** The table a statement changes, with the privileges it takes. Throws when it does not exist or is none. */
  write(name: TableName, ...privileges: string[]): Table {
    const table = this.find(name);
    if (table.kind === 'view') throw new SqlError(`cannot change view "${displayName(name)}"`, '42809');
    if (table.kind === 'system view') throw new SqlError(`permission denied for relation ${name.name}`, '42501');
    this.#readsTables = true;
    if (!table.temporary) this.writes.add(lockName(table));
    this.access.need(table, ...privileges);
    if (table.shownQuery === undefined) return table;
    this.toMaterialize.push(table);
    return withoutShownQuery(table);
  }

  find(name: TableName): Table {
    const table = lookUp(this.catalog, name);
    if (!table) throw missingRelation(name);
    return table;
  }

  /** Notes a function that Redshift runs on its leader node only. */
  usesLeader(name: string): void {
    this.#leaderFunction ??= name;
  }

  /** Notes a function that Redshift runs on its compute nodes only. */
  usesCompute(): void {
    this.#computeFunction = true;
  }

  /**
   * Throws when the functions, views and tables met do not go together. Call it at the end of a statement; `asks` says that it
   * is a query and no more, which makes or changes nothing on the compute nodes.
   */
  checkNodes(asks: boolean): void {
    if (this.#leaderView !== undefined && (this.#readsTables || !asks)) throw viewOfLeader(this.#leaderView);
    if (this.#leaderFunction !== undefined && this.#readsTables) throw leaderOnly(this.#leaderFunction);
    if (this.#computeFunction && !this.#readsTables) throw computeOnly();
  }
}
