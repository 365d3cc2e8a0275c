import type { NotLoaded } from '../ledger/entries.ts';
import { manifestFile } from '../objects/manifest.ts';
import { DENIED, headFault, accessDenied, readLoadErrors, VANISHED } from './failure.ts';
import { buildValidation } from './transaction.ts';
import type { ObjectHead } from '../objects/object-version.ts';
import type { TransactionResult, Warehouse } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import { readNewestBatch, runReport } from '../ledger/reports.ts';
import type { Candidate } from '../objects/source.ts';
import { ledgerOf, type LoadDeps } from './deps.ts';
import { mapConcurrently } from '../pool.ts';
import { type BadFiles, type FileSearch, spend, groupHalves } from './search.ts';
import { groupName, type Group } from './batches.ts';

/**
 * Finds every file of a group whose content failed COPY: one validation pass (NOLOAD) lists them all. When a pass fails without
 * naming a file, the group is halved until the failing file is alone.
 * @throws LoaderError when the search itself hits a transient failure, exhausts its budget or runs out of time.
 */
export function findBadContent(group: Group, search: FileSearch): Promise<BadFiles> {
  return findNamed(group, search, true);
}

/** As findBadContent. `errorsExpected`: a validation that commits must have found errors, because a load has. */
async function findNamed(group: Group, search: FileSearch, errorsExpected: boolean): Promise<BadFiles> {
  const pass = await validate(group, search);
  const { result } = pass;
  if (result.kind === 'unknown') throw result.error;
  const waitFor = result.kind === 'committed' ? errorsExpected : result.error.code === 'content';
  const named = await loadErrors(pass, group, search, waitFor);
  if (result.kind === 'committed' || named.size > 0) return named;
  if (result.error.retryable) throw result.error;
  const [only, ...others] = group.objects;
  if (only && others.length === 0) return new Map([[only.objectId, reasonFromError(result.error)]]);
  const [left, right] = groupHalves(group);
  // One half may be good, so a pass of it that commits is believed.
  const found = await findNamed(left, { ...search, attemptId: `${search.attemptId}l` }, false);
  for (const [id, reason] of await findNamed(right, { ...search, attemptId: `${search.attemptId}r` }, false))
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
  for (const [id, reason] of await findNamed(group, search, false)) {
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
  const newest = await readNewestBatch(ledger);
  const keywords = { look_back: String(Math.max(0, newest - LOOK_BACK_BATCHES)) };
  for (const row of await runReport('last-loaded', { bucket }, ledger, { keywords })) {
    const reference = { bucket: String(row.bucket), key: String(row.key) };
    if ((await deps.objects.head(reference.bucket, reference.key)).kind !== 'present') continue;
    const { result } = await validate(group, { ...search, attemptId: `${attemptId}-k` }, [reference]);
    return result.kind === 'committed' || (result.kind === 'failed' && result.error.code === 'content');
  }
  return false;
}

type SystemIds = Awaited<ReturnType<Warehouse['systemIds']>>;

async function validate(
  group: Group,
  { deps, attemptId, deadlineMs, budget }: FileSearch,
  objects: readonly { bucket: string; key: string }[] = group.objects,
): Promise<{ result: TransactionResult } & SystemIds> {
  spend(budget, deps, deadlineMs);
  const { bucket, prefix } = deps.config.control;
  const key = `${prefix}${attemptId}/${groupName(group)}.validation`;
  await deps.objects.put(bucket, key, manifestFile(objects));
  const statements = buildValidation(group, `s3://${bucket}/${key}`, deps.config.names, deps.templates.load);
  const name = `sparkify validate ${attemptId}`;
  const result = await deps.warehouse.transaction(name, statements, {}, attemptId, deadlineMs);
  if (result.kind === 'unknown') return { result, queryId: undefined, processId: undefined };
  return { result, ...(await deps.warehouse.systemIds(result.id)) };
}

/** Pauses before asking for load errors again, which real clusters were seen to show up to 13 seconds late. */
export const ERRORS_LATE_MS = [3000, 10_000] as const;

/**
 * The files that the load errors of a pass name. Where errors are expected and none is there yet, it asks again after pauses, as
 * far as the deadline allows, and last by the process that ran the pass, because the view was seen without rows of a query.
 */
async function loadErrors(
  { queryId, processId }: SystemIds,
  group: Group,
  search: FileSearch,
  waitFor: boolean,
): Promise<BadFiles> {
  const { deps, deadlineMs, budget } = search;
  const ask = async (report: string, parameters: Record<string, string>): Promise<BadFiles> =>
    readLoadErrors(await runReport(report, parameters, ledgerOf(deps, deadlineMs)), group.objects);
  const byQuery = async (): Promise<BadFiles> =>
    queryId === undefined ? new Map() : ask('load-errors', { query_id: String(queryId) });
  let named = await byQuery();
  if (named.size > 0 || !waitFor || budget.errorsAbsent) return named;
  for (const pause of ERRORS_LATE_MS) {
    if (deps.clock.now() + pause >= deadlineMs) break;
    await deps.clock.sleep(pause);
    named = await byQuery();
    if (named.size > 0) return named;
  }
  if (processId !== undefined) named = await ask('load-errors-of-process', { process_id: String(processId) });
  if (named.size === 0) budget.errorsAbsent = true;
  return named;
}

/** The failure reason of a file that failed alone. */
export function reasonFromError(error: LoaderError): NotLoaded {
  if (error.code === 'missing-object') return VANISHED;
  if (error.code === 'forbidden-object') return DENIED;
  return { status: 'quarantined', code: error.code, reason: error.message };
}
