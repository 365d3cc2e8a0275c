import type { NotLoaded } from '../ledger/entries.ts';
import { manifestFile } from './manifest.ts';
import { DENIED, headFault, accessDenied, readLoadErrors, VANISHED } from './failure.ts';
import { buildValidation } from './transaction.ts';
import type { ObjectHead } from '../objects/object-version.ts';
import type { TransactionResult } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import { runReport } from '../ledger/reports.ts';
import type { Candidate } from '../objects/source.ts';
import { ledgerOf, type LoadDeps } from './deps.ts';
import { mapConcurrently } from './pool.ts';
import { type BadFiles, type FileSearch, spend, groupHalves } from './search.ts';
import { groupName, type Group } from './batches.ts';

/**
 * Finds every file of a group that the warehouse will not load: one validation pass (NOLOAD) lists them all. When a pass
 * fails without naming a file, the group is halved until the failing file is alone.
 * @throws LoaderError when the search itself hits a transient failure, exhausts its budget or runs out of time.
 */
export async function findBadContent(group: Group, search: FileSearch): Promise<BadFiles> {
  const { result, queryId } = await validate(group, search);
  if (result.kind === 'unknown') throw result.error;
  const named = queryId === undefined ? new Map<string, NotLoaded>() : await loadErrors(queryId, group, search);
  if (result.kind === 'committed' || named.size > 0) return named;
  if (result.error.retryable) throw result.error;
  const [only, ...others] = group.objects;
  if (only && others.length === 0) return new Map([[only.objectId, reasonFromError(result.error)]]);
  const [left, right] = groupHalves(group);
  const found = await findBadContent(left, { ...search, attemptId: `${search.attemptId}l` });
  for (const [id, reason] of await findBadContent(right, { ...search, attemptId: `${search.attemptId}r` }))
    found.set(id, reason);
  return found;
}

/**
 * Finds the objects of a group that are gone or cannot be read, after COPY reported some.
 * @throws LoaderError, `misconfigured` when no object can be read, not even one that was loaded before.
 */
export async function findUnreadable(group: Group, error: LoaderError, search: FileSearch): Promise<BadFiles> {
  const heads = await lookAtAll(group.objects, search.deps);
  const faults = [...heads].flatMap(([id, head]) => {
    const fault = headFault(head);
    return fault === undefined ? [] : [[id, fault] as const];
  });
  // HEAD uses our own role; where it finds nothing wrong, the warehouse's role may still be denied.
  const found: BadFiles = faults.length > 0 ? new Map(faults) : await findDenied(group, heads, error, search);
  if (found.size === 0) throw new LoaderError('connection', error.message, error.hint);
  const denied = [...found.values()].filter(({ code }) => code === 'AccessDenied' || code === 'CustomerKey').length;
  if (denied === group.objects.length && !(await canReadWhatWasLoaded(group, search))) {
    throw new LoaderError('misconfigured', `none of the objects may be read: ${error.message}`, error.hint);
  }
  return found;
}

/** The objects that the warehouse's role may not read, although ours may. */
async function findDenied(
  group: Group,
  heads: ReadonlyMap<string, ObjectHead>,
  error: LoaderError,
  search: FileSearch,
): Promise<BadFiles> {
  const found: BadFiles = new Map();
  for (const [id, reason] of await findBadContent(group, search)) {
    const head = heads.get(id);
    found.set(id, reason === DENIED && head ? accessDenied(head, error.message) : reason);
  }
  return found;
}

async function lookAtAll(objects: readonly Candidate[], deps: LoadDeps): Promise<Map<string, ObjectHead>> {
  return new Map(
    await mapConcurrently(
      objects,
      async ({ objectId, bucket, key }) => [objectId, await deps.objects.head(bucket, key)] as const,
    ),
  );
}

/**
 * How many batches are looked through for objects that could be read. A bucket from which nothing was loaded for longer is treated
 * as one that nobody may read.
 */
const LOOK_BACK_BATCHES = 10_000;

/** Whether one of the bucket's most recently loaded objects is still readable, by HEAD and by the warehouse. */
async function canReadWhatWasLoaded(group: Group, search: FileSearch): Promise<boolean> {
  const { deps, attemptId } = search;
  const bucket = group.objects[0]?.bucket ?? '';
  const ledger = ledgerOf(deps, search.deadlineMs);
  const [newest] = await runReport('newest-batch', {}, ledger);
  const keywords = { look_back: String(Math.max(0, Number(newest?.batch_no) - LOOK_BACK_BATCHES)) };
  for (const row of await runReport('last-loaded', { bucket }, ledger, { keywords })) {
    const reference = { bucket: String(row.bucket), key: String(row.key) };
    if ((await deps.objects.head(reference.bucket, reference.key)).kind !== 'present') continue;
    const { result } = await validate(group, { ...search, attemptId: `${attemptId}-k` }, [reference]);
    return result.kind === 'committed' || (result.kind === 'failed' && result.error.code === 'content');
  }
  return false;
}

async function validate(
  group: Group,
  { deps, attemptId, deadlineMs, budget }: FileSearch,
  objects: readonly { bucket: string; key: string }[] = group.objects,
): Promise<{ result: TransactionResult; queryId: number | undefined }> {
  spend(budget, deps, deadlineMs);
  const { bucket, prefix } = deps.config.control;
  const key = `${prefix}${attemptId}/${groupName(group)}.validation`;
  await deps.objects.put(bucket, key, manifestFile(objects));
  const statements = buildValidation(group, `s3://${bucket}/${key}`, deps.config.names, deps.templates.load);
  const name = `sparkify validate ${attemptId}`;
  const result = await deps.warehouse.transaction(name, statements, {}, attemptId, deadlineMs);
  const queryId = result.kind === 'unknown' ? undefined : await deps.warehouse.lastQueryId(result.id);
  return { result, queryId };
}

async function loadErrors(queryId: number, group: Group, search: FileSearch): Promise<BadFiles> {
  return readLoadErrors(
    await runReport('load-errors', { query_id: String(queryId) }, ledgerOf(search.deps, search.deadlineMs)),
    group.objects,
  );
}

/** The failure reason of a file that failed alone. */
export function reasonFromError(error: LoaderError): NotLoaded {
  if (error.code === 'missing-object') return VANISHED;
  if (error.code === 'forbidden-object') return DENIED;
  return { status: 'quarantined', code: error.code, reason: error.message };
}
