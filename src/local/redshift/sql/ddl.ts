import { ADMINISTRATOR } from '../rights/rights.ts';
import { lookUp, mustCreateIn, mustHaveDatabase, mustOwn } from './access.ts';
import {
  checkLayout,
  columnDefinition,
  createTableSql,
  finishColumns,
  identitySequence,
  reference,
} from './column-definitions.ts';
import type { Layout } from './column-definitions.ts';
import { definitionsOf, inSchema, noSchema } from './ddl-schema.ts';
import type { Cursor } from './cursor.ts';
import { query, startsQuery } from './query.ts';
import { refused, unsupported } from './refusals.ts';
import { displayName, engineName, lockName, quoteName, Scope } from './scope.ts';
import { SqlError } from '../types.ts';
import type { Catalog, Column, Plan, Table, TableName } from '../types.ts';

const NOTHING: Plan = { kind: 'nothing' };

function findTable(catalog: Catalog, name: TableName, temporary: boolean): Table | undefined {
  if (temporary) {
    const found = catalog.find(name);
    return found?.temporary ? found : undefined;
  }
  return catalog.find({ schema: name.schema ?? catalog.searchPath, name: name.name });
}

/** Parses CREATE [TEMP] TABLE after these words: columns, LIKE or AS query. */
export function createTable(cursor: Cursor, scope: Scope, temporaryWord: boolean): Plan {
  const ifNotExists = cursor.take('IF', 'NOT', 'EXISTS');
  const name = cursor.tableName();
  const temporary = temporaryWord || name.name.startsWith('#');
  if (temporary && name.schema !== undefined) {
    throw new SqlError('cannot create temporary relation in non-temporary schema', '42P16');
  }
  if (name.schema !== undefined && !scope.catalog.hasSchema(name.schema)) throw noSchema(name.schema);
  if (temporary) mustHaveDatabase(scope.catalog, 'TEMPORARY');
  else mustCreateIn(scope.catalog, name.schema ?? 'public');
  const layout: Layout = { distKeys: [], sortKeys: [], primaryKey: [], style: undefined };
  const isCtas = !cursor.isOperator('(') || cursor.isOperator(')', 2) || cursor.isOperator(',', 2);
  const names = isCtas && cursor.isOperator('(') ? cursor.list(() => cursor.identifier()) : undefined;
  const columns = isCtas ? [] : tableElements(cursor, scope, name.name, layout);
  tableAttributes(cursor, layout);
  const table: Table = {
    ...(temporary ? { schema: undefined } : inSchema(scope.catalog, name.schema ?? scope.catalog.searchPath)),
    name: name.name,
    temporary,
    kind: 'table',
    columns: isCtas ? [] : finishColumns(columns, layout),
    owner: scope.catalog.login.user,
  };
  const [sortKey] = layout.sortKeys;
  if (sortKey !== undefined) table.sortKey = sortKey;
  if (!temporary) {
    scope.writes.add(lockName(table));
    scope.reads.add(definitionsOf(table));
  }
  const statements = isCtas ? [createAs(cursor, scope, table, names, layout)] : createTableSql(table);
  if (findTable(scope.catalog, name, temporary)) {
    if (ifNotExists) return NOTHING;
    throw new SqlError(`Relation "${name.name}" already exists`, '42P07');
  }
  return { kind: 'define', statements, changes: [{ kind: 'create', table }] };
}

function createAs(cursor: Cursor, scope: Scope, table: Table, names: string[] | undefined, layout: Layout): string {
  cursor.expect('AS');
  if (!startsQuery(cursor)) throw cursor.unexpected();
  checkLayout(names, layout);
  const columns = names ? ` (${names.map(quoteName).join(', ')})` : '';
  return `CREATE ${table.temporary ? 'TEMP ' : ''}TABLE ${engineName(table)}${columns} AS ${query(cursor, scope)}`;
}

function tableElements(cursor: Cursor, scope: Scope, table: string, layout: Layout): Column[] {
  const columns: Column[] = [];
  cursor.list(() => {
    if (cursor.take('LIKE')) columns.push(...likeColumns(cursor, scope));
    else if (!tableConstraint(cursor, layout)) columns.push(columnDefinition(cursor, scope.catalog, table, layout));
  });
  return columns;
}

/** LIKE copies names, types and NOT NULL, and defaults only when asked. */
function likeColumns(cursor: Cursor, scope: Scope): Column[] {
  const name = cursor.tableName();
  const source = lookUp(scope.catalog, name);
  if (!source) throw new SqlError(`relation "${displayName(name)}" does not exist`, '42P01');
  scope.access.need(source, 'SELECT');
  const defaults = cursor.take('INCLUDING', 'DEFAULTS');
  if (!defaults) cursor.take('EXCLUDING', 'DEFAULTS');
  return source.columns.map(({ name: column, type, notNull, defaultExpression, defaultText }) => ({
    name: column,
    type,
    notNull,
    ...(defaults && defaultExpression !== undefined ? { defaultExpression } : {}),
    ...(defaults && defaultText !== undefined ? { defaultText } : {}),
  }));
}

/** Parses a table constraint if one comes next. All are accepted and none is enforced, as on Redshift. */
export function tableConstraint(cursor: Cursor, layout: Layout): boolean {
  if (cursor.take('CONSTRAINT')) cursor.identifier();
  if (cursor.take('PRIMARY', 'KEY')) layout.primaryKey.push(...cursor.list(() => cursor.identifier()));
  else if (cursor.take('UNIQUE')) cursor.list(() => cursor.identifier());
  else if (cursor.take('FOREIGN', 'KEY')) {
    cursor.list(() => cursor.identifier());
    cursor.expect('REFERENCES');
    reference(cursor);
  } else if (cursor.keyword() === 'CHECK' || cursor.keyword() === 'EXCLUDE') {
    throw refused(cursor.unexpected().message, `Redshift has no ${cursor.keyword()} constraints`);
  } else return false;
  return true;
}

