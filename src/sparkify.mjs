#!/usr/bin/env node
// The command line, from any folder: Node looks for what `--import` names in the folder it is called from, but for what a file
// imports beside that file. The settings of TypeScript are this project's too, not those of a folder it is called from.
import './quiet-sdk.mjs';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

process.env.TSX_TSCONFIG_PATH = fileURLToPath(new URL('../tsconfig.json', import.meta.url));
register();
await import('./cli.ts');
