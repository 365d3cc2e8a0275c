import { hasAlternatives, refuseCondition } from './conditions.ts';
import type { Cursor } from './cursor.ts';
import { expression, expressions, parenthesised } from './expressions.ts';
import type { Family } from './families.ts';
import { tables, type Tables } from './from-clause.ts';
import { labelOf } from './labels.ts';
import type { Columns, Names } from './names.ts';
import { refused, unsupported } from './refusals.ts';
import { quoteName } from './scope.ts';
import type { Scope } from './scope.ts';
import { identifier, type Token } from './tokens.ts';

/** What a SELECT DISTINCT gives: the columns, and the texts of its items. */
export type Distinct = { items: readonly Token[][]; columns: Columns };
/** A SELECT, or a query in parentheses, as a part of a query. */
export type Term = { text: string; columns: Columns; top?: string; distinct?: Distinct };

/** Parses a SELECT up to the ORDER BY or set operator behind it. Its names are judged here, when its tables are known. */
export function select(cursor: Cursor, scope: Scope, names: Names): Term {
  cursor.expect('SELECT');
  const out = ['SELECT'];
  let top: string | undefined;
  if (cursor.take('TOP')) top = String(cursor.integer());
  const isDistinct = cursor.take('DISTINCT');
  if (isDistinct) {
    if (cursor.keyword() === 'ON') throw refused(cursor.unexpected().message, 'Redshift has no DISTINCT ON');
    out.push('DISTINCT');
  } else cursor.take('ALL');
  if (cursor.take('TOP')) top = String(cursor.integer());
  const items = [selectItem(cursor, scope)];
  while (cursor.takeOperator(',')) items.push(selectItem(cursor, scope));
  out.push(items.map(({ text }) => text).join(', '));
  if (cursor.keyword() === 'INTO') throw unsupported('SELECT … INTO; use CREATE TABLE … AS');
  const from = cursor.take('FROM') ? tables(cursor, scope) : undefined;
  out.push(...clauses(cursor, scope, from, names));
  if (['FETCH', 'FOR', 'WINDOW'].includes(cursor.keyword())) throw cursor.unexpected();
  names.resolve(from?.relations ?? [], new Set(items.flatMap(({ alias }) => alias ?? [])));
  const columns = selected(items, from, names);
  const term: Term = { text: out.join(' '), columns };
  if (top !== undefined) term.top = top;
  if (isDistinct) term.distinct = { items: items.map(({ tokens }) => tokens), columns };
  return term;
}

/** The columns that a select list gives. */
function selected(items: SelectItem[], from: Tables | undefined, names: Names): Columns {
  const columns: { name: string; family: Family }[] = [];
  for (const { tokens, alias, label } of items) {
    const last = tokens.at(-1);
    if (last?.text !== '*' || last.kind !== 'operator') {
      columns.push({ name: alias ?? label ?? (last ? identifier(last) : ''), family: names.familyOf(tokens) });
      continue;
    }
    const [table] = tokens.length > 1 ? tokens.slice(-3) : [];
    const meant = from?.relations.filter(({ name }) => !table || name === identifier(table));
    if (!from || from.hasMergedColumns || !meant?.length) return undefined;
    for (const relation of meant) {
      if (!relation.columns) return undefined;
      columns.push(...relation.columns);
    }
  }
  return columns;
}

function clauses(cursor: Cursor, scope: Scope, from: Tables | undefined, names: Names): string[] {
  const out = from ? [`FROM ${from.text}`] : [];
  if (cursor.keyword() === 'QUALIFY' && from?.aliased === false) {
    throw refused(cursor.unexpected().message, 'QUALIFY right after FROM needs an alias on the table');
  }
  if (cursor.take('WHERE')) out.push(`WHERE ${condition(cursor, scope, names, 'WHERE')}`);
  if (cursor.take('GROUP', 'BY')) out.push(`GROUP BY ${groups(cursor, scope)}`);
  if (cursor.take('HAVING')) out.push(`HAVING ${condition(cursor, scope, names, 'HAVING')}`);
  if (cursor.take('QUALIFY')) out.push(`QUALIFY ${expression(cursor, scope)}`);
  return out;
}

/** Parses the condition of a WHERE or HAVING. */
export function condition(cursor: Cursor, scope: Scope, names: Names, clause: 'WHERE' | 'HAVING'): string {
  const [start, referred] = [cursor.position, names.count];
  const text = names.during(clause, () => expression(cursor, scope));
  const tokens = cursor.tokens.slice(start, cursor.position);
  names.check((family) => {
    refuseCondition(clause, tokens, family);
  });
  if (hasAlternatives(tokens)) names.allowNoCorrelation(referred);
  return text;
}

function groups(cursor: Cursor, scope: Scope): string {
  if (cursor.take('ALL')) return 'ALL';
  const items: string[] = [];
  do {
    const grouping = cursor.isOperator('(', 1) ? cursor.takeOneOf(new Set(['ROLLUP', 'CUBE'])) : undefined;
    if (cursor.take('GROUPING', 'SETS')) {
      items.push(`GROUPING SETS (${cursor.list(() => groupingSet(cursor, scope)).join(', ')})`);
    } else if (grouping !== undefined) {
      items.push(`${grouping} ${parenthesised(cursor, () => expressions(cursor, scope).join(', '))}`);
    } else items.push(expression(cursor, scope));
  } while (cursor.takeOperator(','));
  return items.join(', ');
}

function groupingSet(cursor: Cursor, scope: Scope): string {
  if (!cursor.isOperator('(')) return expression(cursor, scope);
  return parenthesised(cursor, () => (cursor.isOperator(')') ? '' : expressions(cursor, scope).join(', ')));
}

type SelectItem = { text: string; tokens: Token[]; alias: string | undefined; label: string | undefined };

/** Parses one item of a select list. */
function selectItem(cursor: Cursor, scope: Scope): SelectItem {
  const start = cursor.position;
  if (cursor.takeOperator('*')) {
    if (['EXCLUDE', 'REPLACE', 'EXCEPT'].includes(cursor.keyword())) throw unsupported(`* ${cursor.keyword()}`);
    return { text: '*', tokens: cursor.tokens.slice(start, cursor.position), alias: undefined, label: undefined };
  }
  const text = expression(cursor, scope);
  const tokens = cursor.tokens.slice(start, cursor.position);
  const label = labelOf(tokens);
  let alias: string | undefined;
  if (cursor.take('AS')) alias = cursor.label();
  else if (cursor.isIdentifier() && cursor.keyword() !== 'QUALIFY') alias = cursor.identifier();
  // Without a name the engine would call the column by its own text of the expression.
  const name = alias ?? label;
  return { text: name === undefined ? text : `${text} AS ${quoteName(name)}`, tokens, alias, label };
}
