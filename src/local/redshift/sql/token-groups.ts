import { keyword, type Token } from './tokens.ts';

/** Tokens of an expression, taken apart at its own level: outside of parentheses and of CASE … END. */
export type Located = { token: Token; index: number };

/** The tokens outside of parentheses and of CASE … END; the brackets' first ones stand for them. Undefined when they are not balanced. */
export function topLevel(tokens: Token[]): Located[] | undefined {
  const level: Located[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    const opens = (token.kind === 'operator' && token.text === '(') || keyword(token) === 'CASE';
    const closes = (token.kind === 'operator' && token.text === ')') || keyword(token) === 'END';
    if (depth === 0 && !closes) level.push({ token, index });
    if (opens) depth++;
    else if (closes) depth--;
  }
  return depth === 0 ? level : undefined;
}

/** Cuts tokens at those outside of all brackets for which `isBoundary` holds. */
export function splitAt(tokens: Token[], isBoundary: (token: Token) => boolean): Token[][] {
  const parts: Token[][] = [];
  let start = 0;
  for (const { token, index } of topLevel(tokens) ?? []) {
    if (!isBoundary(token)) continue;
    parts.push(tokens.slice(start, index));
    start = index + 1;
  }
  return [...parts, tokens.slice(start)];
}

/** Where the parenthesis that opens at `from` closes. */
export function closing(tokens: Token[], from: number): number {
  let depth = 0;
  for (let index = from; index < tokens.length; index++) {
    const token = tokens[index];
    if (token?.kind !== 'operator') continue;
    if (token.text === '(') depth++;
    if (token.text === ')' && --depth === 0) return index;
  }
  return tokens.length;
}

/** What a CASE gives: the tokens behind each THEN and behind ELSE. */
export function caseBranches(tokens: Token[]): Token[][] {
  const parts: Token[][] = [];
  let start: number | undefined;
  const inner = tokens.slice(1, -1);
  for (const { token, index } of [...(topLevel(inner) ?? []), { token: undefined, index: inner.length }]) {
    const word = keyword(token);
    if (start !== undefined && (token === undefined || word === 'WHEN' || word === 'ELSE')) {
      parts.push(inner.slice(start, index));
      start = undefined;
    }
    if (word === 'THEN' || word === 'ELSE') start = index + 1;
  }
  return parts;
}

/** A condition without the parentheses around all of it. */
export function unwrapped(tokens: Token[]): Token[] {
  const isWrapped =
    tokens[0]?.kind === 'operator' && tokens[0].text === '(' && closing(tokens, 0) === tokens.length - 1;
  return isWrapped && !/^(SELECT|WITH)$/.test(keyword(tokens[1])) ? tokens.slice(1, -1) : tokens;
}
