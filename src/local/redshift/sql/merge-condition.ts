import type { Cursor } from './cursor.ts';
import { checkColumns } from './dml.ts';
import type { Relation } from './names.ts';
import { refused, unsupported } from './refusals.ts';
import { quoteLiteral, quoteName } from './scope.ts';
import { keyword, stringValue } from './tokens.ts';
import { SqlError } from '../types.ts';
import type { Table } from '../types.ts';

/** What a MERGE reads: its text and alias for the engine, and its columns. */
export type MergeSource = { text: string; alias: string; relation: Relation };
/** A column of the target and one of the source that must be equal. */
export type KeyPair = { target: string; source: string };
/** When a row of the source matches one of the target: all keys equal, and every bound true of the target's row. */
export type MatchCondition = { keys: KeyPair[]; bounds: string[] };

/**
 * Parses the ON clause: `target.column = source.column`, and comparisons of a target's column with a literal, joined by AND, in
 * parentheses or not. The manual speaks of equalities only; that a literal may bound the target beside them is what
 * dbt-redshift's own tests run against clusters (functional/adapter/incremental/test_incremental_predicates.py).
 */
export function matchCondition(cursor: Cursor, target: Table, source: MergeSource): MatchCondition {
  const found: MatchCondition = { keys: [], bounds: [] };
  conditions(cursor, { target, source }, found);
  if (found.keys.length > 0) return found;
  throw refused(cursor.unexpected().message, 'MERGE needs an equality of a target and a source column');
}

/** The engine's text of the condition; `source` says how a key's source column is written. */
export function conditionSql(
  { keys, bounds }: MatchCondition,
  source: (key: KeyPair, index: number) => string = (key) => key.source,
): string {
  return [...keys.map((key, index) => `${key.target} = ${source(key, index)}`), ...bounds].join(' AND ');
}

type Tables = { target: Table; source: MergeSource };

function conditions(cursor: Cursor, tables: Tables, found: MatchCondition): void {
  do {
    if (cursor.takeOperator('(')) {
      conditions(cursor, tables, found);
      cursor.expectOperator(')');
    } else comparison(cursor, tables, found);
  } while (cursor.take('AND'));
}

const COMPARISONS = ['=', '<>', '!=', '<', '<=', '>', '>='];
const EQUALITY_ONLY = 'MERGE matches by equality of a target and a source column only';

function comparison(cursor: Cursor, tables: Tables, found: MatchCondition): void {
  const one = side(cursor, tables);
  if (one.of === 'target' && cursor.take('BETWEEN')) {
    const low = literal(cursor) ?? onlyLiterals(cursor);
    cursor.expect('AND');
    found.bounds.push(`${one.text} BETWEEN ${low} AND ${literal(cursor) ?? onlyLiterals(cursor)}`);
    return;
  }
  const isEquality = cursor.isOperator('=');
  const operator = COMPARISONS.find((text) => cursor.isOperator(text));
  if (operator === undefined) throw refused(cursor.unexpected().message, EQUALITY_ONLY);
  const refusal = refused(cursor.unexpected().message, EQUALITY_ONLY);
  cursor.next();
  const value = literal(cursor);
  if (value !== undefined) {
    if (one.of === 'source') throw refused(refusal.message, 'only a column of the target is compared with a literal');
    found.bounds.push(`${one.text} ${operator} ${value}`);
    return;
  }
  if (!isEquality) throw refusal;
  found.keys.push(keyPair(one, side(cursor, tables)));
}

function keyPair(one: Side, other: Side): KeyPair {
  if (one.of === 'target' && other.of === 'source') return { target: one.text, source: other.text };
  if (one.of === 'source' && other.of === 'target') return { target: other.text, source: one.text };
  throw refused(
    'unsupported MERGE condition',
    'each equality needs a column of the target and one of the source',
    '0A000',
  );
}

function onlyLiterals(cursor: Cursor): never {
  throw refused(cursor.unexpected().message, 'MERGE bounds its target by literals only');
}

const TYPED_LITERALS = new Set(['DATE', 'TIMESTAMP', 'TIMESTAMPTZ']);

/** Parses a number, a text, or a text with its type before it; undefined when none comes next. */
function literal(cursor: Cursor): string | undefined {
  const [first, second] = [cursor.peek(), cursor.peek(1)];
  let text: string | undefined;
  if (first?.kind === 'string') text = quoteLiteral(stringValue(cursor.next()));
  else if (first?.kind === 'number') text = cursor.next().text;
  else if (second?.kind === 'number' && (cursor.isOperator('-') || cursor.isOperator('+')))
    text = `${cursor.next().text}${cursor.next().text}`;
  else if (second?.kind === 'string' && TYPED_LITERALS.has(keyword(first)))
    text = `${cursor.next().text} ${quoteLiteral(stringValue(cursor.next()))}`;
  // A literal that goes on is an expression: an operator or a cast behind it.
  const isAlone = cursor.peek()?.kind !== 'operator' || cursor.isOperator(')');
  return text === undefined || isAlone ? text : onlyLiterals(cursor);
}

type Side = { of: 'target' | 'source'; text: string };

/** Parses a column of the ON clause and tells whose it is. */
function side(cursor: Cursor, { target, source }: Tables): Side {
  if (!cursor.isIdentifier()) throw refused(cursor.unexpected().message, 'MERGE matches by plain columns only');
  const names = [cursor.identifier()];
  while (cursor.takeOperator('.')) names.push(cursor.label());
  if (cursor.isOperator('(')) throw refused(cursor.unexpected().message, 'MERGE matches by plain columns only');
  if (cursor.isOperator('[')) {
    throw new SqlError('Partial reference of SUPER column is not supported in MERGE statement.', '0A000');
  }
  const table = names.at(-2);
  if (table === undefined) throw unsupported('unqualified columns in the ON of MERGE');
  const text = names.map(quoteName).join('.');
  if (quoteName(table) === source.alias && names.length === 2) return { of: 'source', text };
  if (table !== target.name) throw new SqlError(`missing FROM-clause entry for table "${table}"`, '42P01');
  checkColumns(target, [names.at(-1) ?? '']);
  return { of: 'target', text: names.slice(-2).map(quoteName).join('.') };
}
