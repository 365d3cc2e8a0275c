/** `npm start` as a process of its own, as a person runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT } from '../support/program.ts';

/** What it says last, when everything that was there is loaded. */
const LAST_LINE = 'Ctrl-C ends.';

/** A stack that runs by itself. */
export type RunningStack = {
  pid: number;
  /** Its settings, as `. .sparkify/env` gives them to a shell. */
  environment: Readonly<Record<string, string>>;
  /** Ends it as Ctrl-C does. */
  stop: () => Promise<void>;
};

/**
 * Starts the stack in `home` over a folder of files, and resolves when it has said what it loaded of them. `onProgress` hears each
 * line that it says on the way. Throws when it ends before; `onExit` is called when it ends later, unasked.
 */
export async function startRunningStack(options: {
  home: string;
  data: string;
  onExit: (code: number | null) => void;
  onProgress?: (line: string) => void;
  /** A module that runs in its process before it, with these variables beside the environment. */
  preload?: { module: string; environment: Readonly<Record<string, string>> };
}): Promise<RunningStack> {
  const { home, data, onExit, onProgress, preload } = options;
  const argv = [join(PROJECT, 'src/sparkify.mjs'), 'local', '--home', home, '--data', data];
  const child = spawn(process.execPath, [...(preload ? ['--import', preload.module] : []), ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...preload?.environment },
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let lastWords = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastWords = line;
    onProgress?.(line);
  });
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.endsWith(LAST_LINE)) resolve();
    });
  });
  let isStopping = false;
  await Promise.race([
    ready,
    ended.then(([code]) => {
      throw new Error(`the stack ended with ${code} before it was ready: ${lastWords}`);
    }),
  ]);
  void ended.then(([code]) => {
    if (!isStopping) onExit(code);
  });
  return {
    pid: child.pid ?? Number.NaN,
    environment: environmentIn(join(home, 'env')),
    stop: async () => {
      isStopping = true;
      child.kill('SIGINT');
      await ended;
    },
  };
}

function environmentIn(file: string): Record<string, string> {
  const lines = readFileSync(file, 'utf8').matchAll(/^export (\w+)='?(.*?)'?$/gm);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}
