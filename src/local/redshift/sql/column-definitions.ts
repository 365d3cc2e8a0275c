import type { Cursor } from './cursor.ts';
import { engineType, writtenType } from './data-types.ts';
import { expression } from './expressions.ts';
import { refused, unsupported } from './refusals.ts';
import { isSystemColumn } from './reserved-words.ts';
import { engineName, quoteLiteral, quoteName, Scope } from './scope.ts';
import { SqlError } from '../types.ts';
import type { Catalog, Column, ColumnType, Table } from '../types.ts';

/** Keys and attributes of a table under construction; Redshift keeps them for its planner, here they are only validated. */
export type Layout = { distKeys: string[]; sortKeys: string[]; primaryKey: string[]; style: string | undefined };

const ENCODINGS = new Set(
  'raw az64 bytedict delta delta32k lzo mostly8 mostly16 mostly32 runlength text255 text32k zstd auto'.split(' '),
);
const WITHOUT_AZ64 = new Set<ColumnType['name']>([
  'character',
  'character varying',
  'boolean',
  'real',
  'double precision',
  'super',
]);

/** Parses one column: name, type, attributes, constraints. https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html */
export function columnDefinition(cursor: Cursor, catalog: Catalog, table: string, layout: Layout): Column {
  const name = cursor.identifier();
  if (isSystemColumn(name)) throw new SqlError(`column name "${name}" conflicts with a system column name`, '42701');
  const { type } = writtenType(cursor, `${table}.${name}`);
  const column: Column = { name, type, notNull: false };
  while (columnAttribute(cursor, catalog, column, layout));
  return column;
}

function columnAttribute(cursor: Cursor, catalog: Catalog, column: Column, layout: Layout): boolean {
  if (cursor.take('NOT', 'NULL')) column.notNull = true;
  else if (cursor.take('NULL') || cursor.take('UNIQUE')) return true;
  else if (cursor.take('DEFAULT')) takeDefault(cursor, catalog, column);
  else if (cursor.take('IDENTITY')) identityOf(cursor, column);
  else if (cursor.keyword() === 'GENERATED') throw unsupported('GENERATED columns; use IDENTITY(seed, step)');
  else if (cursor.take('ENCODE')) checkEncoding(cursor, column);
  else if (cursor.take('DISTKEY')) layout.distKeys.push(column.name);
  else if (cursor.take('SORTKEY')) layout.sortKeys.push(column.name);
  else if (cursor.take('PRIMARY', 'KEY')) layout.primaryKey.push(column.name);
  else if (cursor.take('REFERENCES')) reference(cursor);
  else if (cursor.keyword() === 'CHECK')
    throw refused(cursor.unexpected().message, 'Redshift has no CHECK constraints');
  else if (cursor.keyword() === 'COLLATE') throw unsupported('COLLATE');
  else return false;
  return true;
}

function takeDefault(cursor: Cursor, catalog: Catalog, column: Column): void {
  const scope = new Scope(catalog, undefined);
  const start = cursor.peek()?.start;
  column.defaultExpression = expression(cursor, scope);
  if (scope.reads.size > 0) throw new SqlError('cannot use subquery in default expression', '0A000');
  column.defaultText = cursor.sql.slice(start, cursor.peek(-1)?.end);
}

function identityOf(cursor: Cursor, column: Column): void {
  if (column.type.name !== 'integer' && column.type.name !== 'bigint') {
    throw new SqlError(`identity column "${column.name}" must be of type INTEGER or BIGINT`, '42P16');
  }
  const [seed = 1, step = 1] = cursor.list(() => (cursor.takeOperator('-') ? -cursor.integer() : cursor.integer()));
  column.identity = { seed, step };
  column.notNull = true;
}

function checkEncoding(cursor: Cursor, column: Column): void {
  const encoding = cursor.label();
  if (!ENCODINGS.has(encoding)) throw new SqlError(`unrecognized encoding type "${encoding}"`, '42704');
  if (encoding === 'az64' && WITHOUT_AZ64.has(column.type.name)) {
    throw new SqlError(`invalid encoding type specified for column "${column.name}"`, '0A000');
  }
}

/** Parses the table and columns a foreign key points to. Redshift enforces nothing of it. */
export function reference(cursor: Cursor): void {
  cursor.tableName();
  if (cursor.isOperator('(')) cursor.list(() => cursor.identifier());
}

/** The engine's name of the sequence behind an identity column. */
export function identitySequence(table: Table, column: Column): string {
  return engineName({ ...table, name: `${table.name}.${column.name}.identity` });
}

/** The engine's statements that create a table, sequences of identity columns first. */
export function createTableSql(table: Table): string[] {
  const sequences = table.columns.flatMap((column) => {
    if (!column.identity) return [];
    const { seed, step } = column.identity;
    const temporary = table.temporary ? 'TEMP ' : '';
    const lowest = step > 0 ? `MINVALUE ${Math.min(seed, 1)}` : `MAXVALUE ${Math.max(seed, -1)}`;
    return [
      `CREATE ${temporary}SEQUENCE ${identitySequence(table, column)} INCREMENT BY ${step} ${lowest} START WITH ${seed}`,
    ];
  });
  const columns = table.columns.map((column) => columnSql(table, column));
  const create = table.temporary ? 'CREATE TEMP TABLE' : 'CREATE TABLE';
  return [...sequences, `${create} ${engineName(table)} (${columns.join(', ')})`];
}

function columnSql(table: Table, column: Column): string {
  const parts = [quoteName(column.name), engineType(column.type)];
  if (column.notNull) parts.push('NOT NULL');
  if (column.identity) parts.push(`DEFAULT nextval(${quoteLiteral(identitySequence(table, column))})`);
  else if (column.defaultExpression !== undefined) parts.push(`DEFAULT ${column.defaultExpression}`);
  if ('lengthBytes' in column.type) {
    const name = quoteName(column.name);
    const bytes = column.type.lengthBytes;
    // Written differently, so that the engine's message tells which type was meant.
    if (column.type.name === 'character varying') parts.push(`CHECK (strlen(${name}) <= ${bytes})`);
    else parts.push(`CHECK (length(${name}) = strlen(${name})) CHECK (${bytes} >= strlen(${name}))`);
  }
  return parts.join(' ');
}

/** Throws when columns come twice or keys name columns that are not there; makes primary key columns NOT NULL. */
export function finishColumns(columns: Column[], layout: Layout): Column[] {
  const names = columns.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new SqlError(`column "${repeated}" specified more than once`, '42701');
  checkLayout(names, layout);
  return columns.map((column) => (layout.primaryKey.includes(column.name) ? { ...column, notNull: true } : column));
}

/** Throws when keys are contradictory or name columns that are not there; `names` is undefined when unknown. */
export function checkLayout(names: string[] | undefined, layout: Layout): void {
  if (layout.distKeys.length > 1) throw new SqlError('multiple DISTKEYs are not allowed', '42P16');
  if (layout.style === 'KEY' && layout.distKeys.length === 0)
    throw new SqlError('DISTSTYLE KEY requires a DISTKEY', '42P16');
  if (layout.style !== undefined && layout.style !== 'KEY' && layout.distKeys.length > 0)
    throw new SqlError(`DISTSTYLE ${layout.style} excludes a DISTKEY`, '42P16');
  if (layout.sortKeys.length > 400) throw new SqlError('a table can have at most 400 SORTKEY columns', '54011');
  for (const key of [...layout.distKeys, ...layout.sortKeys, ...layout.primaryKey]) {
    if (names && !names.includes(key)) throw new SqlError(`column "${key}" named in key does not exist`, '42703');
  }
}
