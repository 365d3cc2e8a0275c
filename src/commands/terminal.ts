import { once, setMaxListeners } from 'node:events';
import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { Interrupted, SIGNAL_EXIT_CODES, type EndingSignal } from '../errors.ts';
import type { Io } from './command.ts';

/** The longest time from a signal to the end of the process. */
const STOP_LIMIT_MS = 2750;

/**
 * The terminal, or what replaces it, with the signals that end a command. The first signal asks the command to stop; later ones
 * change nothing, because one Ctrl-C reaches a program started by npm twice. `end` exits a command that has not stopped in time.
 */
export function openTerminal(end: (code: number) => void): Io {
  const interruption = new AbortController();
  // Every running call and sleep listens to it.
  setMaxListeners(0, interruption.signal);
  const err = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const interrupt = (signal: EndingSignal): void => {
    if (interruption.signal.aborted) return;
    interruption.abort(new Interrupted(signal));
    setTimeout(() => {
      err(
        'Exited before everything had stopped. A statement may still be running in AWS: aws redshift-data list-statements',
      );
      end(SIGNAL_EXIT_CODES[signal]);
    }, STOP_LIMIT_MS).unref();
  };
  for (const signal of signals()) {
    process.on(signal, () => {
      interrupt(signal);
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    // The reader has closed the pipe, as `head` does.
    stream.on('error', () => {
      interrupt('SIGPIPE');
    });
  }
  return {
    out: (line) => {
      process.stdout.write(`${line}\n`);
    },
    err,
    confirm: (question) => ask(question, interruption.signal, interrupt),
    isTerminal: process.stderr.isTTY,
    screen: () => {
      const { isTTY, columns, rows } = process.stdout;
      return isTTY ? { columns, rows } : undefined;
    },
    user: `${userName()}@${hostname()}`,
    interrupted: interruption.signal,
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a uid without a name.
    return String(process.getuid?.());
  }
}

/** Closing the terminal ends a command too. Without a terminal SIGHUP gets no listener, which would undo nohup. */
function signals(): EndingSignal[] {
  return process.stdin.isTTY ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM'];
}

/** False when nobody can answer, or the input ends. @throws Interrupted */
async function ask(
  question: string,
  interrupted: AbortSignal,
  interrupt: (signal: EndingSignal) => void,
): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  // While prompting, the terminal passes Ctrl-C to the prompt instead of raising a signal.
  prompt.once('SIGINT', () => {
    interrupt('SIGINT');
  });
  const closed = once(prompt, 'close').then(() => '');
  // Ctrl-D or a signal counts as no answer.
  const answer = await Promise.race([prompt.question(`${question} [y/N] `, { signal: interrupted }), closed]).catch(
    () => '',
  );
  prompt.close();
  interrupted.throwIfAborted();
  return /^y(es)?$/i.test(answer.trim());
}
