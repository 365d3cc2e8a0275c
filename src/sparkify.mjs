#!/usr/bin/env node
// The command line, from any folder.
import './quiet-sdk.mjs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compiledCli } from './compile.mjs';

const cli = await compiledCli();
await import(cli === undefined ? await uncompiled() : pathToFileURL(cli).href);

/** Where nothing may be written, each start compiles file by file. */
async function uncompiled() {
  const { register } = await import('tsx/esm/api');
  // The settings of TypeScript are this project's, not those of a folder it is called from.
  process.env.TSX_TSCONFIG_PATH = fileURLToPath(new URL('../tsconfig.json', import.meta.url));
  register();
  return new URL('cli.ts', import.meta.url).href;
}
