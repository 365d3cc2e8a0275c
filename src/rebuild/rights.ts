import { LoaderError } from '../errors.ts';
import { runReport } from '../ledger/reports.ts';
import type { Row } from '../ports.ts';
import { relationsOf } from '../schema/relations.ts';
import { USER_NAME } from '../sql/template.ts';
import type { Statement } from '../sql/statement.ts';
import { MAX_STATEMENTS } from '../load/transaction.ts';
import { inTransactions, mustRun, statementOf } from './statements.ts';
import { questionsOf, rebuildFiles, type RebuildDeps } from './deps.ts';

/** Rights on one table or view, or without `relation` on the schema, that someone was given. */
export type Grant = {
  relation: string | undefined;
  privileges: string[];
  grantee: string;
  kind: 'USER' | 'GROUP' | 'ROLE' | 'PUBLIC';
  withOption: boolean;
};

/** Who owns a star and may do what with it, and what about it a rebuild leaves behind, a line each. */
export type Rights = { owner: string; grants: Grant[]; leftBehind: string[] };

const RELATION_PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'DROP', 'ALTER', 'TRUNCATE'];
const SCHEMA_PRIVILEGES = ['USAGE', 'CREATE', 'ALTER', 'DROP'];
const KINDS = { user: 'USER', group: 'GROUP', role: 'ROLE', public: 'PUBLIC' } as const;

/** What a rebuild does not carry over: the question that finds it, and how its answers are told. */
const LEFT_BEHIND: Readonly<Record<string, string>> = {
  'left-column-rights': 'rights on a column',
  'left-row-policies': 'row-level security',
  'left-masking-policies': 'a masking policy',
  'left-default-privileges': 'default privileges',
  'left-datashares': 'a datashare',
  'left-views': 'a view, which goes on reading the old star unless it is late-binding',
};

/** @throws LoaderError, `usage`, for whoever is no superuser: others see only a part of the rights, and the rest would be lost. */
export async function requireSuperuser(deps: RebuildDeps): Promise<void> {
  const [me] = await runReport('who', {}, questionsOf(deps, deps.schemas.live));
  if (me?.usesuper !== true) throw noSuperuser(String(me?.usename));
}

/**
 * Reads who owns the live star, whom rights on it were given, and what of it cannot be carried over. Only a superuser sees all of it.
 * @throws LoaderError
 */
export async function readRights(deps: RebuildDeps): Promise<Rights> {
  const { live } = deps.schemas;
  const ask = (name: string): Promise<Row[]> =>
    runReport(name, {}, questionsOf(deps, live), { literals: { schema_name: live } });
  const ours = new Set(relationsOf(deps.connection.templates.schema).map(({ name }) => name));
  const tables = await ask('tables');
  const others = tables.map(({ relation }) => String(relation)).filter((relation) => !ours.has(relation));
  const onRelations = (await ask('relation-rights')).filter(({ relation_name: name }) => ours.has(String(name)));
  const onSchema = await ask('schema-rights');
  const scoped = onSchema.filter(({ privilege_scope: scope }) => scope !== 'SCHEMA');
  const { grants, strange } = readGrants([...onRelations, ...onSchema.filter((row) => !scoped.includes(row))]);
  const leftBehind = [
    ...others.map((relation) => `not ours, and goes with the old star: ${live}.${relation}`),
    ...scoped.map((row) => `scoped permission: ${shown(row)}`),
    ...strange.map((row) => `not known to this release: ${shown(row)}`),
  ];
  for (const [name, what] of Object.entries(LEFT_BEHIND)) {
    leftBehind.push(...(await ask(name)).map((row) => `${what}: ${String(row.what)}`));
  }
  return { owner: String(tables.find(({ relation }) => relation === 'load_lock')?.owner), grants, leftBehind };
}

function noSuperuser(user: string): LoaderError {
  return new LoaderError(
    'usage',
    `${user} is no superuser, and so does not see all rights that were given on the star; the others would be lost.`,
    'Run it as a superuser: the owner, tables and rights stay those of the star so far',
  );
}

function shown(row: Row): string {
  const on = row.relation_name === undefined ? 'the schema' : String(row.relation_name);
  return `${String(row.privilege_type)} on ${on} to ${String(row.identity_type)} ${String(row.identity_name)}`;
}

/** Groups rows of the catalog into grants; those that are no right this knows how to give are strange. */
export function readGrants(rows: readonly Row[]): { grants: Grant[]; strange: Row[] } {
  const grants = new Map<string, Grant>();
  const strange: Row[] = [];
  for (const row of rows) {
    const relation = row.relation_name === undefined ? undefined : String(row.relation_name);
    const privilege = String(row.privilege_type).toUpperCase();
    const kind = KINDS[String(row.identity_type).toLowerCase() as keyof typeof KINDS] as Grant['kind'] | undefined;
    const grantee = String(row.identity_name);
    const known = relation === undefined ? SCHEMA_PRIVILEGES : RELATION_PRIVILEGES;
    if (kind === undefined || !known.includes(privilege) || !USER_NAME.test(grantee)) {
      strange.push(row);
      continue;
    }
    const withOption = row.admin_option === true;
    const key = JSON.stringify([relation, kind, grantee, withOption]);
    const grant = grants.get(key) ?? { relation, privileges: [], grantee, kind, withOption };
    grant.privileges.push(privilege);
    grants.set(key, grant);
  }
  return { grants: [...grants.values()], strange };
}

/** Gives the next schema the owner and the rights of the live one. Safe to repeat. @throws LoaderError */
export async function carryRights({ owner, grants }: Rights, deps: RebuildDeps): Promise<void> {
  const files = rebuildFiles(deps);
  const schemas = { ...deps.schemas, live: deps.schemas.next };
  const users = { grantee: owner };
  const relations = relationsOf(deps.connection.templates.schema);
  const statements = [
    ...relations.map(({ name }) =>
      statementOf('own-relation', files, schemas, { identifiers: { relation: name }, users }),
    ),
    statementOf('own-schema', files, schemas, { users }),
    ...grants.map((grant): Statement => {
      const name = `grant-${grant.relation === undefined ? 'schema' : 'relation'}${grant.kind === 'PUBLIC' ? '-public' : ''}`;
      return statementOf(name, files, schemas, {
        ...(grant.relation === undefined ? {} : { identifiers: { relation: grant.relation } }),
        users: { grantee: grant.grantee },
        keywords: {
          privileges: grant.privileges.join(', '),
          kind: grant.kind === 'USER' ? '' : grant.kind,
          option: grant.withOption ? 'WITH GRANT OPTION' : '',
        },
      });
    }),
  ];
  for (const [index, part] of inTransactions(statements, MAX_STATEMENTS).entries()) {
    await mustRun(`rights-${index}`, part, deps);
  }
}
