import { refuseMany } from './complexity.ts';
import { conjuncts, isTruthValue, refuseCondition } from './conditions.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expressions.ts';
import { NAMELESS, relationOf, type Columns, type Relation } from './names.ts';
import { queryWithColumns, startsQuery } from './query.ts';
import { refused, unsupported } from './refusals.ts';
import { isReserved } from './reserved-words.ts';
import { quoteName } from './scope.ts';
import type { Scope } from './scope.ts';
import { splitAt, unwrapped } from './token-groups.ts';
import { identifier, type Token } from './tokens.ts';
import { SqlError } from '../types.ts';

const JOIN_WORDS = new Set(['JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'NATURAL']);

/** Tables of a FROM clause in the engine's text. */
export type Tables = {
  text: string;
  /** Whether the last one has an alias. */
  aliased: boolean;
  relations: Relation[];
  /** Whether columns of two tables became one, by NATURAL or USING. */
  hasMergedColumns: boolean;
};

/** Takes the tables of a FROM or USING clause. */
export function tables(cursor: Cursor, scope: Scope): Tables {
  const first = tableItem(cursor, scope);
  const out = [first.text];
  let { aliased, hasMergedColumns } = first;
  const relations = [...first.relations];
  const add = (item: Tables): string => {
    relations.push(...item.relations);
    refuseMany('tables', relations.length);
    hasMergedColumns ||= item.hasMergedColumns;
    return item.text;
  };
  for (;;) {
    if (cursor.takeOperator(',')) {
      const item = tableItem(cursor, scope);
      out.push(', ', add(item));
      ({ aliased } = item);
      continue;
    }
    if (!JOIN_WORDS.has(cursor.keyword())) return { text: out.join(''), aliased, relations, hasMergedColumns };
    const natural = cursor.take('NATURAL') ? 'NATURAL ' : '';
    const kind = cursor.takeOneOf(new Set(['INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS'])) ?? 'INNER';
    if (kind !== 'CROSS' && kind !== 'INNER') cursor.take('OUTER');
    cursor.expect('JOIN');
    out.push(` ${natural}${kind} JOIN ${add(tableItem(cursor, scope))}`);
    // After a join condition QUALIFY can no longer be taken for an alias.
    aliased = true;
    if (kind === 'CROSS') continue;
    hasMergedColumns ||= natural !== '' || cursor.keyword() === 'USING';
    if (natural === '') out.push(joinCondition(cursor, scope, kind));
  }
}

function joinCondition(cursor: Cursor, scope: Scope, kind: string): string {
  if (!cursor.take('ON')) {
    cursor.expect('USING');
    return ` USING (${cursor.list(() => quoteName(cursor.identifier())).join(', ')})`;
  }
  const start = cursor.position;
  const read = (): string => expression(cursor, scope);
  const text = scope.names ? scope.names.during('ON', read) : read();
  const condition = cursor.tokens.slice(start, cursor.position);
  scope.names?.check((family) => {
    refuseCondition('JOIN/ON', condition, family);
  });
  if (kind === 'FULL' && !isEquality(condition)) {
    throw new SqlError('FULL JOIN is only supported with merge-joinable join conditions', '0A000');
  }
  return ` ON ${text}`;
}

/** Whether a condition is equalities joined by AND, as FULL JOIN wants it. https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause30.html */
function isEquality(condition: Token[]): boolean {
  const bare = unwrapped(condition);
  if (bare !== condition) return isEquality(bare);
  const parts = conjuncts(condition, new Set(['AND']));
  if (parts.length > 1) return parts.every(isEquality);
  const sides = splitAt(condition, ({ kind, text }) => kind === 'operator' && text === '=');
  const isColumn = (side: Token[]): boolean => side.some(({ kind }) => kind === 'word' || kind === 'quoted');
  return sides.length === 2 && sides.every((side) => isColumn(side) && !isTruthValue(side));
}

function tableItem(cursor: Cursor, scope: Scope): Tables {
  if (cursor.keyword() === 'LATERAL') throw refused(cursor.unexpected().message, 'Redshift has no LATERAL');
  if (!cursor.isOperator('(')) return namedTable(cursor, scope);
  if (cursor.keyword(1) === 'VALUES') throw refused(cursor.unexpected().message, 'Redshift has no VALUES in FROM');
  if (!startsQuery(cursor)) {
    cursor.expectOperator('(');
    const inner = tables(cursor, scope);
    cursor.expectOperator(')');
    return { ...inner, text: `(${inner.text})`, aliased: true };
  }
  cursor.expectOperator('(');
  const { text, columns } = scope.alone(() => queryWithColumns(cursor, scope));
  cursor.expectOperator(')');
  const alias = tableAlias(cursor);
  if (alias === undefined) throw refused('subquery in FROM must have an alias', 'PostgreSQL before 16 asks for it');
  const relations = [relationOf(NAMELESS, alias.name, renamed(columns, alias.columns))];
  return { text: `(${text}) AS ${alias.text}`, aliased: true, relations, hasMergedColumns: false };
}

function namedTable(cursor: Cursor, scope: Scope): Tables {
  const name = cursor.tableName();
  if (cursor.isOperator('(')) throw unsupported(`functions as tables: ${name.name}`);
  if (cursor.isOperator('.')) throw unsupported('names of other databases');
  const text = scope.read(name);
  const columns = scope.columnsOf(name);
  const alias = tableAlias(cursor);
  const shown = alias?.text ?? (scope.isCte(name) ? quoteName(name.name) : undefined);
  return {
    text: shown === undefined ? text : `${text} AS ${shown}`,
    aliased: alias !== undefined,
    relations: [relationOf(name, alias?.name, renamed(columns, alias?.columns))],
    hasMergedColumns: false,
  };
}

/** Columns under the names that a list gives the first of them. */
export function renamed(columns: Columns, names: string[] | undefined): Columns {
  return names === undefined ? columns : columns?.map((column, i) => ({ ...column, name: names[i] ?? column.name }));
}

/** An alias as the engine reads it, its name, and the names it gives to columns. */
export type Alias = { text: string; name: string; columns: string[] | undefined };

/** Takes `[AS] alias [(column, …)]` if it is there. */
export function tableAlias(cursor: Cursor): Alias | undefined {
  const explicit = cursor.take('AS');
  const token = cursor.peek();
  const isAlias =
    token?.kind === 'quoted' ||
    (token?.kind === 'word' && !isReserved(token.text) && (explicit || cursor.keyword() !== 'QUALIFY'));
  if (!isAlias) {
    if (explicit) throw cursor.unexpected();
    return undefined;
  }
  if (cursor.keyword() === 'SET' && !explicit) return undefined;
  const name = identifier(cursor.next());
  const columns = cursor.isOperator('(') ? cursor.list(() => cursor.identifier()) : undefined;
  const list = columns === undefined ? '' : ` (${columns.map(quoteName).join(', ')})`;
  return { text: `${quoteName(name)}${list}`, name, columns };
}
