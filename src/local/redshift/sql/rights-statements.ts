import { checkUser, PRIVILEGES, PUBLIC, userKey } from '../rights/rights.ts';
import { denied, lookUp, mustBeSuperuser, mustOwn, mustOwnSchema, subjectOf } from './access.ts';
import type { Cursor } from './cursor.ts';
import type { Context } from './dialect-context.ts';
import { unsupported } from './refusals.ts';
import { missingRelation } from './system-names.ts';
import { identifier, stringValue } from './tokens.ts';
import { SqlError, type Catalog, type Plan, type RightsChange, type Subject } from '../types.ts';

/**
 * Parses the name of a user. A quoted one keeps its case, as the users that IAM makes have it (`IAMR:…`). Redshift is reported to
 * fold it (https://github.com/hashicorp/vault/pull/7994); a name written with the same case everywhere is right either way.
 */
export function userName(cursor: Cursor): string {
  const token = cursor.peek();
  if (token?.kind !== 'quoted') return cursor.identifier();
  cursor.next();
  const name = token.text.slice(1, -1).replaceAll('""', '"');
  // https://docs.aws.amazon.com/redshift/latest/dg/r_names.html
  if (name === '' || Buffer.byteLength(name) > 127) throw new SqlError(`unacceptable user name "${name}"`, '42602');
  return name;
}

/** Parses CREATE USER after these words. https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html */
export function createUser({ cursor, catalog }: Context): Plan {
  const user = userName(cursor);
  if (user.toLowerCase() === 'public') throw new SqlError(`user name "${user}" is reserved`, '42939');
  cursor.take('WITH');
  const options = userOptions(cursor);
  if (!options.hasPassword) throw cursor.unexpected();
  mustBeSuperuser(catalog, 'must be superuser to create users');
  return rights({ kind: 'create user', user, isSuperuser: options.isSuperuser ?? false });
}

/** Parses ALTER USER after these words, as far as it makes superusers or disables passwords. */
export function alterUser({ cursor, catalog }: Context): Plan {
  const user = userName(cursor);
  cursor.take('WITH');
  const { isSuperuser } = userOptions(cursor);
  mustBeSuperuser(catalog, 'must be superuser to alter users');
  checkUser(catalog.facts, user);
  return isSuperuser === undefined ? { kind: 'nothing' } : rights({ kind: 'alter user', user, isSuperuser });
}

/** Parses DROP USER after these words. https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_USER.html */
export function dropUser({ cursor, catalog }: Context): Plan {
  const ifExists = cursor.take('IF', 'EXISTS');
  const users = [userName(cursor)];
  while (cursor.takeOperator(',')) users.push(userName(cursor));
  mustBeSuperuser(catalog, 'must be superuser to drop users');
  if (users.includes(catalog.login.user)) throw new SqlError('current user cannot be dropped', '55006');
  const isThere = (user: string): boolean => catalog.facts.get(userKey(user)) !== undefined;
  const dropped = ifExists ? users.filter(isThere) : users;
  return rights(...dropped.map((user): RightsChange => ({ kind: 'drop user', user })));
}

type UserOptions = { hasPassword: boolean; isSuperuser?: boolean };

/** Passwords are understood and not kept: nobody logs in by one here. */
function userOptions(cursor: Cursor): UserOptions {
  const options: UserOptions = { hasPassword: false };
  while (!cursor.atEnd) {
    if (cursor.take('PASSWORD')) {
      if (!cursor.take('DISABLE') && cursor.next().kind !== 'string') throw cursor.unexpected();
      options.hasPassword = true;
    } else if (cursor.take('CREATEUSER')) options.isSuperuser = true;
    else if (cursor.take('NOCREATEUSER')) options.isSuperuser = false;
    else if (!cursor.take('NOCREATEDB')) throw unsupported(`the user option ${cursor.next().text}`);
  }
  return options;
}

/** Parses GRANT after its verb. https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html */
export function grant(context: Context): Plan {
  return given(context, 'grant');
}

/** Parses REVOKE after its verb. https://docs.aws.amazon.com/redshift/latest/dg/r_REVOKE.html */
export function revoke(context: Context): Plan {
  if (context.cursor.keyword() === 'GRANT') throw unsupported('REVOKE GRANT OPTION FOR');
  return given(context, 'revoke');
}

function given({ cursor, catalog }: Context, kind: 'grant' | 'revoke'): Plan {
  const names = privilegeNames(cursor);
  cursor.expect('ON');
  const subjects = names.includes('ASSUMEROLE') ? [roleSubject(cursor, catalog)] : subjectsOf(cursor, catalog);
  cursor.expect(kind === 'grant' ? 'TO' : 'FROM');
  const grantees = [grantee(cursor)];
  while (cursor.takeOperator(',')) grantees.push(grantee(cursor));
  const [first] = subjects;
  const privileges = first?.kind === 'role' ? forOperations(cursor) : checked(names, first?.kind ?? 'relation');
  if (cursor.keyword() === 'WITH') throw unsupported('WITH GRANT OPTION');
  if (kind === 'revoke' && !cursor.take('CASCADE')) cursor.take('RESTRICT');
  if (kind === 'revoke') refuseOwners(subjects, grantees, catalog);
  return rights({ kind, subjects, privileges, grantees });
}

