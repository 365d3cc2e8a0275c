import { ledgerFile, type Recorded } from '../ledger/entries.ts';
import { manifestFile } from './manifest.ts';
import { buildTransaction, type TransactionOptions } from './transaction.ts';
import type { TransactionResult } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import type { Templates } from '../sql/statement.ts';
import type { LoadDeps } from './deps.ts';
import { groupName, groupObjects } from './batches.ts';

/** What submitting needs from outside. */
export type SubmitDeps = Pick<LoadDeps, 'config' | 'objects' | 'warehouse'> & { templates: { load: Templates } };

/** One attempt at a batch; `token` distinguishes it from the other attempts. */
export type Attempt = TransactionOptions & { batchId: string; token: number };

/**
 * Submits a batch: manifests and ledger rows to S3, then the transaction. The files are named by batch and token, so
 * that a slow duplicate keeps its own; the same name lets the warehouse recognize a repeated submission.
 */
export async function submitBatch(
  { batchId, token, ...variant }: Attempt,
  recorded: readonly Recorded[],
  deps: SubmitDeps,
  deadlineMs: number,
): Promise<TransactionResult> {
  const attemptId = `${batchId}-${token}`;
  const { bucket, prefix } = deps.config.control;
  const groups = groupObjects(recorded.filter(({ result }) => result.status === 'loaded').map(({ object }) => object));
  const write = async (name: string, body: string): Promise<string> => {
    const key = `${prefix}${attemptId}/${name}`;
    await deps.objects.put(bucket, key, body);
    return `s3://${bucket}/${key}`;
  };
  try {
    const [objects, ...manifests] = await Promise.all([
      write('objects.json', ledgerFile(recorded)),
      ...groups.map((group) => write(`${groupName(group)}.manifest`, manifestFile(group.objects))),
    ]);
    const names = groups.map((group, index) => [groupName(group), manifests[index] ?? '']);
    const files = { objects, manifests: Object.fromEntries(names) as Record<string, string> };
    const { load } = deps.templates;
    const { statements, parameters } = buildTransaction(batchId, groups, files, deps.config.names, load, variant);
    return await deps.warehouse.transaction(`sparkify load ${batchId}`, statements, parameters, attemptId, deadlineMs);
  } catch (error) {
    if (error instanceof LoaderError) return { kind: 'unknown', error };
    throw error;
  }
}
