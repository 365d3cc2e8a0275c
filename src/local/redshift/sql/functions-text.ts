import { unsupported } from './refusals.ts';
import { quoteLiteral } from './scope.ts';
import { stringValue } from './tokens.ts';
import type { Call, FunctionRule } from './function-rule.ts';

/** The value of an argument that must be a string literal, because it is translated. */
function literal(call: Call, index: number): string {
  const [token, more] = call.tokens[index] ?? [];
  if (token?.kind !== 'string' || more)
    throw unsupported(`${call.name} with an argument ${index + 1} that is not a literal`);
  return stringValue(token);
}

function wholeNumber(call: Call, index: number): number {
  const [token, more] = call.tokens[index] ?? [];
  if (token?.kind !== 'number' || more)
    throw unsupported(`${call.name} with an argument ${index + 1} that is not a number`);
  return Number(token.text);
}

/** Whether the first argument is a column, which may be named twice. */
function isColumn(call: Call): boolean {
  return (call.tokens[0] ?? []).every(({ kind, text }) => kind === 'word' || kind === 'quoted' || text === '.');
}

/** A rule built from the arguments' texts. */
function template(min: number, max: number, write: (args: string[], call: Call) => string): FunctionRule {
  return { min, max, rewrite: (call) => write(call.args, call) };
}

const length = template(1, 1, ([text = '']) => `CAST(length(${text}) AS INTEGER)`);
const same = (min: number, max = min): FunctionRule =>
  template(min, max, (args, call) => `${call.name}(${args.join(', ')})`);
const padding = template(
  2,
  3,
  ([text = '', size = '', fill = "' '"], call) => `redshift_${call.name}(${text}, CAST(${size} AS BIGINT), ${fill})`,
);
const position = (text: string, part: string): string => `CAST(strpos(${text}, ${part}) AS INTEGER)`;

/** String, hash and regular expression functions. https://docs.aws.amazon.com/redshift/latest/dg/String_functions_header.html */
export const TEXT_FUNCTIONS: Record<string, FunctionRule> = {
  len: length,
  length,
  char_length: length,
  character_length: length,
  octet_length: template(1, 1, ([text = '']) => `CAST(strlen(${text}) AS INTEGER)`),
  lower: same(1),
  upper: same(1),
  reverse: same(1),
  replace: template(3, 3, (args) => `redshift_replace(${args.join(', ')})`),
  translate: same(3),
  replicate: template(2, 2, ([text = '', times = '']) => `redshift_repeat(${text}, CAST(${times} AS BIGINT))`),
  repeat: template(2, 2, ([text = '', times = '']) => `redshift_repeat(${text}, CAST(${times} AS BIGINT))`),
  left: template(2, 2, ([text = '', size = '']) => `"left"(${text}, redshift_length(CAST(${size} AS BIGINT)))`),
  right: template(2, 2, ([text = '', size = '']) => `"right"(${text}, redshift_length(CAST(${size} AS BIGINT)))`),
  ascii: same(1),
  chr: template(1, 1, ([code = '']) => `chr(CAST(${code} AS INTEGER))`),
  // Redshift's CONCAT is the operator: NULL when either side is; the engine's function skips NULLs.
  concat: template(2, 2, ([a = '', b = '']) => `(${a} || ${b})`),
  lpad: padding,
  rpad: padding,
  ltrim: template(1, 2, ([text = '', characters = "' '"]) => `ltrim(${text}, ${characters})`),
  rtrim: template(1, 2, ([text = '', characters = "' '"], call) => {
    const trimmed = `rtrim(${text}, ${characters})`;
    // The engine's function takes 25 times as long as a look at the last character, which is nearly never a blank.
    return characters === "' '" && isColumn(call)
      ? `CASE WHEN suffix(${text}, ' ') THEN ${trimmed} ELSE ${text} END`
      : trimmed;
  }),
  btrim: template(1, 2, ([text = '', characters = "' '"]) => `trim(${text}, ${characters})`),
  split_part: template(
    3,
    3,
    ([text = '', delimiter = '', part = '']) => `redshift_split_part(${text}, ${delimiter}, CAST(${part} AS BIGINT))`,
  ),
  strpos: template(2, 2, ([text = '', part = '']) => position(text, part)),
  charindex: template(2, 2, ([part = '', text = '']) => position(text, part)),
  quote_literal: template(1, 1, ([text = '']) => `redshift_quote_literal(${text})`),
  md5: same(1),
  sha1: same(1),
  func_sha1: template(1, 1, ([text = '']) => `sha1(${text})`),
  sha2: template(2, 2, ([text = ''], call) => {
    const bits = wholeNumber(call, 1);
    if (bits !== 256 && bits !== 0) throw unsupported(`sha2 with ${bits} bits`);
    return `sha256(${text})`;
  }),
  strtol: template(2, 2, ([text = ''], call) => {
    const base = wholeNumber(call, 1);
    const prefix = { 16: '0x', 2: '0b', 10: '' }[base];
    if (prefix === undefined) throw unsupported(`strtol with base ${base}`);
    return `CAST('${prefix}' || ${text} AS BIGINT)`;
  }),
  to_hex: template(1, 1, ([value = '']) => `lower(to_hex(${value}))`),
  regexp_substr: template(2, 2, ([text = ''], call) => `regexp_extract(${text}, ${quoteLiteral(literal(call, 1))})`),
  regexp_count: template(
    2,
    2,
    ([text = ''], call) => `CAST(len(regexp_extract_all(${text}, ${quoteLiteral(literal(call, 1))})) AS INTEGER)`,
  ),
  regexp_replace: template(2, 3, ([text = ''], call) => {
    // The engine replaces the first match unless told 'g', and writes groups as \1 where Redshift writes $1.
    const replacement =
      call.args.length > 2
        ? literal(call, 2)
            .replaceAll('\\', '\\\\')
            .replace(/\$(\d)/g, '\\$1')
        : '';
    return `regexp_replace(${text}, ${quoteLiteral(literal(call, 1))}, ${quoteLiteral(replacement)}, 'g')`;
  }),
};

