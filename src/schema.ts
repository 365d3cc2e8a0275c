import { creatingUser, foundation, granting, makings, migrationsAbove, newestVersion, removal } from './core/schema.ts';
import { render } from './core/sql-template.ts';
import type { Statement, Templates } from './core/transaction.ts';
import type { TransactionResult, Warehouse } from './deps.ts';
import { LoaderError } from './errors.ts';

/** What making or upgrading the schema needs. */
export type SchemaDeps = {
  warehouse: Warehouse;
  templates: { schema: Templates; report: Templates };
  schema: string;
  /** Epoch milliseconds. */
  deadlineMs: number;
  /** Names one run, so that a repeated reply is told from a repeated run; 1 to 40 characters. */
  runId: string;
};

/** What an upgrade did. */
export type Upgrade = { from: number; to: number; applied: string[] };

/**
 * Creates or upgrades the schema. Safe to run twice, and by two people at once: each numbered file is one transaction under
 * a lock, and safe to repeat.
 * @throws LoaderError, `usage` when the schema is newer than this release.
 */
export async function upgradeSchema(deps: SchemaDeps): Promise<Upgrade> {
  await run('foundation', foundation(deps.templates.schema, deps.schema), {}, deps);
  const from = await readVersion(deps);
  const newest = newestVersion(deps.templates.schema);
  if (from > newest) {
    throw new LoaderError(
      'usage',
      `Schema ${deps.schema} is at version ${from}; this release knows ${newest}.`,
      'Install the release that made it, or name another schema in SPARKIFY_SCHEMA',
    );
  }
  const migrations = migrationsAbove(from, deps.templates.schema, deps.schema);
  for (const migration of migrations) {
    await run(migration.name, migration.statements, { version: String(migration.version) }, deps);
  }
  return { from, to: newest, applied: migrations.map(({ name }) => name) };
}

/**
 * Makes anew the tables and views that somebody dropped from a schema of this version, empty and without their grants; gives
 * their names. @throws LoaderError
 */
export async function repairSchema(deps: SchemaDeps): Promise<string[]> {
  const made = [...makings(deps.templates.schema, deps.schema)];
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
  const identifiers = { schema: deps.schema, relation };
  const { text } = render(deps.templates.report['is-there'] ?? '', { identifiers });
  try {
    await deps.warehouse.query('sparkify is-there', text, {}, deps.deadlineMs);
    return true;
  } catch (error) {
    if (error instanceof LoaderError && /does not exist/i.test(error.message)) return false;
    throw error;
  }
}

/** Removes the product's tables and views from the schema, and nothing else in it. */
export async function dropSchema(deps: SchemaDeps): Promise<void> {
  await run('drop', removal(deps.templates.schema, deps.schema), {}, deps);
}

/**
 * Gives a database user the rights the loader needs, and makes the user first where there is none. Each user takes a run of
 * its own: under a common id the second grant would be taken for a repetition of the first.
 * @throws LoaderError
 */
export async function grantTo(grantee: string, deps: SchemaDeps): Promise<void> {
  const created = await submit('create-user', creatingUser(deps.templates.schema, grantee), {}, deps);
  if (created.kind !== 'committed' && !/already exists/i.test(created.error.message)) throw created.error;
  await run('grant', granting(deps.templates.schema, deps.schema, grantee), {}, deps);
}

/** The version of the schema; 0 when nothing was applied yet. */
export async function readVersion(deps: SchemaDeps): Promise<number> {
  const { text } = render(deps.templates.report['schema-version'] ?? '', { identifiers: { schema: deps.schema } });
  const rows = await deps.warehouse.query('sparkify schema-version', text, {}, deps.deadlineMs);
  return Number(rows[0]?.version);
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
