import { render, splitFile } from './sql-template.ts';
import type { Statement, Templates } from './transaction.ts';

/** One numbered file of sql/schema, as a transaction of its own. */
export type Migration = { version: number; name: string; statements: Statement[] };

const NUMBERED = /^(\d{3})-/;

/** The newest version this release knows. */
export function newestVersion(files: Templates): number {
  return Math.max(...numbered(files).map(({ version }) => version));
}

/** The statements that make schema and version table; safe to repeat, and run before anything else. */
export function foundation(files: Templates, schema: string): Statement[] {
  return statements('000-schema', files, { schema });
}

/** The migrations above a version, in order. Each takes the lock first and records itself last. */
export function migrationsAbove(version: number, files: Templates, schema: string): Migration[] {
  return numbered(files)
    .filter((file) => file.version > Math.max(version, 0))
    .map((file) => ({
      ...file,
      statements: [
        ...statements('lock', files, { schema }),
        ...statements(file.name, files, { schema }),
        ...statements('record-version', files, { schema }, ['version']),
      ],
    }));
}

/** A statement that makes or changes one table or view, and its name. */
const TARGET = /^(?:CREATE TABLE IF NOT EXISTS|CREATE OR REPLACE VIEW|ALTER TABLE|INSERT INTO|UPDATE) "\w+"\."?(\w+)/;

/** For each table and view of the numbered files, in the order they are made: the statements that make it what it is today. */
export function makings(files: Templates, schema: string): Map<string, Statement[]> {
  const made = new Map<string, Statement[]>();
  for (const statement of numbered(files).flatMap(({ name }) => statements(name, files, { schema }))) {
    const [, relation] = TARGET.exec(statement.text) ?? [];
    if (relation !== undefined) made.set(relation, [...(made.get(relation) ?? []), statement]);
  }
  return made;
}

/** The statement that makes a database user without a password. */
export function creatingUser(files: Templates, grantee: string): Statement[] {
  return statements('create-user', files, { grantee });
}

/** The statements that give a database user the loader's rights. */
export function granting(files: Templates, schema: string, grantee: string): Statement[] {
  return statements('grant', files, { schema, grantee });
}

/** The statements that remove everything the migrations made. */
export function removal(files: Templates, schema: string): Statement[] {
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
  names: { schema?: string; grantee?: string },
  parameters: readonly string[] = [],
): Statement[] {
  const text = files[file];
  if (text === undefined) throw new Error(`there is no sql/schema/${file}.sql`);
  const { schema, grantee } = names;
  const values = {
    ...(schema === undefined ? {} : { identifiers: { schema } }),
    ...(grantee === undefined ? {} : { users: { grantee } }),
    parameters,
  };
  return splitFile(text).map((part, index) => ({
    stage: 'record',
    name: `${file} ${index + 1}`,
    text: render(part, values).text,
  }));
}
