import type { Cursor } from './cursor.ts';
import { expression } from './expressions.ts';
import { tables } from './from-clause.ts';
import { refuseWithoutEquijoin } from './equijoin.ts';
import { columnsOfTable, relationOf, type Names, type Relation } from './names.ts';
import { query, startsQuery } from './query.ts';
import { refused } from './refusals.ts';
import { engineName, quoteName } from './scope.ts';
import type { Scope } from './scope.ts';
import { condition } from './select.ts';
import { SqlError } from '../types.ts';
import type { Table } from '../types.ts';

/** Parses an INSERT after its verb and returns the engine's statement. */
export function insert(cursor: Cursor, scope: Scope): string {
  cursor.expect('INTO');
  const target = scope.write(cursor.tableName(), 'INSERT');
  const isColumnList = cursor.isOperator('(') && !startsQuery(cursor);
  const written = isColumnList ? cursor.list(() => cursor.identifier()) : undefined;
  if (written) checkColumns(target, written);
  const into = `INSERT INTO ${engineName(target)}`;
  if (cursor.take('DEFAULT', 'VALUES')) return `${into} DEFAULT VALUES`;
  if (cursor.take('VALUES')) {
    const rows = scope.inQuery((names) => {
      const all = [cursor.list(() => value(cursor, scope))];
      while (cursor.takeOperator(',')) all.push(cursor.list(() => value(cursor, scope)));
      names.resolve([], new Set());
      return all;
    });
    refuseTail(cursor);
    const columns = insertColumns(target, written, rows[0]?.length ?? 0);
    return `${into} (${columns.map(quoteName).join(', ')}) VALUES ${rows.map((row) => `(${row.join(', ')})`).join(', ')}`;
  }
  if (!startsQuery(cursor)) throw cursor.unexpected();
  refuseIdentity(target, written ?? target.columns.map(({ name }) => name));
  const columns = written ? ` (${written.map(quoteName).join(', ')})` : '';
  const text = `${into}${columns} ${query(cursor, scope)}`;
  refuseTail(cursor);
  return text;
}

/** Parses one value of a VALUES row or a SET item. */
export function value(cursor: Cursor, scope: Scope): string {
  return cursor.take('DEFAULT') ? 'DEFAULT' : expression(cursor, scope);
}

/** The columns a row of `count` values goes into: those written, or the table's first ones. */
export function insertColumns(target: Table, written: string[] | undefined, count: number): string[] {
  const columns = written ?? target.columns.slice(0, count).map(({ name }) => name);
  if (count > columns.length) throw new SqlError('INSERT has more expressions than target columns', '42601');
  if (count < columns.length) throw new SqlError('INSERT has more target columns than expressions', '42601');
  refuseIdentity(target, columns);
  return columns;
}

function refuseIdentity(target: Table, columns: string[]): void {
  if (target.columns.some(({ name, identity }) => identity && columns.includes(name))) {
    throw new SqlError('cannot set an identity column to a value', '42601');
  }
}

/** Throws when a name is no column of the table, or comes twice. */
export function checkColumns(target: Table, names: string[]): void {
  for (const [index, name] of names.entries()) {
    if (!target.columns.some((column) => column.name === name)) {
      throw new SqlError(`column "${name}" of relation "${target.name}" does not exist`, '42703');
    }
    if (names.indexOf(name) !== index) throw new SqlError(`column "${name}" specified more than once`, '42701');
  }
}

function refuseTail(cursor: Cursor): void {
  if (cursor.keyword() === 'ON') throw refused(cursor.unexpected().message, 'Redshift has no ON CONFLICT; use MERGE');
  refuseReturning(cursor);
}

/** Throws with a reason when a RETURNING clause comes next. */
export function refuseReturning(cursor: Cursor): void {
  if (cursor.keyword() === 'RETURNING') throw refused(cursor.unexpected().message, 'Redshift has no RETURNING');
}

/** Parses an UPDATE after its verb. */
export function update(cursor: Cursor, scope: Scope): string {
  const name = cursor.tableName();
  const target = scope.write(name, 'UPDATE', 'SELECT');
  if (cursor.keyword() !== 'SET') {
    throw refused(
      cursor.unexpected().message,
      'an alias for the target of UPDATE is not portable across Redshift versions',
    );
  }
  cursor.expect('SET');
  return scope.inQuery((names) => {
    const out = [`UPDATE ${engineName(target)} SET ${assignments(cursor, scope, target)}`];
    const from = cursor.take('FROM') ? tables(cursor, scope) : undefined;
    if (from) out.push(`FROM ${from.text}`);
    const relation = relationOf(name, undefined, columnsOfTable(target));
    out.push(...where(cursor, scope, names, relation, from?.relations));
    refuseReturning(cursor);
    names.resolve([relation, ...(from?.relations ?? [])], new Set());
    return out.join(' ');
  });
}

/** Parses `column = value, …`; Redshift refuses qualified columns here. */
export function assignments(cursor: Cursor, scope: Scope, target: Table): string {
  const names: string[] = [];
  const items: string[] = [];
  do {
    const name = cursor.identifier();
    if (cursor.isOperator('.')) throw refused(cursor.unexpected().message, 'a column in SET must not name its table');
    names.push(name);
    cursor.expectOperator('=');
    items.push(`${quoteName(name)} = ${value(cursor, scope)}`);
  } while (cursor.takeOperator(','));
  checkColumns(target, names);
  refuseIdentity(target, names);
  return items.join(', ');
}

/** Parses a DELETE after its verb. */
export function remove(cursor: Cursor, scope: Scope): string {
  const from = cursor.take('FROM');
  const name = cursor.tableName();
  const target = scope.write(name, 'DELETE', 'SELECT');
  return scope.inQuery((names) => {
    const out = [`DELETE FROM ${engineName(target)}`];
    const relation = relationOf(name, undefined, columnsOfTable(target));
    if (cursor.keyword() === 'USING' && !from) {
      throw refused(cursor.unexpected().message, 'DELETE … USING needs FROM');
    }
    const using = cursor.take('USING') ? tables(cursor, scope) : undefined;
    if (using) out.push(`USING ${using.text}`);
    out.push(...where(cursor, scope, names, relation, using?.relations));
    refuseReturning(cursor);
    if (!cursor.atEnd && out.length === 1)
      throw refused(cursor.unexpected().message, 'DELETE has no alias for its target');
    names.resolve([relation, ...(using?.relations ?? [])], new Set());
    return out.join(' ');
  });
}

/** Parses the WHERE of an UPDATE or DELETE, if it is there; `others` are the tables of its FROM or USING. */
function where(cursor: Cursor, scope: Scope, names: Names, target: Relation, others?: readonly Relation[]): string[] {
  const start = cursor.position;
  const text = cursor.take('WHERE') ? [`WHERE ${condition(cursor, scope, names, 'WHERE')}`] : [];
  if (others) refuseWithoutEquijoin(cursor.tokens.slice(start + 1, cursor.position), target, others);
  return text;
}
