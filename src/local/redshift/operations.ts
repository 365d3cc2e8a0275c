import { execute, fail, Cancelled, type Surroundings } from './executor.ts';
import type { FaultHook } from './fault.ts';
import { applyParameters } from './parameters.ts';
import { described, describedPart, listed, submitted, type Reply } from './replies.ts';
import { integer, statementId, submission, text, waitSeconds, type Body, type Submission } from './requests.ts';
import { invalid, notFound, ServiceError } from './service-error.ts';
import type { Reservation, Sessions } from './sessions.ts';
import { isSettled, type Part, type Statement, type Statements } from './statements.ts';
import { SqlError } from './types.ts';

/** A reply as JSON text, and the statement the call submitted, if it submitted one. */
export type Answer = { json: string; statement?: Statement };

/** What the operations act on. `warehouse` is the workgroup's (or cluster's) name; `now` gives epoch milliseconds. */
export type DataApi = {
  warehouse: string;
  database: string;
  statements: Statements;
  sessions: Sessions;
  nextQueryId: () => number;
  now: () => number;
  faults: FaultHook;
};

type Operation = (api: DataApi, body: Body, gone: AbortSignal) => Promise<Answer> | Answer;

/** How many calls may wait for one statement; the real number is not documented. */
const waitingLimit = 100;
const noResult = 'Query does not have result. Please check query status with DescribeStatement.';

const operations: Record<string, Operation> = {
  ExecuteStatement: (api, body, gone) => submit(api, body, submission(body, 'single'), 'ExecuteStatement', gone),
  BatchExecuteStatement: (api, body, gone) =>
    submit(api, body, submission(body, 'batch'), 'BatchExecuteStatement', gone),
  DescribeStatement: async (api, body, gone) => {
    const id = statementId(body);
    const { statement, part } = api.statements.find(id);
    await waitFor(statement, waitSeconds(body), gone);
    return json(
      part === undefined || statement.kind === 'single' ? described(statement, address(api)) : describedPart(id, part),
    );
  },
  GetStatementResult: async (api, body, gone) => {
    const id = statementId(body);
    const { statement, part } = api.statements.find(id);
    await waitFor(statement, waitSeconds(body), gone);
    return resultPage(id, statement, part, text(body, 'NextToken', 0, 1024));
  },
  CancelStatement: (api, body) => {
    const { statement } = api.statements.find(statementId(body));
    if (isSettled(statement.status))
      throw invalid(`Could not cancel a query that is already in ${statement.status} state with ID: ${statement.id}`);
    statement.abort.abort(new Cancelled("Query cancelled on user's request"));
    return json({ Status: true });
  },
  ListStatements: (api, body) => listStatements(api, body),
};

/** Carries out one call. `gone` is aborted when the client hangs up. Throws ServiceError. */
export async function call(api: DataApi, operation: string, body: Body, gone: AbortSignal): Promise<Answer> {
  const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (run === undefined)
    throw new ServiceError(
      'UnknownOperationException',
      `the local warehouse does not support the operation ${operation}`,
      400,
    );
  return await run(api, body, gone);
}

async function submit(
  api: DataApi,
  body: Body,
  request: Submission,
  operation: string,
  gone: AbortSignal,
): Promise<Answer> {
  const statement = api.statements.byToken(request.token) ?? start(api, body, request, operation);
  await waitFor(statement, request.waitSeconds, gone);
  return { ...json(submitted(statement, address(api))), statement };
}

function start(api: DataApi, body: Body, request: Submission, operation: string): Statement {
  if (request.warehouse !== undefined && request.warehouse !== api.warehouse)
    throw invalid("Redshift endpoint doesn't exist in this region.");
  const sqls = applyParameters(request.sqls, request.parameters);
  api.statements.checkRoom();
  const reserved = api.sessions.lease(request.sessionId, request.keepAliveSeconds);
  const statement = api.statements.submit(
    {
      kind: request.kind,
      mode: request.mode,
      sqls: request.sqls,
      parameters: request.parameters,
      name: request.name,
      database: request.database ?? api.database,
      sessionId: reserved.id,
      pid: reserved.pid,
    },
    request.token,
  );
  const surroundings: Surroundings = {
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
  surroundings: Surroundings,
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

/** Waits until the statement has settled, the time is over, or the client has hung up. */
async function waitFor(statement: Statement, seconds: number | undefined, gone: AbortSignal): Promise<void> {
  if (seconds === undefined || isSettled(statement.status) || gone.aborted) return;
  if (statement.waiting >= waitingLimit) {
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
  await Promise.race([statement.settled, over]);
  clearTimeout(timer);
  if (hangUp) gone.removeEventListener('abort', hangUp);
  statement.waiting -= 1;
}

function resultPage(id: string, statement: Statement, part: Part | undefined, token: string | undefined): Answer {
  const result = part?.result;
  if (!isSettled(statement.status) || result === undefined) throw notFound(noResult, id);
  const [tokenId, tokenPage = '0'] = token === undefined ? [id] : Buffer.from(token, 'base64url').toString().split('/');
  const place = Number(tokenPage);
  const page = tokenId === id ? result.pages[place] : undefined;
  if (page === undefined) throw invalid('The NextToken is not valid for this statement.');
  const hasNext = place + 1 < result.pages.length;
  const next = hasNext ? `,"NextToken":"${Buffer.from(`${id}/${place + 1}`).toString('base64url')}"` : '';
  return { json: `{"Records":${page},"ColumnMetadata":${result.columnMetadata},"TotalNumRows":${result.rows}${next}}` };
}

/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListStatements.html */
function listStatements(api: DataApi, body: Body): Answer {
  const limit = integer(body, 'MaxResults', 0, 100) ?? 100;
  const status = text(body, 'Status', 1, 16) ?? 'FINISHED';
  const prefix = text(body, 'StatementName', 0, 2048);
  const from = Number(Buffer.from(text(body, 'NextToken', 0, 1024) ?? '', 'base64url').toString());
  if (!Number.isInteger(from)) throw invalid('The NextToken is not valid.');
  const all = api.statements
    .list()
    .filter((statement) => status === 'ALL' || statement.status === status)
    .filter((statement) => prefix === undefined || (statement.name?.startsWith(prefix) ?? false));
  const next =
    from + limit < all.length && limit > 0
      ? { NextToken: Buffer.from(String(from + limit)).toString('base64url') }
      : {};
  return json({ Statements: all.slice(from, from + limit).map(listed), ...next });
}

function address(api: DataApi): Reply {
  return { WorkgroupName: api.warehouse };
}

function json(reply: Reply): Answer {
  return { json: JSON.stringify(reply) };
}
