import type { NewRow, SeenVersion } from './conservation.ts';
import { readStatus } from './entries.ts';
import { runReport, type LedgerDeps } from './reports.ts';
import { parseMessage } from '../objects/notification.ts';
import { objectId, type ObjectVersion } from '../objects/object-version.ts';
import { route, type Landing } from '../objects/source.ts';

/** One write to a bucket, as a local bucket tells of it. */
export type Written = {
  name: string;
  bucket: string;
  object: { key: string; etag: string; sizeBytes: number };
  at: Date;
  sequencer: string;
};

/** The version that a write made; undefined for a deletion, or in a bucket that is not loaded from. */
export function writtenVersion(
  { name, bucket, object, at, sequencer }: Written,
  landing: Landing,
): SeenVersion | undefined {
  if (!landing.buckets.includes(bucket) || !name.startsWith('ObjectCreated:')) return undefined;
  const { key, etag, sizeBytes } = object;
  const version = { bucket, key, etag, sequencer, sizeBytes, eventTimeMs: at.getTime(), replayMode: 'ifNew' as const };
  return seenVersion(version, landing);
}

/** A version, and whether there is anything to load of it. */
export function seenVersion(version: ObjectVersion, { sources }: Landing): SeenVersion {
  const nothingToLoad = version.sizeBytes === 0 || route(version.key, sources).kind === 'ignored';
  // One is kept for each object there is: a literal that begins with a spread takes more than twice the memory in V8.
  return Object.assign({}, version, { objectId: objectId(version), nothingToLoad });
}

/** The versions that messages name. */
export function namedBy(messages: readonly { body: string }[]): ObjectVersion[] {
  return messages.flatMap(({ body }) => {
    const parsed = parseMessage(body);
    if (parsed.kind === 'malformed') return [];
    return parsed.notifications.flatMap((one) => (one.kind === 'created' ? [one.object] : []));
  });
}

/** Versions by the id of their object. */
export function byObjectId(versions: readonly ObjectVersion[]): Map<string, ObjectVersion[]> {
  const named = new Map<string, ObjectVersion[]>();
  for (const version of versions) {
    const id = objectId(version);
    named.set(id, [...(named.get(id) ?? []), version]);
  }
  return named;
}

/** What the ledger recorded after a batch, oldest first, and the number of the last batch by now. @throws LoaderError */
export async function readRecorded(since: string, deps: LedgerDeps): Promise<{ rows: NewRow[]; newest: string }> {
  const rows = await runReport('objects-since', { since }, deps);
  return {
    rows: rows.map((row) => ({
      objectId: String(row.object_id),
      batchNo: Number(row.batch_no),
      status: readStatus(row.status),
      etag: String(row.etag ?? ''),
      ...(typeof row.sequencer === 'string' ? { sequencer: row.sequencer } : {}),
    })),
    newest: String(rows.at(-1)?.batch_no ?? since),
  };
}
