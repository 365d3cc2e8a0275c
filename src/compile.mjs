// The command line as plain JavaScript. Reading some 300 TypeScript files and the packages they import, one by one, takes a
// command a second; one bundle of them is read in a fifth of that.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cached, PROJECT } from './build-cache.mjs';

/** Gives the path of the compiled `src/cli.ts`; undefined where nothing may be written. Throws esbuild's `BuildFailure`, and what the file system throws. */
export async function compiledCli() {
  const directory = await cached('cli', build);
  return directory === undefined ? undefined : join(directory, 'cli.mjs');
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
  onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
    if (!path.startsWith(join(PROJECT, 'src/'))) return undefined;
    const place = JSON.stringify(pathToFileURL(path).href);
    return { loader: 'ts', contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', place) };
  });
}
