import { invalid, type ServiceError } from '../service-error.ts';
import type { SqlParameter } from './parameters.ts';
import type { ResultFormat } from '../session/results.ts';

/** The members of a request body, not yet checked. */
export type Body = Record<string, unknown>;

/** What ExecuteStatement and BatchExecuteStatement have in common. */
export type Submission = {
  kind: 'single' | 'batch';
  sqls: string[];
  mode: 'TRANSACTION' | 'AUTO_COMMIT';
  parameters: SqlParameter[];
  format: ResultFormat;
  database: string | undefined;
  /** The workgroup or the cluster. */
  warehouse: string | undefined;
  token: string | undefined;
  name: string | undefined;
  sessionId: string | undefined;
  keepAliveSeconds: number | undefined;
  waitSeconds: number | undefined;
};

/** Limits of the service model and of https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html */
const SQL_LIMIT_BYTES = 100 * 1024;
const BATCH_LIMIT = 40;
const ID_PATTERN = '[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\\d{0,2})?';
const ID_REG_EXP = new RegExp(`^${ID_PATTERN}$`);
const SESSION_ID_REG_EXP = /^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}$/;

/** Reads and checks an ExecuteStatement or BatchExecuteStatement request. Throws ValidationException. */
export function submission(body: Body, kind: 'single' | 'batch'): Submission {
  const sqls = kind === 'single' ? [required(body, 'Sql')] : batch(body);
  for (const sql of sqls) {
    if (sql.trim() === '') throw invalid('Query text must not be empty.');
    if (Buffer.byteLength(sql) > SQL_LIMIT_BYTES) throw invalid('Cannot process query string larger than 100kB');
  }
  return {
    kind,
    sqls,
    mode:
      kind === 'batch' ? (word(body, 'ExecutionMode', ['TRANSACTION', 'AUTO_COMMIT']) ?? 'TRANSACTION') : 'AUTO_COMMIT',
    parameters: parameters(body),
    format: word(body, 'ResultFormat', ['JSON', 'CSV']) ?? 'JSON',
    ...connection(body),
    token: text(body, 'ClientToken', 1, 64),
    name: text(body, 'StatementName', 0, 2048),
    keepAliveSeconds: integer(body, 'SessionKeepAliveSeconds', 0, 86_400),
    waitSeconds: waitSeconds(body),
  };
}

/** Reads the `Id` of a statement, `uuid` or `uuid:n`. Throws ValidationException. */
export function statementId(body: Body): string {
  const id = required(body, 'Id');
  if (!ID_REG_EXP.test(id)) throw invalid(`id must satisfy regex pattern: ${ID_PATTERN}`);
  return id;
}

/** How long a call may wait for the end of its statement. https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-considerations-long-polling.html */
export function waitSeconds(body: Body): number | undefined {
  return integer(body, 'WaitTimeSeconds', 1, 30);
}

