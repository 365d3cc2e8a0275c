import type { Cursor } from './cursor.ts';
import { expression, parenthesised } from './expressions.ts';
import { query, startsQuery } from './query.ts';
import { refused, unsupported } from './refusals.ts';
import { isReserved } from './reserved-words.ts';
import { quoteName } from './scope.ts';
import type { Scope } from './scope.ts';
import { identifier } from './tokens.ts';

const joinWords = new Set(['JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'NATURAL']);

/**
 * Tables of a FROM clause in the engine's text. `aliased` tells whether the last one has an alias, `columns` the names of
 * their columns when all are known.
 */
export type Tables = { text: string; aliased: boolean; columns: ReadonlySet<string> | undefined };

/** Takes the tables of a FROM or USING clause. */
export function tables(cursor: Cursor, scope: Scope): Tables {
  let item = tableItem(cursor, scope);
  const out = [item.text];
  let columns = item.columns;
  for (;;) {
    if (cursor.takeOperator(',')) {
      item = tableItem(cursor, scope);
      columns = united(columns, item.columns);
      out.push(', ', item.text);
      continue;
    }
    if (!joinWords.has(cursor.keyword())) return { text: out.join(''), aliased: item.aliased, columns };
    const natural = cursor.take('NATURAL') ? 'NATURAL ' : '';
    const kind = cursor.takeOneOf(new Set(['INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS'])) ?? 'INNER';
    if (kind !== 'CROSS' && kind !== 'INNER') cursor.take('OUTER');
    cursor.expect('JOIN');
    const joined = tableItem(cursor, scope);
    out.push(` ${natural}${kind} JOIN ${joined.text}`);
    // After a join condition QUALIFY can no longer be taken for an alias.
    item = { ...joined, aliased: true };
    columns = united(columns, joined.columns);
    if (kind === 'CROSS' || natural) continue;
    if (cursor.take('ON')) out.push(` ON ${expression(cursor, scope)}`);
    else {
      cursor.expect('USING');
      out.push(` USING (${cursor.list(() => quoteName(cursor.identifier())).join(', ')})`);
    }
  }
}

function united(one: Tables['columns'], other: Tables['columns']): Tables['columns'] {
  return one && other ? new Set([...one, ...other]) : undefined;
}

function tableItem(cursor: Cursor, scope: Scope): Tables {
  if (cursor.keyword() === 'LATERAL') throw refused(cursor.unexpected().message, 'Redshift has no LATERAL');
  if (!cursor.isOperator('(')) return namedTable(cursor, scope);
  if (cursor.keyword(1) === 'VALUES') throw refused(cursor.unexpected().message, 'Redshift has no VALUES in FROM');
  if (!startsQuery(cursor)) {
    const text = parenthesised(cursor, () => tables(cursor, scope).text);
    return { text, aliased: true, columns: undefined };
  }
  const text = parenthesised(cursor, () => query(cursor, scope));
  const alias = tableAlias(cursor);
  if (alias === undefined) throw refused('subquery in FROM must have an alias', 'PostgreSQL before 16 asks for it');
  return { text: `${text} AS ${alias}`, aliased: true, columns: undefined };
}

function namedTable(cursor: Cursor, scope: Scope): Tables {
  const name = cursor.tableName();
  if (cursor.isOperator('(')) throw unsupported(`functions as tables: ${name.name}`);
  if (cursor.isOperator('.')) throw unsupported('names of other databases');
  const text = scope.read(name);
  const columns = scope.columnsOf(name);
  const renamesColumns = cursor.isOperator('(', cursor.keyword() === 'AS' ? 2 : 1);
  const alias = tableAlias(cursor);
  return {
    text: alias === undefined ? text : `${text} AS ${alias}`,
    aliased: alias !== undefined,
    columns: renamesColumns ? undefined : columns,
  };
}

/** Takes `[AS] alias [(column, …)]` if it is there. */
export function tableAlias(cursor: Cursor): string | undefined {
  const explicit = cursor.take('AS');
  const token = cursor.peek();
  const isAlias =
    token?.kind === 'quoted' ||
    (token?.kind === 'word' && !isReserved(token.text) && (explicit || cursor.keyword() !== 'QUALIFY'));
  if (!isAlias) {
    if (explicit) throw cursor.unexpected();
    return undefined;
  }
  if (cursor.keyword() === 'SET' && !explicit) return undefined;
  const name = quoteName(identifier(cursor.next()));
  return cursor.isOperator('(') ? `${name} (${cursor.list(() => quoteName(cursor.identifier())).join(', ')})` : name;
}
