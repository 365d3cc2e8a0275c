import { createHash } from 'node:crypto';
import { comparePlaces, type Found, type Rule } from './judge.ts';
import type { Search } from './search.ts';

/** What identifies a row, and what copies of it may differ in. */
export type Identify<Row> = (row: Row) => { key: string; content: string };

/** A key whose copies differ within one batch: the row that won, and the others in the order of the pick. */
export type Conflict<Row> = { key: string; winner: Found<Row>; losers: Found<Row>[] };

/**
 * Finds the keys of a batch whose copies differ, in two passes over its files: the first remembers two short hashes per key, so
 * that millions of keys fit into memory, and the second keeps the rows of the keys that the first suspects.
 */
export class ConflictSearch<Row> {
  readonly #search: Search<Row>;
  readonly #identify: Identify<Row>;
  readonly #contents = new Map<number, number>();
  readonly #suspects = new Set<number>();

  constructor(search: Search<Row>, identify: Identify<Row>) {
    this.#search = search;
    this.#identify = identify;
  }

  /** The first pass, which gives nothing. */
  get suspecting(): Search<Row> {
    return {
      source: this.#search.source,
      take: (object) => {
        const row = this.#search.take(object);
        if (row === undefined) return undefined;
        const { key, content } = this.#identify(row);
        const [keyHash, contentHash] = [shortHash(key), shortHash(content)];
        const known = this.#contents.get(keyHash);
        if (known === undefined) this.#contents.set(keyHash, contentHash);
        else if (known !== contentHash) this.#suspects.add(keyHash);
        return undefined;
      },
    };
  }

  /** The second pass. Two keys with one hash are suspected together, and told apart by `conflictsOf`. */
  get collecting(): Search<Row> {
    return {
      source: this.#search.source,
      take: (object) => {
        const row = this.#search.take(object);
        return row !== undefined && this.#suspects.has(shortHash(this.#identify(row).key)) ? row : undefined;
      },
    };
  }
}

/** The conflicts among rows that one batch loaded, by key; a key whose copies are all equal is none. */
export function conflictsOf<Row>(
  rows: readonly Found<Row>[],
  rule: Rule<Row>,
  identify: Identify<Row>,
): Conflict<Row>[] {
  const byKey = new Map<string, Found<Row>[]>();
  for (const found of rows) {
    const { key } = identify(found.row);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [found]);
    else known.push(found);
  }
  return [...byKey].flatMap(([key, found]) => {
    const [winner, ...losers] = found.sort((a, b) => rule.pick(a.row, b.row) || comparePlaces(a, b));
    return winner !== undefined && losers.some(({ row }) => rule.pick(winner.row, row) !== 0)
      ? [{ key, winner, losers }]
      : [];
  });
}

/** 48 bits, which a number holds exactly. */
function shortHash(text: string): number {
  return createHash('md5').update(text).digest().readUIntBE(0, 6);
}
