import { LoaderError } from '../errors.ts';
import { sightingColumns, sightingsOf } from '../ledger/sightings.ts';
import { isReadable, lookAtFields } from '../load/read-fields.ts';
import { objectId, s3Url } from '../objects/object-version.ts';
import { Sample } from '../objects/sample.ts';
import type { Candidate, Source } from '../objects/source.ts';
import type { ListedObject } from '../ports.ts';
import { routeListed } from './compare.ts';
import { run, statement, type DifferenceDeps } from './differences.ts';
import type { ListingDeps } from './listing-page.ts';

/** Objects of each source looked at per page: of a field that 20 of 2,000 files have, one is among them all but certainly. */
export const LISTED_LOOKS = 1000;
/** Objects that were written so lately come first: what is older was new to a reconcile before. */
const RECENT_MS = 86_400_000;
/** The longest the looks of one page may take. */
const LOOK_MS = 30_000;

/** What noticing took notice of on a page. `error`: why some or all of it was not noticed. */
export type Noticed = { drifted: number; unread: number; error?: string };

/** What noticing needs beside what comparing does. */
export type NoticeDeps = {
  listing: Pick<ListingDeps, 'objects' | 'control'>;
  differences: DifferenceDeps;
  told: (noticed: Noticed) => void;
};

/** Draws the objects of a page to look at, of each source for itself. */
export class ListedSample {
  readonly #seed: string;
  readonly #recentMs: number;
  readonly #samples = new Map<string, Sample<Candidate>>();

  constructor(seed: string, nowMs: number) {
    this.#seed = seed;
    this.#recentMs = nowMs - RECENT_MS;
  }

  add(listed: ListedObject, sources: readonly Source[]): void {
    const routed = routeListed(listed, sources);
    if (routed.kind === 'ignored' || !isReadable(routed)) return;
    const { source, codec } = routed;
    const sample = this.#samples.get(source.name) ?? new Sample<Candidate>(this.#seed, LISTED_LOOKS);
    this.#samples.set(source.name, sample);
    const { bucket, key, etag, lastModifiedMs: eventTimeMs } = listed;
    const object = { bucket, key, etag, eventTimeMs, replayMode: 'ifNew' as const };
    sample.add({ ...object, objectId: objectId(listed), source, codec }, eventTimeMs >= this.#recentMs);
  }

  objects(): Candidate[] {
    return [...this.#samples.values()].flatMap((sample) => sample.items());
  }
}

/**
 * Looks at the fields of some objects of a page and records what they show, in a transaction of its own. Never throws: a
 * reconcile compares, whatever becomes of this. `token` is unique to the page.
 */
export async function noticeListed(objects: readonly Candidate[], token: string, deps: NoticeDeps): Promise<void> {
  if (objects.length === 0) return;
  const { listing, differences, told } = deps;
  const { looks, unread, error } = await lookAtFields(objects, listing.objects, LOOK_MS);
  const problem = error === undefined ? {} : { error };
  try {
    const sightings = sightingsOf(looks);
    if (sightings.length === 0) {
      told({ drifted: 0, unread, ...problem });
      return;
    }
    const lines = sightings.map((one) => {
      const { bucket, key, eventTimeMs: event_time, source } = one.object;
      return `${JSON.stringify({ bucket, key, event_time, source: source.name, ...sightingColumns(one) })}\n`;
    });
    const place = { bucket: listing.control.bucket, key: `${listing.control.prefix}reconcile/${token}/fields.json` };
    await listing.objects.put(place.bucket, place.key, lines.join(''));
    const drifted = await record(s3Url(place), token, differences);
    told({ drifted, unread, ...problem });
  } catch (failure) {
    if (!(failure instanceof LoaderError)) throw failure;
    told({ drifted: 0, unread: objects.length, error: `${failure.message}. ${failure.hint}` });
  }
}

async function record(url: string, token: string, deps: DifferenceDeps): Promise<number> {
  const statements = [
    statement('8-create-fields', 'stage', deps),
    statement('9-copy-fields', 'copy', deps, { manifest: url }),
    statement('10-record-fields', 'record', deps, { literals: { batch_id: `reconcile-${token}` } }),
    statement('11-count-fields', 'count', deps),
  ];
  const { rows } = await run(statements, {}, `${token}-fields`, deps);
  return Number(rows[0]?.fields_drifted);
}
