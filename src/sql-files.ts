import { readdirSync, readFileSync } from 'node:fs';

/**
 * Where sql/ lies. Source and bundle are both one folder below it (src/handler.ts, src/handler.mjs), on a laptop and in Lambda.
 */
const ROOT = new URL('../sql/', import.meta.url);

/** Reads the `.sql` files of one folder of sql/: name without `.sql` → text. The only place that reads SQL. */
export function readSqlFiles(folder: 'schema' | 'load' | 'report'): Record<string, string> {
  const directory = new URL(`${folder}/`, ROOT);
  const files = readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  return Object.fromEntries(
    files.map((file) => [file.slice(0, -'.sql'.length), readFileSync(new URL(file, directory), 'utf8')]),
  );
}