/** Reads an optional string member. Throws ValidationException when it is none, or its length is outside the bounds. */
export function text(body: Body, member: string, shortest: number, longest: number): string | undefined {
  const value = body[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalid(`Expected a string for ${member}`);
  if (value.length < shortest)
    throw constraint(member, value, `Member must have length greater than or equal to ${shortest}`);
  if (value.length > longest)
    throw constraint(member, value, `Member must have length less than or equal to ${longest}`);
  return value;
}

/** Reads an optional whole number. Throws ValidationException when it is none, or outside the bounds. */
export function integer(body: Body, member: string, least: number, greatest: number): number | undefined {
  const value = body[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw invalid(`Expected an integer for ${member}`);
  if (value < least)
    throw constraint(member, String(value), `Member must have value greater than or equal to ${least}`);
  if (value > greatest)
    throw constraint(member, String(value), `Member must have value less than or equal to ${greatest}`);
  return value;
}

/** Reads an optional word of a fixed set. Throws ValidationException. */
export function word<const Word extends string>(body: Body, member: string, words: readonly Word[]): Word | undefined {
  const value = text(body, member, 0, 64);
  const known = words.find((candidate) => candidate === value);
  if (value === undefined || known !== undefined) return known;
  throw constraint(member, value, `Member must satisfy enum value set: [${words.join(', ')}]`);
}

/** Reads an optional `SessionId`. Throws ValidationException. */
export function sessionIdOf(body: Body): string | undefined {
  const sessionId = text(body, 'SessionId', 1, 64);
  if (sessionId !== undefined && !SESSION_ID_REG_EXP.test(sessionId))
    throw invalid(`Session with Id: ${sessionId} is invalid`);
  return sessionId;
}

/** The workgroup or cluster a call names. Throws ValidationException when it names none, or both. */
export function warehouseOf(body: Body): string {
  const named = namedWarehouse(body);
  if (named === undefined) throw invalid('Either WorkgroupName or ClusterIdentifier must be given');
  return named;
}

/** The workgroup or cluster a call names, if it names one. Throws ValidationException when it names both. */
export function namedWarehouse(body: Body): string | undefined {
  const workgroup = text(body, 'WorkgroupName', 3, 128);
  const cluster = text(body, 'ClusterIdentifier', 1, 63);
  if (workgroup !== undefined && cluster !== undefined)
    throw invalid('Only one of WorkgroupName and ClusterIdentifier may be given');
  return workgroup ?? cluster;
}

function batch(body: Body): string[] {
  const sqls: unknown = body.Sqls;
  if (!Array.isArray(sqls) || !sqls.every((sql) => typeof sql === 'string')) throw missing('Sqls');
  if (sqls.length < 1) throw constraint('Sqls', '[]', 'Member must have length greater than or equal to 1');
  if (sqls.length > BATCH_LIMIT)
    throw constraint(
      'Sqls',
      `${sqls.length} statements`,
      `Member must have length less than or equal to ${BATCH_LIMIT}`,
    );
  return sqls;
}

function parameters(body: Body): SqlParameter[] {
  const list: unknown = body.Parameters ?? undefined;
  if (list === undefined) return [];
  if (!Array.isArray(list) || list.length === 0)
    throw constraint('Parameters', '[]', 'Member must have length greater than or equal to 1');
  return list.map((item: unknown) => {
    const member: Body = typeof item === 'object' && item !== null ? { ...item } : {};
    const name = required(member, 'name');
    if (!/^[0-9a-zA-Z_]+$/.test(name))
      throw constraint('Parameters', name, 'Member must satisfy regular expression pattern: [0-9a-zA-Z_]+');
    const value = text(member, 'value', 1, SQL_LIMIT_BYTES);
    if (value === undefined) throw missing('Parameters.value');
    return { name, value };
  });
}

/** A call names either a warehouse and a database, or a session that has both. */
function connection(body: Body): Pick<Submission, 'database' | 'warehouse' | 'sessionId'> {
  const database = text(body, 'Database', 1, 128);
  const sessionId = sessionIdOf(body);
  if (sessionId !== undefined) {
    const beside = ['Database', 'WorkgroupName', 'ClusterIdentifier', 'DbUser', 'SecretArn'].find(
      (member) => member in body,
    );
    if (beside !== undefined) throw invalid(`${beside} must not be given together with SessionId`);
    return { database, warehouse: undefined, sessionId };
  }
  const warehouse = warehouseOf(body);
  if (database === undefined) throw missing('Database');
  return { database, warehouse, sessionId };
}

/** Reads a string member that must be there. Throws ValidationException. */
export function required(body: Body, member: string): string {
  const value = body[member];
  if (typeof value !== 'string') throw missing(member);
  return value;
}

function missing(member: string): ServiceError {
  const path = member.charAt(0).toLowerCase() + member.slice(1);
  return invalid(
    `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`,
  );
}

function constraint(member: string, value: string, rule: string): ServiceError {
  const path = member.charAt(0).toLowerCase() + member.slice(1);
  return invalid(`1 validation error detected: Value '${value}' at '${path}' failed to satisfy constraint: ${rule}`);
}
