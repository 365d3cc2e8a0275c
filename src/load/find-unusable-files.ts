import { manifestFile } from '../objects/manifest.ts';
import { noUsableRow, scanRows, type RowScan } from './row-scan.ts';
import { buildUsableCount } from './transaction.ts';
import { LoaderError } from '../errors.ts';
import type { Candidate } from '../objects/source.ts';
import { mapConcurrently } from '../pool.ts';
import { groupHalves, spend, type BadFiles, type FileSearch } from './search.ts';
import { groupName, type Group } from './batches.ts';

/** How much of a file is read to find a usable row, which is nearly always the first. */
const START_BYTES = 256 * 1024;

/**
 * Finds the files without a single usable row in a batch that had rejected rows. The start of each file is read first, one
 * request per object; only files that show no usable row there are checked by the warehouse, whose rule decides.
 * When the budget is exhausted, the remaining files count as usable: their rows are rejected, recorded and counted one by one.
 * @throws LoaderError on a transient failure, or when time runs out.
 */
export async function findUnusableFiles(groups: readonly Group[], search: FileSearch): Promise<BadFiles> {
  const found: BadFiles = new Map();
  for (const [place, group] of groups.entries()) {
    const unclear = new Map<string, string[]>();
    await mapConcurrently(group.objects, async (object) => {
      const scan = await scanStart(object, search);
      if (scan.kind === 'unclear') unclear.set(object.objectId, scan.fields);
    });
    const suspects = group.objects.filter(({ objectId }) => unclear.has(objectId));
    // Files that show a row are counted together. One that shows none may be empty and so have lost nothing: it is counted alone.
    const showsRow = ({ objectId }: Candidate): boolean => (unclear.get(objectId) ?? []).length > 0;
    const shown = suspects.filter(showsRow);
    const parts = [
      ...(shown.length > 0 ? [shown] : []),
      ...suspects.filter((one) => !showsRow(one)).map((one) => [one]),
    ];
    const unused: Candidate[] = [];
    for (const [index, objects] of parts.entries()) {
      // The id is the token of its transaction, so groups must not share one: the second would be given the first one's counts.
      const attemptId = `${search.attemptId}u${place}-${index}`;
      unused.push(...(await unusableFiles({ ...group, objects }, attemptId, search)));
    }
    for (const object of unused) {
      const reason = noUsableRow(unclear.get(object.objectId) ?? [], group.source);
      found.set(object.objectId, { status: 'quarantined', code: 'NoUsableRow', reason });
    }
  }
  return found;
}

async function scanStart({ bucket, key, codec, source }: Candidate, { deps }: FileSearch): Promise<RowScan> {
  try {
    const text = await deps.objects.readStart(bucket, key, codec, START_BYTES);
    if (text !== undefined) return scanRows(text, source);
  } catch (error) {
    // An object that is gone, or that this role may not read, is left to the warehouse.
    if (!(error instanceof LoaderError) || error.retryable) throw error;
  }
  return { kind: 'unclear', fields: [] };
}

/** The objects of a group without a usable row by the warehouse's rule: all, none, or those found in its halves. */
async function unusableFiles(group: Group, attemptId: string, search: FileSearch): Promise<Candidate[]> {
  if (search.budget.left <= 0) return [];
  const { staged, rejected } = await countUsable(group, attemptId, search);
  if (staged > 0 && staged === rejected) return group.objects;
  if (rejected === 0 || group.objects.length === 1) return [];
  const [left, right] = groupHalves(group);
  return [
    ...(await unusableFiles(left, `${attemptId}l`, search)),
    ...(await unusableFiles(right, `${attemptId}r`, search)),
  ];
}

async function countUsable(
  group: Group,
  attemptId: string,
  { deps, deadlineMs, budget }: FileSearch,
): Promise<{ staged: number; rejected: number }> {
  spend(budget, deps, deadlineMs);
  const { bucket, prefix } = deps.config.control;
  const key = `${prefix}${attemptId}/${groupName(group)}.manifest`;
  await deps.objects.put(bucket, key, manifestFile(group.objects));
  const statements = buildUsableCount(group, `s3://${bucket}/${key}`, deps.config.names, deps.templates.load);
  const name = `sparkify examine ${attemptId}`;
  const result = await deps.warehouse.transaction(name, statements, {}, attemptId, deadlineMs);
  if (result.kind !== 'committed') throw result.error;
  const [row] = result.rows;
  if (row === undefined) throw new LoaderError('unexpected', `${name} gave no row`, 'Try again');
  return { staged: Number(row.rows_staged), rejected: Number(row.rows_rejected) };
}
