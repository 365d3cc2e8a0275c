import { seededRandom, type Random } from '../../../src/local/random.ts';
import type { Arrival } from '../../../src/cost/arrivals.ts';

const DAY = 86_400;
/** What is simulated, in days. */
export const DAYS = 30;
const END = DAYS * DAY;

/** Six ways in which files arrive for a month, by name. */
export const PATTERNS: Readonly<Record<string, () => Arrival[]>> = {
  /** Six a minute, at random times. */
  steady: () => atRandom(seededRandom(1), () => 6 / 60),
  /** Four a minute at noon, none at midnight. */
  daily: () => atRandom(seededRandom(2), (at) => ((1 - Math.cos((2 * Math.PI * at) / DAY)) * 2) / 60, 4 / 60),
  /** Thirty files within a minute, every forty minutes or so. */
  bursts: () => {
    const random = seededRandom(3);
    return atRandom(random, () => 1 / 2400)
      .flatMap(({ at }) => Array.from({ length: 30 }, () => file(at + random() * 60)))
      .sort((a, b) => a.at - b.at);
  },
  'one a minute': () => Array.from({ length: END / 60 }, (_, minute) => file(60 * minute)),
  /** One every three hours or so. */
  silence: () => atRandom(seededRandom(5), () => 1 / 10_800),
  /** One a minute, and on the tenth day 300,000 replayed files, a message of 500 every ten seconds. */
  backfill: () => {
    const replays = Array.from({ length: 600 }, (_, message) => {
      return { at: 10 * DAY + 10 * message + 5, objects: 500, live: 0, bytes: 0 };
    });
    const live = Array.from({ length: END / 60 }, (_, minute) => file(60 * minute));
    return [...live, ...replays].sort((a, b) => a.at - b.at);
  },
};

function file(at: number): Arrival {
  return { at, objects: 1, live: 1, bytes: 0 };
}

/** Files at random times, so many a second at each time, `most` at most. */
function atRandom(random: Random, rate: (at: number) => number, most = rate(0)): Arrival[] {
  const arrivals: Arrival[] = [];
  for (let at = 0; ;) {
    at -= Math.log(1 - random()) / most;
    if (at >= END) return arrivals;
    if (random() * most <= rate(at)) arrivals.push(file(at));
  }
}
