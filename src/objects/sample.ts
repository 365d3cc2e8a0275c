/**
 * A random sample of a stream of objects, at most so many, in constant memory. Which ones it takes follows from the seed and
 * their ids alone, md5 digests, so the same batch looks at the same objects again and the next batch at others. Of some, those
 * whose `first` is true come before all others.
 */
export class Sample<Item extends { objectId: string }> {
  readonly #seed: number;
  readonly #size: number;
  #drawn: { item: Item; place: number }[] = [];

  constructor(seed: string, size: number) {
    this.#seed = hashOf(seed);
    this.#size = size;
  }

  add(item: Item, first = false): void {
    const place = ((Number.parseInt(item.objectId.slice(0, 8), 16) ^ this.#seed) >>> 0) + (first ? 0 : 2 ** 32);
    this.#drawn.push({ item, place });
    if (this.#drawn.length >= 2 * this.#size + 64) this.#trim();
  }

  /** What was drawn so far, in the order of the draw. */
  items(): Item[] {
    this.#trim();
    return this.#drawn.map(({ item }) => item);
  }

  #trim(): void {
    this.#drawn.sort((a, b) => a.place - b.place);
    this.#drawn.length = Math.min(this.#drawn.length, this.#size);
  }
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}
