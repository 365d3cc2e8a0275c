import type { Cursor } from './cursor.ts';
import { castSql, tryCastSql, writtenType } from './data-types.ts';
import { expression, expressions, parenthesised } from './expressions.ts';
import { functionNamed } from './functions.ts';
import type { Call } from './functions.ts';
import { query, sortItems, startsQuery } from './query.ts';
import { leaderOnlyFunctions, missingFunctions, refused, unsupported } from './refusals.ts';
import { quoteLiteral } from './scope.ts';
import type { Scope } from './scope.ts';
import { identifier, stringValue } from './tokens.ts';
import { SqlError } from './types.ts';
import { datePart } from './functions-time.ts';

/** Takes a function call, `EXTRACT(…)` and `CAST(…)` included, with its WITHIN GROUP and OVER. */
export function call(cursor: Cursor, scope: Scope): string {
  const approximate = cursor.take('APPROXIMATE');
  const token = cursor.next();
  const name = identifier(token);
  const special = token.kind === 'word' ? specialForms[name] : undefined;
  if (special) {
    return parenthesised(cursor, () => special(cursor, scope)).slice(1, -1);
  }
  const rule = functionNamed(name);
  if (!rule) throw unknownFunction(name);
  if (leaderOnlyFunctions.has(name)) scope.usesLeader(name);
  if (rule.needsTable) scope.usesCompute();
  const written = argumentsOf(cursor, scope, name);
  if (written.args.length < rule.min || written.args.length > rule.max) {
    throw new SqlError(`function ${name} with ${written.args.length} arguments does not exist`, '42883');
  }
  if (approximate && (name !== 'count' || written.distinct === '')) throw unsupported(`APPROXIMATE ${name}`);
  return rule.rewrite({
    name: approximate ? 'approx_count_distinct' : name,
    ...written,
    distinct: approximate ? '' : written.distinct,
    now: scope.now,
    ...suffixes(cursor, scope),
  });
}

function argumentsOf(cursor: Cursor, scope: Scope, name: string): Pick<Call, 'args' | 'tokens' | 'distinct'> {
  cursor.expectOperator('(');
  const args: string[] = [];
  const tokens: Call['tokens'] = [];
  const distinct = cursor.take('DISTINCT') ? 'DISTINCT ' : '';
  if (!distinct) cursor.take('ALL');
  if (cursor.takeOperator(')')) return { args, tokens, distinct };
  do {
    const start = cursor.position;
    if (name === 'count' && cursor.takeOperator('*')) args.push('*');
    else args.push(startsQuery(cursor) ? query(cursor, scope) : expression(cursor, scope));
    tokens.push(cursor.tokens.slice(start, cursor.position));
  } while (cursor.takeOperator(','));
  if (cursor.keyword() === 'ORDER')
    throw refused(cursor.unexpected().message, 'Redshift orders aggregates by WITHIN GROUP only');
  cursor.expectOperator(')');
  return { args, tokens, distinct };
}

function suffixes(cursor: Cursor, scope: Scope): Pick<Call, 'withinGroup' | 'over'> {
  let withinGroup: string | undefined;
  let nulls = '';
  if (cursor.take('WITHIN', 'GROUP')) {
    withinGroup = parenthesised(cursor, () => {
      cursor.expect('ORDER');
      cursor.expect('BY');
      return sortItems(cursor, scope);
    }).slice(1, -1);
  }
  if (cursor.keyword() === 'FILTER') throw refused(cursor.unexpected().message, 'Redshift has no FILTER; use CASE');
  if (cursor.take('IGNORE', 'NULLS')) nulls = 'IGNORE NULLS';
  else if (cursor.take('RESPECT', 'NULLS')) nulls = 'RESPECT NULLS';
  if (!cursor.take('OVER')) {
    if (nulls) throw cursor.unexpected();
    return { withinGroup, over: undefined };
  }
  return { withinGroup, over: { nulls, window: parenthesised(cursor, () => windowOf(cursor, scope)) } };
}

