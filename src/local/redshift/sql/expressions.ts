import { call } from './calls.ts';
import { caseExpression } from './case-expression.ts';
import { columnReference } from './column-reference.ts';
import { refuseMany } from './complexity.ts';
import type { Cursor } from './cursor.ts';
import { castSql, writtenType } from './data-types.ts';
import { longList } from './long-list.ts';
import { likeOperator, regularExpression } from './patterns.ts';
import { query } from './query.ts';
import { refused, unsupported } from './refusals.ts';
import { isReserved } from './reserved-words.ts';
import { quoteLiteral } from './scope.ts';
import type { Scope } from './scope.ts';
import { keyword, stringValue, syntaxError } from './tokens.ts';

/**
 * The grammar of expressions. Precedence is left to the engine, which agrees with Redshift's; what is checked here is
 * that every token belongs to a construct both sides read the same way, and what is rewritten is the rest.
 */

const PLAIN_OPERATORS = new Set(['+', '-', '*', '^', '||', '=', '<>', '!=', '<', '>', '<=', '>=', '&', '|']);
const REGEX_OPERATORS = new Set(['~', '~*', '!~', '!~*']);
const MISSING_OPERATORS = new Set(['->', '->>', '@>', '<@', '#', '@', '?', ':=', '=>', '!']);

/** Parses one expression and returns the engine's text of it; stops before the first token that cannot go on with it. */
export function expression(cursor: Cursor, scope: Scope): string {
  const out = [operand(cursor, scope)];
  for (;;) {
    const more = continuation(cursor, scope);
    if (more === undefined) return out.join(' ');
    out.push(more);
  }
}

/** Parses `expression, expression, …`. */
export function expressions(cursor: Cursor, scope: Scope): string[] {
  const all = [expression(cursor, scope)];
  while (cursor.takeOperator(',')) all.push(expression(cursor, scope));
  return all;
}

/** Parses an operator with what follows it, or gives undefined when the expression is over. */
function continuation(cursor: Cursor, scope: Scope): string | undefined {
  const token = cursor.peek();
  if (!token) return undefined;
  if (token.kind === 'operator') return operatorContinuation(cursor, scope, token.text);
  switch (keyword(token)) {
    case 'AND':
    case 'OR':
      return `${keyword(cursor.next())} ${operand(cursor, scope)}`;
    case 'IS':
      return isTest(cursor);
    case 'ISNULL':
    case 'NOTNULL':
      return cursor.next().text;
    case 'NOT':
      cursor.next();
      return `NOT ${predicate(cursor, scope) ?? unexpected(cursor)}`;
    case 'AT':
      cursor.next();
      cursor.expect('TIME');
      cursor.expect('ZONE');
      return `AT TIME ZONE ${operand(cursor, scope)}`;
    case 'COLLATE':
    case 'OVERLAPS':
      throw unsupported(keyword(token));
    default:
      return predicate(cursor, scope);
  }
}

function operatorContinuation(cursor: Cursor, scope: Scope, operator: string): string | undefined {
  if (MISSING_OPERATORS.has(operator)) throw refused(syntaxError(operator).message, 'Redshift has no such operator');
  if (operator === '[') throw unsupported('array subscripts');
  if (REGEX_OPERATORS.has(operator)) {
    cursor.next();
    return regularExpression(cursor, operator);
  }
  if (operator === '/' || operator === '%') {
    cursor.next();
    return `${operator} ${divisor(cursor, scope)}`;
  }
  if (!PLAIN_OPERATORS.has(operator)) return undefined;
  cursor.next();
  const quantifier = cursor.takeOneOf(new Set(['ANY', 'SOME', 'ALL']));
  if (quantifier !== undefined) return `${operator} ${quantifier} ${parenthesised(cursor, () => query(cursor, scope))}`;
  return `${operator} ${operand(cursor, scope)}`;
}

/** The engine answers NULL to a division by zero; Redshift fails. */
function divisor(cursor: Cursor, scope: Scope): string {
  const token = cursor.peek();
  const text = operand(cursor, scope);
  return token?.kind === 'number' && Number(token.text) !== 0 ? text : `redshift_divisor(${text})`;
}

function isTest(cursor: Cursor): string {
  cursor.next();
  const not = cursor.take('NOT') ? 'NOT ' : '';
  if (cursor.keyword() === 'DISTINCT')
    throw refused(syntaxError('DISTINCT').message, 'Redshift has no IS DISTINCT FROM');
  const value = cursor.takeOneOf(new Set(['NULL', 'TRUE', 'FALSE', 'UNKNOWN'])) ?? unexpected(cursor);
  return `IS ${not}${value === 'UNKNOWN' ? 'NULL' : value}`;
}

function predicate(cursor: Cursor, scope: Scope): string | undefined {
  switch (cursor.keyword()) {
    case 'IN':
      cursor.next();
      if (!cursor.isOperator('(')) throw cursor.unexpected();
      return `IN ${parenthesised(cursor, () => longList(cursor) ?? queryOrList(cursor, scope))}`;
    case 'BETWEEN':
      // Its AND reads the same as one between conditions, so the loop above takes it.
      cursor.next();
      return `BETWEEN ${operand(cursor, scope)}`;
    case 'LIKE':
    case 'ILIKE':
    case 'SIMILAR':
      return likeOperator(cursor, () => operand(cursor, scope));
    default:
      return undefined;
  }
}

