import { ADMINISTRATOR, isGranted, isSuperuser, ownerOfSchema } from '../rights/rights.ts';
import { SqlError, type Catalog, type Subject, type Table, type TableName } from '../types.ts';

/**
 * What a statement may do, by the rights of the session's user. Refused in PostgreSQL 8's words:
 * https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html says which right each statement needs.
 */

/** The schema of a permanent table. */
export const schemaOf = (table: Pick<Table, 'schema'>): string => table.schema ?? 'public';

/** The table or view of a name; undefined when there is none. Throws SqlError for a schema that the user may not use. */
export function lookUp(catalog: Catalog, name: TableName): Table | undefined {
  const table = catalog.find(name);
  if (table?.temporary === true || table?.kind === 'system view') return table;
  const schema = name.schema ?? 'public';
  if (mayUse(catalog, schema)) return table;
  // A schema that may not be used is no part of the search path.
  if (name.schema === undefined) return undefined;
  throw denied(`schema ${schema}`);
}

function mayUse(catalog: Catalog, schema: string): boolean {
  return !catalog.hasSchema(schema) || hasSchemaRight(catalog, schema, 'USAGE', catalog.login.user);
}

/** Whether a user has a privilege on a schema, as its owner, as a superuser or because it was granted. */
export function hasSchemaRight({ facts }: Catalog, schema: string, privilege: string, user: string): boolean {
  if (isSuperuser(facts, user) || ownerOfSchema(facts, schema) === user) return true;
  return isGranted(facts, user, { kind: 'schema', name: schema }, privilege);
}

/** Whether a user has a privilege on a table or view. Temporary tables belong to their session. */
export function hasTableRight({ facts }: Catalog, table: Table, privilege: string, user: string): boolean {
  if (table.temporary || isSuperuser(facts, user) || ownerOf(table) === user) return true;
  // The other system views show everybody something. https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
  if (table.kind === 'system view' && !SUPERUSER_VIEWS.has(table.name)) return privilege === 'SELECT';
  return isGranted(facts, user, subjectOf(table), privilege);
}

/**
 * What only superusers see here. Redshift shows everybody the rights they have or gave themselves, which must not be taken for all:
 * https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RELATION_PRIVILEGES.html
 */
const SUPERUSER_VIEWS: ReadonlySet<string> = new Set([
  ...['svv_table_info', 'svv_relation_privileges', 'svv_schema_privileges', 'svv_column_privileges'],
  ...['svv_rls_attached_policy', 'svv_attached_masking_policy', 'svv_default_privileges'],
]);

function ownerOf({ owner = ADMINISTRATOR }: Table): string {
  return owner;
}

/** A table or view, as something that rights are granted on. */
export function subjectOf(table: Table): Subject {
  return { kind: 'relation', schema: schemaOf(table), name: table.name };
}

/** Throws unless the session's user owns a table or view; for DROP it is enough to own its schema. */
export function mustOwn(catalog: Catalog, table: Table, isDrop = false): void {
  const { facts, login } = catalog;
  if (table.temporary || isSuperuser(facts, login.user) || ownerOf(table) === login.user) return;
  if (isDrop && ownerOfSchema(facts, schemaOf(table)) === login.user) return;
  throw new SqlError(`must be owner of relation ${table.name}`, '42501');
}

/** Throws unless the session's user owns a schema. */
export function mustOwnSchema({ facts, login }: Catalog, schema: string): void {
  if (isSuperuser(facts, login.user) || ownerOfSchema(facts, schema) === login.user) return;
  throw new SqlError(`must be owner of schema ${schema}`, '42501');
}

/** Throws unless the session's user may make tables and views in a schema. */
export function mustCreateIn(catalog: Catalog, schema: string): void {
  if (!hasSchemaRight(catalog, schema, 'CREATE', catalog.login.user)) throw denied(`schema ${schema}`);
}

/** Throws unless the session's user may make temporary tables, or schemas. */
export function mustHaveDatabase({ facts, login }: Catalog, privilege: 'TEMPORARY' | 'CREATE'): void {
  const { user, database } = login;
  if (isSuperuser(facts, user) || isGranted(facts, user, { kind: 'database', name: database }, privilege)) return;
  if (privilege === 'CREATE') throw denied(`database ${database}`);
  throw new SqlError(`permission denied to create temporary tables in database "${database}"`, '42501');
}

/** Throws unless the session's user may have COPY assume a role. The text is ours. */
export function mustAssume({ facts, login }: Catalog, role: string): void {
  const { user } = login;
  if (isSuperuser(facts, user)) return;
  if ([role, 'ALL'].some((name) => isGranted(facts, user, { kind: 'role', name }, 'COPY'))) return;
  throw new SqlError(`user ${user} has no ASSUMEROLE privilege on the IAM role ${role} for COPY`, '42501');
}

/** Throws unless the session's user is a superuser. */
export function mustBeSuperuser({ facts, login }: Catalog, message: string): void {
  if (!isSuperuser(facts, login.user)) throw new SqlError(message, '42501');
}

/** The refusal of a right on something. */
export function denied(what: string): SqlError {
  return new SqlError(`permission denied for ${what}`, '42501');
}

/** The privileges that one statement needs, asked for when all of it was understood, as Redshift asks. */
export class Access {
  readonly #needed = new Map<Table, Set<string>>();

  need(table: Table, ...privileges: string[]): void {
    const needed = this.#needed.get(table) ?? new Set();
    for (const privilege of privileges) needed.add(privilege);
    this.#needed.set(table, needed);
  }

  /** Throws SqlError for the first privilege that the session's user does not have. */
  check(catalog: Catalog): void {
    for (const [table, privileges] of this.#needed) checkTable(catalog, table, privileges, catalog.login.user);
  }
}

/** A view is read by its reader, and what it reads by its owner. */
function checkTable(catalog: Catalog, table: Table, privileges: ReadonlySet<string>, user: string): void {
  for (const privilege of privileges) {
    if (!hasTableRight(catalog, table, privilege, user)) throw denied(`relation ${table.name}`);
  }
  for (const name of table.reads ?? []) {
    const read = catalog.find(name);
    if (read) checkTable(catalog, read, SELECT, ownerOf(table));
  }
}

const SELECT: ReadonlySet<string> = new Set(['SELECT']);
