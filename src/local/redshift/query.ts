import type { Cursor } from './cursor.ts';
import { expression, expressions, parenthesised } from './expressions.ts';
import { refuseAliases } from './aliases.ts';
import { tables } from './from-clause.ts';
import { labelOf } from './labels.ts';
import { refused, unsupported } from './refusals.ts';
import { quoteName } from './scope.ts';
import type { Scope } from './scope.ts';
import { stringValue } from './tokens.ts';
import { SqlError } from './types.ts';

const setOperators = new Set(['UNION', 'EXCEPT', 'INTERSECT', 'MINUS']);

/** Whether a query, possibly in parentheses of its own, comes next. */
export function startsQuery(cursor: Cursor): boolean {
  let offset = 0;
  while (cursor.isOperator('(', offset)) offset++;
  return ['SELECT', 'WITH'].includes(cursor.keyword(offset));
}

/** Takes a whole query: WITH, SELECTs joined by set operators, ORDER BY, LIMIT. Gives the engine's text. */
export function query(cursor: Cursor, scope: Scope): string {
  return scope.withCtes((declare) => {
    const out = cursor.keyword() === 'WITH' ? [withClause(cursor, scope, declare)] : [];
    return [...out, queryBody(cursor, scope)].join(' ');
  });
}

/** Takes `WITH a AS (…), b AS (…)`; the names are declared one after the other, so that each sees those before it. */
export function withClause(cursor: Cursor, scope: Scope, declare: (name: string) => void): string {
  cursor.expect('WITH');
  const recursive = cursor.take('RECURSIVE') ? 'RECURSIVE ' : '';
  const parts: string[] = [];
  do {
    const name = cursor.identifier();
    if (recursive) declare(name);
    const columns = cursor.isOperator('(') ? ` (${cursor.list(() => quoteName(cursor.identifier())).join(', ')})` : '';
    cursor.expect('AS');
    if (!cursor.isOperator('(')) throw cursor.unexpected();
    if (cursor.keyword(1) === 'WITH') throw unsupported('WITH inside WITH');
    parts.push(`${quoteName(name)}${columns} AS ${parenthesised(cursor, () => query(cursor, scope))}`);
    declare(name);
  } while (cursor.takeOperator(','));
  return `WITH ${recursive}${parts.join(', ')}`;
}

/** Takes a query behind its WITH clause. */
export function queryBody(cursor: Cursor, scope: Scope): string {
  const first = queryTerm(cursor, scope);
  const out = [first.text];
  for (;;) {
    const word = cursor.takeOneOf(setOperators);
    if (word === undefined) break;
    const all = cursor.take('ALL') ? ' ALL' : '';
    if (all && word !== 'UNION') throw refused(`${word} ALL is not supported`, 'Redshift has UNION ALL only', '0A000');
    out.push(`${word === 'MINUS' ? 'EXCEPT' : word}${all}`, queryTerm(cursor, scope).text);
  }
  if (first.top !== undefined && out.length > 1) throw unsupported('TOP with set operators');
  if (cursor.take('ORDER', 'BY')) out.push(`ORDER BY ${sortItems(cursor, scope)}`);
  out.push(...limits(cursor, first.top));
  return out.join(' ');
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

function queryTerm(cursor: Cursor, scope: Scope): { text: string; top?: string } {
  if (cursor.isOperator('(')) return { text: parenthesised(cursor, () => query(cursor, scope)) };
  return select(cursor, scope);
}

function select(cursor: Cursor, scope: Scope): { text: string; top?: string } {
  cursor.expect('SELECT');
  const out = ['SELECT'];
  let top: string | undefined;
  if (cursor.take('TOP')) top = String(cursor.integer());
  if (cursor.take('DISTINCT')) {
    if (cursor.keyword() === 'ON') throw refused(cursor.unexpected().message, 'Redshift has no DISTINCT ON');
    out.push('DISTINCT');
  } else cursor.take('ALL');
  if (cursor.take('TOP')) top = String(cursor.integer());
  const aliases = new Set<string>();
  const items = [selectItem(cursor, scope, aliases)];
  while (cursor.takeOperator(',')) items.push(selectItem(cursor, scope, aliases));
  out.push(items.join(', '));
  if (cursor.keyword() === 'INTO') throw unsupported('SELECT … INTO; use CREATE TABLE … AS');
  out.push(...clauses(cursor, scope, aliases));
  if (['FETCH', 'FOR', 'WINDOW'].includes(cursor.keyword())) throw cursor.unexpected();
  const text = out.join(' ');
  return top === undefined ? { text } : { text, top };
}

function clauses(cursor: Cursor, scope: Scope, aliases: ReadonlySet<string>): string[] {
  const from = cursor.take('FROM') ? tables(cursor, scope) : undefined;
  const out = from ? [`FROM ${from.text}`] : [];
  if (cursor.keyword() === 'QUALIFY' && from?.aliased === false) {
    throw refused(cursor.unexpected().message, 'QUALIFY right after FROM needs an alias on the table');
  }
  const condition = (): string => {
    const start = cursor.position;
    const text = expression(cursor, scope);
    refuseAliases(cursor.tokens.slice(start, cursor.position), aliases, from?.columns);
    return text;
  };
  if (cursor.take('WHERE')) out.push(`WHERE ${condition()}`);
  if (cursor.take('GROUP', 'BY')) out.push(`GROUP BY ${groups(cursor, scope)}`);
  if (cursor.take('HAVING')) out.push(`HAVING ${condition()}`);
  if (cursor.take('QUALIFY')) out.push(`QUALIFY ${expression(cursor, scope)}`);
  return out;
}

function groups(cursor: Cursor, scope: Scope): string {
  if (cursor.take('ALL')) return 'ALL';
  const items: string[] = [];
  do {
    const grouping = cursor.isOperator('(', 1) ? cursor.takeOneOf(new Set(['ROLLUP', 'CUBE'])) : undefined;
    if (cursor.take('GROUPING', 'SETS')) {
      items.push(`GROUPING SETS (${cursor.list(() => groupingSet(cursor, scope)).join(', ')})`);
    } else if (grouping !== undefined) {
      items.push(`${grouping} ${parenthesised(cursor, () => expressions(cursor, scope).join(', '))}`);
    } else items.push(expression(cursor, scope));
  } while (cursor.takeOperator(','));
  return items.join(', ');
}

function groupingSet(cursor: Cursor, scope: Scope): string {
  if (!cursor.isOperator('(')) return expression(cursor, scope);
  return parenthesised(cursor, () => (cursor.isOperator(')') ? '' : expressions(cursor, scope).join(', ')));
}

/** Takes one item of a select list and adds the alias written for it to `aliases`. */
function selectItem(cursor: Cursor, scope: Scope, aliases: Set<string>): string {
  if (cursor.takeOperator('*')) {
    if (['EXCLUDE', 'REPLACE', 'EXCEPT'].includes(cursor.keyword())) throw unsupported(`* ${cursor.keyword()}`);
    return '*';
  }
  const start = cursor.position;
  const text = expression(cursor, scope);
  const label = labelOf(cursor.tokens.slice(start, cursor.position));
  let alias: string | undefined;
  if (cursor.take('AS')) alias = cursor.label();
  else if (cursor.isIdentifier() && cursor.keyword() !== 'QUALIFY') alias = cursor.identifier();
  if (alias !== undefined) aliases.add(alias);
  // Without a name the engine would call the column by its own text of the expression.
  const name = alias ?? label;
  return name === undefined ? text : `${text} AS ${quoteName(name)}`;
}

function unexpected(cursor: Cursor): never {
  throw cursor.unexpected();
}
