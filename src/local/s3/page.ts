import type { SortedMap } from './sorted-keys.ts';

/** What a listing asks for: keys below `prefix`, later than `after`, rolled up at `delimiter`, at most `limit` entries. */
export type PageRequest = { prefix?: string; delimiter?: string; after?: string; limit: number };

/** Entries in S3's order; `next` is the last one given when more follow, to be passed as the next page's `after`. */
export type Page<Value> = { objects: Value[]; commonPrefixes: string[]; next: string | undefined };

/** Later than any key that continues the same prefix. */
const LAST_CHARACTER = '\u{10ffff}';

/** Cuts one page out of sorted objects. Costs as much as the page is long, not the bucket. */
export function page<Value>(sorted: SortedMap<Value>, request: PageRequest): Page<Value> {
  const { prefix = '', delimiter = '', after = '', limit } = request;
  const keys = sorted.order();
  const result: Page<Value> = { objects: [], commonPrefixes: [], next: undefined };
  let last = after;
  let index = Math.max(sorted.position(prefix), sorted.position(after));
  for (let key = keys[index]; key?.startsWith(prefix) === true; key = keys[index]) {
    const value = sorted.get(key);
    if (value === undefined) {
      index++;
      continue;
    }
    const common = commonPrefix(key, prefix, delimiter);
    const isNew = common === undefined ? key !== after : common !== last;
    if (isNew && result.objects.length + result.commonPrefixes.length >= limit) {
      return { ...result, next: limit > 0 ? last : undefined };
    }
    if (common !== undefined) {
      if (isNew) result.commonPrefixes.push(common);
      last = common;
      index = Math.max(index + 1, sorted.position(common + LAST_CHARACTER));
      continue;
    }
    if (isNew) {
      result.objects.push(value);
      last = key;
    }
    index++;
  }
  return result;
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}
