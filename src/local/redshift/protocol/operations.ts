import { execute, fail, Cancelled, type ExecutionContext } from '../session/executor.ts';
import type { FaultHook } from '../fault.ts';
import { databaseUser, type Identities } from './callers.ts';
import { applyParameters } from './parameters.ts';
import { listSessions, listStatements, type Listed } from './listings.ts';
import { describeTable, listDatabases, listSchemas, listTables } from './metadata.ts';
import { placeOf, tokenOf } from './paging.ts';
import { described, describedPart, submitted, type Reply } from './replies.ts';
import { sessionIdOf, statementId, submission, text, waitSeconds, type Body, type Submission } from './requests.ts';
import type { ResultFormat } from '../session/results.ts';
import { invalid, notFound, ServiceError } from '../service-error.ts';
import type { Caller, Reservation, Sessions } from '../session/sessions.ts';
import { isSettled, type Part, type Statement, type Statements } from '../session/statements.ts';
import { SqlError, type DatabaseCatalog } from '../types.ts';

/** A reply as JSON text, and the statement that the call submitted, if any. */
export type ApiResponse = { json: string; statement?: Statement };

/** What the operations act on. `warehouse` is the workgroup's (or cluster's) name; `now` gives epoch milliseconds. */
export type DataApi = {
  warehouse: string;
  database: string;
  catalog: DatabaseCatalog;
  statements: Statements;
  sessions: Sessions;
  nextQueryId: () => number;
  now: () => number;
  faults: FaultHook;
  identities: Identities | undefined;
  administrator: string;
};

/** The same, for one call. */
type Called = DataApi & { caller: Caller };

type Operation = (api: Called, body: Body, gone: AbortSignal) => Promise<ApiResponse> | ApiResponse;

/** How many calls may wait for one statement; the real number is not documented. */
const WAITING_LIMIT = 100;
const NO_RESULT = 'Query does not have result. Please check query status with DescribeStatement.';

const OPERATIONS: Record<string, Operation> = {
  ExecuteStatement: (api, body, gone) => submit(api, body, submission(body, 'single'), 'ExecuteStatement', gone),
  BatchExecuteStatement: (api, body, gone) =>
    submit(api, body, submission(body, 'batch'), 'BatchExecuteStatement', gone),
  DescribeStatement: async (api, body, gone) => {
    const id = statementId(body);
    const { statement, part } = ownStatement(api, id);
    await waitFor(statement, waitSeconds(body), gone);
    return json(
      part === undefined || statement.kind === 'single' ? described(statement, address(api)) : describedPart(id, part),
    );
  },
  GetStatementResult: (api, body, gone) => getResult(api, body, 'JSON', gone),
  GetStatementResultV2: (api, body, gone) => getResult(api, body, 'CSV', gone),
  CancelStatement: (api, body) => {
    const { statement } = ownStatement(api, statementId(body));
    if (isSettled(statement.status))
      throw invalid(`Could not cancel a query that is already in ${statement.status} state with ID: ${statement.id}`);
    statement.abort.abort(new Cancelled("Query cancelled on user's request"));
    return json({ Status: true });
  },
  ListStatements: (api, body) => json(listStatements(ownOnly(api), body)),
  ListSessions: (api, body) => json(listSessions(ownOnly(api), body)),
  ListDatabases: (api, body) => json(listDatabases(api, body)),
  ListSchemas: async (api, body) => json(await listSchemas(api, body)),
  ListTables: async (api, body) => json(await listTables(api, body)),
  DescribeTable: async (api, body) => json(await describeTable(api, body)),
};

/** Carries out one call. `gone` is aborted when the client hangs up. Throws ServiceError. */
export async function call(api: Called, operation: string, body: Body, gone: AbortSignal): Promise<ApiResponse> {
  const run = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (run === undefined)
    throw new ServiceError(
      'UnknownOperationException',
      `the local warehouse does not support the operation ${operation}`,
      400,
    );
  return await run(api, body, gone);
}

async function submit(
  api: Called,
  body: Body,
  request: Submission,
  operation: string,
  gone: AbortSignal,
): Promise<ApiResponse> {
  const statement = api.statements.byToken(tokenOfCaller(api, request)) ?? start(api, body, request, operation);
  await waitFor(statement, request.waitSeconds, gone);
  return { ...json(submitted(statement, address(api))), statement };
}

/** A token says nothing to other callers. */
function tokenOfCaller({ caller }: Called, { token }: Submission): string | undefined {
  return token === undefined ? undefined : JSON.stringify([caller.user, token]);
}

