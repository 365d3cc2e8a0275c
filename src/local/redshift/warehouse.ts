import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SessionCatalog } from './engine/catalog.ts';
import { committedCatalog } from './engine/committed-catalog.ts';
import { cancellable } from './copy/cancellable-reader.ts';
import { closeEngine } from './engine/closed-engine.ts';
import { prepareCatalogViews } from './engine/catalog-views.ts';
import { prepareSvvColumns } from './engine/svv-columns.ts';
import { prepareSvvTableInfo } from './engine/svv-table-info.ts';
import { runCopy, type CopyContext } from './copy/run-copy.ts';
import { openDatabaseFile } from './engine/database-file.ts';
import { PermanentTables } from './engine/permanent-tables.ts';
import { prepareEngine } from './engine/prepare-engine.ts';
import { Cancelled } from './session/executor.ts';
import type { FaultHook } from './fault.ts';
import { prepareLoadLog, type OpenLoadLog } from './copy/load-errors.ts';
import type { Isolation } from './session/locks.ts';
import type { Identities } from './protocol/callers.ts';
import { dataApiServer } from './protocol/server.ts';
import { ADMINISTRATOR, userKey } from './rights/rights.ts';
import { Session, type CopyRunner } from './session/session.ts';
import { Sessions } from './session/sessions.ts';
import { Slots } from './session/slots.ts';
import { isSettled, Statements } from './session/statements.ts';
import { Transactions } from './session/transactions.ts';
import { SqlError, type ObjectReader, type DatabaseCatalog } from './types.ts';

/** How the local warehouse is started. */
export type WarehouseOptions = {
  /** The database file, made when it is missing, or ':memory:'. */
  file: string;
  /** 0, the default, takes any free port. */
  port?: number;
  /** Where COPY reads. */
  objects: ObjectReader;
  /** An existing directory for COPY's spool files. */
  scratchDirectory: string;
  /** The engine's memory, such as '1GB' (default '2GB'); beyond it, it spills to disk. */
  memoryLimit?: string;
  /** Default SNAPSHOT, as on Redshift today. */
  isolation?: Isolation;
  /** The workgroup or cluster name clients must give (default 'sparkify'). */
  workgroup?: string;
  /** The database clients must name (default 'dev'). */
  database?: string;
  /** The database user of each access key; others are refused then (default: every key is the administrator's). */
  identities?: Identities;
  /** What goes wrong on purpose (default: nothing). */
  faults?: FaultHook;
  /** Asked for every COPY with errors: after how many milliseconds its rows of sys_load_error_detail are seen (default 0). */
  loadErrorsLateMs?: () => number;
  /** Epoch milliseconds, for times that clients see and for what expires (default: the system's clock). */
  now?: () => number;
};

export type Warehouse = {
  /** For AWS_ENDPOINT_URL_REDSHIFT_DATA. */
  endpoint: string;
  port: number;
  /** The same warehouse at an address where nothing goes wrong on purpose: whoever watches a fault plan must not use it up. */
  quietEndpoint: string;
  workgroup: string;
  database: string;
  /** Grows with each transaction that changes schemas, tables, users or rights: while it stays, rows are all that can differ. */
  catalogVersion: () => number;
  /** Cancels what runs; resolves when it has ended. */
  cancelAll: () => Promise<void>;
  /** Cancels what runs, rolls back what is open, writes everything into the file and closes it. */
  stop: () => Promise<void>;
};

export { WarehouseLocked, WarehouseTooNew } from './engine/database-file.ts';

/**
 * Starts a Redshift Data API over a database file, on this machine only.
 * Throws WarehouseLocked, WarehouseTooNew, and what the operating system says of the port.
 */
