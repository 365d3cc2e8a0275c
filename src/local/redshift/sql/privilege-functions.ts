import { checkUser, PRIVILEGES } from '../rights/rights.ts';
import { hasSchemaRight, hasTableRight, lookUp } from './access.ts';
import { Cursor } from './cursor.ts';
import { unsupported } from './refusals.ts';
import type { Scope } from './scope.ts';
import { missingRelation } from './system-names.ts';
import { stringValue } from './tokens.ts';
import { SqlError } from '../types.ts';

type Form = (cursor: Cursor, scope: Scope) => string;

/**
 * `has_table_privilege` and `has_schema_privilege`, of literals alone, answered when the statement is read.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_HAS_TABLE_PRIVILEGE.html
 */
export const PRIVILEGE_FUNCTIONS: Readonly<Record<string, Form>> = {
  has_table_privilege: (cursor, scope) =>
    answer('has_table_privilege', cursor, scope, (user, name, privilege) => {
      const named = new Cursor(name);
      const table = named.tableName();
      named.expectEnd();
      const found = lookUp(scope.catalog, table);
      if (!found) throw missingRelation(table);
      checkPrivilege('relation', privilege);
      return hasTableRight(scope.catalog, found, privilege, user);
    }),
  has_schema_privilege: (cursor, scope) =>
    answer('has_schema_privilege', cursor, scope, (user, schema, privilege) => {
      if (!scope.catalog.hasSchema(schema)) throw new SqlError(`schema "${schema}" does not exist`, '3F000');
      checkPrivilege('schema', privilege);
      return hasSchemaRight(scope.catalog, schema, privilege, user);
    }),
};

function answer(
  name: string,
  cursor: Cursor,
  scope: Scope,
  ask: (user: string, name: string, privilege: string) => boolean,
): string {
  scope.usesLeader(name);
  if (scope.now === undefined) throw unsupported(`${name} in views and defaults`);
  const { login, facts } = scope.catalog;
  const written = [argument(cursor, name)];
  while (cursor.takeOperator(',')) written.push(argument(cursor, name));
  const [subject, privilege] = written.slice(-2);
  if (subject === undefined || privilege === undefined || written.length > 3) {
    throw new SqlError(`function ${name} with ${written.length} arguments does not exist`, '42883');
  }
  const user = written.length === 3 ? (written[0] ?? '') : login.user;
  checkUser(facts, user);
  return ask(user, subject, privilege.trim().toUpperCase()) ? 'TRUE' : 'FALSE';
}

function argument(cursor: Cursor, name: string): string {
  const token = cursor.next();
  if (token.kind !== 'string') throw unsupported(`${name} of anything but literals`);
  return stringValue(token);
}

function checkPrivilege(kind: 'relation' | 'schema', privilege: string): void {
  if (!PRIVILEGES[kind].includes(privilege)) {
    throw new SqlError(`unrecognized privilege type: "${privilege}"`, '22023');
  }
}
