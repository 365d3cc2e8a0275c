/** Chance that repeats: the same seed gives the same sample, and the same faults, on every machine. */

/** A source of numbers, evenly spread over [0, 1). */
export type Random = () => number;

/** A generator of random numbers from a 32-bit seed (mulberry32: small, fast, good enough to look alive; not for secrets). */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** An integer in [0, count), all equally likely. */
export function uniform(random: Random, count: number): number {
  return Math.floor(random() * count);
}

/** An integer in [0, count), small ones far likelier: rank r comes about 1 / (r + 1) as often as rank 0 (Zipf). */
export function heavyTailed(random: Random, count: number): number {
  return Math.floor(Math.exp(random() * Math.log(count + 1))) - 1;
}

/** One of the items, all equally likely. Throws on an empty list. */
export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[uniform(random, items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
