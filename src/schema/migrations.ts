import { placeholdersIn, render, splitFile, type TemplateValues } from '../sql/template.ts';
import { loaderPrivileges, relationsOf, starTables, type Relation } from './relations.ts';
import type { Statement, Templates } from '../sql/statement.ts';

/**
 * One numbered file of sql/schema, as a transaction of its own. ADD, DROP and RENAME COLUMN are transactional on Redshift;
 * `ALTER COLUMN` is not and is rejected in a transaction, so a type is changed with a new column that is filled from the old
 * one and takes its name. https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
 */
export type Migration = {
  version: number;
  name: string;
  statements: Statement[];
  /** What the file says of a change that readers of the tables must know of before: the first line's text after `breaking:`. */
  breaking?: string;
};

/** The SQL that creates, changes and grants the schema: name without `.sql` → text. */
export type SchemaFiles = { schema: Templates; admin: Templates; load: Templates };

const NUMBERED = /^(\d{3})-/;
const BREAKING = /^--.*?\bbreaking: *(.+)/i;

/** The newest version this release knows. */
export function newestVersion(files: Templates): number {
  return Math.max(...numbered(files).map(({ version }) => version));
}

/** The statements that create the schema, its version table and its lock; idempotent, and run first. */
export function baseStatements(files: Templates, schema: string): Statement[] {
  return statements('000-schema', files, { schema });
}

/** The migrations above a version, in order. Each takes the lock, records itself (which fails if it has run before) and runs. */
export function migrationsAbove(version: number, { schema: files, admin }: SchemaFiles, schema: string): Migration[] {
  return numbered(files)
    .filter((file) => file.version > Math.max(version, 0))
    .map((file) => ({
      ...file,
      statements: [
        ...statements('lock', admin, { schema }),
        ...statements('record-version', admin, { schema }, { literals: { version: String(file.version) } }),
        ...statements(file.name, files, { schema }),
      ],
      ...breakingOf(files[file.name] ?? ''),
    }));
}

function breakingOf(text: string): { breaking?: string } {
  const [, breaking] = BREAKING.exec(text) ?? [];
  return breaking === undefined ? {} : { breaking };
}

/** A statement that creates or changes one table or view, and its name. */
const TARGET = /^(?:CREATE TABLE IF NOT EXISTS|CREATE OR REPLACE VIEW|ALTER TABLE|INSERT INTO|UPDATE) "\w+"\."?(\w+)/;

/** For each table and view of the numbered files, in order of creation: the statements that produce its current form. */
export function definitionsByRelation(files: Templates, schema: string): Map<string, Statement[]> {
  const made = new Map<string, Statement[]>();
  for (const statement of numbered(files).flatMap(({ name }) => statements(name, files, { schema }))) {
    const [, relation] = TARGET.exec(statement.text) ?? [];
    if (relation !== undefined) made.set(relation, [...(made.get(relation) ?? []), statement]);
  }
  return made;
}

/** The statements that give load_lock its one row again, under its lock, so that two repairs at once do not give it two. */
export function numberingStatements(files: SchemaFiles, schema: string): Statement[] {
  const made = definitionsByRelation(files.schema, schema).get('load_lock') ?? [];
  return [...statements('lock', files.admin, { schema }), ...made];
}

/** The statement that creates a database user without a password. */
export function createUserStatements({ admin }: SchemaFiles, grantee: string): Statement[] {
  return statements('create-user', admin, { grantee });
}

/** What a database user can be granted: loading, reconciling, or reading the star. */
export type Rights = 'load' | 'reconcile' | 'read';

/** The statements that grant a database user its rights. */
export function grantStatements(files: SchemaFiles, schema: string, grantee: string, rights: Rights): Statement[] {
  const granted = privilegesOf(rights, files).flatMap(({ relation, privileges }) =>
    statements(
      'grant',
      files.admin,
      { schema, grantee, relation },
      { keywords: { privileges: privileges.join(', ') } },
    ),
  );
  return [...statements('grant-usage', files.admin, { schema, grantee }), ...granted];
}

/** What a user with some rights may do with each table and view, in order of creation; none on those that are not listed. */
export function privilegesOf(
  rights: Rights,
  files: Omit<SchemaFiles, 'admin'>,
): { relation: string; privileges: string[] }[] {
  return relationsOf(files.schema)
    .map((relation) => ({ relation: relation.name, privileges: privilegesOn(relation, rights, files) }))
    .filter(({ privileges }) => privileges.length > 0);
}

/** What readers of the star, and the scheduled reconcile, may do with the ledger: the latter adds what it notices in files. */
const LEDGER_RIGHTS: Readonly<Record<Exclude<Rights, 'load'>, Readonly<Record<string, string>>>> = {
  reconcile: { load_objects: 'SELECT', load_fields: 'INSERT', accepted_fields: 'SELECT' },
  read: { load_batches: 'SELECT', objects_now: 'SELECT', objects_not_loaded: 'SELECT', freshness: 'SELECT' },
};

function privilegesOn(relation: Relation, rights: Rights, { schema, load }: Omit<SchemaFiles, 'admin'>): string[] {
  if (rights === 'load') return loaderPrivileges(relation, load);
  const own = LEDGER_RIGHTS[rights][relation.name];
  if (own !== undefined) return [own];
  return rights === 'read' && starTables(schema, load).includes(relation.name) ? ['SELECT'] : [];
}

/** The statements that grant a database user what a hardened warehouse revoked from PUBLIC. */
export function hardenedGrantStatements({ admin }: SchemaFiles, names: HardenedNames, grantee: string): Statement[] {
  const literals = { copy_role: names.copyRole };
  return statements('grant-hardened', admin, { database: names.database, grantee }, { literals });
}

/** The database and role those grants name. */
export type HardenedNames = { database: string; copyRole: string };

/** The statements that drop what the migrations created, newest first, and nothing else in the schema. */
export function dropStatements({ schema: files, admin }: SchemaFiles, schema: string): Statement[] {
  return relationsOf(files)
    .reverse()
    .flatMap(({ name, kind }) => statements(`drop-${kind}`, admin, { schema, relation: name }));
}

function numbered(files: Templates): { version: number; name: string }[] {
  return Object.keys(files)
    .filter((name) => NUMBERED.test(name))
    .sort()
    .map((name) => ({ version: Number.parseInt(name, 10), name }));
}

type Names = { schema?: string; database?: string; relation?: string; grantee?: string };

function statements(
  file: string,
  files: Templates,
  { grantee, ...identifiers }: Names,
  { literals = {}, keywords = {} }: Pick<TemplateValues, 'literals' | 'keywords'> = {},
): Statement[] {
  const text = files[file];
  if (text === undefined) throw new Error(`there is no ${file}.sql`);
  const users = grantee === undefined ? {} : { grantee };
  return splitFile(text).map((part, index) => {
    // Each statement of a file gets only the values it names.
    const used = placeholdersIn(part);
    const only = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(Object.entries(values).filter(([name]) => used.has(name)));
    const values = {
      identifiers: only(identifiers),
      users: only(users),
      literals: only(literals),
      keywords: only(keywords),
    };
    return { stage: 'record', name: `${file} ${index + 1}`, text: render(part, values).text };
  });
}
