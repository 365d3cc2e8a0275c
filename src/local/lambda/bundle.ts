import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import { cached, PROJECT } from '../../build-cache.mjs';
import plugins from '../../bundle-plugins.cjs';

/** The function's code as it would be deployed, and the program that runs it here. */
export type Bundle = { handlerFile: string; runtimeFile: string };

const SOURCES = join(PROJECT, 'src');
const HANDLER = 'handler.mjs';
const RUNTIME = 'lambda-runtime.mjs';

/** The options in `src/bundle.json` that belong to the deployment's esbuild plugin. */
type BundleSettings = BuildOptions & { outputFileExtension: string; exclude: string[] };

/**
 * Puts the handler, built with the settings of the deployed package (`src/bundle.json`), into `<home>/bundle`, laid out as the
 * package is: `src/handler.mjs` with `sql/` beside `src/`. What was built of the same sources before is taken again. Throws
 * esbuild's `BuildFailure`.
 */
export async function buildBundle(options: { home: string; entry?: string }): Promise<Bundle> {
  const home = resolve(options.home);
  const entry = options.entry ?? join(SOURCES, 'handler.ts');
  const name = basename(entry, '.ts');
  const isOurs = dirname(entry) === SOURCES;
  const built = isOurs ? await cached(name, (directory) => buildFiles(entry, directory)) : undefined;
  const bundle = join(home, 'bundle');
  await rm(bundle, { recursive: true, force: true });
  await mkdir(join(bundle, 'src'), { recursive: true });
  if (built === undefined) await buildFiles(entry, home);
  else await cp(built, home, { recursive: true });
  await rename(join(home, HANDLER), join(bundle, 'src', HANDLER));
  await cp(join(PROJECT, 'sql'), join(bundle, 'sql'), { recursive: true });
  return { handlerFile: join(bundle, 'src', HANDLER), runtimeFile: join(home, RUNTIME) };
}

/** Builds handler and runtime side by side. */
async function buildFiles(entry: string, outdir: string): Promise<void> {
  const text = await readFile(join(SOURCES, 'bundle.json'), 'utf8');
  const { outputFileExtension, exclude, ...settings } = JSON.parse(text) as BundleSettings;
  await build({
    ...settings,
    // The file says where they are.
    plugins,
    // Otherwise esbuild reads the tsconfig.json of the current folder.
    absWorkingDir: PROJECT,
    external: [...(settings.external ?? []), ...exclude],
    outExtension: { '.js': outputFileExtension },
    entryPoints: { handler: entry, 'lambda-runtime': fileURLToPath(new URL('runtime.ts', import.meta.url)) },
    outdir,
    logLevel: 'silent',
  });
}