/** `$."a"."b"` for the literal keys after the first argument. */
function jsonPath(call: Call): string {
  const keys = call.args.slice(1).map((_, index) => JSON.stringify(literal(call, index + 1)));
  return quoteLiteral(`$.${keys.join('.')}`);
}

function extractPath(call: Call): string {
  const [token, more] = call.tokens.at(-1) ?? [];
  const flag = !more && token?.kind === 'word' ? token.text.toUpperCase() : '';
  if (flag !== 'TRUE' && flag !== 'FALSE') return `json_extract_string(${call.args[0] ?? ''}, ${jsonPath(call)})`;
  const without = { ...call, args: call.args.slice(0, -1), tokens: call.tokens.slice(0, -1) };
  const [text = ''] = call.args;
  const extracted = `json_extract_string(${text}, ${jsonPath(without)})`;
  return flag === 'TRUE' ? `(CASE WHEN json_valid(${text}) THEN ${extracted} END)` : extracted;
}

/** Functions of JSON kept as text, and of SUPER. https://docs.aws.amazon.com/redshift/latest/dg/json-functions.html */
export const JSON_FUNCTIONS: Record<string, FunctionRule> = {
  json_extract_path_text: { min: 2, max: 7, rewrite: extractPath },
  json_extract_array_element_text: template(
    2,
    2,
    ([text = '', index = '']) => `json_extract_string(${text}, CAST(${index} AS BIGINT))`,
  ),
  json_array_length: template(1, 1, ([text = '']) => `CAST(json_array_length(${text}) AS INTEGER)`),
  is_valid_json: template(1, 1, ([text = '']) => `(json_valid(${text}) AND json_type(${text}) IN ('OBJECT', 'ARRAY'))`),
  can_json_parse: template(1, 1, ([text = '']) => `json_valid(${text})`),
  json_parse: template(1, 1, ([text = '']) => `CAST(${text} AS JSON)`),
  json_serialize: template(1, 1, ([value = '']) => `CAST(${value} AS VARCHAR)`),
};