const frameWords = new Set(['UNBOUNDED', 'PRECEDING', 'FOLLOWING', 'CURRENT', 'ROW', 'BETWEEN', 'AND']);

function windowOf(cursor: Cursor, scope: Scope): string {
  const out: string[] = [];
  if (cursor.take('PARTITION', 'BY')) out.push(`PARTITION BY ${expressions(cursor, scope).join(', ')}`);
  if (cursor.take('ORDER', 'BY')) out.push(`ORDER BY ${sortItems(cursor, scope)}`);
  if (cursor.keyword() === 'RANGE')
    throw refused(cursor.unexpected().message, 'Redshift has window frames of ROWS only');
  if (cursor.take('ROWS')) {
    out.push('ROWS');
    while (!cursor.isOperator(')')) out.push(cursor.takeOneOf(frameWords) ?? String(cursor.integer()));
  }
  return out.join(' ');
}

function unknownFunction(name: string): SqlError {
  return missingFunctions.has(name)
    ? refused(`function ${name} does not exist`, 'Redshift has no such function', '42883')
    : unsupported(`the function ${name}`);
}

/** Calls whose arguments have words between them instead of commas. */
const specialForms: Partial<Record<string, (cursor: Cursor, scope: Scope) => string>> = {
  cast: castForm,
  try_cast: (cursor, scope) => {
    const operand = expression(cursor, scope);
    cursor.expect('AS');
    return tryCastSql(operand, writtenType(cursor, undefined));
  },
  convert: (cursor, scope) => {
    const type = writtenType(cursor, undefined);
    cursor.expectOperator(',');
    return castSql(expression(cursor, scope), type);
  },
  extract: (cursor, scope) => {
    const token = cursor.next();
    cursor.expect('FROM');
    const part = datePart(token.kind === 'string' ? stringValue(token) : identifier(token));
    const value = expression(cursor, scope);
    return `CAST(floor(date_part('${part}', ${value})) AS ${part === 'epoch' ? 'BIGINT' : 'INTEGER'})`;
  },
  position: (cursor, scope) => {
    // `needle IN text` would read as a predicate, so the needle must be a literal.
    const needle = cursor.next();
    if (needle.kind !== 'string') throw unsupported('POSITION of anything but a literal; use STRPOS');
    cursor.expect('IN');
    return `CAST(strpos(${expression(cursor, scope)}, ${quoteLiteral(stringValue(needle))}) AS INTEGER)`;
  },
  substring: substringForm,
  substr: substringForm,
  trim: (cursor, scope) => {
    const side = cursor.takeOneOf(new Set(['BOTH', 'LEADING', 'TRAILING'])) ?? 'BOTH';
    const name = { BOTH: 'trim', LEADING: 'ltrim', TRAILING: 'rtrim' }[side] ?? 'trim';
    if (cursor.take('FROM')) return `${name}(${expression(cursor, scope)}, ' ')`;
    const first = expression(cursor, scope);
    if (cursor.take('FROM')) return `${name}(${expression(cursor, scope)}, ${first})`;
    return cursor.takeOperator(',') ? `${name}(${first}, ${expression(cursor, scope)})` : `${name}(${first}, ' ')`;
  },
};

function castForm(cursor: Cursor, scope: Scope): string {
  const operand = expression(cursor, scope);
  cursor.expect('AS');
  return castSql(operand, writtenType(cursor, undefined));
}

function substringForm(cursor: Cursor, scope: Scope): string {
  const text = expression(cursor, scope);
  if (!cursor.take('FROM') && !cursor.takeOperator(',')) throw cursor.unexpected();
  const start = expression(cursor, scope);
  const hasLength = cursor.take('FOR') || cursor.takeOperator(',');
  return `substring(${text}, CAST(${start} AS BIGINT)${hasLength ? `, CAST(${expression(cursor, scope)} AS BIGINT)` : ''})`;
}
