import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import plugins from '../../bundle-plugins.cjs';

/** The function's code as it would be deployed, and the program that runs it here. */
export type Bundle = { handlerFile: string; runtimeFile: string };

const PROJECT_DIRECTORY = fileURLToPath(new URL('../../../', import.meta.url));

/** The options in `src/bundle.json` that belong to the deployment's esbuild plugin. */
type BundleSettings = BuildOptions & { outputFileExtension: string; exclude: string[] };

/**
 * Builds the handler with the settings of the deployed package (`src/bundle.json`) into `<home>/bundle`, laid out as the
 * package is: `src/handler.mjs` with `sql/` beside `src/`. Throws esbuild's `BuildFailure`.
 */
export async function buildBundle(options: { home: string; entry?: string }): Promise<Bundle> {
  const entry = options.entry ?? join(PROJECT_DIRECTORY, 'src/handler.ts');
  const text = await readFile(join(PROJECT_DIRECTORY, 'src/bundle.json'), 'utf8');
  const { outputFileExtension, exclude, ...settings } = JSON.parse(text) as BundleSettings;
  const home = resolve(options.home);
  const directory = join(home, 'bundle');
  await rm(directory, { recursive: true, force: true });
  const outdir = join(directory, options.entry === undefined ? dirname(relative(PROJECT_DIRECTORY, entry)) : 'src');
  await mkdir(outdir, { recursive: true });
  const common: BuildOptions = {
    ...settings,
    // The file says where they are.
    plugins,
    // Otherwise esbuild reads the tsconfig.json of the current folder.
    absWorkingDir: PROJECT_DIRECTORY,
    external: [...(settings.external ?? []), ...exclude],
    outExtension: { '.js': outputFileExtension },
    logLevel: 'silent',
  };
  const runtime = fileURLToPath(new URL('runtime.ts', import.meta.url));
  await Promise.all([
    build({ ...common, entryPoints: { handler: entry }, outdir }),
    build({ ...common, entryPoints: { 'lambda-runtime': runtime }, outdir: home }),
    cp(join(PROJECT_DIRECTORY, 'sql'), join(directory, 'sql'), { recursive: true }),
  ]);
  return {
    handlerFile: join(outdir, `handler${outputFileExtension}`),
    runtimeFile: join(home, `lambda-runtime${outputFileExtension}`),
  };
}
