import { parseMessage } from '../objects/notification.ts';
import { compareVersions, objectId, s3Url, type ObjectVersion } from '../objects/object-version.ts';
import { route, type Landing, type Candidate } from '../objects/source.ts';
import type { LedgerEntry, NotLoaded } from '../ledger/entries.ts';
import type { RefusedMessage } from '../queue/come-again.ts';

/** The parts of an SQS record that loading needs; `attributes` are SQS's own. */
export type Message = { messageId: string; body: string; attributes?: Readonly<Record<string, string>> };

/** Something that needs no load, and why. */
export type Skipped = {
  outcome: 'ignored' | 'superseded' | 'alreadyLoaded' | 'stillQuarantined' | 'stillVanished';
  /** `s3://bucket/key`; undefined for what names no object, such as a test event. */
  url?: string;
  reason: string;
};

/** A key that is empty or deleted according to a notification: nothing to load, but it may end a quarantine. */
export type Tombstone = Candidate & { dismissal: NotLoaded };

/** A parsed delivery: one candidate per key, and which messages wait for each. */
export type ReadDelivery = {
  candidates: Candidate[];
  tombstones: Tombstone[];
  skipped: Skipped[];
  /** Object versions named by all messages that were not refused: each gets exactly one outcome. */
  seen: number;
  refused: RefusedMessage[];
  /** messageId → the object ids it waits for. Messages that wait for nothing are absent. */
  waiting: Map<string, Set<string>>;
};

/**
 * Expands messages to object versions, routes them, and coalesces the versions of one key to the newest.
 * A message that cannot be read, or that names an unconfigured bucket, is refused as a unit; the others are not affected.
 */
export function readDelivery(messages: readonly Message[], landing: Landing): ReadDelivery {
  const newest = new Map<string, Candidate>();
  const tombstones = new Map<string, Tombstone>();
  const delivery: ReadDelivery = {
    candidates: [],
    tombstones: [],
    skipped: [],
    seen: 0,
    refused: [],
    waiting: new Map(),
  };
  for (const { messageId, body } of messages) {
    const parsed = parseMessage(body);
    if (parsed.kind === 'malformed') {
      delivery.refused.push({ messageId, reason: parsed.reason });
      continue;
    }
    const foreign = parsed.notifications.find(
      (one) => one.kind === 'created' && !landing.buckets.includes(one.object.bucket),
    );
    if (foreign?.kind === 'created') {
      delivery.refused.push({ messageId, reason: `bucket ${foreign.object.bucket} is not configured` });
      continue;
    }
    for (const one of parsed.notifications) {
      if (one.kind === 'ignored') {
        delivery.skipped.push({ outcome: 'ignored', reason: one.reason });
        continue;
      }
      delivery.seen += 1;
      const candidate = toCandidate(one.object, landing);
      if ('outcome' in candidate) delivery.skipped.push(candidate);
      else if (one.kind === 'created' && candidate.sizeBytes !== 0) admit(candidate, messageId, newest, delivery);
      else admitTombstone({ ...candidate, dismissal: DISMISSALS[one.kind] }, messageId, tombstones, delivery);
    }
  }
  delivery.candidates = [...newest.values()];
  for (const one of tombstones.values()) {
    // The delivery also has an object of this key; it is read as it is now, empty or not, so it decides.
    if (newest.has(one.objectId)) delivery.skipped.push(ignoredTombstone(one));
    else delivery.tombstones.push(one);
  }
  return delivery;
}

/** The dismissals recorded when a quarantined object is emptied or deleted. */
const DISMISSALS = {
  created: { status: 'dismissed', code: 'Empty', reason: 'the object was overwritten by an empty one' },
  removed: { status: 'dismissed', code: 'Deleted', reason: 'the object was deleted' },
} as const satisfies Record<string, NotLoaded>;

/** A tombstone that ends no quarantine. */
export function ignoredTombstone(tombstone: Tombstone): Skipped {
  const reason = tombstone.dismissal.code === 'Empty' ? 'it has zero bytes' : 'it was deleted';
  return { outcome: 'ignored', url: s3Url(tombstone), reason };
}

