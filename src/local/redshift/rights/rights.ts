import { SqlError, type Facts, type RightsChange, type Subject } from '../types.ts';

/** Who made the database: a superuser, and the owner of whatever has no other. */
export const ADMINISTRATOR = 'awsuser';

/** Everybody, beside the names of users; no user can be called so. */
export const PUBLIC = '';

/** All privileges that each kind of subject knows here. https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html */
export const PRIVILEGES: Readonly<Record<Subject['kind'], readonly string[]>> = {
  relation: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES'],
  schema: ['USAGE', 'CREATE'],
  database: ['CREATE', 'TEMPORARY'],
  role: ['COPY', 'UNLOAD', 'EXTERNAL FUNCTION', 'CREATE MODEL'],
};

// Names are hostile: no separator can be told from a part of one, and JSON needs none.
const keyOf = (...parts: string[]): string => JSON.stringify(parts);
export const userKey = (user: string): string => keyOf('user', user);

/** The user whom a key is about as a user, if it is about one. */
export function userOf(key: string): string | undefined {
  const [kind, user] = JSON.parse(key) as string[];
  return kind === 'user' ? user : undefined;
}

export const schemaOwnerKey = (schema: string): string => keyOf('owner', schema);

/** The keys of where the engine has a schema that was renamed, and of which schema is in one of the engine's. */
const placeKey = (schema: string): string => keyOf('place', schema);
export const placedKey = (place: string): string => keyOf('placed', place);

/** The engine's schema behind a schema: its namesake, unless one of them was renamed. */
export function placeOf(facts: Facts, schema: string): string {
  return facts.get(placeKey(schema)) ?? schema;
}

/** The schema that one of the engine's is known by. */
export function schemaIn(facts: Facts, place: string): string {
  return facts.get(placedKey(place)) ?? place;
}

/** The facts of a schema being in one of the engine's, and, without one, of its being nowhere. */
export function placeFacts(schema: string, place: string | undefined): [key: string, value: string | undefined][] {
  const moved = place === schema ? undefined : place;
  const facts: [string, string | undefined][] = [[placeKey(schema), moved]];
  return place === undefined ? facts : [...facts, [placedKey(place), moved === undefined ? undefined : schema]];
}

/** The key under which a user's rights on a subject are kept. */
export function grantKey(subject: Subject, grantee: string): string {
  if (subject.kind === 'relation') return keyOf('relation', subject.schema, subject.name, grantee);
  return keyOf(subject.kind, subject.name, grantee);
}

/** What a new database starts with. https://docs.aws.amazon.com/redshift/latest/dg/r_Privileges.html */
export function firstFacts(database: string): [key: string, value: string][] {
  return [
    [userKey(ADMINISTRATOR), 'superuser'],
    [grantKey({ kind: 'database', name: database }, PUBLIC), 'TEMPORARY'],
    [grantKey({ kind: 'schema', name: 'public' }, PUBLIC), 'USAGE,CREATE'],
    [grantKey({ kind: 'role', name: 'ALL' }, PUBLIC), PRIVILEGES.role.join()],
  ];
}

/** Whether a user may do everything. */
export function isSuperuser(facts: Facts, user: string): boolean {
  return facts.get(userKey(user)) === 'superuser';
}

/** Whether a user, or everybody, was granted a privilege. Says nothing of owners and superusers. */
export function isGranted(facts: Facts, user: string, subject: Subject, privilege: string): boolean {
  return [user, PUBLIC].some((grantee) => privilegesIn(facts, subject, grantee).includes(privilege));
}

/** Who owns a schema. */
export function ownerOfSchema(facts: Facts, schema: string): string {
  return facts.get(schemaOwnerKey(schema)) ?? ADMINISTRATOR;
}

/** Whether a key is about a table or view, or about a schema and everything in it. */
export function isAbout(key: string, schema: string, relation?: string): boolean {
  const [kind, first, second] = JSON.parse(key) as string[];
  if (first !== schema) return false;
  if (relation !== undefined) return kind === 'relation' && second === relation;
  return kind === 'relation' || kind === 'schema' || kind === 'owner';
}

/** The key of the same fact about a schema, or something in it, that has another name now. */
export function inRenamedSchema(key: string, name: string): string {
  const [kind = '', , ...rest] = JSON.parse(key) as string[];
  return keyOf(kind, name, ...rest);
}

/** The key of the same right on a table that has another name now. */
export function renamedKey(key: string, name: string): string {
  const [kind = '', schema = '', , grantee = ''] = JSON.parse(key) as string[];
  return keyOf(kind, schema, name, grantee);
}

/** Whether a key is a right of a user, or a schema that is theirs. */
export function belongsTo(key: string, value: string, user: string): boolean {
  const parts = JSON.parse(key) as string[];
  const [kind = ''] = parts;
  if (kind === 'owner') return value === user;
  return !['user', 'place', 'placed'].includes(kind) && parts.at(-1) === user;
}

/**
 * The facts that a change leaves, by key; undefined for those that are no more. Throws SqlError for users that there are not,
 * or are already.
 */
export function factsAfter(change: RightsChange, facts: Facts): [key: string, value: string | undefined][] {
  switch (change.kind) {
    case 'create user':
      return [[userKey(change.user), change.isSuperuser ? 'superuser' : 'user']];
    case 'alter user':
      checkUser(facts, change.user);
      return [[userKey(change.user), change.isSuperuser ? 'superuser' : 'user']];
    case 'drop user':
      checkUser(facts, change.user);
      return [[userKey(change.user), undefined]];
    case 'grant':
    case 'revoke':
      return grantedFacts(change, facts);
  }
}

function grantedFacts(
  { kind, subjects, privileges, grantees }: Extract<RightsChange, { kind: 'grant' | 'revoke' }>,
  facts: Facts,
): [string, string | undefined][] {
  for (const grantee of grantees) if (grantee !== PUBLIC) checkUser(facts, grantee);
  return subjects.flatMap((subject) =>
    grantees.map((grantee): [string, string | undefined] => {
      const before = privilegesIn(facts, subject, grantee).filter((held) => !privileges.includes(held));
      const after = kind === 'grant' ? [...before, ...privileges] : before;
      return [grantKey(subject, grantee), after.length === 0 ? undefined : after.join()];
    }),
  );
}

/** Throws SqlError when there is no such user. */
export function checkUser(facts: Facts, user: string): void {
  if (facts.get(userKey(user)) === undefined) throw new SqlError(`user "${user}" does not exist`, '42704');
}

function privilegesIn(facts: Facts, subject: Subject, grantee: string): string[] {
  return facts.get(grantKey(subject, grantee))?.split(',') ?? [];
}
