import { refuseMany } from './complexity.ts';
import { refuseFamilies } from './conditions.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expressions.ts';
import { common } from './families.ts';
import { renamed } from './from-clause.ts';
import type { Columns } from './names.ts';
import { refused, unsupported } from './refusals.ts';
import { cteName, quoteName } from './scope.ts';
import type { Scope } from './scope.ts';
import { select, type Distinct, type Term } from './select.ts';
import { splitAt } from './token-groups.ts';
import { identifier, keyword, stringValue, type Token } from './tokens.ts';
import { SqlError } from '../types.ts';

const SET_OPERATORS = new Set(['UNION', 'EXCEPT', 'INTERSECT', 'MINUS']);

/** Whether a query, possibly in parentheses of its own, comes next. */
export function startsQuery(cursor: Cursor): boolean {
  let offset = 0;
  while (cursor.isOperator('(', offset)) offset++;
  return ['SELECT', 'WITH'].includes(cursor.keyword(offset));
}

/** A query in the engine's text, with what it gives. */
export type Query = { text: string; columns: Columns };

/** Takes a whole query: WITH, SELECTs joined by set operators, ORDER BY, LIMIT. Gives the engine's text. */
export function query(cursor: Cursor, scope: Scope): string {
  return queryWithColumns(cursor, scope).text;
}

/** The same as `query`, with the columns the query gives. */
export function queryWithColumns(cursor: Cursor, scope: Scope, recursion?: Recursion): Query {
  return scope.withCtes((declare) => {
    const prefix = cursor.keyword() === 'WITH' ? `${withClause(cursor, scope, declare)} ` : '';
    const { text, columns } = queryBody(cursor, scope, recursion);
    return { text: prefix + text, columns };
  });
}

/** What a recursive query does at its UNION ALL: behind it, and nowhere else, it may name itself. */
type Recursion = (seed: Columns) => void;

/**
 * Takes `WITH a AS (…), b AS (…)`; the names are declared one after the other, so that each sees those before it.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_WITH_clause.html
 */
export function withClause(cursor: Cursor, scope: Scope, declare: (name: string, columns: Columns) => void): string {
  cursor.expect('WITH');
  const recursive = cursor.take('RECURSIVE') ? 'RECURSIVE ' : '';
  const parts: string[] = [];
  do {
    const name = cursor.identifier();
    const names = cursor.isOperator('(') ? cursor.list(() => cursor.identifier()) : undefined;
    cursor.expect('AS');
    if (!cursor.isOperator('(')) throw cursor.unexpected();
    if (cursor.keyword(1) === 'WITH') throw unsupported('WITH inside WITH');
    // Redshift wants the columns of a recursive query named.
    const recursion = (seed: Columns): void => {
      declare(name, renamed(seed, names));
    };
    cursor.expectOperator('(');
    const isRecursive = recursive !== '' && names !== undefined;
    const body = scope.alone(() => queryWithColumns(cursor, scope, isRecursive ? recursion : undefined));
    cursor.expectOperator(')');
    const list = names === undefined ? '' : ` (${names.map(quoteName).join(', ')})`;
    parts.push(`${cteName(name)}${list} AS (${body.text})`);
    declare(name, renamed(body.columns, names));
  } while (cursor.takeOperator(','));
  return `WITH ${recursive}${parts.join(', ')}`;
}

/** Takes a query behind its WITH clause. */
export function queryBody(cursor: Cursor, scope: Scope, recursion?: Recursion): Query {
  const outside = scope.names;
  const start = outside?.count ?? 0;
  const first = queryTerm(cursor, scope);
  const out = [first.text];
  const terms = [first.columns];
  for (;;) {
    const word = cursor.takeOneOf(SET_OPERATORS);
    if (word === undefined) break;
    const all = cursor.take('ALL') ? ' ALL' : '';
    if (all && word !== 'UNION') throw refused(`${word} ALL is not supported`, 'Redshift has UNION ALL only', '0A000');
    if (recursion && terms.length > 1) throw unsupported('a recursive query of more than a seed and one UNION ALL');
    if (word === 'UNION' && all) recursion?.(first.columns);
    const term = queryTerm(cursor, scope);
    terms.push(term.columns);
    refuseMany('setOperators', terms.length);
    out.push(`${word === 'MINUS' ? 'EXCEPT' : word}${all}`, term.text);
  }
  if (first.top !== undefined && out.length > 1) throw unsupported('TOP with set operators');
  if (cursor.take('ORDER', 'BY'))
    out.push(`ORDER BY ${order(cursor, scope, terms.length === 1 ? first.distinct : undefined)}`);
  const limited = limits(cursor, first.top);
  if (limited.length > 0 || terms.length > 1) outside?.allowNoCorrelation(start);
  return { text: [...out, ...limited].join(' '), columns: united(terms) };
}