function start(api: Called, body: Body, request: Submission, operation: string): Statement {
  if (request.warehouse !== undefined && request.warehouse !== api.warehouse)
    throw invalid("Redshift endpoint doesn't exist in this region.");
  const sqls = applyParameters(request.sqls, request.parameters);
  api.statements.checkRoom();
  const reserved = api.sessions.reserve(
    { ...api.caller, user: databaseUser(body, api.caller) },
    request.sessionId,
    request.keepAliveSeconds,
  );
  const statement = api.statements.submit(
    {
      kind: request.kind,
      mode: request.mode,
      sqls: request.sqls,
      parameters: request.parameters,
      format: request.format,
      name: request.name,
      database: request.database ?? api.database,
      sessionId: reserved.id,
      pid: reserved.pid,
      user: reserved.user,
    },
    tokenOfCaller(api, request),
  );
  const surroundings: ExecutionContext = {
    now: api.now,
    nextQueryId: api.nextQueryId,
    fault: (statementIndex) => api.faults({ operation, request: body, statementIndex }),
  };
  api.statements.start(statement, () => live(api, statement, sqls, reserved, surroundings));
  return statement;
}

async function live(
  api: DataApi,
  statement: Statement,
  sqls: string[],
  reserved: Reservation,
  surroundings: ExecutionContext,
): Promise<void> {
  try {
    if (statement.database !== api.database)
      throw new SqlError(`database "${statement.database}" does not exist`, '3D000');
    const lease = await reserved.open();
    try {
      await execute(statement, lease.session, sqls, surroundings);
    } finally {
      await lease.release();
    }
  } catch (error) {
    if (!isSettled(statement.status)) fail(statement, error, surroundings);
  }
}

/** Ends the session that a call names, when it has run its statement to the end. */
export async function loseSession(api: DataApi, body: Body): Promise<void> {
  const id = sessionIdOf(body);
  if (id === undefined) return;
  const isRunning = ({ sessionId, status }: Statement): boolean => sessionId === id && !isSettled(status);
  for (let running = api.statements.list().find(isRunning); running; running = api.statements.list().find(isRunning)) {
    await running.finished;
  }
  await api.sessions.lose(id);
}

/** Waits until the statement has finished, the time is over, or the client has hung up. */
async function waitFor(statement: Statement, seconds: number | undefined, gone: AbortSignal): Promise<void> {
  if (seconds === undefined || isSettled(statement.status) || gone.aborted) return;
  if (statement.waiting >= WAITING_LIMIT) {
    throw new ServiceError(
      'ActiveWaitingRequestsExceededException',
      'Active waiting requests exceeded the allowed quota.',
      400,
    );
  }
  statement.waiting += 1;
  let timer: NodeJS.Timeout | undefined;
  let hangUp: (() => void) | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
    hangUp = resolve;
    gone.addEventListener('abort', hangUp, { once: true });
  });
  await Promise.race([statement.finished, over]);
  clearTimeout(timer);
  if (hangUp) gone.removeEventListener('abort', hangUp);
  statement.waiting -= 1;
}

/** The statement must have been submitted for the format: each of the two operations reads one. */
async function getResult(api: Called, body: Body, format: ResultFormat, gone: AbortSignal): Promise<ApiResponse> {
  const id = statementId(body);
  const { statement, part } = ownStatement(api, id);
  if (statement.format !== format) {
    const operation = statement.format === 'CSV' ? 'GetStatementResultV2' : 'GetStatementResult';
    throw invalid(`The result of this statement is in ${statement.format} format. Use ${operation} to read it.`);
  }
  await waitFor(statement, waitSeconds(body), gone);
  return resultPage(id, statement, part, text(body, 'NextToken', 0, 1024) ?? '');
}

function resultPage(id: string, statement: Statement, part: Part | undefined, token: string): ApiResponse {
  const result = part?.result;
  if (!isSettled(statement.status) || result === undefined) throw notFound(NO_RESULT, id);
  const place = placeOf(token, id);
  const page = result.pages[place];
  if (page === undefined) throw invalid('The NextToken is not valid for this statement.');
  const next = place + 1 < result.pages.length ? `,"NextToken":"${tokenOf(id, place + 1)}"` : '';
  const format = statement.format === 'CSV' ? ',"ResultFormat":"CSV"' : '';
  return {
    json: `{"Records":${page},"ColumnMetadata":${result.columnMetadata},"TotalNumRows":${result.rows}${format}${next}}`,
  };
}

/** A statement of the caller's. Others' are not to be seen, but for the administrator. Throws ResourceNotFoundException. */
function ownStatement({ statements, caller }: Called, id: string): ReturnType<Statements['find']> {
  const found = statements.find(id);
  if (found.statement.user !== caller.user && !caller.isAdministrator) throw notFound('Query does not exist.', id);
  return found;
}

/** What the caller may see of statements and sessions. */
function ownOnly({ caller, statements, sessions, ...rest }: Called): Listed {
  const isSeen = ({ user }: { user: string }): boolean => caller.isAdministrator || user === caller.user;
  return {
    ...rest,
    statements: { list: () => statements.list().filter(isSeen) },
    sessions: { list: () => sessions.list().filter(isSeen) },
  };
}

function address(api: DataApi): Reply {
  return { WorkgroupName: api.warehouse };
}

function json(reply: Reply): ApiResponse {
  return { json: JSON.stringify(reply) };
}
