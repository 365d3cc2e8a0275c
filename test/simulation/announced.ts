/** Every batch is announced, and nothing but batches. */
import assert from 'node:assert/strict';
import { isDeliveryBatch } from '../../src/load/batch-id.ts';
import type { TestStack } from '../support/stack.ts';

/**
 * Compares the events with the ledger: each batch that a delivery committed was announced, with its figures, and no other. At the end
 * of a delivery only. Throws AssertionError.
 */
export async function assertAnnounced(stack: TestStack): Promise<void> {
  const rows = await stack.rows(
    `SELECT b.batch_id, b.batch_no, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', b.committed_at) AS committed_at_ms,
            b.objects_loaded, b.objects_quarantined, b.objects_vanished, b.bytes_loaded, b.rows_staged, b.rows_healed
     FROM ${stack.schema}.load_batches AS b`,
  );
  const committed = rows
    .filter((row) => isDeliveryBatch(String(row.batch_id)))
    .map((row) => [
      row.batch_id,
      Number(row.batch_no),
      new Date(Number(row.committed_at_ms)).toISOString(),
      { loaded: Number(row.objects_loaded), quarantined: Number(row.objects_quarantined), vanished: Number(row.objects_vanished), bytes: Number(row.bytes_loaded) }, // prettier-ignore
      [Number(row.rows_staged), Number(row.rows_healed)],
    ]);
  const announced = stack.announced().map(({ detail }) => JSON.stringify([detail.batchId, detail.batchNo, detail.committedAt, detail.files, [detail.rows.staged, detail.rows.healed]])); // prettier-ignore
  assert.deepEqual(
    [...new Set(announced)].sort(),
    committed.map((batch) => JSON.stringify(batch)).sort(),
    'each batch is announced as it was committed, and nothing else is',
  );
}
