import { SqlError } from '../types.ts';

/**
 * One lexical unit of a Redshift statement. `text` is as written, quotes included; `start` and `end` are offsets
 * into the statement, so that white space and comments between tokens can be recovered.
 */
export type Token = {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'operator' | 'parameter';
  text: string;
  start: number;
  end: number;
};

// Beyond ASCII every character may be part of a name, as in PostgreSQL.
const WORD = /[A-Za-z_#\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const QUOTED = /"(?:[^"]|"")*"/y;
const STRING = /'(?:[^'\\]|''|\\[\s\S])*'/y;
const PARAMETER = /:\w+/y;
const OPERATOR = /::|:=|=>|\|\||<=|>=|<>|!=|!~\*|!~|~\*|->>|->|@>|<@|[-+*/%^&|#(),;.=<>~@![\]{}?:]/y;
const BLANKS = /\s+|--[^\n]*/y;

/** The error Redshift gives for text it cannot parse, naming the text where it gave up. */
export function syntaxError(near: string | undefined): SqlError {
  return near === undefined
    ? new SqlError('syntax error at end of input', '42601')
    : new SqlError(`syntax error at or near "${near}"`, '42601');
}

/**
 * Cuts a statement into tokens, dropping white space and comments (nested ones too, as PostgreSQL).
 * Throws SqlError on unterminated strings, names and comments, and on dollar quoting, which SQL statements
 * for this warehouse never need.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let position = skipBlanks(sql, 0);
  while (position < sql.length) {
    const token = tokenAt(sql, position, tokens.at(-1));
    tokens.push(token);
    position = skipBlanks(sql, token.end);
  }
  return tokens;
}

function tokenAt(sql: string, start: number, previous: Token | undefined): Token {
  const first = sql.charAt(start);
  // Most tokens of a long statement are these.
  if (first === ',' || first === '(' || first === ')') return { kind: 'operator', text: first, start, end: start + 1 };
  if (first === "'") return take('string', STRING, sql, start) ?? unterminated('quoted string', sql, start);
  if (first === '"') return take('quoted', QUOTED, sql, start) ?? unterminated('quoted identifier', sql, start);
  if (/[\d.]/.test(first)) {
    const found = take('number', NUMBER, sql, start);
    if (found) return found;
  }
  // `#stage` names a temporary table; `a#b` and `a # b` are the bitwise operator.
  const isHashOperator =
    first === '#' && (previous?.end === start || !/[A-Za-z_\u0080-\uffff]/.test(sql.charAt(start + 1)));
  if (!isHashOperator) {
    const found = take('word', WORD, sql, start);
    if (found) return found;
  }
  if (first === ':' && sql.charAt(start + 1) !== ':') {
    const found = take('parameter', PARAMETER, sql, start);
    if (found) return found;
  }
  const found = take('operator', OPERATOR, sql, start);
  if (!found) throw syntaxError(first);
  return found;
}

function take(kind: Token['kind'], pattern: RegExp, sql: string, start: number): Token | undefined {
  pattern.lastIndex = start;
  if (!pattern.test(sql)) return undefined;
  const end = pattern.lastIndex;
  return { kind, text: sql.slice(start, end), start, end };
}

function skipBlanks(sql: string, from: number): number {
  let position = from;
  for (;;) {
    // What can begin no blank and no comment ends them at once.
    const code = sql.charCodeAt(position);
    if (code > 32 && code < 128 && code !== 45 && code !== 47) return position;
    BLANKS.lastIndex = position;
    if (BLANKS.test(sql)) position = BLANKS.lastIndex;
    else if (sql.startsWith('/*', position)) position = commentEnd(sql, position);
    else return position;
  }
}

function commentEnd(sql: string, start: number): number {
  let depth = 0;
  for (let position = start; position < sql.length; position++) {
    if (sql.startsWith('/*', position)) {
      depth++;
      position++;
    } else if (sql.startsWith('*/', position)) {
      depth--;
      position++;
      if (depth === 0) return position + 1;
    }
  }
  return unterminated('/* comment', sql, start);
}

function unterminated(what: string, sql: string, start: number): never {
  throw new SqlError(`unterminated ${what} at or near "${sql.slice(start)}"`, '42601');
}

/** A word token in upper case, for comparing with keywords; the empty string for every other kind of token. */
export function keyword(token: Token | undefined): string {
  return token?.kind === 'word' ? token.text.toUpperCase() : '';
}

/** The name a word or quoted token stands for: Redshift folds ASCII letters to lower case, quoted or not. */
export function identifier(token: Token): string {
  const name = token.kind === 'quoted' ? token.text.slice(1, -1).replaceAll('""', '"') : token.text;
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** The value of a string token. `''` is a quote, and a backslash escapes what follows it, as in Redshift's literals. */
export function stringValue(token: Token): string {
  return token.text
    .slice(1, -1)
    .replace(/''|\\([\s\S])/g, (_match, escaped: string | undefined) =>
      escaped === undefined ? "'" : (ESCAPES[escaped] ?? escaped),
    );
}

/** The statements of a script in order, without their semicolons; text that is only comments counts as none. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let filled = false;
  for (const token of tokenize(sql)) {
    if (token.text !== ';' || token.kind !== 'operator') {
      filled = true;
      continue;
    }
    if (filled) statements.push(sql.slice(start, token.start).trim());
    start = token.end;
    filled = false;
  }
  if (filled) statements.push(sql.slice(start).trim());
  return statements;
}
