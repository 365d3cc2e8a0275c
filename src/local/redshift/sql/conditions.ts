import { common, familyOf, type Family, type FamilyOfColumn } from './families.ts';
import { closing, splitAt, unwrapped } from './token-groups.ts';
import { keyword, stringValue, type Token } from './tokens.ts';
import { SqlError } from '../types.ts';

/** How messages name a family. */
const TYPE_NAMES = {
  number: 'integer',
  text: 'character varying',
  boolean: 'boolean',
  time: 'timestamp without time zone',
};

/** Throws where `what` (CASE, COALESCE …) would have to make one type of several families, as PostgreSQL and Redshift do. */
export function refuseMixture(what: string, branches: Token[][], column: FamilyOfColumn): void {
  const families = branches.map((branch) => familyOf(branch, column));
  refuseFamilies(what, families);
  if (common(families) !== 'number') return;
  for (const [index, branch] of branches.entries()) if (families[index] === 'literal') refuseNoNumber(branch[0]);
}

/** The same for what is known by its family alone, as the columns of a UNION are. */
export function refuseFamilies(what: string, families: Family[]): void {
  const wanted = common(families);
  if (wanted === undefined || wanted === 'literal') return;
  for (const family of families) {
    if (family === undefined || family === 'literal' || family === wanted) continue;
    throw new SqlError(`${what} types ${TYPE_NAMES[wanted]} and ${TYPE_NAMES[family]} cannot be matched`, '42804');
  }
}

function refuseNoNumber(token: Token | undefined): void {
  if (token?.kind !== 'string') return;
  const text = stringValue(token);
  if (text.trim() === '' || !Number.isFinite(Number(text))) {
    throw new SqlError(`invalid input syntax for integer: "${text}"`, '22P02');
  }
}

/** Throws when a condition is no boolean, or joins by AND, OR and NOT what is none. `of` is WHERE, HAVING, JOIN/ON … */
export function refuseCondition(of: string, tokens: Token[], column: FamilyOfColumn): void {
  const inner = keyword(tokens[0]) === 'NOT' ? tokens.slice(1) : unwrapped(tokens);
  const parts = conjuncts(inner);
  if (parts.length > 1 || inner !== tokens) {
    const word = inner.length < tokens.length && keyword(tokens[0]) === 'NOT' ? 'NOT' : parts.length > 1 ? 'AND' : of;
    for (const part of parts) refuseCondition(word, part, column);
    return;
  }
  const family = familyOf(tokens, column);
  if (family === undefined || family === 'boolean' || family === 'literal') return;
  throw new SqlError(`argument of ${of} must be type boolean, not type ${TYPE_NAMES[family]}`, '42804');
}

/** The parts of a condition between its AND and OR; the AND of BETWEEN is none. */
export function conjuncts(tokens: Token[], words: ReadonlySet<string> = new Set(['AND', 'OR'])): Token[][] {
  let between = false;
  return splitAt(tokens, (token) => {
    const word = keyword(token);
    if (word === 'BETWEEN') between = true;
    if (word !== 'AND' || !between) return words.has(word);
    between = false;
    return false;
  });
}

/** Whether an expression is TRUE, FALSE or NULL and nothing else. */
export function isTruthValue(tokens: Token[]): boolean {
  return tokens.length === 1 && /^(TRUE|FALSE|NULL)$/.test(keyword(tokens[0]));
}

/** Whether a condition is more than parts joined by AND: it has an OR or a NOT of its own, not in a query inside. */
export function hasAlternatives(tokens: Token[]): boolean {
  for (let index = 0; index < tokens.length; index++) {
    const isQuery = tokens[index]?.text === '(' && /^(SELECT|WITH)$/.test(keyword(tokens[index + 1]));
    if (isQuery) index = closing(tokens, index);
    const word = keyword(tokens[index]);
    const next = keyword(tokens[index + 1]);
    if (word === 'OR' || (word === 'NOT' && tokens[index + 1]?.text === '(')) return true;
    if (word === 'CASE' || (word === 'NOT' && next === 'NOT')) return true;
  }
  return false;
}
