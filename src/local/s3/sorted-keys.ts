import { compareKeys } from '../../objects/key-order.ts';

/**
 * A map from key to value that can be walked in UTF-8 order from any key. Writes are cheap and gathered; the next walk
 * puts the new keys among the sorted ones, and leaves removed keys standing until they are many. So neither 150,000
 * writes, nor 150 pages, nor a page after each write is quadratic.
 */
export class SortedMap<Value> {
  readonly #byKey = new Map<string, Value>();
  #sorted: string[] = [];
  #added: string[] = [];
  /** Keys without a value that still stand in `sorted` or `added`. */
  readonly #removed = new Set<string>();

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Value | undefined {
    return this.#byKey.get(key);
  }

  /** In no order. */
  values(): Iterable<Value> {
    return this.#byKey.values();
  }

  set(key: string, value: Value): void {
    if (!this.#byKey.has(key) && !this.#removed.delete(key)) this.#added.push(key);
    this.#byKey.set(key, value);
  }

  delete(key: string): void {
    if (this.#byKey.delete(key)) this.#removed.add(key);
  }

  /** The keys in order, among them some that were removed since. Valid until the next write. */
  order(): readonly string[] {
    if (this.#removed.size > this.#sorted.length / 2) {
      this.#sorted = this.#sorted.filter((key) => this.#byKey.has(key));
      this.#added = this.#added.filter((key) => this.#byKey.has(key));
      this.#removed.clear();
    }
    if (this.#added.length > FEW_KEYS) {
      this.#sorted = merge(this.#sorted, this.#added.sort(compareKeys));
    } else {
      for (const key of this.#added) this.#sorted.splice(position(this.#sorted, key), 0, key);
    }
    this.#added = [];
    return this.#sorted;
  }

  /** The place in `order()` of the first key that is not before `key`. */
  position(key: string): number {
    return position(this.order(), key);
  }
}

/** Up to here it is cheaper to put keys in one by one than to merge. */
const FEW_KEYS = 50;

function position(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle] ?? '', key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function merge(left: readonly string[], right: readonly string[]): string[] {
  const merged: string[] = [];
  let l = 0;
  let r = 0;
  for (let a = left[l], b = right[r]; a !== undefined || b !== undefined; a = left[l], b = right[r]) {
    if (b === undefined || (a !== undefined && compareKeys(a, b) < 0)) {
      merged.push(a ?? '');
      l++;
    } else {
      merged.push(b);
      r++;
    }
  }
  return merged;
}
