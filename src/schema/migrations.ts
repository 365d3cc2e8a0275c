import { placeholdersIn, render, splitFile, type TemplateValues } from '../sql/template.ts';
import { loaderPrivileges, relationsOf, sourceTables, type Relation } from './relations.ts';
import type { Statement, Templates } from '../sql/statement.ts';

/**
 * One numbered file of sql/schema, as a transaction of its own. ADD, DROP and RENAME COLUMN are transactional on Redshift;
 * `ALTER COLUMN` is not and is refused in a transaction, so a column gets another type by a new column that is filled from it
 * and takes its name. https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
 */
export type Migration = { version: number; name: string; statements: Statement[] };

/** The SQL that the schema is made, changed and granted by: name without `.sql` → text. */
export type SchemaFiles = { schema: Templates; admin: Templates; load: Templates };

const NUMBERED = /^(\d{3})-/;

/** The newest version this release knows. */
export function newestVersion(files: Templates): number {
  return Math.max(...numbered(files).map(({ version }) => version));
}

/** The statements that make the schema, its version table and its lock; safe to repeat, and run before anything else. */
export function baseStatements(files: Templates, schema: string): Statement[] {
  return statements('000-schema', files, { schema });
}

/** The migrations above a version, in order. Each takes the lock, records itself, which fails when it was run before, and runs. */
export function migrationsAbove(version: number, { schema: files, admin }: SchemaFiles, schema: string): Migration[] {
  return numbered(files)
    .filter((file) => file.version > Math.max(version, 0))
    .map((file) => ({
      ...file,
      statements: [
        ...statements('lock', admin, { schema }),
        ...statements('record-version', admin, { schema }, { parameters: ['version'] }),
        ...statements(file.name, files, { schema }),
      ],
    }));
}

/** A statement that makes or changes one table or view, and its name. */
const TARGET = /^(?:CREATE TABLE IF NOT EXISTS|CREATE OR REPLACE VIEW|ALTER TABLE|INSERT INTO|UPDATE) "\w+"\."?(\w+)/;

/** For each table and view of the numbered files, in the order they are made: the statements that make it what it is today. */
export function definitionsByRelation(files: Templates, schema: string): Map<string, Statement[]> {
  const made = new Map<string, Statement[]>();
  for (const statement of numbered(files).flatMap(({ name }) => statements(name, files, { schema }))) {
    const [, relation] = TARGET.exec(statement.text) ?? [];
    if (relation !== undefined) made.set(relation, [...(made.get(relation) ?? []), statement]);
  }
  return made;
}

/** The statement that makes a database user without a password. */
export function createUserStatements({ admin }: SchemaFiles, grantee: string): Statement[] {
  return statements('create-user', admin, { grantee });
}

/** What a database user can be let do: load, compare the ledger with the bucket, or read the star. */
export type Rights = 'load' | 'reconcile' | 'read';

/** The statements that give a database user its rights. */
export function grantStatements(files: SchemaFiles, schema: string, grantee: string, rights: Rights): Statement[] {
  const granted = relationsOf(files.schema).flatMap((relation) => {
    const privileges = privilegesOn(relation, rights, files);
    if (privileges.length === 0) return [];
    const names = { schema, grantee, relation: relation.name };
    return statements('grant', files.admin, names, { keywords: { privileges: privileges.join(', ') } });
  });
  return [...statements('grant-usage', files.admin, { schema, grantee }), ...granted];
}

/** What a reader of the star may see of the ledger, and all that the scheduled reconcile reads. */
const VISIBLE: Readonly<Record<Exclude<Rights, 'load'>, readonly string[]>> = {
  reconcile: ['load_objects', 'objects_now'],
  read: ['objects_now', 'freshness'],
};

function privilegesOn(relation: Relation, rights: Rights, { schema, load }: SchemaFiles): string[] {
  if (rights === 'load') return loaderPrivileges(relation, load);
  const star = rights === 'read' ? sourceTables(schema, load).star : [];
  return [...VISIBLE[rights], ...star].includes(relation.name) ? ['SELECT'] : [];
}

/** The statements that give a database user what a hardened warehouse took from everyone. */
export function hardenedGrantStatements({ admin }: SchemaFiles, names: HardenedNames, grantee: string): Statement[] {
  const literals = { copy_role: names.copyRole };
  return statements('grant-hardened', admin, { database: names.database, grantee }, { literals });
}

/** What those rights are about. */
export type HardenedNames = { database: string; copyRole: string };

/** The statements that remove what the migrations made, and nothing else that may live in the schema: what was made last first. */
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
  { parameters = [], literals = {}, keywords = {} }: Pick<TemplateValues, 'parameters' | 'literals' | 'keywords'> = {},
): Statement[] {
  const text = files[file];
  if (text === undefined) throw new Error(`there is no ${file}.sql`);
  const users = grantee === undefined ? {} : { grantee };
  return splitFile(text).map((part, index) => {
    // Of a file of several statements each names what it needs.
    const used = placeholdersIn(part);
    const only = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(Object.entries(values).filter(([name]) => used.has(name)));
    const values = {
      identifiers: only(identifiers),
      users: only(users),
      literals: only(literals),
      keywords: only(keywords),
      parameters,
    };
    return { stage: 'record', name: `${file} ${index + 1}`, text: render(part, values).text };
  });
}
