import { caseBranches, closing, splitAt, topLevel, type Located } from './token-groups.ts';
import { identifier, keyword, type Token } from './tokens.ts';
import type { ColumnType } from '../types.ts';

/**
 * Families of types that Redshift does not convert implicitly. `literal` is a quoted literal, which takes the type of its
 * context; undefined means unknown, and then nothing is checked.
 */
export type Family = 'number' | 'text' | 'boolean' | 'time' | 'literal' | undefined;

/** The family of a column, by the parts of its name as written. */
export type FamilyOfColumn = (names: string[]) => Family;

/** The family of a column's type. */
export function familyOfType({ name }: Pick<ColumnType, 'name'>): Family {
  return familyNamed(name.split(/[ (]/)[0] ?? '');
}

const FAMILIES: Record<string, Family> = Object.fromEntries([
  ...'smallint int2 integer int int4 bigint int8 real float4 float float8 double numeric decimal'
    .split(' ')
    .map((name) => [name, 'number'] as const),
  ...'character varchar char nvarchar nchar bpchar text'.split(' ').map((name) => [name, 'text'] as const),
  ...'date timestamp timestamptz'.split(' ').map((name) => [name, 'time'] as const),
  ['boolean', 'boolean'],
  ['bool', 'boolean'],
]);

function familyNamed(type: string): Family {
  return Object.hasOwn(FAMILIES, type) ? FAMILIES[type] : undefined;
}

const RESULTS: Record<string, Family> = Object.fromEntries([
  ...`count length len char_length character_length octet_length strpos charindex position ascii mod power pow sqrt exp ln
      log sign abs ceil ceiling floor round trunc random pi datediff date_diff date_part extract row_number rank dense_rank
      percent_rank cume_dist ntile sum avg stddev variance median regexp_count json_array_length strtol grouping`
    .split(/\s+/)
    .map((name) => [name, 'number'] as const),
  ...`lower upper reverse replace translate repeat left right chr concat lpad rpad ltrim rtrim btrim trim substring substr
      split_part md5 sha1 sha2 to_char to_hex listagg regexp_substr regexp_replace json_extract_path_text json_serialize
      quote_literal version db_collation`
    .split(/\s+/)
    .map((name) => [name, 'text'] as const),
  ...'getdate now dateadd date_add date_trunc last_day add_months to_date to_timestamp convert_timezone'
    .split(' ')
    .map((name) => [name, 'time'] as const),
  ...'bool_and bool_or is_valid_json can_json_parse exists'.split(' ').map((name) => [name, 'boolean'] as const),
]);
/** Functions that give what they are given. */
const PASSING = new Set(
  'min max any_value coalesce nvl nullif greatest least lag lead first_value last_value nth_value'.split(' '),
);

/** The family of an expression, as far as its tokens and the columns known tell. */
export function familyOf(tokens: Token[], column: FamilyOfColumn): Family {
  const level = topLevel(tokens);
  const [first] = tokens;
  if (!first || !level) return undefined;
  if (level.some(({ token }) => isBoolean(token))) return 'boolean';
  if (level.some(({ token }) => token.kind === 'operator' && token.text === '||')) return 'text';
  const signs = level.filter(({ token, index }) => index > 0 && isArithmetic(token));
  if (signs.length > 0) return arithmetic(tokens, signs, column);
  if (keyword(first) === 'APPROXIMATE') return 'number';
  const cast = level.findLast(({ token }) => token.text === '::' && token.kind === 'operator');
  if (cast) return familyNamed(tokens[cast.index + 1]?.text.toLowerCase() ?? '');
  if (isArithmetic(first)) return familyOf(tokens.slice(1), column);
  return primaryFamily(tokens, first, column);
}

function arithmetic(tokens: Token[], signs: Located[], column: FamilyOfColumn): Family {
  const ends = [...signs.map(({ index }) => index), tokens.length];
  const operands = ends.map((end, i) => tokens.slice(i === 0 ? 0 : (ends[i - 1] ?? 0) + 1, end));
  return operands.every((operand) => familyOf(operand, column) === 'number') ? 'number' : undefined;
}

function primaryFamily(tokens: Token[], first: Token, column: FamilyOfColumn): Family {
  if (first.kind === 'operator' && first.text === '(') {
    return /^(SELECT|WITH)$/.test(keyword(tokens[1])) ? undefined : familyOf(tokens.slice(1, -1), column);
  }
  if (tokens.length === 1 && first.kind === 'number') return 'number';
  if (tokens.length === 1 && first.kind === 'string') return 'literal';
  if (first.kind !== 'word' && first.kind !== 'quoted') return undefined;
  const word = keyword(first);
  if (word === 'CASE') return common(caseBranches(tokens).map((branch) => familyOf(branch, column)));
  if (word === 'TRUE' || word === 'FALSE') return 'boolean';
  if (word === 'NULL') return undefined;
  if (tokens[1]?.kind === 'string') return word === 'INTERVAL' ? undefined : 'time';
  if (tokens[1]?.kind === 'operator' && tokens[1].text === '(') return callFamily(tokens, column);
  const names = tokens.filter((_, index) => index % 2 === 0);
  return tokens.length % 2 === 1 ? column(names.map(identifier)) : undefined;
}

function callFamily(tokens: Token[], column: FamilyOfColumn): Family {
  const name = tokens[0]?.text.toLowerCase() ?? '';
  const end = closing(tokens, 1);
  const inner = tokens.slice(2, end);
  if (name === 'cast' || name === 'try_cast') {
    const as = topLevel(inner)?.findLast(({ token }) => keyword(token) === 'AS');
    return as && familyNamed(inner[as.index + 1]?.text.toLowerCase() ?? '');
  }
  if (PASSING.has(name))
    return common(splitAt(inner, ({ text }) => text === ',').map((part) => familyOf(part, column)));
  return Object.hasOwn(RESULTS, name) ? RESULTS[name] : undefined;
}

/** The one family of several; a literal gives way to any other. */
export function common(all: Family[]): Family {
  return (
    all.find((family) => family !== undefined && family !== 'literal') ?? (all.includes(undefined) ? undefined : all[0])
  );
}

const BOOLEAN_WORDS = new Set('AND OR NOT IS ISNULL NOTNULL IN LIKE ILIKE SIMILAR BETWEEN EXISTS'.split(' '));
const BOOLEAN_OPERATORS = new Set(['=', '<>', '!=', '<', '>', '<=', '>=', '~', '~*', '!~', '!~*']);
const ARITHMETIC_OPERATORS = new Set(['+', '-', '*', '/', '%', '^', '&', '|', '#']);

function isBoolean(token: Token): boolean {
  return token.kind === 'operator' ? BOOLEAN_OPERATORS.has(token.text) : BOOLEAN_WORDS.has(keyword(token));
}

function isArithmetic(token: Token): boolean {
  return token.kind === 'operator' && ARITHMETIC_OPERATORS.has(token.text);
}
