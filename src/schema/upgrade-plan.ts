import {
  baseStatements,
  createUserStatements,
  definitionsByRelation,
  dropStatements,
  grantStatements,
  hardenedGrantStatements,
  migrationsAbove,
  newestVersion,
  type HardenedNames,
  type Rights,
} from './migrations.ts';
import { LoaderError } from '../errors.ts';
import type { Statement } from '../sql/statement.ts';
import { missingOf, readVersion, refuseCollation, refuseNewer, type SchemaDeps } from './upgrade.ts';

/** One transaction of an upgrade: what it is called, and its statements in order. */
export type PlannedStep = { name: string; breaking?: string; statements: string[] };

/** What an upgrade would do, version 0 being a schema that is not there. */
export type UpgradePlan = { from: number; to: number; steps: PlannedStep[] };

/** A user who is to be given rights besides. */
export type PlannedGrant = { grantee: string; rights: Rights; hardened?: HardenedNames };

/**
 * What an upgrade would do now, found out by questions alone. Its statements are complete: whoever runs them in this order, each
 * step in a transaction, has done the upgrade.
 * @throws LoaderError, `usage` when the schema is newer than this release.
 */
export async function planUpgrade(
  options: { drop: boolean; grants: readonly PlannedGrant[] },
  deps: SchemaDeps,
): Promise<UpgradePlan> {
  const { schema } = deps;
  const files = deps.templates;
  await refuseCollation(deps);
  const from = options.drop ? 0 : await versionOrNone(deps);
  refuseNewer(from, deps);
  // Of a schema that is not there, or is to be dropped, nothing is looked for.
  const missing = from === 0 ? [] : await missingOf(relationsUpTo(from, deps), deps);
  const founded = relationsUpTo(0, deps);
  const lost = missing.filter((relation) => !founded.includes(relation));
  const anew = definitionsByRelation(files.schema, schema);
  const repairs = lost.flatMap((relation) => anew.get(relation) ?? []);
  const steps = [
    ...(options.drop ? [step('drop', dropStatements(files, schema))] : []),
    ...(from === 0 || lost.length < missing.length ? [step('000-schema', baseStatements(files.schema, schema))] : []),
    ...migrationsAbove(from, files, schema).map(({ name, breaking, statements }) => ({
      ...step(name, statements),
      ...(breaking === undefined ? {} : { breaking }),
    })),
    ...(repairs.length === 0 ? [] : [step(`${lost.join(', ')} made anew`, repairs)]),
    ...options.grants.flatMap((grant) => grantSteps(grant, deps)),
  ];
  return { from, to: newestVersion(files.schema), steps };
}

function step(name: string, statements: readonly Statement[]): PlannedStep {
  return { name, statements: statements.map(({ text }) => text) };
}

/** The version of the schema; 0 where there is none, or where it was begun and nothing more. */
async function versionOrNone(deps: SchemaDeps): Promise<number> {
  try {
    return await readVersion(deps);
  } catch (error) {
    if (error instanceof LoaderError && /(schema|relation) "?.*"? does not exist/i.test(error.message)) return 0;
    throw error;
  }
}

function relationsUpTo(version: number, { templates, schema }: SchemaDeps): string[] {
  const files = Object.entries(templates.schema).filter(([name]) => Number.parseInt(name, 10) <= version);
  return [...definitionsByRelation(Object.fromEntries(files), schema).keys()];
}

/** A user who is there already makes the first of these fail, which does no harm: it is a step of its own. */
function grantSteps({ grantee, rights, hardened }: PlannedGrant, deps: SchemaDeps): PlannedStep[] {
  const files = deps.templates;
  return [
    step(`${grantee}, unless there is such a user`, createUserStatements(files, grantee)),
    step(`${grantee}: grant-${rights}`, grantStatements(files, deps.schema, grantee, rights)),
    ...(hardened ? [step(`${grantee}: grant-hardened`, hardenedGrantStatements(files, hardened, grantee))] : []),
  ];
}
