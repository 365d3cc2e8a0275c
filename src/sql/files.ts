import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describeSource, type Source } from '../objects/source.ts';

/** The sql/ folder: two levels above the source (src/sql/files.ts), one above a bundle (src/handler.mjs). */
const ROOT = ['../../sql/', '../sql/']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(new URL('load/', url)));

/** The folder of load files that every load runs, whatever its sources. */
const COMMON = 'common';

type Folder = 'schema' | 'admin' | 'report' | 'reconcile' | 'rebuild' | 'doctor' | `load/${string}`;

/** Reads the `.sql` files of one folder of sql/: name without `.sql` → text. The only place that reads SQL. */
export function readSqlFiles(folder: Folder): Record<string, string> {
  return Object.fromEntries(
    sqlNames(folder).map((name) => [name, readFileSync(new URL(`${folder}/${name}.sql`, root()), 'utf8')]),
  );
}

function sqlNames(folder: Folder): string[] {
  return readdirSync(new URL(`${folder}/`, root()))
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => file.slice(0, -'.sql'.length));
}

/** Reads sql/tables.json: what the migrations leave, as `Tables` of src/schema/drift.ts. */
export function readTables(): { tables: Record<string, Record<string, string>>; views: Record<string, string[]> } {
  return JSON.parse(readFileSync(new URL('tables.json', root()), 'utf8')) as ReturnType<typeof readTables>;
}

/** Reads all load files: path below sql/load without `.sql` → text. */
export function readLoadFiles(): Record<string, string> {
  return Object.fromEntries(
    [COMMON, ...sourceNames()].flatMap((folder) =>
      Object.entries(readSqlFiles(`load/${folder}`)).map(([name, text]) => [`${folder}/${name}`, text]),
    ),
  );
}

/**
 * Reads the sources, each a folder of sql/load, in their order.
 * @throws Error when a folder is not a complete source.
 */
export function readSources(): Source[] {
  return sourceNames()
    .map((name) => {
      const header = readFileSync(new URL(`load/${name}/source.json`, root()), 'utf8');
      return describeSource(name, header, sqlNames(`load/${name}`));
    })
    .sort((a, b) => a.order - b.order);
}

function sourceNames(): string[] {
  return readdirSync(new URL('load/', root()))
    .filter((name) => name !== COMMON)
    .sort();
}

function root(): URL {
  if (ROOT === undefined) throw new Error('sql/ is not beside the program');
  return ROOT;
}
