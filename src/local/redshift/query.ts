import type { Cursor } from './cursor.ts';
import { expression, expressions, parenthesised } from './expressions.ts';
import { labelOf } from './labels.ts';
import { refused, unsupported } from './refusals.ts';
import { isReserved } from './reserved-words.ts';
import { quoteName } from './scope.ts';
import type { Scope } from './scope.ts';
import { identifier } from './tokens.ts';

const setOperators = new Set(['UNION', 'EXCEPT', 'INTERSECT', 'MINUS']);
const joinWords = new Set(['JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'NATURAL']);

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
      if (!cursor.take('ALL')) out.push(`LIMIT ${cursor.integer()}`);
    } else if (cursor.take('OFFSET')) out.push(`OFFSET ${cursor.integer()}`);
    else return out;
  }
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
  const items = [selectItem(cursor, scope)];
  while (cursor.takeOperator(',')) items.push(selectItem(cursor, scope));
  out.push(items.join(', '));
  if (cursor.keyword() === 'INTO') throw unsupported('SELECT … INTO; use CREATE TABLE … AS');
  out.push(...clauses(cursor, scope));
  if (['FETCH', 'FOR', 'WINDOW'].includes(cursor.keyword())) throw cursor.unexpected();
  const text = out.join(' ');
  return top === undefined ? { text } : { text, top };
}

function clauses(cursor: Cursor, scope: Scope): string[] {
  const out: string[] = [];
  let aliased = true;
  if (cursor.take('FROM')) {
    const from = tables(cursor, scope);
    out.push(`FROM ${from.text}`);
    aliased = from.aliased;
  }
  if (cursor.keyword() === 'QUALIFY' && !aliased) {
    throw refused(cursor.unexpected().message, 'QUALIFY right after FROM needs an alias on the table');
  }
  if (cursor.take('WHERE')) out.push(`WHERE ${expression(cursor, scope)}`);
  if (cursor.take('GROUP', 'BY')) out.push(`GROUP BY ${groups(cursor, scope)}`);
  if (cursor.take('HAVING')) out.push(`HAVING ${expression(cursor, scope)}`);
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

function selectItem(cursor: Cursor, scope: Scope): string {
  if (cursor.takeOperator('*')) {
    if (['EXCLUDE', 'REPLACE', 'EXCEPT'].includes(cursor.keyword())) throw unsupported(`* ${cursor.keyword()}`);
    return '*';
  }
  const start = cursor.position;
  const text = expression(cursor, scope);
  const label = labelOf(cursor.tokens.slice(start, cursor.position));
  if (cursor.take('AS')) return `${text} AS ${quoteName(cursor.label())}`;
  if (cursor.isIdentifier() && cursor.keyword() !== 'QUALIFY') return `${text} AS ${quoteName(cursor.identifier())}`;
  // The engine would name the column after its own text of the expression.
  return label === undefined ? text : `${text} AS ${quoteName(label)}`;
}

/** Takes the tables of a FROM or USING clause. `aliased` tells whether the last one has an alias. */
export function tables(cursor: Cursor, scope: Scope): { text: string; aliased: boolean } {
  let item = tableItem(cursor, scope);
  const out = [item.text];
  for (;;) {
    if (cursor.takeOperator(',')) {
      item = tableItem(cursor, scope);
      out.push(', ', item.text);
      continue;
    }
    if (!joinWords.has(cursor.keyword())) return { text: out.join(''), aliased: item.aliased };
    const natural = cursor.take('NATURAL') ? 'NATURAL ' : '';
    const kind = cursor.takeOneOf(new Set(['INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS'])) ?? 'INNER';
    if (kind !== 'CROSS' && kind !== 'INNER') cursor.take('OUTER');
    cursor.expect('JOIN');
    const joined = tableItem(cursor, scope);
    out.push(` ${natural}${kind} JOIN ${joined.text}`);
    // After a join condition QUALIFY can no longer be taken for an alias.
    item = { text: joined.text, aliased: true };
    if (kind === 'CROSS' || natural) continue;
    if (cursor.take('ON')) out.push(` ON ${expression(cursor, scope)}`);
    else {
      cursor.expect('USING');
      out.push(` USING (${cursor.list(() => quoteName(cursor.identifier())).join(', ')})`);
    }
  }
}

function tableItem(cursor: Cursor, scope: Scope): { text: string; aliased: boolean } {
  if (cursor.keyword() === 'LATERAL') throw refused(cursor.unexpected().message, 'Redshift has no LATERAL');
  const isSubquery = startsQuery(cursor);
  let text: string;
  if (cursor.isOperator('(')) {
    if (cursor.keyword(1) === 'VALUES') throw refused(cursor.unexpected().message, 'Redshift has no VALUES in FROM');
    text = parenthesised(cursor, () => (isSubquery ? query(cursor, scope) : tables(cursor, scope).text));
    if (!isSubquery) return { text, aliased: true };
  } else {
    const token = cursor.peek();
    const name = cursor.tableName();
    if (cursor.isOperator('(')) throw unsupported(`functions as tables: ${name.name}`);
    if (cursor.isOperator('.')) throw unsupported(`names of other databases: ${token?.text ?? ''}`);
    text = scope.read(name);
  }
  const alias = tableAlias(cursor);
  if (alias === undefined && isSubquery)
    throw refused('subquery in FROM must have an alias', 'PostgreSQL before 16 asks for it');
  return { text: alias === undefined ? text : `${text} AS ${alias}`, aliased: alias !== undefined };
}

/** Takes `[AS] alias [(column, …)]` if it is there. */
export function tableAlias(cursor: Cursor): string | undefined {
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
  const name = quoteName(identifier(cursor.next()));
  return cursor.isOperator('(') ? `${name} (${cursor.list(() => quoteName(cursor.identifier())).join(', ')})` : name;
}

function unexpected(cursor: Cursor): never {
  throw cursor.unexpected();
}
