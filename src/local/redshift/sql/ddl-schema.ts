import { checkUser, placedKey, placeOf } from '../rights/rights.ts';
import { mustBeSuperuser, mustHaveDatabase, mustOwnSchema, schemaOf } from './access.ts';
import type { Cursor } from './cursor.ts';
import { isEngineSchema } from './engine-schemas.ts';
import { unsupported } from './refusals.ts';
import { userName } from './rights-statements.ts';
import { quoteName, type Scope } from './scope.ts';
import { SqlError, type Catalog, type Plan, type Table } from '../types.ts';

/** Parses CREATE SCHEMA after these words. */
export function createSchema(cursor: Cursor, catalog: Catalog): Plan {
  const ifNotExists = cursor.take('IF', 'NOT', 'EXISTS');
  const schema = cursor.identifier();
  const { user } = catalog.login;
  const owner = cursor.take('AUTHORIZATION') ? userName(cursor) : user;
  if (!cursor.atEnd && cursor.keyword() !== '') throw unsupported(`CREATE SCHEMA … ${cursor.keyword()}`);
  checkName(schema);
  mustHaveDatabase(catalog, 'CREATE');
  checkUser(catalog.facts, owner);
  if (owner !== user) mustBeSuperuser(catalog, 'must be superuser to create a schema for another user');
  if (catalog.hasSchema(schema)) {
    if (ifNotExists) return { kind: 'nothing' };
    throw alreadyThere(schema);
  }
  const place = freePlace(catalog, schema);
  const statements = [`CREATE SCHEMA ${quoteName(place)}`];
  return { kind: 'define', statements, changes: [{ kind: 'create schema', schema, place, owner }] };
}

/** Parses DROP SCHEMA after these words. */
export function dropSchema(cursor: Cursor, catalog: Catalog): Plan {
  const ifExists = cursor.take('IF', 'EXISTS');
  const schema = cursor.identifier();
  const cascade = cursor.take('CASCADE') ? ' CASCADE' : '';
  if (!cascade) cursor.take('RESTRICT');
  if (!catalog.hasSchema(schema)) {
    if (ifExists) return { kind: 'nothing' };
    throw noSchema(schema);
  }
  mustOwnSchema(catalog, schema);
  const statements = [`DROP SCHEMA ${quoteName(placeOf(catalog.facts, schema))}${cascade}`];
  return { kind: 'define', statements, changes: [{ kind: 'drop schema', schema }] };
}

/**
 * Parses ALTER SCHEMA after these words. https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_SCHEMA.html asks for the owner to
 * rename; PostgreSQL also for CREATE on the database, which is stricter. Nobody who reads tables of the schema waits or is waited
 * for, only who defines some there.
 */
export function alterSchema(cursor: Cursor, scope: Scope): Plan {
  const { catalog } = scope;
  const schema = cursor.identifier();
  if (!catalog.hasSchema(schema)) throw noSchema(schema);
  mustOwnSchema(catalog, schema);
  if (cursor.take('OWNER', 'TO')) {
    const owner = userName(cursor);
    checkUser(catalog.facts, owner);
    mustBeSuperuser(catalog, 'must be superuser to give a schema to another user');
    return { kind: 'define', statements: [], changes: [{ kind: 'own schema', schema, owner }] };
  }
  if (cursor.keyword() === 'QUOTA') throw unsupported('ALTER SCHEMA … QUOTA');
  cursor.expect('RENAME');
  cursor.expect('TO');
  const name = cursor.identifier();
  checkName(name);
  mustHaveDatabase(catalog, 'CREATE');
  if (schema === 'public') throw unsupported('renaming the schema public');
  if (catalog.hasSchema(name)) throw alreadyThere(name);
  const late = catalog.lateBindingViews().find(({ reads }) => reads?.some((read) => read.schema === schema));
  if (late) throw unsupported(`renaming a schema that the late-binding view ${late.name} reads`);
  scope.writes.add(definitionsOf({ schema, place: placeOf(catalog.facts, schema) }));
  return { kind: 'define', statements: [], changes: [{ kind: 'rename schema', schema, name }] };
}

/** A schema as a table in it records it, with the engine's where that is called otherwise. */
export function inSchema(catalog: Catalog, schema: string): Pick<Table, 'schema' | 'place'> {
  const place = placeOf(catalog.facts, schema);
  return place === schema ? { schema } : { schema, place };
}

/** What renaming a schema locks, and defining something in it shares. No table can be called so. */
export function definitionsOf(table: Pick<Table, 'schema' | 'place'>): string {
  return `${table.place ?? schemaOf(table)}.`;
}

/** The error for a schema that is not there. */
export function noSchema(schema: string): SqlError {
  return new SqlError(`schema "${schema}" does not exist`, '3F000');
}

function alreadyThere(schema: string): SqlError {
  return new SqlError(`schema "${schema}" already exists`, '42P06');
}

function checkName(schema: string): void {
  if (schema.startsWith('pg_')) throw new SqlError(`unacceptable schema name "${schema}"`, '42939');
  if (isEngineSchema(schema)) throw unsupported(`schemas called ${schema}`);
}

/** A schema of the engine's that is not in use: the namesake, or, where a renamed one is in it, another. */
function freePlace({ facts }: Catalog, schema: string): string {
  let place = schema;
  for (let next = 2; facts.get(placedKey(place)) !== undefined; next += 1) place = `${schema}.${next}`;
  return place;
}
