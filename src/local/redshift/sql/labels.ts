import { isReserved } from './reserved-words.ts';
import { identifier, keyword } from './tokens.ts';
import type { Token } from './tokens.ts';

/**
 * The name Redshift gives a result column that has no alias: a column's own name, a function's name, `case`,
 * `?column?` for all else. Undefined means that the engine already names it so.
 */
export function labelOf(tokens: Token[]): string | undefined {
  const [first] = tokens;
  if (!first) return undefined;
  const cast = tokens.findIndex((token) => token.text === '::');
  // `a::int + 1` is no cast but a sum.
  const isOnlyCast = tokens.slice(cast + 1).every(({ kind, text }) => kind !== 'operator' || '::(),'.includes(text));
  if (cast !== -1 && !isOnlyCast) return '?column?';
  const operand = cast === -1 ? tokens : tokens.slice(0, cast);
  if (operand.length === 1 && first.kind === 'word' && isReserved(first.text)) {
    return ['NULL', 'TRUE', 'FALSE'].includes(keyword(first)) ? '?column?' : identifier(first);
  }
  if (isColumn(operand)) return cast === -1 ? undefined : identifier(operand.at(-1) ?? first);
  if (cast !== -1 && operand.length === 1) return typeLabel(tokens[cast + 1]);
  if (keyword(first) === 'CASE') return 'case';
  if (isSingleCall(operand)) return callLabel(first, operand);
  return '?column?';
}

function isColumn(tokens: Token[]): boolean {
  return tokens.every((token, index) =>
    index % 2 === 0 ? token.kind === 'word' || token.kind === 'quoted' || token.text === '*' : token.text === '.',
  );
}

function typeLabel(type: Token | undefined): string {
  const name = type ? identifier(type) : '?column?';
  return { integer: 'int4', int: 'int4', bigint: 'int8', boolean: 'bool' }[name] ?? name;
}

/** `f(…)`, `f(…) OVER (…)`, `f(…) WITHIN GROUP (…)`: one call and nothing beside it. */
function isSingleCall(tokens: Token[]): boolean {
  if (tokens[1]?.text !== '(' && keyword(tokens[0]) !== 'APPROXIMATE') return false;
  let depth = 0;
  return tokens.every((token, index) => {
    if (token.kind === 'operator' && token.text === '(') depth++;
    else if (token.kind === 'operator' && token.text === ')') depth--;
    else if (depth === 0 && index > 0) {
      return ['OVER', 'WITHIN', 'GROUP', 'IGNORE', 'RESPECT', 'NULLS', 'COUNT'].includes(keyword(token));
    }
    return token.kind !== 'operator' || index > 0;
  });
}

function callLabel(first: Token, tokens: Token[]): string {
  const name = identifier(first);
  if (name === 'cast' && tokens[2] && keyword(tokens[3]) === 'AS')
    return isColumn([tokens[2]]) ? identifier(tokens[2]) : '?column?';
  const labels: Record<string, string> = {
    date_part: 'pgdate_part',
    extract: 'date_part',
    approximate: 'count',
    nvl: 'coalesce',
  };
  return labels[name] ?? name;
}
