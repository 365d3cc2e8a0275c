import type { Point } from './shapes.ts';

/** How long a point stands for, and how many are kept: ten minutes. */
const POINT_MS = 1000;
const KEPT_POINTS = 600;
/** The most single objects that a point shows; its percentiles are of all. */
const SAMPLES = 24;

type Collected = { point: Point; freshness: number[]; batches: Set<number> };

/** The plots' points, a second each; seconds in which nothing happened have none. */
export class Series {
  readonly #points: Collected[] = [];
  readonly #changed = new Set<Collected>();

  /** Adds an object of a batch that committed at a time: its seconds from landing to commit, or null when it was not loaded. */
  add(atMs: number, batchNo: number, freshness: number | null): void {
    const at = Math.floor(atMs / POINT_MS) * POINT_MS;
    let last = this.#points.at(-1);
    if (last === undefined || last.point.atMs < at) {
      const point = { atMs: at, loaded: 0, notLoaded: 0, batches: 0, samples: [], p50: null, p95: null };
      last = { point, freshness: [], batches: new Set() };
      this.#points.push(last);
      if (this.#points.length > KEPT_POINTS) this.#points.shift();
    }
    if (freshness === null) last.point.notLoaded += 1;
    else last.freshness.push(freshness);
    last.batches.add(batchNo);
    this.#changed.add(last);
  }

  /** All points, oldest first. */
  points(): Point[] {
    this.#complete();
    return this.#points.map(({ point }) => point);
  }

  /** The points that changed since the last call. */
  takeChanged(): Point[] {
    this.#complete();
    const changed = [...this.#changed].map(({ point }) => point);
    this.#changed.clear();
    return changed;
  }

  /** What is said of all objects of a point is worked out once for many of them. */
  #complete(): void {
    for (const { point, freshness, batches } of this.#changed) {
      freshness.sort((a, b) => a - b);
      point.loaded = freshness.length;
      point.batches = batches.size;
      point.samples = spread(freshness, SAMPLES);
      point.p50 = nearestRank(freshness, 0.5);
      point.p95 = nearestRank(freshness, 0.95);
    }
  }

  /** Freshness of what was loaded since a time; null when nothing was. */
  freshnessSince(sinceMs: number): { objects: number; p50: number; p95: number } | null {
    const values = this.#points.flatMap(({ point, freshness }) => (point.atMs >= sinceMs ? freshness : []));
    values.sort((a, b) => a - b);
    const [p50, p95] = [nearestRank(values, 0.5), nearestRank(values, 0.95)];
    return p50 === null || p95 === null ? null : { objects: values.length, p50, p95 };
  }
}

/** The value below which a share of sorted values lies; null of none. */
function nearestRank(sorted: readonly number[], share: number): number | null {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? null;
}

/** At most so many of sorted values, evenly spread over their ranks, the ends among them. */
function spread(sorted: readonly number[], most: number): number[] {
  if (sorted.length <= most) return [...sorted];
  const step = (sorted.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => sorted[Math.round(index * step)] ?? 0);
}
