import { checkUser } from '../rights/rights.ts';
import { mustCreateIn, mustOwn, schemaOf } from './access.ts';
import { columnDefinition, createTableSql } from './column-definitions.ts';
import type { Layout } from './column-definitions.ts';
import type { Cursor } from './cursor.ts';
import { castSql, writtenType } from './data-types.ts';
import { dropSql, tableConstraint } from './ddl.ts';
import { refused, unsupported } from './refusals.ts';
import { userName } from './rights-statements.ts';
import { engineName, lockName, quoteName } from './scope.ts';
import type { Scope } from './scope.ts';
import { SqlError } from '../types.ts';
import type { Column, Plan, Table } from '../types.ts';

/** Parses ALTER TABLE after these words. https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html */
export function alterTable(cursor: Cursor, scope: Scope, inTransaction: boolean): Plan {
  const name = cursor.tableName();
  // Of a view, ALTER TABLE changes the owner alone here.
  const isOwner = cursor.keyword() === 'OWNER';
  const table = isOwner ? scope.find(name) : scope.write(name);
  if (isOwner && !table.temporary) scope.writes.add(lockName(table));
  mustOwn(scope.catalog, table);
  if (cursor.take('ADD')) return addition(cursor, scope, table);
  if (cursor.take('DROP')) return dropColumn(cursor, table);
  if (cursor.take('RENAME', 'TO')) return renameTable(table, cursor.identifier(), scope);
  if (cursor.take('RENAME')) return renameColumn(cursor, table);
  if (cursor.take('OWNER', 'TO')) {
    const owner = userName(cursor);
    checkUser(scope.catalog.facts, owner);
    return { kind: 'define', statements: [], changes: [{ kind: 'alter', table: { ...table, owner } }] };
  }
  if (cursor.keyword() === 'APPEND') throw unsupported('ALTER TABLE APPEND');
  cursor.expect('ALTER');
  if (['DISTKEY', 'DISTSTYLE', 'SORTKEY', 'COMPOUND', 'INTERLEAVED', 'ENCODE'].includes(cursor.keyword())) {
    while (!cursor.atEnd) cursor.next();
    return { kind: 'nothing' };
  }
  if (inTransaction) throw new SqlError('ALTER TABLE ALTER COLUMN cannot run inside a transaction block', '25001');
  return alterColumn(cursor, table);
}

function addition(cursor: Cursor, scope: Scope, table: Table): Plan {
  const layout: Layout = { distKeys: [], sortKeys: [], primaryKey: [], style: undefined };
  if (tableConstraint(cursor, layout)) return { kind: 'nothing' };
  cursor.take('COLUMN');
  const column = columnDefinition(cursor, scope.catalog, table.name, layout);
  if (cursor.isOperator(',')) throw refused(cursor.unexpected().message, 'ALTER TABLE adds one column per statement');
  if (table.columns.some(({ name }) => name === column.name)) {
    throw new SqlError(`column "${column.name}" of relation "${table.name}" already exists`, '42701');
  }
  if (column.identity) throw unsupported('identity columns in ALTER TABLE');
  if (column.notNull && column.defaultExpression === undefined) {
    throw new SqlError('ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression', '42601');
  }
  const values = [...table.columns.map(({ name }) => quoteName(name)), column.defaultExpression ?? 'NULL'];
  return rebuild(table, [...table.columns, column], values);
}

function existing(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (!column) throw new SqlError(`column "${name}" of relation "${table.name}" does not exist`, '42703');
  return column;
}

function dropColumn(cursor: Cursor, table: Table): Plan {
  cursor.take('COLUMN');
  const { name } = existing(table, cursor.identifier());
  if (!cursor.take('CASCADE')) cursor.take('RESTRICT');
  const kept = table.columns.filter((column) => column.name !== name);
  return rebuild(
    table,
    kept,
    kept.map((column) => quoteName(column.name)),
  );
}

function renameColumn(cursor: Cursor, table: Table): Plan {
  cursor.take('COLUMN');
  const column = existing(table, cursor.identifier());
  cursor.expect('TO');
  const name = cursor.identifier();
  if (table.columns.some((other) => other.name === name)) {
    throw new SqlError(`column "${name}" of relation "${table.name}" already exists`, '42701');
  }
  const columns = table.columns.map((other) => (other === column ? { ...column, name } : other));
  return rebuild(
    table,
    columns,
    table.columns.map((other) => quoteName(other.name)),
  );
}

function alterColumn(cursor: Cursor, table: Table): Plan {
  cursor.take('COLUMN');
  const column = existing(table, cursor.identifier());
  if (cursor.take('ENCODE')) {
    cursor.label();
    return { kind: 'nothing' };
  }
  cursor.expect('TYPE');
  const written = writtenType(cursor, `${table.name}.${column.name}`);
  if (column.type.name !== 'character varying' || written.type.name !== 'character varying') {
    throw new SqlError(`cannot alter type of column "${column.name}": only the size of VARCHAR can change`, '0A000');
  }
  const columns = table.columns.map((other) => (other === column ? { ...column, type: written.type } : other));
  return rebuild(
    table,
    columns,
    table.columns.map((other) =>
      other === column ? castSql(quoteName(other.name), { ...written, lengthGiven: false }) : quoteName(other.name),
    ),
  );
}

function renameTable(table: Table, name: string, scope: Scope): Plan {
  if (table.columns.some(({ identity }) => identity)) throw unsupported('renaming a table with an identity column');
  if (!table.temporary) mustCreateIn(scope.catalog, schemaOf(table));
  if (!table.temporary) scope.writes.add(lockName({ ...table, name }));
  return {
    kind: 'define',
    statements: [`ALTER TABLE ${engineName(table)} RENAME TO ${quoteName(name)}`],
    changes: [{ kind: 'rename', from: table, name }],
  };
}

/** The engine cannot add or rename columns with CHECK constraints, so the table is written anew under its old name. */
function rebuild(table: Table, columns: Column[], values: string[]): Plan {
  if (table.columns.some(({ identity }) => identity))
    throw unsupported('ALTER TABLE on a table with an identity column');
  const rebuilt: Table = { ...table, columns };
  const interim: Table = { ...rebuilt, name: `${table.name}.rebuilt` };
  return {
    kind: 'define',
    statements: [
      ...createTableSql(interim),
      `INSERT INTO ${engineName(interim)} SELECT ${values.join(', ')} FROM ${engineName(table)}`,
      ...dropSql(table),
      `ALTER TABLE ${engineName(interim)} RENAME TO ${quoteName(table.name)}`,
    ],
    changes: [{ kind: 'alter', table: rebuilt }],
  };
}
