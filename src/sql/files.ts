import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The sql/ folder: two levels above the source (src/sql/files.ts), one above a bundle (src/handler.mjs). */
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
