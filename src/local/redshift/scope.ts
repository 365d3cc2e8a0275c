import { leaderOnly, computeOnly } from './refusals.ts';
import { SqlError } from './types.ts';
import type { Catalog, Table, TableName } from './types.ts';
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
export function engineName(table: Pick<Table, 'schema' | 'name' | 'temporary'>): string {
  if (table.temporary) return `temp.main.${quoteName(table.name)}`;
  return `${quoteName(table.schema ?? 'public')}.${quoteName(table.name)}`;
}

/** The table when it shows no borrowed rows. */
export function ownRows(table: Table): Table {
  const own = { ...table };
  delete own.borrowedRows;
  return own;
}

/** A name as error messages show it. */
export function displayName({ schema, name }: TableName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

/** What is known while one statement is translated: what exists, which CTEs are visible, which tables were met. */
export class Scope {
  readonly catalog: Catalog;
  readonly reads = new Set<string>();
  readonly writes = new Set<string>();
  /** Tables that are changed and show borrowed rows. */
  readonly borrowing: Table[] = [];
  /** Everything read, by the engine's names, temporary tables too. */
  readonly readNames = new Set<string>();
  /** Start of the statement, for GETDATE(); undefined in views and defaults, which are evaluated later. */
  readonly now: Date | undefined;
  readonly #ctes: Set<string>[] = [];
  #readsTables = false;
  #leaderFunction: string | undefined;
  #computeFunction = false;

  constructor(catalog: Catalog, now: Date | undefined) {
    this.catalog = catalog;
    this.now = now;
  }

  /** Runs `inner` with a fresh set of CTE names visible in it; `declare` adds to them. */
  withCtes<Result>(inner: (declare: (name: string) => void) => Result): Result {
    const names = new Set<string>();
    this.#ctes.push(names);
    try {
      return inner((name) => names.add(name));
    } finally {
      this.#ctes.pop();
    }
  }

  /** The engine's name of a table or CTE that is read. Throws when it does not exist. */
  read(name: TableName): string {
    if (this.#isCte(name)) return quoteName(name.name);
    const table = this.find(name);
    this.#readsTables ||= table.kind !== 'system view';
    if (!table.temporary) this.reads.add(`${table.schema ?? 'public'}.${table.name}`);
    const text = engineName(table);
    this.readNames.add(text);
    return text;
  }

  /** The columns of a table; undefined for CTEs and system views, whose columns are not known here. */
  columnsOf(name: TableName): ReadonlySet<string> | undefined {
    if (this.#isCte(name)) return undefined;
    const { columns } = this.find(name);
    return columns.length === 0 ? undefined : new Set(columns.map((column) => column.name));
  }

  #isCte({ schema, name }: TableName): boolean {
    return schema === undefined && this.#ctes.some((names) => names.has(name));
  }

  /** The table a statement changes. Throws when it does not exist or is none. */
  write(name: TableName): Table {
    const table = this.find(name);
    if (table.kind === 'view') throw new SqlError(`cannot change view "${displayName(name)}"`, '42809');
    if (table.kind === 'system view') throw new SqlError(`permission denied for relation ${name.name}`, '42501');
    this.#readsTables = true;
    if (!table.temporary) this.writes.add(`${table.schema ?? 'public'}.${table.name}`);
    if (table.borrowedRows === undefined) return table;
    this.borrowing.push(table);
    return ownRows(table);
  }

  find(name: TableName): Table {
    const table = this.catalog.find(name);
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

  /** Throws when the functions met and the tables met do not go together. Call it at the end of a statement. */
  checkNodes(): void {
    if (this.#leaderFunction !== undefined && this.#readsTables) throw leaderOnly(this.#leaderFunction);
    if (this.#computeFunction && !this.#readsTables) throw computeOnly();
  }
}
