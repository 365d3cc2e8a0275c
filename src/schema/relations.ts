import type { Templates } from '../sql/statement.ts';
import { splitFile } from '../sql/template.ts';

/** A table or view of the schema. */
export type Relation = { name: string; kind: 'table' | 'view' };

/** What a statement of a numbered file makes or changes. */
const DEFINITION = /^CREATE (?:OR REPLACE )?(TABLE|VIEW)\b.*? :"schema"\."?(\w+)/;

/** The tables and views that the numbered files of sql/schema make, in the order they are made. */
export function relationsOf(schemaFiles: Templates): Relation[] {
  const kinds = new Map<string, Relation['kind']>();
  for (const statement of statementsOf(schemaFiles)) {
    const [, kind, name] = DEFINITION.exec(statement) ?? [];
    if (name !== undefined) kinds.set(name, kind === 'TABLE' ? 'table' : 'view');
  }
  return [...kinds].map(([name, kind]) => ({ name, kind }));
}

/** What a statement of a load does to a table of the schema; staging tables have no schema. */
const WRITE = /^(MERGE|INSERT|UPDATE|DELETE|LOCK)(?: INTO| FROM)? :"schema"\."?(\w+)/;

/** The rights each kind of statement takes beside SELECT. https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html */
const PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
  MERGE: ['INSERT', 'UPDATE'],
  INSERT: ['INSERT'],
  UPDATE: ['UPDATE'],
  DELETE: ['DELETE'],
  // LOCK asks for a right to change the table.
  LOCK: ['UPDATE'],
};

/** What the loader may do to a table or view: what the statements of sql/load do to it, and SELECT. */
export function loaderPrivileges({ name }: Relation, loadFiles: Templates): string[] {
  const verbs = writes(loadFiles).flatMap(({ verb, table }) => (table === name ? (PRIVILEGES[verb] ?? []) : []));
  return ['SELECT', ...['INSERT', 'UPDATE', 'DELETE'].filter((privilege) => verbs.includes(privilege))];
}

/** The tables that sources write: those of the star, which they merge into, and that of rejected rows, in the order they are made. */
export function sourceTables(schemaFiles: Templates, loadFiles: Templates): { star: string[]; all: string[] } {
  const written = writes(loadFiles).filter(({ file }) => !file.startsWith('common/'));
  const names = relationsOf(schemaFiles).map(({ name }) => name);
  const within = (tables: readonly string[]): string[] => names.filter((name) => tables.includes(name));
  return {
    star: within(written.flatMap(({ verb, table }) => (verb === 'MERGE' ? [table] : []))),
    all: within(written.map(({ table }) => table)),
  };
}

function writes(loadFiles: Templates): { file: string; verb: string; table: string }[] {
  return Object.entries(loadFiles).flatMap(([file, text]) =>
    splitFile(text).flatMap((statement) => {
      const [, verb, table] = WRITE.exec(statement) ?? [];
      return verb !== undefined && table !== undefined ? [{ file, verb, table }] : [];
    }),
  );
}

function statementsOf(files: Templates): string[] {
  return Object.keys(files)
    .sort()
    .flatMap((name) => splitFile(files[name] ?? ''));
}
