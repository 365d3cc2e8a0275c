import { placeholdersIn, render, splitFile } from '../sql/template.ts';
import type { Statement, Templates } from '../sql/statement.ts';

/**
 * One numbered file of sql/schema, as a transaction of its own. ADD, DROP and RENAME COLUMN are transactional on Redshift;
 * `ALTER COLUMN` is not and is refused in a transaction, so a column gets another type by a new column that is filled from it
 * and takes its name. https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
 */
export type Migration = {
  version: number;
  name: string;
  statements: Statement[];
  /** What the file says of a change that readers of the tables must know of before: the first line's text after `breaking:`. */
  breaking?: string;
};

const NUMBERED = /^(\d{3})-/;
const BREAKING = /^--.*?\bbreaking: *(.+)/i;

/** The newest version this release knows. */
export function newestVersion(files: Templates): number {
  return Math.max(...numbered(files).map(({ version }) => version));
}

/** The statements that make the schema, its version table and its lock; safe to repeat, and run before anything else. */
export function baseStatements(files: Templates, schema: string): Statement[] {
  return statements('000-schema', files, { schema });
}

/** The migrations above a version, in order. Each takes the lock, records itself, which fails when it was run before, and runs. */
export function migrationsAbove(version: number, files: Templates, schema: string): Migration[] {
  return numbered(files)
    .filter((file) => file.version > Math.max(version, 0))
    .map((file) => ({
      ...file,
      statements: [
        ...statements('lock', files, { schema }),
        ...statements('record-version', files, { schema }, { version: String(file.version) }),
        ...statements(file.name, files, { schema }),
      ],
      ...breakingOf(files[file.name] ?? ''),
    }));
}

function breakingOf(text: string): { breaking?: string } {
  const [, breaking] = BREAKING.exec(text) ?? [];
  return breaking === undefined ? {} : { breaking };
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
export function createUserStatements(files: Templates, grantee: string): Statement[] {
  return statements('create-user', files, { grantee });
}

/** What a database user can be let do: load, hold the ledger against the bucket, or read. One file of sql/schema each. */
export type Rights = 'grant' | 'grant-reconcile' | 'grant-read';

/** The statements that give a database user its rights. */
export function grantStatements(files: Templates, schema: string, grantee: string, rights: Rights): Statement[] {
  return statements(rights, files, { schema, grantee });
}

/** The statements that give a database user what a hardened warehouse took from everyone. */
export function hardenedGrantStatements(files: Templates, names: HardenedNames, grantee: string): Statement[] {
  return statements('grant-hardened', files, { database: names.database, grantee }, { copy_role: names.copyRole });
}

/** What those rights are about. */
export type HardenedNames = { database: string; copyRole: string };

/** The statements that remove everything the migrations made. */
export function dropStatements(files: Templates, schema: string): Statement[] {
  return statements('drop', files, { schema });
}

function numbered(files: Templates): { version: number; name: string }[] {
  return Object.keys(files)
    .filter((name) => NUMBERED.test(name))
    .sort()
    .map((name) => ({ version: Number.parseInt(name, 10), name }));
}

function statements(
  file: string,
  files: Templates,
  { grantee, ...identifiers }: { schema?: string; database?: string; grantee?: string },
  literals: Readonly<Record<string, string>> = {},
): Statement[] {
  const text = files[file];
  if (text === undefined) throw new Error(`there is no sql/schema/${file}.sql`);
  const users = grantee === undefined ? {} : { grantee };
  return splitFile(text).map((part, index) => {
    // Of a file of several statements each names what it needs.
    const used = placeholdersIn(part);
    const only = (values: Readonly<Record<string, string>>): Record<string, string> =>
      Object.fromEntries(Object.entries(values).filter(([name]) => used.has(name)));
    return {
      stage: 'record',
      name: `${file} ${index + 1}`,
      text: render(part, { identifiers: only(identifiers), users: only(users), literals: only(literals) }).text,
    };
  });
}
