import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's top folder. */
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** How a process ended, and after how long. */
export type Ended = { code: number | null; signal: string | null; out: string; err: string; milliseconds: number };

/** A process under way. `stop` sends it a signal and waits for its end. */
export type Started = {
  child: ChildProcessWithoutNullStreams;
  ended: Promise<Ended>;
  stop: (signal: NodeJS.Signals) => Promise<Ended>;
};

/** Where a process runs, and all of its environment. */
export type Surroundings = { cwd: string; env: NodeJS.ProcessEnv };

/** Not a limit that is tested, only what keeps a process that never ends from holding up the tests. */
const SAFETY_MS = 30_000;

/** Starts a program in a process of its own. */
export function startProgram(program: string, words: readonly string[], surroundings: Surroundings): Started {
  const startedAt = performance.now();
  const child = spawn(program, words, surroundings);
  const said = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => (said.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said.err += text.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, ...said, milliseconds: performance.now() - startedAt });
    });
  });
  const stop = async (signal: NodeJS.Signals): Promise<Ended> => {
    const safety = setTimeout(() => child.kill('SIGKILL'), SAFETY_MS);
    child.kill(signal);
    const end = await ended;
    clearTimeout(safety);
    return end;
  };
  return { child, ended, stop };
}

/** Starts `sparkify …` as a person would, in the project's folder; `environment` adds to that of the tests. */
export function startSparkify(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Started {
  return startProgram(process.execPath, SPARKIFY.concat(args), { cwd: PROJECT, env: sparkifyEnvironment(environment) });
}

/** Runs `sparkify …` to its end. */
export function sparkify(...args: string[]): Promise<Ended> {
  return startSparkify(args).ended;
}

/** The words by which Node runs the command line in the project's folder. */
export const SPARKIFY: readonly string[] = ['src/sparkify.mjs'];

/** The environment of a command: that of the tests without what is meant for jest. */
export function sparkifyEnvironment(environment: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: '', ...environment };
}
