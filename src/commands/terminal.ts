import { once, setMaxListeners } from 'node:events';
import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { Interrupted, SIGNAL_EXIT_CODES, type EndingSignal } from '../errors.ts';
import type { Io } from './command.ts';

/** From a signal to the end of the process, whatever still hangs. */
const STOP_LIMIT_MS = 2750;

/**
 * The terminal, or whatever stands for one, with the signals that end a command. The first signal asks the command to stop;
 * those that follow change nothing, since one Ctrl-C reaches a program that npm started twice. A command that has not stopped
 * when the limit comes is ended by `end`.
 */
export function openTerminal(end: (code: number) => void): Io {
  const interruption = new AbortController();
  // Every call and pause under way listens to it.
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
    // Who reads has gone, as `head` does when it has enough.
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
    // A container may run as a number that has no name.
    return String(process.getuid?.());
  }
}

/** A closed terminal ends a command too; without a terminal nohup may have asked to live on, which a listener would undo. */
function signals(): EndingSignal[] {
  return process.stdin.isTTY ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM'];
}

/** False where nobody can answer, or nobody does: at the end of the input. @throws Interrupted */
async function ask(
  question: string,
  interrupted: AbortSignal,
  interrupt: (signal: EndingSignal) => void,
): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  // While it asks, the terminal hands Ctrl-C to the prompt instead of making it a signal.
  prompt.once('SIGINT', () => {
    interrupt('SIGINT');
  });
  const closed = once(prompt, 'close').then(() => '');
  // A question that is broken off, by Ctrl-D or by a signal, is not answered.
  const answer = await Promise.race([prompt.question(`${question} [y/N] `, { signal: interrupted }), closed]).catch(
    () => '',
  );
  prompt.close();
  interrupted.throwIfAborted();
  return /^y(es)?$/i.test(answer.trim());
}
