import { familyOf, familyOfType, type Family, type FamilyOfColumn } from './families.ts';
import { refused } from './refusals.ts';
import type { Token } from './tokens.ts';
import { SqlError, type Table, type TableName } from '../types.ts';

/** Columns in order, with what is known of their types; undefined when not all are known. */
export type Columns = readonly { name: string; family: Family }[] | undefined;

/** A table of a FROM clause, as the names of its query see it. */
export type Relation = { name: string; schema?: string | undefined; columns: Columns };

/** For relations that have an alias alone. */
export const NAMELESS: TableName = { schema: undefined, name: '' };

/** The columns of a table; those of system views are not known here. */
export function columnsOfTable({ columns }: Table): Columns {
  return columns.length === 0 ? undefined : columns.map(({ name, type }) => ({ name, family: familyOfType(type) }));
}

/** A table as a FROM clause names it. */
export function relationOf(name: TableName, alias: string | undefined, columns: Columns): Relation {
  return alias === undefined ? { ...name, columns } : { name: alias, columns };
}

/** A column as written, and what about its place makes Redshift refuse it when it is a column of a query further out. */
type Reference = {
  names: string[];
  /** How many queries it has left in search of its table. */
  depth: number;
  inCondition: boolean;
  isCorrelatable: boolean;
};

/** The clause a query is being read in; only WHERE may look out of a subquery, and ON lets no subquery look into its tables. */
type Clause = 'WHERE' | 'HAVING' | 'ON' | undefined;

/**
 * The names and conditions of one query (or of one UPDATE or DELETE), gathered while it is read and judged when its tables
 * are known. The engine understands more than Redshift does: a table's name as a row, tables beside a subquery in FROM,
 * correlation of any kind.
 */
export class Names {
  /** The query around this one when this is a subquery of an expression. */
  readonly #outer: Names | undefined;
  readonly #references: Reference[] = [];
  readonly #checks: ((family: FamilyOfColumn) => void)[] = [];
  #clause: Clause;
  #hasWindow = false;
  #family: FamilyOfColumn = () => undefined;

  constructor(outer?: Names) {
    this.#outer = outer;
  }

  /** Notes a column. `isCompared` says that it stands on one side of an equality. */
  refer(names: string[], isCompared: boolean): void {
    const inCondition = this.#clause === 'WHERE' || this.#clause === 'HAVING';
    this.#references.push({ names, depth: 0, inCondition, isCorrelatable: isCompared && this.#clause === 'WHERE' });
  }

  /** Notes what can be said only when the types of columns are known. */
  check(check: (family: FamilyOfColumn) => void): void {
    this.#checks.push(check);
  }

  /** Notes a window function. */
  window(): void {
    this.#hasWindow = true;
  }

  /** Reads a clause. */
  during<Result>(clause: Clause, read: () => Result): Result {
    const before = this.#clause;
    this.#clause = clause;
    try {
      return read();
    } finally {
      this.#clause = before;
    }
  }

  /** How many columns were noted, for `allowNoCorrelation`. */
  get count(): number {
    return this.#references.length;
  }

  /** Says that none of the columns noted from `start` on may be one of a query further out. */
  allowNoCorrelation(start: number): void {
    for (const reference of this.#references.slice(start)) reference.isCorrelatable = false;
  }

  /**
   * Judges the names, now that the tables are known. `aliases` are those of the select list, which WHERE and HAVING do not
   * know. Throws SqlError.
   */
  resolve(relations: readonly Relation[], aliases: ReadonlySet<string>): void {
    const isOwn = ownership(relations);
    for (const reference of this.#references) {
      if (!isOwn(reference.names)) this.#lookFurther(reference, relations, aliases);
      else if (reference.depth > 0 && !reference.isCorrelatable) throw unsupportedCorrelation();
    }
    this.#family = (names) => familyIn(relations, names);
    for (const check of this.#checks) check(this.#family);
  }

  /** The family of an expression over the tables resolved. */
  familyOf(tokens: Token[]): Family {
    return familyOf(tokens, this.#family);
  }

  #lookFurther(reference: Reference, relations: readonly Relation[], aliases: ReadonlySet<string>): void {
    const [name = ''] = reference.names;
    if (reference.names.length === 1) {
      if (relations.some((relation) => relation.name === name && relation.columns)) throw wholeRow(name);
      if (relations.some(({ columns }) => !columns)) return;
      if (aliases.has(name) && !reference.inCondition) return;
    }
    if (!this.#outer) throw nowhere(reference.names);
    // Redshift takes no correlation that skips a query, stands beside a window function, or goes to the tables of an ON clause.
    const isCorrelatable = reference.isCorrelatable && reference.depth === 0 && !this.#hasWindow;
    const outerClause = this.#outer.#clause;
    this.#outer.#references.push({
      ...reference,
      depth: reference.depth + 1,
      inCondition: outerClause === 'WHERE' || outerClause === 'HAVING',
      isCorrelatable: isCorrelatable && outerClause !== 'ON',
    });
  }
}

/** Tells whether a column may be one of these tables'. */
function ownership(relations: readonly Relation[]): (names: string[]) => boolean {
  const columns = new Set(relations.flatMap((relation) => relation.columns?.map(({ name }) => name) ?? []));
  const tables = new Set(
    relations.flatMap(({ schema, name }) => [
      name,
      ...(schema === undefined ? ['public'] : [schema]).map((s) => `${s}.${name}`),
    ]),
  );
  return (names) => (names.length === 1 ? columns.has(names[0] ?? '') : tables.has(names.slice(0, -1).join('.')));
}

function familyIn(relations: readonly Relation[], names: string[]): Family {
  const table = names.at(-2);
  const candidates = table === undefined ? relations : relations.filter(({ name }) => name === table);
  const found = candidates.flatMap(({ columns }) => columns?.filter(({ name }) => name === names.at(-1)) ?? []);
  return found.length === 1 ? found[0]?.family : undefined;
}

function nowhere(names: string[]): SqlError {
  const [table = '', column] = names.slice(-2);
  if (column === undefined) return new SqlError(`column "${table}" does not exist`, '42703');
  return new SqlError(`missing FROM-clause entry for table "${table}"`, '42P01');
}

function wholeRow(name: string): SqlError {
  return refused(`column "${name}" does not exist`, 'a whole row is no value on Redshift', '42703');
}

/** https://docs.aws.amazon.com/redshift/latest/dg/r_correlated_subqueries.html */
function unsupportedCorrelation(): SqlError {
  const why =
    'a subquery looks out by equalities in its WHERE alone, one query far, without LIMIT and window functions';
  return refused('This type of correlated subquery pattern is not supported due to internal error', why, '0A000');
}
