import {
  createUserStatements,
  baseStatements,
  grantStatements,
  hardenedGrantStatements,
  numberingStatements,
  definitionsByRelation,
  migrationsAbove,
  newestVersion,
  dropStatements,
  type HardenedNames,
  type Rights,
  type SchemaFiles,
} from './migrations.ts';
import { countRows, runReport, type LedgerDeps } from '../ledger/reports.ts';
import type { Clock, TransactionResult, Warehouse } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import type { Statement, Templates } from '../sql/statement.ts';

/** Attempts per transaction after conflicts and network failures. */
const TRIES = 6;
/** Before the second attempt; doubled before each further one. */
const FIRST_PAUSE_MS = 250;

/** What creating or upgrading the schema needs. */
export type SchemaDeps = {
  warehouse: Warehouse;
  clock: Pick<Clock, 'sleep'>;
  templates: SchemaFiles & { report: Templates };
  schema: string;
  /** Epoch milliseconds. */
  deadlineMs: number;
  /** Identifies one run, to distinguish a repeated submission from a new run; 1 to 40 characters. */
  runId: string;
};

/** What an upgrade did. */
export type Upgrade = { from: number; to: number; applied: string[] };

/**
 * Creates or upgrades the schema. Safe to repeat and to run concurrently: each numbered file is one transaction under a lock
 * that records its version and runs once. A run that comes too late finds the version recorded and continues with the next.
 * @throws LoaderError, `usage` when the schema is newer than this release, or the database compares text without regard to case.
 */
export async function upgradeSchema(deps: SchemaDeps): Promise<Upgrade> {
  const { templates } = deps;
  await refuseCollation(deps);
  await runOnce('foundation', baseStatements(templates.schema, deps.schema), hasBase, deps);
  const from = await readVersion(deps);
  const applied: string[] = [];
  for (let version = from; ; version = await readVersion(deps)) {
    refuseNewer(version, deps);
    const [next] = migrationsAbove(version, templates, deps.schema);
    if (next === undefined) return { from, to: version, applied };
    const isApplied = async (): Promise<boolean> => (await readVersion(deps)) >= next.version;
    if (await runOnce(next.name, next.statements, isApplied, deps)) applied.push(next.name);
  }
}

/**
 * Keys of S3, ids and names differ in case, and everything here joins on them. Whether a column differs from its database was
 * decided when it was made, so a database that compares as it should makes columns that do.
 * @throws LoaderError, `usage`, for a database that compares text without regard to case.
 */
export async function refuseCollation(deps: SchemaDeps): Promise<void> {
  const [row] = await runReport('collation', {}, ledgerOf(deps));
  if (row?.collation === 'case_sensitive') return;
  throw new LoaderError(
    'usage',
    `The database compares text as ${String(row?.collation)}, so that keys which differ in case only would be one.`,
    'Make another with CREATE DATABASE name COLLATE CASE_SENSITIVE, and set it in SPARKIFY_DATABASE',
  );
}

/** @throws LoaderError, `usage`, for a schema that a newer release made. */
export function refuseNewer(version: number, deps: SchemaDeps): void {
  const newest = newestVersion(deps.templates.schema);
  if (version <= newest) return;
  throw new LoaderError(
    'usage',
    `Schema ${deps.schema} is at version ${version}; this release knows ${newest}.`,
    'Install the release that created it, or set another schema in SPARKIFY_SCHEMA',
  );
}

/** A schema with a readable version has its base, whoever created it. */
async function hasBase(deps: SchemaDeps): Promise<boolean> {
  return await readVersion(deps).then(
    () => true,
    () => false,
  );
}

/**
 * Commits one transaction, unless `isDone` shows after a failure that someone else did the same. Returns whether it was
 * committed here. @throws LoaderError
 */
async function runOnce(
  name: string,
  statements: Statement[],
  isDone: (deps: SchemaDeps) => Promise<boolean>,
  deps: SchemaDeps,
): Promise<boolean> {
  let failures = 0;
  for (let tried = 1; ; tried += 1) {
    // A lost reply is requested again under the same token; after a failure that would only repeat the error, so it gets a new one.
    const result = await submit(`${failures}-${name}`, statements, deps);
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
 * Recreates tables and views that were dropped from a schema of this version, empty and without their grants; returns their
 * names. @throws LoaderError
 */
export async function repairSchema(deps: SchemaDeps): Promise<string[]> {
  const definitions = definitionsByRelation(deps.templates.schema, deps.schema);
  const missing = await missingOf([...definitions.keys()], deps);
  const statements = missing.flatMap((relation) => definitions.get(relation) ?? []);
  if (missing.length > 0) await run('repair', statements, deps);
  // Without its one row no batch could be numbered. The base has made a dropped load_lock again, but empty.
  const { load_lock: rows } = await countRows(['load_lock'], ledgerOf(deps));
  if (rows === 0) await run('repair-number', numberingStatements(deps.templates, deps.schema), deps);
  return missing;
}

/** Those of some tables and views that are not there. @throws LoaderError for any other reason not to see one. */
export async function missingOf(relations: readonly string[], deps: SchemaDeps): Promise<string[]> {
  const there = await Promise.all(relations.map((relation) => isThere(relation, deps)));
  return relations.filter((_, index) => !there[index]);
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

/** Drops the product's tables and views from the schema, and nothing else in it. */
export async function dropSchema(deps: SchemaDeps): Promise<void> {
  await run('drop', dropStatements(deps.templates, deps.schema), deps);
}

/**
 * Grants a database user rights, and creates the user first if there is none; an owner who is no superuser can only grant to
 * those there are. Each user needs its own run: under a shared id the second grant would be taken for a repetition of the first. `hardened` also grants what PUBLIC has by default.
 * @throws LoaderError
 */
export async function grantTo(
  grantee: string,
  rights: Rights,
  deps: SchemaDeps,
  hardened?: HardenedNames,
): Promise<void> {
  const files = deps.templates;
  const created = await submit('create-user', createUserStatements(files, grantee), deps);
  if (created.kind !== 'committed' && !/already exists|must be superuser/i.test(created.error.message))
    throw created.error;
  await run(`grant-${rights}`, grantStatements(files, deps.schema, grantee, rights), deps);
  if (hardened) await run('grant-hardened', hardenedGrantStatements(files, hardened, grantee), deps);
}

/** The version of the schema; 0 when nothing has been applied. */
export async function readVersion(deps: SchemaDeps): Promise<number> {
  const [row] = await runReport('schema-version', {}, ledgerOf(deps));
  return Number(row?.version);
}

async function run(name: string, statements: Statement[], deps: SchemaDeps): Promise<void> {
  const result = await submit(name, statements, deps);
  if (result.kind !== 'committed') throw result.error;
}

function submit(name: string, statements: Statement[], deps: SchemaDeps): Promise<TransactionResult> {
  const token = `${deps.runId}-${name}`.slice(0, 64);
  return deps.warehouse.transaction(`sparkify ${name}`, statements, {}, token, deps.deadlineMs);
}
