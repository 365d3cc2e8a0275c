import { SingleBar } from 'cli-progress';
import type { Clock } from '../ports.ts';
import type { Io } from './command.ts';

/** Without a terminal, a line at most so often. */
const LINE_EVERY_MS = 5000;

/** How far long work has come. On a terminal one line that is written over, else plain lines now and then. */
export type Progress = {
  /** `value` of the total, and what else there is to tell, such as `12 sent`. */
  update: (value: number, note: string) => void;
  /** Removes the line from a terminal. */
  stop: () => void;
};

/**
 * Starts to tell of progress. Without a `total` there is no bar, only the count: listings do not say how long they are.
 * Results go to `out`, progress only to `err`.
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
