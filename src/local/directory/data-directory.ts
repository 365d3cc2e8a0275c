import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { route, type Source } from '../../objects/source.ts';
import { LoaderError, messageOf } from '../../errors.ts';
import { generateSample } from '../sample/generate.ts';

const hint = (sources: readonly Source[]): string =>
  `Give a folder that holds ${prefixesOf(sources, 'and')}, or leave --data out for the sample: npm start`;

/** `song_data/ and log_data/` */
function prefixesOf(sources: readonly Source[], word: 'and' | 'or'): string {
  const type = word === 'and' ? 'conjunction' : 'disjunction';
  return new Intl.ListFormat('en-GB', { type }).format(sources.map(({ prefix }) => prefix));
}

/**
 * Makes sure that a directory can be the bucket's contents: it is there, can be read, and holds a file of some source.
 * @throws LoaderError (`usage`) that names the directory.
 */
export async function checkDataDirectory(directory: string, sources: readonly Source[]): Promise<void> {
  const info = await stat(directory).catch((error: unknown) => {
    throw problem(directory, sources, error);
  });
  if (!info.isDirectory()) throw new LoaderError('usage', `${directory} is a file, not a folder.`, hint(sources));
  let files = 0;
  for await (const file of walk(directory, sources)) {
    files += 1;
    const key = relative(directory, file).split(sep).join('/');
    if (route(key, sources).kind === 'source') return;
  }
  throw files === 0
    ? new LoaderError('usage', `${directory} is empty.`, hint(sources))
    : new LoaderError(
        'usage',
        `${directory} has no .json file below ${prefixesOf(sources, 'or')}; these prefixes are the sources.`,
        hint(sources),
      );
}

/** Files below a directory, links followed, each folder once. What cannot be read is passed over: mounting it names it. */
async function* walk(directory: string, sources: readonly Source[], seen = new Set<string>()): AsyncGenerator<string> {
  const isTop = seen.size === 0;
  const { dev, ino } = await stat(directory);
  if (seen.has(`${dev}:${ino}`)) return;
  seen.add(`${dev}:${ino}`);
  const names = await readdir(directory).catch((error: unknown) => {
    if (isTop) throw problem(directory, sources, error);
    return [];
  });
  for (const name of names) {
    const path = join(directory, name);
    const info = await stat(path).catch(() => undefined);
    if (info?.isDirectory()) yield* walk(path, sources, seen);
    else if (info?.isFile()) yield path;
  }
}

function problem(directory: string, sources: readonly Source[], error: unknown): LoaderError {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  const said =
    code === 'ENOENT'
      ? 'does not exist'
      : code === 'EACCES'
        ? 'may not be read'
        : `cannot be read: ${messageOf(error)}`;
  return new LoaderError('usage', `${directory} ${said}.`, hint(sources), error);
}

/**
 * Makes the sample below `home` unless it is there already; gives its directory. The files appear all at once, so a run
 * that is stopped half-way leaves no half a sample.
 */
export async function makeSample(home: string, seed: number): Promise<string> {
  const directory = join(home, `sample-${seed}`);
  if (existsSync(directory)) return directory;
  const unfinished = `${directory}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const made = new Set<string>();
  for (const { key, body } of generateSample({ seed })) {
    const file = join(unfinished, key);
    if (!made.has(dirname(file))) made.add((await mkdir(dirname(file), { recursive: true }), dirname(file)));
    await writeFile(file, body);
  }
  await rename(unfinished, directory);
  return directory;
}
