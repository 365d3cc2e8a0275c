import { groupName, groupObjects, type Candidate, type Group } from './core/batch.ts';
import type { SetAside } from './core/ledger.ts';
import { manifestFile } from './core/manifest.ts';
import { readLoadErrors, unreadable } from './core/quarantine.ts';
import { render } from './core/sql-template.ts';
import { buildValidation } from './core/transaction.ts';
import { LoaderError } from './errors.ts';
import type { LoadDeps } from './load.ts';

/** The bad objects found in a batch: object id → why it is set aside. Empty when none could be named. */
export type Found = Map<string, SetAside>;

/** HEAD requests under way at once. */
const HEADS_AT_ONCE = 16;

/** What finding the bad files of one batch needs: a token prefix of its own, and the deadline. */
export type Search = { deps: LoadDeps; attemptId: string; deadlineMs: number };

/**
 * Finds every file of a group that the warehouse will not load: one validation pass (NOLOAD) that lists them all. Where a
 * pass fails and names no file, the group is halved until the failing file is alone.
 * @throws LoaderError when the search itself fails in passing, or the time is up.
 */
export async function findBadContent(group: Group, search: Search): Promise<Found> {
  const { result, queryId } = await validate(group, search);
  if (result.kind === 'unknown') throw result.error;
  const named = queryId === undefined ? new Map<string, SetAside>() : await loadErrors(queryId, group, search);
  if (result.kind === 'committed' || named.size > 0) return named;
  if (result.error.retryable) throw result.error;
  const [only, ...others] = group.objects;
  if (only && others.length === 0) return new Map([[only.objectId, fromError(result.error)]]);
  const [left, right] = halves(group);
  const found = await findBadContent(left, { ...search, attemptId: `${search.attemptId}l` });
  for (const [id, aside] of await findBadContent(right, { ...search, attemptId: `${search.attemptId}r` }))
    found.set(id, aside);
  return found;
}

/** Finds the objects of a group that are gone or may not be read, by HEAD. */
export async function findUnreadable(group: Group, { deps }: Search): Promise<Found> {
  const found: Found = new Map();
  const waiting = [...group.objects];
  const look = async (): Promise<void> => {
    for (let object = waiting.pop(); object; object = waiting.pop()) {
      const head = await deps.objects.head(object.bucket, object.key);
      if (head.kind !== 'present') found.set(object.objectId, unreadable(head.kind));
    }
  };
  await Promise.all(Array.from({ length: HEADS_AT_ONCE }, look));
  return found;
}

/** The group a failed COPY was of. */
export function groupOf(objects: readonly Candidate[], name: string | undefined): Group | undefined {
  return groupObjects(objects).find((group) => groupName(group) === name);
}

async function validate(group: Group, { deps, attemptId, deadlineMs }: Search) {
  if (deps.clock.now() >= deadlineMs) {
    throw new LoaderError('deadline', 'no time is left to find the bad files', 'It is tried again by itself');
  }
  const { bucket, prefix } = deps.config.control;
  const key = `${prefix}${attemptId}/${groupName(group)}.validation`;
  await deps.objects.put(bucket, key, manifestFile(group.objects));
  const statements = buildValidation(group, `s3://${bucket}/${key}`, deps.config.names, deps.templates.load);
  const result = await deps.warehouse.transaction(
    `sparkify validate ${attemptId}`,
    statements,
    {},
    attemptId,
    deadlineMs,
  );
  const queryId = result.kind === 'unknown' ? undefined : await deps.warehouse.lastQueryId(result.id);
  return { result, queryId };
}

async function loadErrors(queryId: number, group: Group, { deps, deadlineMs }: Search): Promise<Found> {
  const { text } = render(deps.templates.report['load-errors'] ?? '', { parameters: ['query_id'] });
  const rows = await deps.warehouse.query('sparkify load-errors', text, { query_id: String(queryId) }, deadlineMs);
  return readLoadErrors(rows, group.objects);
}

/** What the warehouse said of a file that failed alone. */
export function fromError(error: LoaderError): SetAside {
  if (error.code === 'missing-object') return unreadable('missing');
  if (error.code === 'forbidden-object') return unreadable('forbidden');
  return { status: 'quarantined', code: error.code, reason: error.message };
}

function halves(group: Group): [Group, Group] {
  const middle = Math.ceil(group.objects.length / 2);
  return [
    { ...group, objects: group.objects.slice(0, middle) },
    { ...group, objects: group.objects.slice(middle) },
  ];
}