function privilegeNames(cursor: Cursor): string[] {
  const names: string[] = [];
  do names.push(identifier(cursor.next()).toUpperCase());
  while (cursor.takeOperator(','));
  if (cursor.isOperator('(')) throw unsupported('rights on columns');
  cursor.take('PRIVILEGES');
  return names.map((name) => (name === 'TEMP' ? 'TEMPORARY' : name));
}

function checked(names: string[], kind: Subject['kind']): string[] {
  const known = PRIVILEGES[kind];
  if (names.length === 1 && names[0] === 'ALL') return [...known];
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) throw unsupported(`the privilege ${wrong} on a ${kind}`);
  return names;
}

/** What the rights are on; only its owner or a superuser may grant them. */
function subjectsOf(cursor: Cursor, catalog: Catalog): Subject[] {
  const word = cursor.keyword();
  if (['ALL', 'FUNCTION', 'PROCEDURE', 'LANGUAGE', 'DATASHARE', 'MODEL'].includes(word)) {
    throw unsupported(`GRANT and REVOKE ON ${word}`);
  }
  const read = cursor.take('SCHEMA') ? schemaSubject : cursor.take('DATABASE') ? databaseSubject : relationSubject;
  cursor.take('TABLE');
  const subjects = [read(cursor, catalog)];
  while (cursor.takeOperator(',')) subjects.push(read(cursor, catalog));
  return subjects;
}

function relationSubject(cursor: Cursor, catalog: Catalog): Subject {
  const name = cursor.tableName();
  const table = lookUp(catalog, name);
  if (!table) throw missingRelation(name);
  if (table.temporary) throw unsupported('rights on temporary tables');
  orDenied(() => {
    mustOwn(catalog, table);
  }, `relation ${table.name}`);
  return subjectOf(table);
}

function schemaSubject(cursor: Cursor, catalog: Catalog): Subject {
  const name = cursor.identifier();
  if (!catalog.hasSchema(name)) throw new SqlError(`schema "${name}" does not exist`, '3F000');
  orDenied(() => {
    mustOwnSchema(catalog, name);
  }, `schema ${name}`);
  return { kind: 'schema', name };
}

function databaseSubject(cursor: Cursor, catalog: Catalog): Subject {
  const name = cursor.identifier();
  if (name !== catalog.login.database) throw new SqlError(`database "${name}" does not exist`, '3D000');
  mustBeSuperuser(catalog, `permission denied for database ${name}`);
  return { kind: 'database', name };
}

function roleSubject(cursor: Cursor, catalog: Catalog): Subject {
  mustBeSuperuser(catalog, 'must be superuser to grant or revoke ASSUMEROLE');
  if (cursor.take('ALL')) return { kind: 'role', name: 'ALL' };
  if (cursor.take('DEFAULT')) return { kind: 'role', name: 'default' };
  const token = cursor.next();
  if (token.kind !== 'string') throw cursor.unexpected();
  return { kind: 'role', name: stringValue(token) };
}

function forOperations(cursor: Cursor): string[] {
  cursor.expect('FOR');
  if (cursor.take('ALL')) return [...PRIVILEGES.role];
  const operations: string[] = [];
  do {
    const found = PRIVILEGES.role.find((operation) => cursor.take(...operation.split(' ')));
    if (found === undefined) throw cursor.unexpected();
    operations.push(found);
  } while (cursor.takeOperator(','));
  return operations;
}

function grantee(cursor: Cursor): string {
  if (cursor.take('PUBLIC')) return PUBLIC;
  if (cursor.keyword() === 'GROUP' || (cursor.keyword() === 'ROLE' && cursor.isIdentifier(1))) {
    throw unsupported(`rights of a ${cursor.keyword()}`);
  }
  const user = userName(cursor);
  return user.toLowerCase() === 'public' ? PUBLIC : user;
}

/** Nobody but its owner may give rights on something away; the refusal is that of a right, not of ownership. */
function orDenied(check: () => void, what: string): void {
  try {
    check();
  } catch (error) {
    throw error instanceof SqlError ? denied(what) : error;
  }
}

/** What an owner revokes from themselves is not kept here, so it must not seem to be. */
function refuseOwners(subjects: Subject[], grantees: string[], catalog: Catalog): void {
  const owns = (subject: Subject, user: string): boolean => {
    if (subject.kind !== 'relation') return false;
    return catalog.find(subject)?.owner === user;
  };
  if (subjects.some((subject) => grantees.some((user) => owns(subject, user)))) {
    throw unsupported('revoking rights from an owner');
  }
}

function rights(...changes: RightsChange[]): Plan {
  return { kind: 'rights', changes };
}
