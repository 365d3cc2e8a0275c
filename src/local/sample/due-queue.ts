/** What is under way in a sample, ordered by when it is due. */

/** Something due at `ts` (epoch milliseconds); ids break ties. */
export type Due = { ts: number; id: number };

/** A priority queue (binary heap) by (ts, id). */
export class DueQueue<Item extends Due> {
  readonly #heap: Item[] = [];

  add(item: Item): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || !isDueBefore(item, parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = item;
  }

  /** Takes out what is due first, if it is due before the given time (epoch milliseconds). */
  next(before: number): Item | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.ts >= before) return undefined;
    const moved = heap.pop();
    if (moved !== undefined && heap.length > 0) this.#sink(moved);
    return first;
  }

  #sink(item: Item): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      let child = heap[childAt];
      const right = heap[childAt + 1];
      if (child !== undefined && right !== undefined && isDueBefore(right, child)) {
        child = right;
        childAt += 1;
      }
      if (child === undefined || !isDueBefore(child, item)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = item;
  }
}

function isDueBefore(one: Due, other: Due): boolean {
  return one.ts < other.ts || (one.ts === other.ts && one.id < other.id);
}
