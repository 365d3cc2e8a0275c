import { LoaderError } from '../errors.ts';
import { render } from '../sql/template.ts';
import type { Statement } from '../sql/statement.ts';
import type { Connection, TransactionResult } from '../ports.ts';
import { commandFor, deployAgain, NO_STAGE, type Deployment } from './deployment.ts';
import { failed, fine, unseen, wrong, type Finding } from './finding.ts';
import { granteesOf, judgeRights, noSuchUser, rightsQuery, type Grantee } from './rights.ts';

/** What the live schema is: its version, that of this release, and what differs, each as `what → command`. */
export type SchemaState = { version: number; newest: number; drift: string[] };

/** What asking the warehouse needs. */
export type DatabaseDeps = {
  connection: Connection;
  deployment: Deployment;
  isLocal: boolean;
  /** @throws LoaderError */
  readSchema: () => Promise<SchemaState>;
  /** A token of its own for each transaction. */
  newToken: () => string;
};

/** How long an answer may take: the first also wakes the warehouse, and the lock waits for a merge. */
const LIMITS_MS = { first: 180_000, other: 60_000, lock: 30_000 };

/** Logs in as the settings say, as the functions do with theirs. */
export async function checkLogin({ connection, deployment }: DatabaseDeps): Promise<Finding[]> {
  const { warehouse, templates, clock, config } = connection;
  const { text } = render(templates.doctor.login ?? '', {});
  const rows = await warehouse.query('sparkify doctor login', text, {}, clock.now() + LIMITS_MS.first);
  const [{ login = null, collation = null } = {}] = rows;
  const { secretArn, dbUser } = config.warehouse;
  const way = secretArn !== undefined ? 'by the secret' : dbUser !== undefined ? 'as the DbUser' : 'by IAM';
  const loader = deployment.outputs.LoaderDatabaseUser;
  const others = loader === undefined ? '' : `; the loader logs in as ${loader}, by IAM`;
  return [
    fine('login', `${String(login)} in ${config.warehouse.database}, ${way}${others}`),
    collation === 'case_sensitive'
      ? fine('collation', collation)
      : wrong(
          'collation',
          `the database compares text as ${String(collation)}, so that keys which differ in case only would be one`,
          'CREATE DATABASE name COLLATE CASE_SENSITIVE, and deploy with --param "database=name"',
        ),
  ];
}

/** Compares the live schema with this release's. */
export async function checkSchema({ readSchema, connection, deployment }: DatabaseDeps): Promise<Finding[]> {
  const check = 'schema';
  const { version, newest, drift } = await readSchema();
  const name = connection.config.names.schema;
  if (version !== newest) {
    const mend = version < newest ? commandFor('npx sparkify create-tables', deployment) : 'use the newer release';
    return [wrong(check, `${name} is at version ${version}, this release has ${newest}`, mend)];
  }
  if (drift.length === 0) return [fine(check, `${name} is at version ${version}, as this release made it`)];
  return drift.map((line) => {
    const [what = '', mend = ''] = line.split(' → ');
    return wrong(check, what, mend);
  });
}

/** Asks for every right that the functions' users need. */
export async function checkRights(deps: DatabaseDeps): Promise<Finding[]> {
  const grantees = granteesOf(deps.deployment);
  if (grantees.length === 0) return [unseen('rights', NO_STAGE)];
  return Promise.all(grantees.map((grantee) => checkGrantee(grantee, deps)));
}

async function checkGrantee(grantee: Grantee, { connection, deployment, isLocal }: DatabaseDeps): Promise<Finding> {
  const { warehouse, clock } = connection;
  const name = `sparkify doctor rights of the ${grantee.who}`;
  try {
    const query = rightsQuery(grantee, connection);
    const rows = await warehouse.query(name, query, {}, clock.now() + LIMITS_MS.other);
    return judgeRights(grantee, rows, connection, deployment);
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    const check = `rights of the ${grantee.who}`;
    if (/user .*does not exist/i.test(error.message)) return noSuchUser(grantee, deployment);
    if (isAboutTables(error)) return unseen(check, 'there are no tables to have rights on');
    return isLocal ? unseen(check, error.message.replace(/^ERROR: +/, '')) : failed(check, error);
  }
}

/** Tries MERGE with a literal range, on temporary tables. `deployed`: what the loader is told of it, where that is known. */
export async function checkMerge(deps: DatabaseDeps, deployed: string | undefined): Promise<Finding[]> {
  const check = 'MERGE with a range';
  const { connection, deployment } = deps;
  const names = Object.keys(connection.templates.doctor).filter((file) => /^\d/.test(file)).sort(); // prettier-ignore
  const statements = names.map((name) => statementOf(name, connection.templates.doctor[name] ?? ''));
  const result = await run('merge', statements, LIMITS_MS.other, deps);
  if (result.kind === 'committed') return [fine(check, 'it takes a literal in its condition')];
  if (result.kind === 'unknown' || result.statement?.name !== names.at(-1)) throw result.error;
  const isOff = (deployed ?? String(connection.config.mergeBounds)) === 'false';
  if (isOff) return [fine(check, 'it is refused, and mergeBounds is false')];
  const mend = `${deployAgain(deployment)} --param "mergeBounds=false"`;
  return [wrong(check, `it is refused: ${result.error.message}`, mend)];
}

/** Takes the lock of loads for as long as it takes to ask for it. */
export async function checkLock(deps: DatabaseDeps): Promise<Finding[]> {
  const check = 'lock of loads';
  const { templates, config } = deps.connection;
  const text = templates.load['common/50-lock-load'] ?? '';
  const statement = statementOf('lock', text, { schema: config.names.schema });
  const result = await run('lock', [statement], LIMITS_MS.lock, deps);
  if (result.kind === 'committed') return [fine(check, 'granted')];
  if (isAboutTables(result.error)) return [unseen(check, 'there are no tables yet')];
  if (result.error.code !== 'deadline') throw result.error;
  return [unseen(check, `somebody held it for ${LIMITS_MS.lock / 1000} s`)];
}

/** Of tables that are not there the schema's own check tells. */
function isAboutTables({ message }: LoaderError): boolean {
  return /(relation|schema|table) .*does not exist/i.test(message);
}

/** Runs statements in a transaction and a session of their own. */
export function run(
  what: string,
  statements: readonly Statement[],
  limitMs: number,
  { connection: { warehouse, clock }, newToken }: DatabaseDeps,
): Promise<TransactionResult> {
  return warehouse.transaction(`sparkify doctor ${what}`, statements, {}, newToken(), clock.now() + limitMs);
}

function statementOf(name: string, template: string, identifiers: Readonly<Record<string, string>> = {}): Statement {
  return { stage: 'stage', name, text: render(template, { identifiers }).text };
}
