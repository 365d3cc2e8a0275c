import { render } from '../sql/template.ts';
import { privilegesOf, type Rights } from '../schema/migrations.ts';
import type { Connection, Row } from '../ports.ts';
import { commandFor, type Deployment } from './deployment.ts';
import { fine, wrong, type Finding } from './finding.ts';

/** A user of the warehouse, what it is for, and the option of create-tables that gives it its rights. */
export type Grantee = { who: string; user: string; rights: Exclude<Rights, 'read'>; option: string };

/** A right that a user needs, in words, and the question whether it is held. */
type Question = { right: string; file: string; literals: Record<string, string> };

/** The users of a stack's functions. */
export function granteesOf({ outputs }: Deployment): Grantee[] {
  const { LoaderDatabaseUser: loader, ReconcileDatabaseUser: reconcile } = outputs;
  return [
    ...(loader === undefined ? [] : [{ who: 'loader', user: loader, rights: 'load' as const, option: '--grant-to' }]),
    ...(reconcile === undefined
      ? []
      : [{ who: 'reconcile', user: reconcile, rights: 'reconcile' as const, option: '--grant-reconcile-to' }]),
  ];
}

/** One query that asks for every right that a user needs. The list is that of the grants. */
export function rightsQuery({ user, rights }: Grantee, { config, templates }: Connection): string {
  return questions(rights, { config, templates })
    .map(
      ({ file, literals }, index) =>
        render(templates.doctor[file] ?? '', {
          literals: { grantee: user, ...literals },
          keywords: { number: String(index) },
        }).text,
    )
    .join('\nUNION ALL\n');
}

/** Judges the answers: every missing right is named. */
export function judgeRights(
  grantee: Grantee,
  rows: readonly Row[],
  connection: Pick<Connection, 'config' | 'templates'>,
  deployment: Deployment,
): Finding {
  const { who, user, rights } = grantee;
  const asked = questions(rights, connection);
  const held = new Set(rows.filter((row) => row.is_held === true).map((row) => Number(row.question)));
  const missing = asked.filter((_, index) => !held.has(index)).map(({ right }) => right);
  const check = `rights of the ${who}`;
  if (missing.length === 0) return fine(check, `${user} has all ${asked.length}`);
  // Everybody may use temporary tables unless the warehouse was hardened, which only a superuser can undo.
  const hardened = missing.includes(TEMPORARY) ? ' --hardened' : '';
  return wrong(check, `${user} lacks ${missing.join(', ')}`, grantCommand(grantee, deployment) + hardened);
}

/** A user that does not exist has no rights. */
export function noSuchUser(grantee: Grantee, deployment: Deployment): Finding {
  const text = `the database has no user ${grantee.user}`;
  return wrong(`rights of the ${grantee.who}`, text, grantCommand(grantee, deployment));
}

const TEMPORARY = 'temporary tables';

function grantCommand({ user, option }: Grantee, deployment: Deployment): string {
  return commandFor(`npx sparkify create-tables ${option} ${user}`, deployment);
}

function questions(rights: Rights, { config, templates }: Pick<Connection, 'config' | 'templates'>): Question[] {
  const { schema } = config.names;
  const onTables = privilegesOf(rights, templates).flatMap(({ relation, privileges }) =>
    privileges.map((privilege) => ({
      right: `${privilege} on ${relation}`,
      file: 'table-privilege',
      literals: { relation: `${schema}.${relation}`, privilege },
    })),
  );
  return [
    { right: `USAGE of the schema ${schema}`, file: 'schema-privilege', literals: { schema_name: schema } },
    { right: TEMPORARY, file: 'database-privilege', literals: { database_name: config.warehouse.database } },
    ...onTables,
  ];
}