function toCandidate(object: ObjectVersion, landing: Landing): Candidate | Skipped {
  const routed = landing.buckets.includes(object.bucket)
    ? route(object.key, landing.sources)
    : { kind: 'ignored' as const, reason: `bucket ${object.bucket} is not configured` };
  if (routed.kind === 'ignored') return { outcome: 'ignored', url: s3Url(object), reason: routed.reason };
  // A literal that begins with a spread takes twice the time and memory in V8, and there is one for each object of a delivery.
  return Object.assign({}, object, { objectId: objectId(object), source: routed.source, codec: routed.codec });
}

function waitFor(id: string, messageId: string, delivery: ReadDelivery): void {
  const waits = delivery.waiting.get(messageId) ?? new Set<string>();
  delivery.waiting.set(messageId, waits.add(id));
}

/** Keeps one tombstone per key: HEAD decides in the end, whatever the notifications say. */
function admitTombstone(
  one: Tombstone,
  messageId: string,
  tombstones: Map<string, Tombstone>,
  delivery: ReadDelivery,
): void {
  waitFor(one.objectId, messageId, delivery);
  const other = tombstones.get(one.objectId);
  if (other) delivery.skipped.push(ignoredTombstone(other));
  tombstones.set(one.objectId, one);
}

/** Keeps the newer of two versions of a key. Every message that named the key waits for the one that is loaded. */
function admit(candidate: Candidate, messageId: string, newest: Map<string, Candidate>, delivery: ReadDelivery): void {
  waitFor(candidate.objectId, messageId, delivery);
  const other = newest.get(candidate.objectId);
  if (!other) {
    newest.set(candidate.objectId, candidate);
    return;
  }
  const newer = compareVersions(candidate, other) > 0 ? candidate : other;
  const modes = [candidate.replayMode, other.replayMode];
  const replayMode = (['reload', 'release'] as const).find((mode) => modes.includes(mode)) ?? 'ifNew';
  newest.set(candidate.objectId, { ...newer, replayMode });
  const reason = 'a newer version, or the same one, is in the delivery';
  delivery.skipped.push({ outcome: 'superseded', url: s3Url(candidate), reason });
}

/** Splits candidates by the ledger's newest row of their keys: what to load, and what needs no load. */
export function skipKnownVersions(
  candidates: readonly Candidate[],
  ledger: ReadonlyMap<string, LedgerEntry>,
): { load: Candidate[]; skipped: Skipped[] } {
  const load: Candidate[] = [];
  const skipped: Skipped[] = [];
  for (const candidate of candidates) {
    const skip = skipReason(candidate, ledger.get(candidate.objectId));
    if (skip) skipped.push(skip);
    else load.push(candidate);
  }
  return { load, skipped };
}

/** The latest time a version can have been written. */
function latestWriteMs({ eventTimeMs, wholeSeconds }: Candidate): number {
  return wholeSeconds ? eventTimeMs + 999 : eventTimeMs;
}

/**
 * Why a candidate needs no load; undefined when it does.
 *
 * The etag and sequencer of a ledger row are what a notification once claimed, and notifications can be forged or sent by hand.
 * No notification can change when the load behind the row began to read: it did not read a version written after that.
 * So a false notification can cost a load but never lose a file.
 */
function skipReason(candidate: Candidate, entry: LedgerEntry | undefined): Skipped | undefined {
  if (!entry || candidate.replayMode === 'reload') return undefined;
  const url = s3Url(candidate);
  const order = compareVersions(candidate, entry);
  if (order > 0 || latestWriteMs(candidate) > entry.readAfterMs) return undefined;
  if (candidate.etag !== entry.etag) {
    // Only two sequencers prove which is older: a listing has none, and its times are whole seconds. When in doubt, load.
    const certain = candidate.sequencer !== undefined && entry.sequencer !== undefined;
    if (order === 0 || !certain) return undefined;
    return { outcome: 'superseded', url, reason: 'the ledger has a newer version' };
  }
  switch (entry.status) {
    case 'loaded':
      return { outcome: 'alreadyLoaded', url, reason: 'the ledger has this version' };
    case 'dismissed':
      if (candidate.replayMode === 'release') return undefined;
      return { outcome: 'ignored', url, reason: 'this version was quarantined and dismissed' };
    case 'quarantined':
      if (candidate.replayMode === 'release') return undefined;
      return { outcome: 'stillQuarantined', url, reason: 'this version is in quarantine' };
    case 'vanished':
      if (candidate.replayMode === 'release') return undefined;
      return { outcome: 'stillVanished', url, reason: 'this version was deleted before it was read' };
  }
}