function isQuery(cursor: Cursor, offset = 0): boolean {
  return ['SELECT', 'WITH'].includes(cursor.keyword(offset));
}

function queryOrList(cursor: Cursor, scope: Scope): string {
  // A second parenthesis may belong to a larger expression, as in ((SELECT 1) + 1), and is taken with it.
  return isQuery(cursor) ? query(cursor, scope) : expressions(cursor, scope).join(', ');
}

function inParentheses(cursor: Cursor, scope: Scope): string {
  if (isQuery(cursor, 1)) return parenthesised(cursor, () => query(cursor, scope));
  cursor.expectOperator('(');
  const all = expressions(cursor, scope);
  cursor.expectOperator(')');
  const isCompared = cursor.keyword() === 'IN' || (cursor.keyword() === 'NOT' && cursor.keyword(1) === 'IN');
  if (all.length > 1 && !isCompared) throw unsupported('rows as values, but for (a, b) IN (…)');
  return `(${all.join(', ')})`;
}

/** Parses `( inner )` and returns it with its parentheses. */
export function parenthesised(cursor: Cursor, inner: () => string): string {
  cursor.expectOperator('(');
  const text = inner();
  cursor.expectOperator(')');
  return `(${text})`;
}

function operand(cursor: Cursor, scope: Scope): string {
  const signs: string[] = [];
  for (;;) {
    const sign = ['-', '+', '~'].find((one) => cursor.takeOperator(one)) ?? (cursor.take('NOT') ? 'NOT' : undefined);
    if (sign === undefined) break;
    // The blank keeps two minus signs from becoming a comment.
    refuseMany('nesting', signs.push(`${sign} `));
  }
  let text = primary(cursor, scope);
  while (cursor.takeOperator('::')) {
    text = castSql(text, writtenType(cursor, undefined));
    refuseMany('callLength', text.length);
  }
  return signs.join('') + text;
}

function primary(cursor: Cursor, scope: Scope): string {
  const token = cursor.peek();
  switch (token?.kind) {
    case undefined:
      throw syntaxError(undefined);
    case 'number':
      return cursor.next().text;
    case 'string':
      return quoteLiteral(stringValue(cursor.next()));
    case 'parameter':
      throw syntaxError(':');
    case 'operator':
      if (token.text === '(') return inParentheses(cursor, scope);
      throw cursor.unexpected();
    case 'quoted':
      return cursor.isOperator('(', 1) ? call(cursor, scope) : columnReference(cursor, scope);
    case 'word':
      return wordPrimary(cursor, scope);
  }
}

const TYPED_LITERALS = new Set(['DATE', 'TIMESTAMP', 'TIMESTAMPTZ', 'INTERVAL']);
const INTERVAL_UNITS = new Set(['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND']);

function wordPrimary(cursor: Cursor, scope: Scope): string {
  const word = cursor.keyword();
  const following = cursor.peek(1);
  if (TYPED_LITERALS.has(word) && following?.kind === 'string') {
    cursor.next();
    const literal = `${word} ${quoteLiteral(stringValue(cursor.next()))}`;
    return word === 'INTERVAL' ? `${literal} ${cursor.takeOneOf(INTERVAL_UNITS) ?? ''}`.trimEnd() : literal;
  }
  switch (word) {
    case 'NULL':
    case 'TRUE':
    case 'FALSE':
    case 'CURRENT_DATE':
      return cursor.next().text;
    case 'CASE':
      return caseExpression(cursor, scope);
    case 'EXISTS':
      if (!cursor.isOperator('(', 1)) break;
      cursor.next();
      return `EXISTS ${parenthesised(cursor, () => query(cursor, scope))}`;
    case 'ARRAY':
      throw refused(syntaxError(cursor.peek()?.text).message, 'Redshift has no arrays');
    case 'SYSDATE':
      cursor.next();
      return 'redshift_sysdate()';
    case 'CURRENT_USER':
    case 'SESSION_USER':
    case 'USER':
      cursor.next();
      if (scope.now === undefined) throw unsupported('the current user in views and defaults');
      return quoteLiteral(scope.catalog.login.user);
    case 'CURRENT_TIMESTAMP':
    case 'CURRENT_TIME':
    case 'LOCALTIME':
    case 'LOCALTIMESTAMP':
      scope.usesLeader(cursor.next().text.toLowerCase());
      return 'redshift_sysdate()';
    default:
      break;
  }
  if (following?.kind === 'operator' && following.text === '(') return call(cursor, scope);
  if (word === 'APPROXIMATE' && following?.kind === 'word') return call(cursor, scope);
  if (isReserved(word)) throw cursor.unexpected();
  return columnReference(cursor, scope);
}

function unexpected(cursor: Cursor): never {
  throw cursor.unexpected();
}
