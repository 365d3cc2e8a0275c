import type { Templates } from '../sql/statement.ts';
import { splitFile } from '../sql/template.ts';
import { writesOf } from '../sql/writes.ts';

/** A table or view of the schema. */
export type Relation = { name: string; kind: 'table' | 'view' };

/** What a statement of a numbered file creates or changes. */
const DEFINITION = /^CREATE (?:OR REPLACE )?(TABLE|VIEW)\b.*? :"schema"\."?(\w+)/;

/** The tables and views that the numbered files of sql/schema create, in order of creation. */
export function relationsOf(schemaFiles: Templates): Relation[] {
  const kinds = new Map<string, Relation['kind']>();
  for (const statement of statementsOf(schemaFiles)) {
    const [, kind, name] = DEFINITION.exec(statement) ?? [];
    if (name !== undefined) kinds.set(name, kind === 'TABLE' ? 'table' : 'view');
  }
  return [...kinds].map(([name, kind]) => ({ name, kind }));
}

/** A table or view that a load statement reads. */
const READ = /\b(?:FROM|JOIN|USING) :"schema"\."?(\w+)/g;

/** The rights each kind of statement needs on the table it changes. https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html */
const PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
  MERGE: ['SELECT', 'INSERT', 'UPDATE'],
  INSERT: ['INSERT'],
  UPDATE: ['SELECT', 'UPDATE'],
  DELETE: ['SELECT', 'DELETE'],
  // LOCK needs a right to change the table, but no page says which; PostgreSQL 8 asks for UPDATE or DELETE.
  LOCK: ['UPDATE', 'DELETE'],
};

/** The loader's rights on a table or view: those that sql/load needs, and so none on most views. */
export function loaderPrivileges({ name }: Relation, loadFiles: Templates): string[] {
  const needed = writesOf(Object.values(loadFiles)).flatMap(({ verb, table }) =>
    table === name ? (PRIVILEGES[verb] ?? []) : [],
  );
  if (isRead(name, loadFiles)) needed.push('SELECT');
  return ['SELECT', 'INSERT', 'UPDATE', 'DELETE'].filter((privilege) => needed.includes(privilege));
}

function isRead(name: string, loadFiles: Templates): boolean {
  const statements = Object.values(loadFiles).flatMap(splitFile);
  return statements.some((statement) => [...statement.matchAll(READ)].some(([, table]) => table === name));
}

/** The star: the tables that sources merge into, in order of creation. */
export function starTables(schemaFiles: Templates, loadFiles: Templates): string[] {
  const merged = writesOf(Object.values(loadFiles)).flatMap(({ verb, table }) => (verb === 'MERGE' ? [table] : []));
  return relationsOf(schemaFiles).flatMap(({ name }) => (merged.includes(name) ? [name] : []));
}

function statementsOf(files: Templates): string[] {
  return Object.keys(files)
    .sort()
    .flatMap((name) => splitFile(files[name] ?? ''));
}
