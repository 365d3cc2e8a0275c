/** A metric, by what CloudWatch knows it by: namespace, name, and the value of its one dimension. */
export type MetricKey = string;

export function metricKey(namespace: string, name: string, dimension: string): MetricKey {
  return `${namespace} ${name} ${dimension}`;
}

/** Values of metrics by minute, from the past (negative) to the end of what is simulated. */
export class Timeline {
  readonly first: number;
  readonly last: number;
  readonly #metrics = new Map<MetricKey, Series>();

  constructor(first: number, last: number) {
    this.first = first;
    this.last = last;
  }

  /** Writes a value. What lies outside of the simulated time is of no interest. */
  add(key: MetricKey, minute: number, value: number): void {
    if (minute < this.first || minute > this.last) return;
    const series = this.#metrics.get(key) ?? new Series(this.last - this.first + 1);
    this.#metrics.set(key, series);
    series.add(minute - this.first, value);
  }

  /** A statistic over the minutes after `from` up to and with `to`; undefined where no value was written. */
  statistic(key: MetricKey, name: string, from: number, to: number): number | undefined {
    return this.#metrics.get(key)?.statistic(name, from - this.first + 1, to - this.first);
  }
}

class Series {
  readonly #values: (number[] | undefined)[];
  /** Sum and number of values before a minute, made when they are first asked for. */
  #before: { sums: number[]; counts: number[] } | undefined;

  constructor(minutes: number) {
    this.#values = Array.from<number[] | undefined>({ length: minutes });
  }

  add(index: number, value: number): void {
    (this.#values[index] ??= []).push(value);
    this.#before = undefined;
  }

  statistic(name: string, from: number, to: number): number | undefined {
    const [low, high] = [Math.max(from, 0), Math.min(to, this.#values.length - 1)];
    if (high < low) return undefined;
    const { sums, counts } = this.#totals();
    if (counts[high + 1] === counts[low]) return undefined;
    if (name === 'SampleCount') return (counts[high + 1] ?? 0) - (counts[low] ?? 0);
    if (name === 'Sum') return (sums[high + 1] ?? 0) - (sums[low] ?? 0);
    const values = this.#values.slice(low, high + 1).flatMap((some) => some ?? []);
    if (name === 'Maximum') return Math.max(...values);
    if (name === 'p95') return values.sort((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1];
    throw new Error(`The statistic ${name} is not simulated.`);
  }

  #totals(): { sums: number[]; counts: number[] } {
    if (this.#before) return this.#before;
    const [sums, counts] = [[0], [0]];
    for (const [index, values] of this.#values.entries()) {
      sums.push((sums[index] ?? 0) + (values ?? []).reduce((a, b) => a + b, 0));
      counts.push((counts[index] ?? 0) + (values?.length ?? 0));
    }
    return (this.#before = { sums, counts });
  }
}
