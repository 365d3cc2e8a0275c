import {
  createUserStatements,
  baseStatements,
  grantStatements,
  hardenedGrantStatements,
  definitionsByRelation,
  migrationsAbove,
  newestVersion,
  dropStatements,
  type HardenedNames,
  type Rights,
  type SchemaFiles,
} from './migrations.ts';
import { runReport, type LedgerDeps } from '../ledger/reports.ts';
import type { Clock, TransactionResult, Warehouse } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import type { Statement, Templates } from '../sql/statement.ts';

/** How often a transaction is tried that another one, or the network, got in the way of. */
const TRIES = 6;
/** Before the second try; doubled before each further one. */
const FIRST_PAUSE_MS = 250;

/** What making or upgrading the schema needs. */
export type SchemaDeps = {
  warehouse: Warehouse;
  clock: Pick<Clock, 'sleep'>;
  templates: SchemaFiles & { report: Templates };
  schema: string;
  /** Epoch milliseconds. */
  deadlineMs: number;
  /** Names one run, so that a repeated reply is told from a repeated run; 1 to 40 characters. */
  runId: string;
};

/** What an upgrade did. */
export type Upgrade = { from: number; to: number; applied: string[] };

/**
 * Creates or upgrades the schema. Safe to repeat, and to run by many at once: each numbered file is one transaction under a
 * lock, which records its version and runs once. Who comes too late finds the version recorded and goes on with the next.
 * @throws LoaderError, `usage` when the schema is newer than this release.
 */
export async function upgradeSchema(deps: SchemaDeps): Promise<Upgrade> {
  const { templates } = deps;
  await runOnce('foundation', baseStatements(templates.schema, deps.schema), {}, isFounded, deps);
  const from = await readVersion(deps);
  const applied: string[] = [];
  for (let version = from; ; version = await readVersion(deps)) {
    refuseNewer(version, deps);
    const [next] = migrationsAbove(version, templates, deps.schema);
    if (next === undefined) return { from, to: version, applied };
    const isApplied = async (): Promise<boolean> => (await readVersion(deps)) >= next.version;
    const parameters = { version: String(next.version) };
    if (await runOnce(next.name, next.statements, parameters, isApplied, deps)) applied.push(next.name);
  }
}

function refuseNewer(version: number, deps: SchemaDeps): void {
  const newest = newestVersion(deps.templates.schema);
  if (version <= newest) return;
  throw new LoaderError(
    'usage',
    `Schema ${deps.schema} is at version ${version}; this release knows ${newest}.`,
    'Install the release that made it, or name another schema in SPARKIFY_SCHEMA',
  );
}

/** A schema that tells its version has its foundation, whoever laid it. */
async function isFounded(deps: SchemaDeps): Promise<boolean> {
  return await readVersion(deps).then(
    () => true,
    () => false,
  );
}

/**
 * Commits one transaction, unless `isDone` says after a failure that somebody else has done the same. Says whether it was
 * committed here. @throws LoaderError
 */
async function runOnce(
  name: string,
  statements: Statement[],
  parameters: Record<string, string>,
  isDone: (deps: SchemaDeps) => Promise<boolean>,
  deps: SchemaDeps,
): Promise<boolean> {
  let failures = 0;
  for (let tried = 1; ; tried += 1) {
    // A lost reply is asked for again under the same name; a failure would only be told again, so it gets a new one.
    const result = await submit(`${failures}-${name}`, statements, parameters, deps);
    if (result.kind === 'committed') return true;
    if (result.kind === 'failed') {
      if (await isDone(deps)) return false;
      failures += 1;
    }
    if (!result.error.retryable || tried === TRIES) throw result.error;
    await deps.clock.sleep(FIRST_PAUSE_MS * 2 ** (tried - 1));
  }
}

/**
 * Makes anew the tables and views that somebody dropped from a schema of this version, empty and without their grants; gives
 * their names. @throws LoaderError
 */
export async function repairSchema(deps: SchemaDeps): Promise<string[]> {
  const made = [...definitionsByRelation(deps.templates.schema, deps.schema)];
  const there = await Promise.all(made.map(([relation]) => isThere(relation, deps)));
  const missing = made.filter((_, index) => !there[index]);
  if (missing.length > 0)
    await run(
      'repair',
      missing.flatMap(([, statements]) => statements),
      {},
      deps,
    );
  return missing.map(([relation]) => relation);
}

async function isThere(relation: string, deps: SchemaDeps): Promise<boolean> {
  try {
    await runReport('is-there', {}, ledgerOf(deps), { identifiers: { relation } });
    return true;
  } catch (error) {
    if (error instanceof LoaderError && /does not exist/i.test(error.message)) return false;
    throw error;
  }
}

function ledgerOf({ warehouse, templates, schema, deadlineMs }: SchemaDeps): LedgerDeps {
  return { warehouse, reports: templates.report, schema, deadlineMs: () => deadlineMs };
}

/** Removes the product's tables and views from the schema, and nothing else in it. */
export async function dropSchema(deps: SchemaDeps): Promise<void> {
  await run('drop', dropStatements(deps.templates, deps.schema), {}, deps);
}

/**
 * Gives a database user rights, and makes the user first where there is none. Each user takes a run of its own: under a common
 * id the second grant would be taken for a repetition of the first. With `hardened` it is also given what everyone has by default.
 * @throws LoaderError
 */
export async function grantTo(
  grantee: string,
  rights: Rights,
  deps: SchemaDeps,
  hardened?: HardenedNames,
): Promise<void> {
  const files = deps.templates;
  const created = await submit('create-user', createUserStatements(files, grantee), {}, deps);
  if (created.kind !== 'committed' && !/already exists/i.test(created.error.message)) throw created.error;
  await run(`grant-${rights}`, grantStatements(files, deps.schema, grantee, rights), {}, deps);
  if (hardened) await run('grant-hardened', hardenedGrantStatements(files, hardened, grantee), {}, deps);
}

/** The version of the schema; 0 when nothing was applied yet. */
export async function readVersion(deps: SchemaDeps): Promise<number> {
  const [row] = await runReport('schema-version', {}, ledgerOf(deps));
  return Number(row?.version);
}

async function run(
  name: string,
  statements: Statement[],
  parameters: Record<string, string>,
  deps: SchemaDeps,
): Promise<void> {
  const result = await submit(name, statements, parameters, deps);
  if (result.kind !== 'committed') throw result.error;
}

function submit(
  name: string,
  statements: Statement[],
  parameters: Record<string, string>,
  deps: SchemaDeps,
): Promise<TransactionResult> {
  const token = `${deps.runId}-${name}`.slice(0, 64);
  return deps.warehouse.transaction(`sparkify ${name}`, statements, parameters, token, deps.deadlineMs);
}
