import {
  creatingUser,
  foundation,
  granting,
  grantingHardened,
  migrationsAbove,
  newestVersion,
  removal,
  type HardenedNames,
  type Rights,
} from './core/schema.ts';
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

/** Removes the product's tables and views from the schema, and nothing else in it. */
export async function dropSchema(deps: SchemaDeps): Promise<void> {
  await run('drop', removal(deps.templates.schema, deps.schema), {}, deps);
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
  const files = deps.templates.schema;
  const created = await submit('create-user', creatingUser(files, grantee), {}, deps);
  if (created.kind !== 'committed' && !/already exists/i.test(created.error.message)) throw created.error;
  await run(rights, granting(files, deps.schema, grantee, rights), {}, deps);
  if (hardened) await run('grant-hardened', grantingHardened(files, hardened, grantee), {}, deps);
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
