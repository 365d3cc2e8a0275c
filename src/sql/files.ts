import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describeSource, type Source } from '../objects/source.ts';

/** Where sql/ lies: two folders above the source (src/sql/files.ts), one above a bundle (src/handler.mjs). */
const ROOT = ['../../sql/', '../sql/']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(new URL('load/', url)));

/** The folder of load files that every load runs, whatever its sources. */
const COMMON = 'common';

/** Reads the `.sql` files of one folder of sql/: name without `.sql` → text. The only place that reads SQL. */
export function readSqlFiles(folder: 'schema' | 'admin' | 'report' | `load/${string}`): Record<string, string> {
  const directory = new URL(`${folder}/`, root());
  const files = readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  return Object.fromEntries(
    files.map((file) => [file.slice(0, -'.sql'.length), readFileSync(new URL(file, directory), 'utf8')]),
  );
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
 * @throws Error when a folder is not that of a source.
 */
export function readSources(): Source[] {
  return sourceNames()
    .map((name) => {
      const header = readFileSync(new URL(`load/${name}/source.json`, root()), 'utf8');
      return describeSource(name, header, Object.keys(readSqlFiles(`load/${name}`)));
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
