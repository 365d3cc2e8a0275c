import type { SessionRecord } from '../session/sessions.ts';
import type { Part, Statement } from '../session/statements.ts';

/** A reply's members; the wire writes them as JSON. */
export type Reply = Record<string, unknown>;

/** The Data API gives times as epoch seconds with a fraction. */
const seconds = (epochMs: number): number => epochMs / 1000;

/** The reply of ExecuteStatement and BatchExecuteStatement. */
export function submitted(statement: Statement, warehouse: Reply): Reply {
  return {
    Id: statement.id,
    CreatedAt: seconds(statement.createdAt),
    Database: statement.database,
    DbUser: statement.user,
    DbGroups: [],
    Status: statement.status,
    RedshiftPid: statement.pid,
    HasResultSet: hasResultSet(statement),
    ...(statement.sessionId === undefined ? {} : { SessionId: statement.sessionId }),
    ...warehouse,
  };
}

/**
 * The reply of DescribeStatement for a whole statement: a batch has no text, row count or query of its own.
 * https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeStatement.html
 */
export function described(statement: Statement, warehouse: Reply): Reply {
  const common = {
    ...life(statement.id, statement),
    Database: statement.database,
    DbUser: statement.user,
    RedshiftPid: statement.pid,
    HasResultSet: hasResultSet(statement),
    ResultFormat: statement.format,
    ...(statement.sessionId === undefined ? {} : { SessionId: statement.sessionId }),
    ...(statement.parameters.length === 0 ? {} : { QueryParameters: statement.parameters }),
    ...warehouse,
  };
  if (statement.kind === 'single') return { ...common, ...work(statement.parts[0]) };
  return {
    ...common,
    ExecutionMode: statement.mode,
    RedshiftQueryId: 0,
    ResultRows: -1,
    ResultSize: -1,
    SubStatements: statement.parts.map((part, index) => describedPart(`${statement.id}:${index + 1}`, part)),
  };
}

/** One statement of a batch, also what DescribeStatement says of its `uuid:n`. */
export function describedPart(id: string, part: Part): Reply {
  return { ...life(id, part), ...work(part) };
}

/** One line of ListStatements. */
export function listed(statement: Statement): Reply {
  const { Id, Status, CreatedAt, UpdatedAt } = life(statement.id, statement);
  return {
    Id,
    Status,
    CreatedAt,
    UpdatedAt,
    IsBatchStatement: statement.kind === 'batch',
    ResultFormat: statement.format,
    ...(statement.name === undefined ? {} : { StatementName: statement.name }),
    ...(statement.sessionId === undefined ? {} : { SessionId: statement.sessionId }),
    ...(statement.parameters.length === 0 ? {} : { QueryParameters: statement.parameters }),
    ...(statement.kind === 'batch'
      ? { QueryStrings: statement.parts.map((part) => part.sql) }
      : { QueryString: statement.parts[0].sql }),
  };
}

/** One line of ListSessions. A session closes when nobody used it for its time, so no such time is known of a busy one. */
export function listedSession(
  session: SessionRecord,
  { warehouse, database }: { warehouse: string; database: string },
  statementId: string | undefined,
): Reply {
  const { id, user, status, keepAliveSeconds, createdAt, updatedAt } = session;
  const ends = { AVAILABLE: updatedAt + keepAliveSeconds * 1000, CLOSED: updatedAt, BUSY: undefined }[status];
  return {
    SessionId: id,
    Status: status,
    CreatedAt: seconds(createdAt),
    UpdatedAt: seconds(updatedAt),
    Database: database,
    DbUser: user,
    WorkgroupName: warehouse,
    SessionAliveSeconds: keepAliveSeconds,
    ...(ends === undefined ? {} : { SessionTtl: seconds(ends) }),
    ...(status === 'BUSY' && statementId !== undefined ? { CurrentStatementId: statementId } : {}),
  };
}

function life(
  id: string,
  lived: Pick<Statement, 'status' | 'error' | 'createdAt' | 'updatedAt' | 'durationNs'>,
): Reply {
  return {
    Id: id,
    Status: lived.status,
    CreatedAt: seconds(lived.createdAt),
    UpdatedAt: seconds(lived.updatedAt),
    Duration: lived.durationNs,
    ...(lived.error === undefined ? {} : { Error: lived.error }),
  };
}

function work(part: Part): Reply {
  return {
    QueryString: part.sql,
    HasResultSet: part.result !== undefined,
    ResultRows: part.resultRows,
    ResultSize: part.result?.sizeBytes ?? (part.status === 'FINISHED' ? 0 : -1),
    RedshiftQueryId: part.queryId,
  };
}

function hasResultSet(statement: Statement): boolean {
  return statement.parts.some((part) => part.result !== undefined);
}
