import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Where sql/ lies: two folders above the source (src/sql/files.ts), one above a bundle (src/handler.mjs). */
const ROOT = ['../../sql/', '../sql/']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(new URL('load/', url)));

/** Reads the `.sql` files of one folder of sql/: name without `.sql` → text. The only place that reads SQL. */
export function readSqlFiles(folder: 'schema' | 'load' | 'report'): Record<string, string> {
  if (ROOT === undefined) throw new Error('sql/ is not beside the program');
  const directory = new URL(`${folder}/`, ROOT);
  const files = readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  return Object.fromEntries(
    files.map((file) => [file.slice(0, -'.sql'.length), readFileSync(new URL(file, directory), 'utf8')]),
  );
}

/** Reads sql/tables.json: what the migrations leave, as `Tables` of src/schema/drift.ts. */
export function readTables(): { tables: Record<string, Record<string, string>>; views: Record<string, string[]> } {
  if (ROOT === undefined) throw new Error('sql/ is not beside the program');
  return JSON.parse(readFileSync(new URL('tables.json', ROOT), 'utf8')) as ReturnType<typeof readTables>;
}
