import { refuseMany } from './complexity.ts';
import { refuseMixture } from './conditions.ts';
import type { Cursor } from './cursor.ts';
import { castSql, tryCastSql, writtenType } from './data-types.ts';
import { expression, expressions, parenthesised } from './expressions.ts';
import { functionNamed } from './functions.ts';
import { query, sortItems, startsQuery } from './query.ts';
import { PRIVILEGE_FUNCTIONS } from './privilege-functions.ts';
import { LEADER_ONLY_FUNCTIONS, MISSING_FUNCTIONS, refused, unsupported } from './refusals.ts';
import { quoteLiteral } from './scope.ts';
import type { Scope } from './scope.ts';
import { identifier, stringValue, type Token } from './tokens.ts';
import { SqlError } from '../types.ts';
import { datePart } from './functions-time.ts';
import { checkWindow, needsWindow, type Windowed } from './windows.ts';
import type { Call } from './function-rule.ts';

/** Parses a function call, `EXTRACT(…)` and `CAST(…)` included, with its WITHIN GROUP and OVER. */
export function call(cursor: Cursor, scope: Scope): string {
  const approximate = cursor.take('APPROXIMATE');
  const token = cursor.next();
  const name = identifier(token);
  const special = token.kind === 'word' ? SPECIAL_FORMS[name] : undefined;
  if (special) {
    return parenthesised(cursor, () => special(cursor, scope)).slice(1, -1);
  }
  const rule = functionNamed(name);
  if (!rule) throw unknownFunction(name);
  if (LEADER_ONLY_FUNCTIONS.has(name)) scope.usesLeader(name);
  if (rule.needsTable) scope.usesCompute();
  const written = argumentsOf(cursor, scope, { name, takesDatePart: rule.takesDatePart });
  if (written.args.length < rule.min || written.args.length > rule.max) {
    throw new SqlError(`function ${name} with ${written.args.length} arguments does not exist`, '42883');
  }
  if (approximate && (name !== 'count' || written.distinct === '')) throw unsupported(`APPROXIMATE ${name}`);
  const what = ONE_TYPE[name];
  if (what)
    scope.names?.check((column) => {
      refuseMixture(what.message, what.of(written.tokens), column);
    });
  const text = rule.rewrite({
    name: approximate ? 'approx_count_distinct' : name,
    ...written,
    distinct: approximate ? '' : written.distinct,
    now: scope.now,
    ...suffixes(cursor, scope, { name, isDistinct: written.distinct !== '', count: written.args.length }),
  });
  refuseMany('callLength', text.length);
  return text;
}

/** Functions that make one type of several arguments: which, and how Redshift names them in its message. */
const ONE_TYPE: Partial<Record<string, { message: string; of: (args: Token[][]) => Token[][] }>> = {
  coalesce: { message: 'COALESCE', of: (args) => args },
  nvl: { message: 'COALESCE', of: (args) => args },
  nvl2: { message: 'CASE', of: (args) => args.slice(1) },
  greatest: { message: 'GREATEST', of: (args) => args },
  least: { message: 'LEAST', of: (args) => args },
  // The value and what it is compared with come before each result, and the default last.
  decode: { message: 'CASE', of: (args) => args.filter((_, i) => i > 1 && (i % 2 === 0 || i === args.length - 1)) },
};

function argumentsOf(
  cursor: Cursor,
  scope: Scope,
  { name, takesDatePart = false }: { name: string; takesDatePart?: boolean | undefined },
): Pick<Call, 'args' | 'tokens' | 'distinct'> {
  cursor.expectOperator('(');
  const args: string[] = [];
  const tokens: Call['tokens'] = [];
  const distinct = cursor.take('DISTINCT') ? 'DISTINCT ' : '';
  if (!distinct) cursor.take('ALL');
  if (cursor.takeOperator(')')) return { args, tokens, distinct };
  do {
    const start = cursor.position;
    if (name === 'count' && cursor.takeOperator('*')) args.push('*');
    // The word is no column.
    else if (takesDatePart && args.length === 0 && cursor.isOperator(',', 1)) args.push(cursor.next().text);
    else args.push(startsQuery(cursor) ? query(cursor, scope) : expression(cursor, scope));
    tokens.push(cursor.tokens.slice(start, cursor.position));
  } while (cursor.takeOperator(','));
  if (cursor.keyword() === 'ORDER')
    throw refused(cursor.unexpected().message, 'Redshift orders aggregates by WITHIN GROUP only');
  cursor.expectOperator(')');
  return { args, tokens, distinct };
}

function suffixes(cursor: Cursor, scope: Scope, called: Windowed): Pick<Call, 'withinGroup' | 'over'> {
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
    if (needsWindow(called.name)) throw new SqlError('window function call requires an OVER clause', '42809');
    return { withinGroup, over: undefined };
  }
  scope.names?.window();
  return { withinGroup, over: { nulls, window: parenthesised(cursor, () => windowOf(cursor, scope, called)) } };
}

const FRAME_WORDS = new Set(['UNBOUNDED', 'PRECEDING', 'FOLLOWING', 'CURRENT', 'ROW', 'BETWEEN', 'AND']);

function windowOf(cursor: Cursor, scope: Scope, called: Windowed): string {
  const out: string[] = [];
  if (cursor.take('PARTITION', 'BY')) out.push(`PARTITION BY ${expressions(cursor, scope).join(', ')}`);
  const isOrdered = cursor.take('ORDER', 'BY');
  if (isOrdered) out.push(`ORDER BY ${sortItems(cursor, scope)}`);
  if (cursor.keyword() === 'RANGE')
    throw refused(cursor.unexpected().message, 'Redshift has window frames of ROWS only');
  const isFramed = cursor.keyword() === 'ROWS';
  checkWindow(called, { isOrdered, isFramed });
  if (cursor.take('ROWS')) {
    out.push('ROWS');
    while (!cursor.isOperator(')')) out.push(cursor.takeOneOf(FRAME_WORDS) ?? String(cursor.integer()));
  }
  return out.join(' ');
}

function unknownFunction(name: string): SqlError {
  return MISSING_FUNCTIONS.has(name)
    ? refused(`function ${name} does not exist`, 'Redshift has no such function', '42883')
    : unsupported(`the function ${name}`);
}

/** Calls whose arguments have words between them instead of commas. */
const SPECIAL_FORMS: Partial<Record<string, (cursor: Cursor, scope: Scope) => string>> = {
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
  ...PRIVILEGE_FUNCTIONS,
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
  if (!hasLength) return `redshift_substring_from(${text}, CAST(${start} AS BIGINT))`;
  return `redshift_substring(${text}, CAST(${start} AS BIGINT), CAST(${expression(cursor, scope)} AS BIGINT))`;
}
