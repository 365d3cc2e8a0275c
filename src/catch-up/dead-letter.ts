import { parseMessage } from '../objects/notification.ts';
import { objectId, s3Url } from '../objects/object-version.ts';
import type { LedgerEntry } from '../ledger/entries.ts';
import type { Landing } from '../objects/source.ts';

/** A message of the dead-letter queue, read as the loader would. */
export type DeadLetter =
  | { kind: 'malformed'; reason: string }
  | { kind: 'foreign'; reason: string; objects: NamedObject[] }
  | { kind: 'objects'; objects: NamedObject[] };

/** An object a message names. */
export type NamedObject = { objectId: string; key: string; url: string };

/** Reads a dead letter's body. */
export function readDeadLetter(body: string, landing: Landing): DeadLetter {
  const parsed = parseMessage(body);
  if (parsed.kind === 'malformed') return { kind: 'malformed', reason: `malformed: ${parsed.reason}` };
  const objects = parsed.notifications.flatMap((one) => (one.kind === 'created' ? [one.object] : []));
  const named = objects.map((object) => ({ objectId: objectId(object), key: object.key, url: s3Url(object) }));
  const foreign = objects.find(({ bucket }) => !landing.buckets.includes(bucket));
  if (foreign) return { kind: 'foreign', reason: `bucket ${foreign.bucket} is not configured`, objects: named };
  return { kind: 'objects', objects: named };
}

/**
 * Why a message failed: `noted` is what the loader wrote on it. A message that the queue itself moved, because it was received too
 * often, has no note; then the ledger shows what happened to its objects since.
 */
export function failureReason(
  deadLetter: DeadLetter,
  ledger: ReadonlyMap<string, LedgerEntry>,
  noted: string | undefined,
  receives: string,
): string {
  if (deadLetter.kind !== 'objects') return deadLetter.reason;
  const counts = { loaded: 0, quarantined: 0, vanished: 0, dismissed: 0, unknown: 0 };
  for (const { objectId: id } of deadLetter.objects) counts[ledger.get(id)?.status ?? 'unknown'] += 1;
  const known = (['loaded', 'quarantined', 'vanished', 'dismissed'] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status} since`);
  const rest = counts.unknown === 0 ? [] : [`${counts.unknown} not loaded`];
  const why = noted ?? `received ${receives} ${receives === '1' ? 'time' : 'times'}`;
  return `${why}; ${[...rest, ...known].join(', ') || 'it names no object'}`;
}

/** The reason without our own numbers, for grouping. */
export function failureKind(deadLetter: DeadLetter, cause: string): string {
  return deadLetter.kind === 'objects' ? cause.replace(/\d+|\?/g, 'n') : cause;
}
