import type { Load } from './judge.ts';

/** An object that may hold a row, and every load of it, oldest first. */
export type Candidate = { bucket: string; key: string; sizeBytes: number; loads: Load[] };

/** Why nothing is known of what an object held when it was loaded. */
export type UnreadReason = 'gone' | 'changed' | 'archived' | 'forbidden' | 'encrypted' | 'unreadable';

/** An object that could not be read as it was loaded last. `detail` says more where there is more to say. */
export type Unread = { object: Candidate; why: UnreadReason; detail?: string };

/** The loads that read the object as it is now, which `etag` names, and the others. */
export function splitLoads({ loads }: Candidate, etag: string): { loads: Load[]; otherLoads: Load[] } {
  return {
    loads: loads.filter((load) => load.etag === etag),
    otherLoads: loads.filter((load) => load.etag !== etag),
  };
}

/** Reads rows of sql/report/trace-objects into candidates by object id, those of earlier pages included. */
export function addLoads(
  rows: readonly Readonly<Record<string, string | number | boolean | null>>[],
  candidates: Map<string, Candidate>,
): void {
  for (const row of rows) {
    const id = String(row.object_id);
    const known = candidates.get(id);
    const load: Load = {
      batchNo: Number(row.batch_no),
      batchId: String(row.batch_id),
      etag: String(row.etag ?? ''),
      eventTime: String(row.event_time),
      recordedAt: String(row.recorded_at),
    };
    const object = known ?? { bucket: String(row.bucket), key: String(row.key), sizeBytes: 0, loads: [] };
    object.sizeBytes = Number(row.size_bytes ?? 0);
    object.loads.push(load);
    candidates.set(id, object);
  }
}
