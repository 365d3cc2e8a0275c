import { Interrupted } from '../errors.ts';
import type { Io } from './command.ts';

/**
 * Runs work that a signal may end, and gives that end, so that the command can still tell what was done; undefined when the
 * work came to its own end. The work looks at the signal itself: `interrupted.throwIfAborted()` between its steps.
 */
export async function untilInterrupted(work: () => Promise<void>): Promise<Interrupted | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Interrupted) return error;
    throw error;
  }
}

/** Resolves when a signal ends the command, with that end. */
export function interruption({ interrupted }: Io): Promise<Interrupted> {
  return new Promise((resolve) => {
    const end = (): void => {
      resolve(interrupted.reason as Interrupted);
    };
    if (interrupted.aborted) end();
    else interrupted.addEventListener('abort', end, { once: true });
  });
}
