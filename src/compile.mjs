// The command line as plain JavaScript. Reading some 300 TypeScript files and the packages they import, one by one, takes a
// command a second; one bundle of them is read in a fifth of that. It is built again whenever a source or a package has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PROJECT = fileURLToPath(new URL('../', import.meta.url));
const CACHE = join(PROJECT, 'node_modules/.cache/sparkify');
const INPUTS = ['package.json', 'package-lock.json', 'tsconfig.json', 'node_modules/.package-lock.json'];
/** A process that was started from an older bundle may still have to read a part of it. */
const KEPT_MS = 86_400_000;

/** Gives the path of the compiled `src/cli.ts`. Throws esbuild's `BuildFailure`, and what the file system throws. */
export async function compiledCli() {
  const bundle = join(CACHE, signature());
  const cli = join(bundle, 'cli.mjs');
  if (existsSync(cli)) return cli;
  const unfinished = `${bundle}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  removeOld();
  try {
    await build(unfinished);
    renameSync(unfinished, bundle);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another process was faster.
    if (!existsSync(cli)) throw error;
  }
  return cli;
}

/** Changes when a file is written that the bundle was made of; no content is read. */
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

async function build(outdir) {
  const esbuild = await import('esbuild');
  // As the function is bundled, but readable, and in parts, so that a command reads only what it needs.
  const { platform, target, format, mainFields, banner } = JSON.parse(
    readFileSync(join(PROJECT, 'src/bundle.json'), 'utf8'),
  );
  await esbuild.build({
    platform,
    target,
    format,
    mainFields,
    banner,
    bundle: true,
    splitting: true,
    absWorkingDir: PROJECT,
    // Otherwise those of the folders above are read too.
    tsconfig: join(PROJECT, 'tsconfig.json'),
    entryPoints: { cli: 'src/cli.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    // They have programs of the machine's own.
    external: ['@duckdb/node-api', 'esbuild'],
    plugins: [{ name: 'places', setup: keepPlaces }],
    logLevel: 'silent',
  });
}

/** Sources find other files beside themselves, wherever the bundle lies. */
function keepPlaces({ onLoad }) {
  onLoad({ filter: /\.ts$/ }, ({ path }) => {
    if (!path.startsWith(join(PROJECT, 'src/'))) return undefined;
    const place = JSON.stringify(pathToFileURL(path).href);
    return { loader: 'ts', contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', place) };
  });
}
