import { invalid, type ServiceError } from '../service-error.ts';
import { keyword, tokenize, type Token } from '../sql/tokens.ts';

/** A named value of a statement. Values are strings and never empty; the engine casts them where they are used. */
export type SqlParameter = { name: string; value: string };

/**
 * Puts parameter values into statements as quoted literals, which stay untyped until the engine knows what they are
 * compared with or stored in. Text inside literals, quoted names and comments is left alone, and so is `::`.
 * Every parameter must be used by at least one statement:
 * https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling.html#data-api-calling-considerations-parameters
 * Throws ValidationException for a parameter that is missing, repeated or never used; a statement that cannot be cut into
 * tokens is returned as it is, because its syntax error belongs to the statement and not to the call.
 */
export function applyParameters(sqls: string[], parameters: SqlParameter[]): string[] {
  const values = new Map(parameters.map(({ name, value }) => [name, value]));
  const names = new Set<string>();
  const repeated = parameters.find(({ name }) => names.size === names.add(name).size);
  if (repeated) throw invalid(`Parameters list contains duplicate parameter name: ${repeated.name}`);
  const unused = new Set(values.keys());
  const applied = sqls.map((sql) => (sql.includes(':') ? replace(sql, values, unused) : sql));
  const [name] = unused;
  if (name !== undefined)
    throw invalid(`Parameters list contains unused parameters. Unused parameters: [${[...unused].join(', ')}]`);
  return applied;
}

function replace(sql: string, values: Map<string, string>, unused: Set<string>): string {
  const tokens = tokensOf(sql);
  // These statements take no values from outside. The placeholder that Redshift would see is a syntax error, here as there.
  const from = takesValuesFrom(tokens);
  let text = '';
  let copied = 0;
  for (const [index, { kind, text: written, start, end }] of tokens.entries()) {
    if (kind !== 'parameter') continue;
    const value = values.get(written.slice(1));
    if (value === undefined) throw missing(written.slice(1));
    unused.delete(written.slice(1));
    text += sql.slice(copied, start) + (index >= from ? quote(value) : '$1');
    copied = end;
    if (text.length > MAX_APPLIED) throw invalid('Cannot process statements this long with their parameters put in');
  }
  return text + sql.slice(copied);
}

/**
 * From which token on a statement takes values. A MERGE does in its WHEN clauses: in USING a value fails on clusters, as was
 * reported, and what bounds the target in ON is a literal or nothing.
 */
function takesValuesFrom(tokens: Token[]): number {
  const verb = keyword(tokens[0]);
  if (STATEMENTS_WITHOUT_VALUES.has(verb)) return Infinity;
  if (verb !== 'MERGE') return 0;
  const when = tokens.findIndex((_, index) => /^WHEN (?:NOT )?MATCHED/.test(words(tokens.slice(index, index + 3))));
  return when === -1 ? Infinity : when;
}

const words = (tokens: Token[]): string => tokens.map(keyword).join(' ');

/** A value can be used often, and a statement with all of them put in must still be read in no time. */
const MAX_APPLIED = 10_000_000;

const STATEMENTS_WITHOUT_VALUES: ReadonlySet<string> = new Set([
  'COPY',
  'UNLOAD',
  'LOCK',
  'TRUNCATE',
  'DROP',
  'ALTER',
  'GRANT',
  'REVOKE',
  'VACUUM',
  'ANALYZE',
]);

function tokensOf(sql: string): Token[] {
  try {
    return tokenize(sql);
  } catch {
    // The statement itself will fail with this very error when it runs.
    return [];
  }
}

function missing(name: string): ServiceError {
  return invalid(`Parameters list is missing a value for parameter: ${name}`);
}

/** A Redshift string literal: a backslash escapes in it, as a quote does. */
function quote(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
