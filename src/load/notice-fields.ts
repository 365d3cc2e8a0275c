import type { NotLoaded, Recorded } from '../ledger/entries.ts';
import { sightingsOf, type Sighting } from '../ledger/sightings.ts';
import type { FieldScan } from '../objects/fields.ts';
import { Sample } from '../objects/sample.ts';
import type { Candidate } from '../objects/source.ts';
import type { LoadDeps } from './deps.ts';
import { isReadable, lookAtFields } from './read-fields.ts';

/** What is known of the fields of a batch's objects: object id → what was found, or that it could not be read. */
export type FieldsSeen = {
  /** The batch's id, from which it follows which objects are looked at. */
  seed: string;
  scans: Map<string, FieldScan | 'unread'>;
};

/** Loaded objects looked at per batch, each by one call. */
const LOOKS = 2;
/** Quarantined objects looked at per batch: why they failed is often a change of format. */
const QUARANTINED_LOOKS = 16;
/** The longest a load waits for its looks. */
const LOOK_MS = 1000;
/** The same where a file with unknown fields must not be loaded. */
const UNKNOWN_MS = 60_000;

/**
 * Looks at the fields of a few objects of a batch, and sums up what was noticed in these and in those looked at before. What
 * cannot be read in time is logged and counted, and changes nothing for the load.
 */
export async function noticeFields(
  recorded: readonly Recorded[],
  seen: FieldsSeen,
  deps: LoadDeps,
  deadlineMs: number,
): Promise<Sighting[]> {
  await look(chosen(recorded, seen.seed), seen, deps, Math.min(LOOK_MS, deadlineMs - deps.clock.now()));
  const looks = recorded.flatMap(({ object }) => {
    const scan = seen.scans.get(object.objectId);
    return scan === undefined || scan === 'unread' ? [] : [{ object, scan }];
  });
  return sightingsOf(looks);
}

/**
 * The objects that are not to be loaded because of unknown fields: of the sources that say so every object is looked at, for a
 * minute at most. What cannot be read in time is loaded.
 */
export async function findUnknownFields(
  objects: readonly Candidate[],
  seen: FieldsSeen,
  deps: LoadDeps,
  deadlineMs: number,
): Promise<Map<string, NotLoaded>> {
  const strict = objects.filter((object) => object.source.unknownFields === 'quarantine' && isReadable(object));
  await look(strict, seen, deps, Math.min(UNKNOWN_MS, deadlineMs - deps.clock.now()));
  return new Map(
    strict.flatMap(({ objectId, source }) => {
      const scan = seen.scans.get(objectId);
      if (scan === undefined || scan === 'unread') return [];
      const fields = scan.findings.flatMap(({ kind, field, types }) =>
        kind === 'new' ? [`${field} (${types.join(', ')})`] : [],
      );
      if (fields.length === 0) return [];
      const rest = scan.unnamed === 0 ? '' : `, and ${scan.unnamed} more`;
      const reason = `unknown fields: ${fields.join(', ')}${rest}; sql/load/${source.name}/source.json quarantines such files`;
      return [[objectId, { status: 'quarantined', code: 'UnknownField', reason }] as const];
    }),
  );
}

/** Of each source in turn one object, then a second one, until there are enough; and what is in quarantine for its content. */
function chosen(recorded: readonly Recorded[], seed: string): Candidate[] {
  const loaded = new Map<string, Sample<Candidate>>();
  const quarantined = new Sample<Candidate>(seed, QUARANTINED_LOOKS);
  for (const { object, result } of recorded) {
    if (!isReadable(object)) continue;
    if (result.status === 'quarantined') quarantined.add(object);
    if (result.status !== 'loaded') continue;
    const { name } = object.source;
    const sample = loaded.get(name) ?? new Sample(seed, LOOKS);
    loaded.set(name, sample);
    sample.add(object);
  }
  const drawn = [...loaded.values()].map((sample) => sample.items());
  const inTurn = Array.from({ length: LOOKS }, (_, turn) => drawn.flatMap((items) => items.slice(turn, turn + 1)));
  return [...inTurn.flat().slice(0, LOOKS), ...quarantined.items()];
}

async function look(
  objects: readonly Candidate[],
  { scans }: FieldsSeen,
  { objects: store, log, meter }: LoadDeps,
  milliseconds: number,
): Promise<void> {
  const unseen = objects.filter(({ objectId }) => !scans.has(objectId));
  if (unseen.length === 0) return;
  const { looks, unread, error } = await lookAtFields(unseen, store, milliseconds);
  for (const { objectId } of unseen) scans.set(objectId, 'unread');
  for (const { object, scan } of looks) scans.set(object.objectId, scan);
  if (unread === 0) return;
  meter.count('FieldsUnread', unread);
  log.warn('fields not looked at', { objects: unread, error });
}
