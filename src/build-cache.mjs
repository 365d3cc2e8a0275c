// What is built of the sources is kept, and built again whenever a source or a package has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT = fileURLToPath(new URL('../', import.meta.url));
const CACHE = join(PROJECT, 'node_modules/.cache/sparkify');
const INPUTS = ['package.json', 'package-lock.json', 'tsconfig.json', 'node_modules/.package-lock.json'];
/** A process that was started from an older build may still have to read a part of it. */
const KEPT_MS = 86_400_000;

/**
 * Gives the folder of what `build` makes in the folder it is given, which `name` tells from other builds; undefined where nothing
 * may be written, as in an installation of somebody else. Throws what `build` throws.
 */
export async function cached(name, build) {
  const kept = join(CACHE, `${name}-${signature()}`);
  if (existsSync(kept)) return kept;
  let unfinished;
  try {
    mkdirSync(CACHE, { recursive: true });
    removeOld();
    unfinished = mkdtempSync(`${kept}.`);
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(error.code)) return undefined;
    throw error;
  }
  try {
    await build(unfinished);
    renameSync(unfinished, kept);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another process was faster.
    if (!existsSync(kept)) throw error;
  }
  return kept;
}

/** Changes when a file is written that a build is made of; no content is read. */
function signature() {
  const hash = createHash('sha256');
  const sources = readdirSync(join(PROJECT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...sources.sort(), ...INPUTS.map((name) => join(PROJECT, name))]) {
    const { size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
    hash.update(`${file}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}

function removeOld() {
  for (const name of readdirSync(CACHE)) {
    const { mtimeMs } = statSync(join(CACHE, name), { throwIfNoEntry: false }) ?? {};
    if (mtimeMs < Date.now() - KEPT_MS) rmSync(join(CACHE, name), { recursive: true, force: true });
  }
}
