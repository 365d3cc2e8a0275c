import { LoaderError } from '../errors.ts';
import { runReport } from '../ledger/reports.ts';
import { dropStatements } from '../schema/migrations.ts';
import { upgradeSchema, type SchemaDeps } from '../schema/upgrade.ts';
import { mustRun, ownStatement, runToEnd, statementOf } from './statements.ts';
import { deadlineOf, questionsOf, rebuildFiles, type RebuildDeps } from './deps.ts';

/** How long a rebuild is taken for alive behind its last sign of life, as sql/rebuild/claim.sql says. */
export const QUIET_SECONDS = 60;

/** What a schema says of the rebuild that makes it, or has made it. */
export type RebuildState = {
  runId: string;
  rules: string;
  /** The live star's batches up to this one were there before the rebuild began. */
  liveBatch: number;
  quietSeconds: number;
  begunAt: string;
  swappedAt: string | undefined;
};

/**
 * The rebuild of a schema: `none` where there is no such schema, or nothing in it, `begun` where a rebuild has made it and nothing more, and
 * `foreign` for a schema that no rebuild made.
 * @throws LoaderError
 */
export async function readState(
  schema: string,
  deps: Pick<RebuildDeps, 'connection'>,
): Promise<RebuildState | 'none' | 'begun' | 'foreign'> {
  try {
    const [row] = await runReport('state', {}, questionsOf(deps, schema));
    if (row === undefined) return 'begun';
    return {
      runId: String(row.run_id),
      rules: String(row.rules),
      liveBatch: Number(row.live_batch),
      quietSeconds: Number(row.quiet_seconds),
      begunAt: String(row.begun_at),
      swappedAt: row.swapped_at === null ? undefined : String(row.swapped_at),
    };
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    if (!/does not exist/i.test(error.message)) throw error;
    // A missing schema and a missing table are told in the same words.
    const literals = { schema_name: schema };
    const tables = await runReport('tables', {}, questionsOf(deps, schema), { literals });
    return tables.length === 0 ? 'none' : 'foreign';
  }
}

/**
 * Makes the next schema, or goes on with the one that an earlier run left; `anew` says that it was made by other rules than this
 * release's, and is made once more from the beginning. Gives the rebuild, which is this run's from now on.
 * @throws LoaderError, `usage` when another run is at it.
 */
export async function takeNextSchema(rules: string, deps: RebuildDeps): Promise<RebuildState & { anew: boolean }> {
  const { next } = deps.schemas;
  let state = await readState(next, deps);
  if (state === 'foreign' || (state === 'begun' && (await hasLoaded(next, deps)))) {
    throw new LoaderError(
      'usage',
      `Schema ${next} is there, and no rebuild made it.`,
      `Rename it, or drop it: npx sparkify query "DROP SCHEMA ${next} CASCADE"`,
    );
  }
  if (typeof state !== 'string') refuseSecond(state, deps);
  const anew = typeof state !== 'string' && state.rules !== rules;
  if (anew) {
    await dropSchemaOf(next, deps);
    state = 'none';
  }
  await upgradeSchema(nextDeps(deps));
  const statements =
    typeof state === 'string'
      ? ['begin-record', 'begin-number'].map((name) =>
          ownStatement(name, deps, { literals: { run_id: deps.runId, rules } }),
        )
      : [ownStatement('claim', deps, { literals: { run_id: deps.runId } })];
  const result = await runToEnd('begin', statements, deps);
  const now = await readState(next, deps);
  if (typeof now === 'string') throw new Error(`schema ${next} was just made and is not there`);
  refuseSecond(now, deps);
  if (result.kind === 'failed' || now.runId !== deps.runId) throw taken(now);
  return { ...now, anew };
}

/** Whether something was loaded into a schema that no rebuild claims: then it is the star of somebody else's stack. */
async function hasLoaded(schema: string, deps: RebuildDeps): Promise<boolean> {
  const [row] = await runReport('live-batch', {}, questionsOf(deps, schema));
  return Number(row?.batch_no ?? 0) > 0;
}

/** @throws LoaderError, `usage`, when another run gave a sign of life of late. */
function refuseSecond(state: RebuildState, deps: RebuildDeps): void {
  if (state.runId !== deps.runId && state.quietSeconds <= QUIET_SECONDS) throw taken(state);
}

function taken({ quietSeconds, begunAt }: RebuildState): LoaderError {
  return new LoaderError(
    'usage',
    `A rebuild that began at ${begunAt} is at work: it was last seen ${quietSeconds} s ago.`,
    `Wait for its end. If it was killed, run the same command again in ${QUIET_SECONDS} s: it goes on where that one stopped`,
  );
}

/** Says that this run is still at work, or, by `release`, that it is not any more. @throws LoaderError */
export async function giveSignOfLife(deps: RebuildDeps, sign: 'seen' | 'release' = 'seen'): Promise<void> {
  const { text, name } = ownStatement(sign, deps, { literals: { run_id: deps.runId } });
  await deps.connection.warehouse.query(`sparkify rebuild ${name}`, text, {}, deadlineOf(deps));
}

/** Drops the product's tables of a schema, and the schema itself. @throws LoaderError when others keep something there. */
export async function dropSchemaOf(schema: string, deps: RebuildDeps): Promise<void> {
  const { templates } = deps.connection;
  const drop = statementOf('drop-schema', rebuildFiles(deps), { ...deps.schemas, live: schema });
  await mustRun(`drop ${schema}`.slice(0, 20).trim(), [...dropStatements(templates, schema), drop], deps);
}

/** What making the next schema takes. */
function nextDeps(deps: RebuildDeps): SchemaDeps {
  const { warehouse, clock, templates } = deps.connection;
  return {
    warehouse,
    clock,
    templates,
    schema: deps.schemas.next,
    deadlineMs: deadlineOf(deps),
    runId: `${deps.runId}-n`,
  };
}
