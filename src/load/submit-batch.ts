import { ledgerFile, type Recorded } from '../ledger/entries.ts';
import { manifestFile } from '../objects/manifest.ts';
import { buildMerging, buildStaging, buildSurvey } from './transaction.ts';
import type { TransactionResult } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import type { Source } from '../objects/source.ts';
import type { Templates } from '../sql/statement.ts';
import type { Sighting } from '../ledger/sightings.ts';
import type { LoadDeps } from './deps.ts';
import { groupName, groupObjects } from './batches.ts';
import { readSurvey, type Asked, type Staged } from './survey.ts';

/** What submitting needs from outside. */
export type SubmitDeps = Pick<LoadDeps, 'config' | 'objects' | 'warehouse' | 'clock'> & {
  templates: { load: Templates };
};

/** One attempt at a batch; its id distinguishes it from the other attempts, and the same id is recognized as the same attempt. */
export type Attempt = { id: string; batchId: string; asked: Asked; deadlineMs: number };

/** The result of staging: what the merge needs, or why there is none. */
export type StageResult = { kind: 'staged'; staged: Staged } | Exclude<TransactionResult, { kind: 'committed' }>;

/**
 * Stages a batch: manifests and ledger rows to S3, then the transaction that copies them, in a session that is kept for the next
 * transaction. The files are named by the attempt, so that a slow duplicate keeps its own. `noticed` is what the fields of its
 * objects show, which is found while the manifests are written. `emptySources` are sources that are merged although none of
 * their files is copied.
 */
export async function stageBatch(
  { id, batchId, deadlineMs }: Attempt,
  recorded: readonly Recorded[],
  noticed: Sighting[] | Promise<Sighting[]>,
  emptySources: readonly Source[],
  deps: SubmitDeps,
): Promise<StageResult> {
  const { bucket, prefix } = deps.config.control;
  const groups = groupObjects(recorded.filter(({ result }) => result.status === 'loaded').map(({ object }) => object));
  const write = async (name: string, body: string): Promise<string> => {
    const key = `${prefix}${id}/${name}`;
    await deps.objects.put(bucket, key, body);
    return `s3://${bucket}/${key}`;
  };
  try {
    const [objects, ...manifests] = await Promise.all([
      Promise.resolve(noticed).then((sightings) => write('objects.json', ledgerFile(recorded, sightings))),
      ...groups.map((group) => write(`${groupName(group)}.manifest`, manifestFile(group.objects))),
    ]);
    const names = groups.map((group, index) => [groupName(group), manifests[index] ?? '']);
    const files = { objects, manifests: Object.fromEntries(names) as Record<string, string> };
    const { load } = deps.templates;
    const statements = buildStaging(groups, files, deps.config.names, load, emptySources);
    const startedMs = deps.clock.now();
    const session = { keepAliveSeconds: keepAliveSeconds(deadlineMs, deps) };
    const name = `sparkify stage ${batchId}`;
    const result = await deps.warehouse.transaction(name, statements, {}, id, deadlineMs, session);
    if (result.kind !== 'committed') return result;
    if (result.sessionId === undefined) throw new Error(`${name} was not given a session`);
    const sources = [...new Set([...groups.map(({ source }) => source), ...emptySources])];
    const { sessionId, rows } = result;
    const staged = { sessionId, sources, survey: readSurvey(rows), startedMs };
    return { kind: 'staged', staged: { ...staged, aliveUntilMs: aliveUntilMs(session.keepAliveSeconds, deps) } };
  } catch (error) {
    if (error instanceof LoaderError) return { kind: 'unknown', error };
    throw error;
  }
}

/** Surveys a staged batch once more: the loads that committed meanwhile have moved what it found. */
export async function surveyAgain(
  { id, batchId, deadlineMs }: Attempt,
  staged: Staged,
  { config, templates, warehouse }: SubmitDeps,
): Promise<StageResult> {
  const statements = buildSurvey(staged.sources, config.names, templates.load);
  const name = `sparkify survey ${batchId}`;
  const result = await warehouse.transaction(name, statements, {}, id, deadlineMs, staged);
  if (result.kind !== 'committed') return result;
  return { kind: 'staged', staged: { ...staged, survey: readSurvey(result.rows) } };
}

/** Merges a staged batch and records it, under the lock. */
export async function mergeBatch(
  { id, batchId, asked, deadlineMs }: Attempt,
  { sessionId, sources, survey, startedMs }: Staged,
  { config, templates, warehouse }: SubmitDeps,
): Promise<TransactionResult> {
  const { names, mergeBounds } = config;
  const statements = buildMerging({ batchId, asked, startedMs }, sources, survey, names, templates.load, {
    mergeBounds,
  });
  return warehouse.transaction(`sparkify merge ${batchId}`, statements, {}, id, deadlineMs, { sessionId });
}

/**
 * From one transaction of a load to the next it is less than a second, but where rows were rejected: then files are searched, and a
 * search that takes longer stages anew.
 */
const SESSION_IDLE_SECONDS = 30;
/** The share of that time in which the session is certainly there: when it ended its statement is known a little late. */
const SURELY_ALIVE = 5 / 6;

/** Until when the session of a staged batch can be relied on. */
function aliveUntilMs(keepAliveSeconds: number, { clock }: SubmitDeps): number {
  return clock.now() + keepAliveSeconds * 1000 * SURELY_ALIVE;
}

/**
 * How long a session outlives its last statement, at most until the deadline, when the load has ended in any case. A session that
 * nobody uses any more holds its temporary tables and one of the warehouse's 500 sessions, so one for each batch of the last
 * minutes would be too many. https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations
 */
function keepAliveSeconds(deadlineMs: number, { clock }: SubmitDeps): number {
  return Math.min(SESSION_IDLE_SECONDS, Math.max(1, Math.ceil((deadlineMs - clock.now()) / 1000)));
}