/** The columns of set operators; throws where two of them do not go together. */
function united(terms: Columns[]): Columns {
  const [first] = terms;
  if (terms.length === 1) return first;
  return first?.map(({ name }, index) => {
    const families = terms.map((columns) => columns?.[index]?.family);
    refuseFamilies('UNION', families);
    return { name, family: common(families) };
  });
}

/** Takes the items of ORDER BY; behind SELECT DISTINCT they must stand in the select list. */
function order(cursor: Cursor, scope: Scope, distinct: Distinct | undefined): string {
  const start = cursor.position;
  const text = scope.inQuery(() => sortItems(cursor, scope));
  for (const item of splitAt(cursor.tokens.slice(start, cursor.position), ({ text: comma }) => comma === ',')) {
    const end = item.findIndex((token) => ['ASC', 'DESC', 'NULLS'].includes(keyword(token)));
    const sorted = end === -1 ? item : item.slice(0, end);
    if (distinct && !isSelected(sorted, distinct)) {
      throw new SqlError('for SELECT DISTINCT, ORDER BY expressions must appear in select list', '42P10');
    }
  }
  return text;
}

function isSelected(sorted: Token[], { items, columns }: Distinct): boolean {
  const last = sorted.at(-1);
  if (sorted.length === 1 && last?.kind === 'number') return true;
  if (items.some((item) => textOf(item) === textOf(sorted))) return true;
  const isColumn = sorted.every(({ kind, text }) => kind === 'word' || kind === 'quoted' || text === '.');
  return isColumn && (!columns || (last !== undefined && columns.some(({ name }) => name === identifier(last))));
}

function textOf(tokens: Token[]): string {
  return tokens
    .map((token) => (token.kind === 'word' || token.kind === 'quoted' ? identifier(token) : token.text))
    .join(' ');
}

function limits(cursor: Cursor, top: string | undefined): string[] {
  const out = top === undefined ? [] : [`LIMIT ${top}`];
  for (;;) {
    if (cursor.take('LIMIT')) {
      if (!cursor.take('ALL')) out.push(`LIMIT ${count(cursor)}`);
    } else if (cursor.take('OFFSET')) out.push(`OFFSET ${count(cursor)}`);
    else return out;
  }
}

/** Takes a number of rows; a parameter comes as text. */
function count(cursor: Cursor): string {
  const token = cursor.peek();
  if (token?.kind !== 'string') return String(cursor.integer());
  const text = stringValue(cursor.next());
  if (!/^\d+$/.test(text)) throw new SqlError(`invalid input syntax for integer: "${text}"`, '22P02');
  return text;
}

/** Takes `expression [ASC|DESC] [NULLS FIRST|LAST], …`. */
export function sortItems(cursor: Cursor, scope: Scope): string {
  const items: string[] = [];
  do {
    const item = [expression(cursor, scope), cursor.takeOneOf(new Set(['ASC', 'DESC'])) ?? ''];
    if (cursor.take('NULLS')) item.push('NULLS', cursor.takeOneOf(new Set(['FIRST', 'LAST'])) ?? unexpected(cursor));
    items.push(item.join(' ').trimEnd());
  } while (cursor.takeOperator(','));
  return items.join(', ');
}

function queryTerm(cursor: Cursor, scope: Scope): Term {
  if (!cursor.isOperator('(')) return scope.inQuery((names) => select(cursor, scope, names));
  cursor.expectOperator('(');
  const { text, columns } = queryWithColumns(cursor, scope);
  cursor.expectOperator(')');
  return { text: `(${text})`, columns };
}

function unexpected(cursor: Cursor): never {
  throw cursor.unexpected();
}
