/** How the warehouse fails: paused, as its control plane knows; or at its usage limit, which only a question shows. */
export type Outage = { kind: 'paused' | 'usage limit'; fromMs: number; toMs: number };

/** What came of it. Times are milliseconds after the beginning of the outage. */
export type OutageResult = {
  loaded: number;
  lost: number;
  deadLetters: number;
  left: number;
  maxReceives: number;
  /** When the first load after the return began, and when it committed. */
  firstBeginMs: number | undefined;
  firstCommitMs: number | undefined;
  /** Questions to the warehouse while it was off, in the worst hour. */
  questionsAnHour: number;
  largestDelivery: number;
};

/** Events of a simulated time, in order; those of one time in the order they were made. Milliseconds. */
export class SimulatedTime {
  nowMs: number;
  readonly #heap: { atMs: number; order: number; act: () => void | Promise<void> }[] = [];
  #made = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  at(atMs: number, act: () => void | Promise<void>): void {
    const entry = { atMs: Math.max(atMs, this.nowMs), order: (this.#made += 1), act };
    this.#heap.push(entry);
    for (let child = this.#heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /** Sleeps in this time. */
  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(this.nowMs + milliseconds, () => {
        resolve();
        return this.rest();
      });
    });
  }

  /** Lets everything go on that waits for nothing but a turn. */
  rest(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  /** Runs what is to happen, up to a time. */
  async runUntil(endMs: number): Promise<void> {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= endMs; next = this.#heap[0]) {
      this.#removeFirst();
      this.nowMs = next.atMs;
      await next.act();
    }
    this.nowMs = endMs;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let parent = 0; ;) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      let first = parent;
      if (left < this.#heap.length && this.#isBefore(left, first)) first = left;
      if (right < this.#heap.length && this.#isBefore(right, first)) first = right;
      if (first === parent) return;
      this.#swap(parent, first);
      parent = first;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one]!, this.#heap[other]!];
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  }

  #swap(one: number, other: number): void {
    [this.#heap[one], this.#heap[other]] = [this.#heap[other]!, this.#heap[one]!];
  }
}

/** How many of some times, in order, lie within an hour at most. */
export function worstHour(times: readonly number[]): number {
  let from = 0;
  return times.reduce((most, time, index) => {
    while (time - (times[from] ?? time) >= 3_600_000) from += 1;
    return Math.max(most, index - from + 1);
  }, 0);
}
