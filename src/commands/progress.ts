import { SingleBar } from 'cli-progress';
import type { Clock } from '../ports.ts';
import type { Io } from './command.ts';

/** Without a terminal, the interval between lines. */
const LINE_EVERY_MS = 5000;

/** Progress of long work. On a terminal one line that is overwritten, otherwise a plain line now and then. */
export type Progress = {
  /** `value` out of the total, and a note such as `12 sent`. */
  update: (value: number, note: string) => void;
  /** Clears the line on a terminal. */
  stop: () => void;
};

/**
 * Starts reporting progress. Without a `total`, as in listings of unknown length, there is a count and no bar.
 * Progress goes only to `err`.
 */
export function startProgress(what: string, total: number | undefined, io: Io, clock: Clock): Progress {
  return io.isTerminal ? bar(what, total) : lines(what, total, io, clock);
}

function bar(what: string, total: number | undefined): Progress {
  const format =
    total === undefined
      ? `${what} {value} · {note} · {duration_formatted}`
      : `${what} {bar} {value}/{total} · {note} · {eta_formatted} left`;
  const single = new SingleBar({
    format,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
  });
  single.start(total ?? 0, 0, { note: '' });
  return {
    update: (value, note) => {
      single.update(value, { note });
    },
    stop: () => {
      single.stop();
    },
  };
}

function lines(what: string, total: number | undefined, io: Io, clock: Clock): Progress {
  let next = clock.now() + LINE_EVERY_MS;
  return {
    update: (value, note) => {
      if (clock.now() < next) return;
      next = clock.now() + LINE_EVERY_MS;
      io.err(`${what} ${value}${total === undefined ? '' : ` of ${total}`} · ${note}`);
    },
    stop: () => undefined,
  };
}