/** Parses BACKUP, DISTSTYLE, DISTKEY, SORTKEY and ENCODE AUTO in any order. */
function tableAttributes(cursor: Cursor, layout: Layout): void {
  for (;;) {
    const style = cursor.takeOneOf(new Set(['COMPOUND', 'INTERLEAVED']));
    if (cursor.take('SORTKEY')) {
      if (!cursor.take('AUTO')) layout.sortKeys.push(...cursor.list(() => cursor.identifier()));
      if (style === 'INTERLEAVED' && layout.sortKeys.length > 8) {
        throw new SqlError('an INTERLEAVED SORTKEY can have at most 8 columns', '54011');
      }
    } else if (style !== undefined) throw cursor.unexpected();
    else if (cursor.take('DISTKEY')) layout.distKeys.push(...cursor.list(() => cursor.identifier()));
    else if (cursor.take('DISTSTYLE')) {
      const word = cursor.takeOneOf(new Set(['AUTO', 'EVEN', 'KEY', 'ALL']));
      if (word === undefined) throw cursor.unexpected();
      layout.style = word;
    } else if (cursor.take('BACKUP')) {
      if (!cursor.takeOneOf(new Set(['YES', 'NO']))) throw cursor.unexpected();
    } else if (cursor.take('ENCODE')) cursor.expect('AUTO');
    else return;
  }
}

/** Parses CREATE [OR REPLACE] VIEW after these words. */
export function createView(cursor: Cursor, catalog: Catalog, scope: Scope, replace: boolean): Plan {
  const name = cursor.tableName();
  if (name.schema !== undefined && !catalog.hasSchema(name.schema)) throw noSchema(name.schema);
  mustCreateIn(catalog, name.schema ?? 'public');
  const columns = cursor.isOperator('(') ? ` (${cursor.list(() => quoteName(cursor.identifier())).join(', ')})` : '';
  cursor.expect('AS');
  // A view outlives its statement, so GETDATE() must not be fixed in it.
  const inner = new Scope(catalog, undefined);
  const start = cursor.peek()?.start;
  const text = query(cursor, inner);
  inner.checkNodes(false);
  inner.access.check(catalog);
  const read = [...inner.readNames.values()];
  if (read.some((table) => table.temporary)) throw unsupported('views of temporary tables');
  const written = cursor.sql.slice(start, cursor.peek()?.start ?? cursor.sql.length);
  const lateBinding = cursor.take('WITH', 'NO', 'SCHEMA', 'BINDING');
  const existing = findTable(catalog, name, false);
  const view: Table = {
    ...inSchema(catalog, name.schema ?? catalog.searchPath),
    name: name.name,
    temporary: false,
    kind: 'view',
    query: written,
    ...(lateBinding ? { lateBinding } : {}),
    columns: [],
    owner: existing?.owner ?? (existing ? ADMINISTRATOR : catalog.login.user),
    reads: read.flatMap((table) => (table.kind === 'system view' ? [] : [{ schema: table.schema, name: table.name }])),
  };
  if (existing && (!replace || existing.kind !== 'view')) {
    throw existing.kind === 'view' || !replace
      ? new SqlError(`Relation "${name.name}" already exists`, '42P07')
      : new SqlError(`"${name.name}" is not a view`, '42809');
  }
  if (existing) mustOwn(catalog, existing);
  scope.writes.add(lockName(view));
  scope.reads.add(definitionsOf(view));
  for (const name of inner.reads) scope.reads.add(name);
  return {
    kind: 'define',
    statements: [`CREATE OR REPLACE VIEW ${engineName(view)}${columns} AS ${text}`],
    changes: [{ kind: existing ? 'alter' : 'create', table: view }],
  };
}

/** Parses DROP TABLE or DROP VIEW after these words. */
export function dropTables(cursor: Cursor, scope: Scope, kind: 'table' | 'view'): Plan {
  const ifExists = cursor.take('IF', 'EXISTS');
  const names = [cursor.tableName()];
  while (cursor.takeOperator(',')) names.push(cursor.tableName());
  if (!cursor.take('CASCADE')) cursor.take('RESTRICT');
  const found = names.flatMap((name) => {
    const table = lookUp(scope.catalog, name);
    if (table) return [table];
    if (ifExists) return [];
    throw new SqlError(`${kind === 'table' ? 'Table' : 'View'} "${displayName(name)}" does not exist`, '42P01');
  });
  const statements = found.flatMap((table) => {
    if (table.kind !== kind) throw new SqlError(`"${table.name}" is not a ${kind}`, '42809');
    mustOwn(scope.catalog, table, true);
    if (!table.temporary) scope.writes.add(lockName(table));
    return dropSql(table);
  });
  if (found.length === 0) return NOTHING;
  return {
    kind: 'define',
    statements,
    changes: found.map(({ schema, name }) => ({ kind: 'drop' as const, name: { schema, name } })),
  };
}

/** The engine's statements that drop a table or view with its sequences. */
export function dropSql(table: Table): string[] {
  const sequences = table.columns.filter(({ identity }) => identity).map((column) => identitySequence(table, column));
  const what = table.kind === 'view' || table.shownQuery !== undefined ? 'VIEW' : 'TABLE';
  return [`DROP ${what} ${engineName(table)}`, ...sequences.map((sequence) => `DROP SEQUENCE ${sequence}`)];
}
