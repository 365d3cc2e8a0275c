import { Interrupted } from '../errors.ts';
import type { Io } from './command.ts';

/**
 * Runs work that a signal may interrupt, and returns the interruption, so that the command can still report what was done;
 * undefined when the work finished. The work checks the signal itself: `interrupted.throwIfAborted()` between its steps.
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

/** Resolves when a signal interrupts the command. */
export function interruption({ interrupted }: Io): Promise<Interrupted> {
  return new Promise((resolve) => {
    const end = (): void => {
      resolve(interrupted.reason as Interrupted);
    };
    if (interrupted.aborted) end();
    else interrupted.addEventListener('abort', end, { once: true });
  });
}
