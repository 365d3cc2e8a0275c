import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A file of the page, as it is sent. */
export type Asset = { type: string; body: Uint8Array };

const PAGE = fileURLToPath(new URL('page/', import.meta.url));
/** What browsers of the last years understand. */
const TARGET = 'es2022';

/**
 * The page's files by path, built from its source when they are first asked for: nobody pays for a page that nobody opens, and
 * nothing that was built can be older than its source. Building takes about a tenth of a second.
 */
export function pageAssets(): (path: string) => Promise<Asset | undefined> {
  let built: Promise<Map<string, Asset>> | undefined;
  return async (path) => {
    // The document needs no building, so the browser can begin to draw while the rest is built.
    built ??= buildAssets();
    if (path === '/') return { type: 'text/html; charset=utf-8', body: await readFile(`${PAGE}index.html`) };
    if (path === '/favicon.svg') return { type: 'image/svg+xml', body: await readFile(`${PAGE}favicon.svg`) };
    return (await built).get(path);
  };
}

async function buildAssets(): Promise<Map<string, Asset>> {
  const { outputFiles } = await build({
    // Otherwise esbuild reads the tsconfig.json of the current folder.
    absWorkingDir: PAGE,
    entryPoints: { page: 'main.tsx', style: 'style.css' },
    outdir: '/',
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: TARGET,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const asset = (ending: string): Uint8Array =>
    outputFiles.find(({ path }) => path.endsWith(ending))?.contents ?? new Uint8Array();
  return new Map([
    ['/page.js', { type: 'text/javascript; charset=utf-8', body: asset('.js') }],
    ['/style.css', { type: 'text/css; charset=utf-8', body: asset('.css') }],
  ]);
}
