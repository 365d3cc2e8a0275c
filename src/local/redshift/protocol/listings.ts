import { pageOf } from './paging.ts';
import { listed, listedSession, type Reply } from './replies.ts';
import { namedWarehouse, sessionIdOf, text, word, type Body } from './requests.ts';
import { invalid, notFound } from '../service-error.ts';
import type { Sessions } from '../session/sessions.ts';
import { isSettled, type Statements } from '../session/statements.ts';

/** What the lists of statements and sessions are taken from. */
export type Listed = {
  warehouse: string;
  database: string;
  statements: Pick<Statements, 'list'>;
  sessions: Pick<Sessions, 'list'>;
};

/** Results of one call, of either list. */
const MOST_PER_PAGE = 100;

/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListStatements.html */
export function listStatements(api: Listed, body: Body): Reply {
  const statuses = ['SUBMITTED', 'PICKED', 'STARTED', 'FINISHED', 'ABORTED', 'FAILED', 'ALL'] as const;
  const status = word(body, 'Status', statuses) ?? 'FINISHED';
  const prefix = text(body, 'StatementName', 0, 2048);
  const database = databaseAsked(api, body);
  const statements = api.statements
    .list()
    .filter((statement) => status === 'ALL' || statement.status === status)
    .filter((statement) => database === undefined || statement.database === database)
    .filter((statement) => prefix === undefined || (statement.name?.startsWith(prefix) ?? false));
  const { page, next } = pageOf(statements, body, 'ListStatements', MOST_PER_PAGE);
  return { Statements: page.map(listed), ...next };
}

/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListSessions.html */
export function listSessions(api: Listed, body: Body): Reply {
  const id = sessionIdOf(body);
  const status = word(body, 'Status', ['AVAILABLE', 'BUSY', 'CLOSED']);
  const database = databaseAsked(api, body);
  const beside = ['Status', 'ClusterIdentifier', 'WorkgroupName', 'Database'].find((member) => member in body);
  if (id !== undefined && beside !== undefined) throw invalid(`${beside} must not be given together with SessionId`);
  // All sessions are connected to the one database there is.
  const known = database === undefined || database === api.database ? api.sessions.list() : [];
  const sessions = known.filter((session) => {
    if (id !== undefined) return session.id === id;
    return status === undefined ? session.status !== 'CLOSED' : session.status === status;
  });
  if (id !== undefined && sessions.length === 0) throw notFound('Session does not exist.', id);
  const { page, next } = pageOf(sessions, body, 'ListSessions', MOST_PER_PAGE);
  const running = api.statements.list().filter((statement) => !isSettled(statement.status));
  const listing = page.map((session) =>
    listedSession(session, api, running.find((statement) => statement.sessionId === session.id)?.id),
  );
  return { Sessions: listing, ...next };
}

/** The database a list is narrowed to. Throws ValidationException for a warehouse that does not exist. */
function databaseAsked(api: Listed, body: Body): string | undefined {
  const named = namedWarehouse(body);
  if (named !== undefined && named !== api.warehouse) throw invalid("Redshift endpoint doesn't exist in this region.");
  return text(body, 'Database', 0, 128);
}
