import { messageOf } from '../errors.ts';
import { scanFields } from '../objects/fields.ts';
import type { Candidate, Codec } from '../objects/source.ts';
import type { Look } from '../ledger/sightings.ts';
import type { ObjectStore } from '../ports.ts';
import { mapConcurrently } from '../pool.ts';

/** How much of a file is looked at. */
export const FIELDS_BYTES = 64 * 1024;

/** The codecs whose files can be read here; fields of others show in the shares of NULLs only. */
const READABLE: ReadonlySet<Codec> = new Set<Codec>(['none', 'gzip']);

/** Whether the beginning of an object can be looked at. */
export function isReadable({ codec }: Pick<Candidate, 'codec'>): boolean {
  return READABLE.has(codec);
}

/** What looking at some objects gave: those that could be read in time, and of the others how many, and why the first was not. */
export type Looks = { looks: Look[]; unread: number; error: string | undefined };

/**
 * Looks at the fields at the beginning of some objects, several at once, for at most so many milliseconds in all. It never
 * throws: an object that is gone, unreadable or slow counts as unread, because nothing depends on what is noticed.
 */
export async function lookAtFields(
  candidates: readonly Candidate[],
  store: Pick<ObjectStore, 'readStart'>,
  milliseconds: number,
): Promise<Looks> {
  const result: Looks = { looks: [], unread: 0, error: undefined };
  const end = performance.now() + milliseconds;
  await mapConcurrently(candidates, async (object) => {
    // A signal of its own: each client adds a listener to it.
    const signal = AbortSignal.timeout(Math.max(0, Math.floor(end - performance.now())));
    try {
      const text = await store.readStart(object.bucket, object.key, object.codec, FIELDS_BYTES, signal);
      if (text === undefined) throw new Error('it cannot be decompressed here');
      result.looks.push({ object, scan: scanFields(text.slice(0, FIELDS_BYTES), object.source) });
    } catch (error) {
      result.unread += 1;
      result.error ??= messageOf(error);
    }
  });
  return result;
}
