import type { Cursor } from './cursor.ts';
import { unsupported } from './refusals.ts';
import { quoteLiteral } from './scope.ts';
import { stringValue } from './tokens.ts';

/** Takes the pattern after `~`, `~*`, `!~` or `!~*`. Redshift finds it anywhere in the text, the engine wants it to match all of it. */
export function regularExpression(cursor: Cursor, operator: string): string {
  const flags = operator.endsWith('*') ? '(?is)' : '(?s)';
  return `${operator.replace('*', '')} ${quoteLiteral(`${flags}.*(?:${literalPattern(cursor, operator)}).*`)}`;
}

/** Takes LIKE, ILIKE or SIMILAR TO with its pattern. A backslash escapes in Redshift's patterns unless ESCAPE says otherwise. */
export function likeOperator(cursor: Cursor, operand: () => string): string {
  const word = cursor.next().text.toUpperCase();
  if (word === 'SIMILAR') {
    cursor.expect('TO');
    return `SIMILAR TO ${quoteLiteral(similarPattern(literalPattern(cursor, 'SIMILAR TO')))}`;
  }
  const token = cursor.peek();
  const parts = [operand()];
  while (cursor.takeOperator('||')) parts.push(operand());
  const escape = cursor.take('ESCAPE') ? literalPattern(cursor, 'ESCAPE') : '\\';
  if (token?.kind !== 'string' || parts.length > 1) {
    return `${word} redshift_pattern(${parts.join(' || ')}) ESCAPE ${quoteLiteral(escape)}`;
  }
  const pattern = stringValue(token);
  if (isSlow(pattern, word)) return `SIMILAR TO ${quoteLiteral(likeExpression(pattern, escape, word))}`;
  return `${word} ${quoteLiteral(pattern)}${pattern.includes(escape) ? ` ESCAPE ${quoteLiteral(escape)}` : ''}`;
}

/** Whether the engine would try every place for one % at every place for another, which takes it years with a few of them. */
function isSlow(pattern: string, word: string): boolean {
  return pattern.split('%').length > 2 && (word === 'ILIKE' || pattern.includes('_'));
}

/** A pattern of LIKE as a regular expression, which the engine tries in a time that grows only with the text. */
function likeExpression(pattern: string, escape: string, word: string): string {
  let isEscaped = false;
  const pieces = Array.from(pattern, (character) => {
    if (!isEscaped && character === escape) {
      isEscaped = true;
      return '';
    }
    const wild = isEscaped ? undefined : { '%': '.*', _: '.' }[character];
    isEscaped = false;
    return wild ?? character.replace(/[^\w\s\u0080-\uffff]/, '\\$&');
  });
  return `${word === 'ILIKE' ? '(?is)' : '(?s)'}${pieces.join('')}`;
}

function literalPattern(cursor: Cursor, operator: string): string {
  const token = cursor.peek();
  if (token?.kind !== 'string') throw unsupported(`${operator} with a pattern that is not a literal`);
  return stringValue(cursor.next());
}

/** SQL's pattern language as a regular expression: `%` and `_` are wild, a dot is a dot. */
function similarPattern(pattern: string): string {
  return `(?s)${pattern.replace(/\\([\s\S])|[%_.^$]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped.replace(/[^\w\s]/, '\\$&');
    if (found === '%') return '.*';
    return found === '_' ? '.' : `\\${found}`;
  })}`;
}

/**
 * A Redshift date format as the engine's expression that writes `value` so.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_FORMAT_strings.html
 * Throws for the parts this stand-in does not know.
 */
export function formattedDate(value: string, format: string): string {
  const parts = dateFormat(format);
  const texts = parts.map((part) =>
    'weekday' in part
      ? `CAST(dayofweek(${value}) + 1 AS VARCHAR)`
      : 'quarter' in part
        ? `CAST(quarter(${value}) AS VARCHAR)`
        : `strftime(${value}, ${quoteLiteral(part.strftime)})`,
  );
  return `(${texts.join(' || ')})`;
}

/** A Redshift date format as the engine's format for reading dates. Throws for the parts it cannot read. */
export function parsingFormat(format: string): string {
  return dateFormat(format)
    .map((part) => {
      if (!('strftime' in part)) throw unsupported(`reading dates by the format '${format}'`);
      return part.strftime;
    })
    .join('');
}

type FormatPart = { strftime: string } | { weekday: true } | { quarter: true };

const CODES: Record<string, string> = {
  YYYY: '%Y',
  YY: '%y',
  IYYY: '%G',
  MM: '%m',
  Mon: '%b',
  DDD: '%j',
  DD: '%d',
  IW: '%V',
  HH24: '%H',
  HH12: '%I',
  HH: '%I',
  MI: '%M',
  SS: '%S',
  MS: '%g',
  US: '%f',
  AM: '%p',
  PM: '%p',
  Dy: '%a',
};

function dateFormat(format: string): FormatPart[] {
  const parts: FormatPart[] = [];
  const add = (text: string): void => {
    const last = parts.at(-1);
    if (last && 'strftime' in last) last.strftime += text;
    else parts.push({ strftime: text });
  };
  const pattern =
    /"([^"]*)"|IYYY|YYYY|YY|MM|MI|MS|Mon|HH24|HH12|HH|SS|US|DDD|DD|Dy|D|IW|Q|AM|PM|[A-Za-z]+|[^A-Za-z"]+/gi;
  for (const [found, literal] of format.matchAll(pattern)) {
    const code = CODES[found] ?? (/^mon|^dy/i.test(found) ? undefined : CODES[found.toUpperCase()]);
    if (literal !== undefined) add(literal.replaceAll('%', '%%'));
    else if (/^[^A-Za-z]/.test(found)) add(found.replaceAll('%', '%%'));
    else if (code !== undefined) add(code);
    else if (found.toUpperCase() === 'D') parts.push({ weekday: true });
    else if (found.toUpperCase() === 'Q') parts.push({ quarter: true });
    else throw unsupported(`the date format '${format}' ('${found}')`);
  }
  return parts;
}