export async function startWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  const { file, port = 0, memoryLimit = '2GB', workgroup = 'sparkify', database = 'dev' } = options;
  const databaseFile = await openDatabaseFile(file, memoryLimit);
  const engine = await startEngine(options, database, databaseFile.instance).catch((error: unknown) => {
    databaseFile.close();
    throw error;
  });
  const now = options.now ?? Date.now;
  const statements = new Statements(now);
  const faults = options.faults ?? ((): undefined => undefined);
  let queryId = 0;
  const nextQueryId = (): number => (queryId += 1);
  const { sessions, catalog } = engine;
  const { identities } = options;
  const common = {
    warehouse: workgroup,
    database,
    catalog,
    statements,
    sessions,
    identities,
    administrator: ADMINISTRATOR,
  };
  const server = dataApiServer({ ...common, nextQueryId, now, faults });
  const quiet = dataApiServer({ ...common, nextQueryId, now, faults: () => undefined });
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    quiet.listen(0, '127.0.0.1');
    await once(quiet, 'listening');
  } catch (error) {
    server.close();
    await engine.close();
    databaseFile.close();
    throw error;
  }
  const stop = async (): Promise<void> => {
    const closed = Promise.all([once(server, 'close'), once(quiet, 'close')]);
    server.close();
    quiet.close();
    sessions.refuseNew();
    await cancelActive(statements);
    await sessions.close();
    server.closeAllConnections();
    quiet.closeAllConnections();
    await closed;
    await engine.close();
    databaseFile.close();
  };
  const { port: listening } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${listening}`,
    port: listening,
    quietEndpoint: `http://127.0.0.1:${(quiet.address() as AddressInfo).port}`,
    workgroup,
    database,
    catalogVersion: engine.catalogVersion,
    cancelAll: () => cancelActive(statements),
    stop,
  };
}

type Engine = {
  sessions: Sessions;
  catalog: DatabaseCatalog;
  catalogVersion: () => number;
  close: () => Promise<void>;
};

/** Prepares the database, and what runs statements in it. `close` writes everything into the file. */
async function startEngine(options: WarehouseOptions, database: string, instance: DuckDBInstance): Promise<Engine> {
  const now = options.now ?? Date.now;
  const clock = (): Date => new Date(now());
  const keeper = await instance.connect();
  await prepareEngine(keeper, database);
  const permanent = await PermanentTables.load(keeper);
  const log = await prepareLoadLog(instance, clock, options.loadErrorsLateMs);
  await prepareSvvColumns(keeper, database);
  await prepareSvvTableInfo(keeper, database);
  await prepareCatalogViews(keeper);
  await closeEngine(keeper, options.scratchDirectory);
  const transactions = new Transactions(options.isolation ?? 'SNAPSHOT');
  const shared = { transactions, slots: new Slots(), copy: copyRunner(options, instance, log, clock), now: clock };
  const sessions = new Sessions(async (pid, user) => {
    const connection = await instance.connect();
    const session = new SessionCatalog(permanent, { user, database });
    await logIn(session, connection, options.identities).catch((error: unknown) => {
      connection.closeSync();
      throw error;
    });
    return new Session(pid, connection, session, shared);
  }, now);
  const close = async (): Promise<void> => {
    log.close();
    await keeper.run('CHECKPOINT');
    keeper.closeSync();
  };
  return { sessions, catalog: committedCatalog(permanent, keeper), catalogVersion: () => permanent.version, close };
}

/** Lets a user in. IAM makes its users at their first login; any other must be there. */
async function logIn(
  { facts, login: { user } }: SessionCatalog,
  connection: DuckDBConnection,
  identities: Identities = {},
): Promise<void> {
  if (Object.values(identities).includes(user)) await facts.logIn(user, connection);
  if (facts.get(userKey(user)) === undefined) throw new SqlError(`password authentication failed for user "${user}"`);
}

async function cancelActive(statements: Statements): Promise<void> {
  const active = statements.list().filter((statement) => !isSettled(statement.status));
  for (const statement of active) statement.abort.abort(new Cancelled('the local warehouse was stopped'));
  await Promise.all(active.map((statement) => statement.finished));
}

/** COPY as a session calls it: its target looked up, and everything it needs beside the statement. */
function copyRunner(
  options: WarehouseOptions,
  instance: DuckDBInstance,
  log: OpenLoadLog,
  now: () => Date,
): CopyRunner {
  const { scratchDirectory } = options;
  return async (copy, session, transaction, { queryId, signal }) => {
    const table = session.catalog.find(copy.table);
    if (table === undefined) throw new SqlError(`Cannot COPY into nonexistent table ${copy.table.name}`);
    const ids = { queryId, transactionId: transaction.number, sessionId: session.pid };
    const { connection } = session;
    const objects = cancellable(options.objects, signal);
    const lend: CopyContext['showQuery'] = (lent, rows, free) => session.showQuery(lent, rows, free);
    return await runCopy(copy, table, {
      connection,
      showQuery: lend,
      instance,
      objects,
      log,
      scratchDirectory,
      ...ids,
      now,
      signal,
    });
  };
}
