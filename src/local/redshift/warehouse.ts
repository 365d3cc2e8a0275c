import { DuckDBInstance } from '@duckdb/node-api';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { PermanentTables, prepareEngine, SessionCatalog } from './catalog.ts';
import { runCopy } from './copy.ts';
import { Cancelled } from './executor.ts';
import type { FaultHook } from './fault.ts';
import { prepareLoadLog, type OpenLoadLog } from './load-errors.ts';
import type { Isolation } from './locks.ts';
import { dataApiServer } from './server.ts';
import { Session, type CopyRunner } from './session.ts';
import { Sessions } from './sessions.ts';
import { isSettled, Statements } from './statements.ts';
import { Transactions } from './transactions.ts';
import { SqlError, type ObjectReader } from './types.ts';

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
  /** What goes wrong on purpose (default: nothing). */
  faults?: FaultHook;
  /** Epoch milliseconds, for times that clients see and for what expires (default: the system's clock). */
  now?: () => number;
};

export type Warehouse = {
  /** For AWS_ENDPOINT_URL_REDSHIFT_DATA. */
  endpoint: string;
  port: number;
  workgroup: string;
  database: string;
  /** Cancels what runs, rolls back what is open, writes everything into the file and closes it. */
  stop: () => Promise<void>;
};

/** The database file is open in another process. */
export class WarehouseLocked extends Error {
  override readonly name = 'WarehouseLocked';
}

/** The database file was written by a newer engine than this one. */
export class WarehouseTooNew extends Error {
  override readonly name = 'WarehouseTooNew';
}

/**
 * Starts a Redshift Data API over a database file, on this machine only.
 * Throws WarehouseLocked, WarehouseTooNew, and what the operating system says of the port.
 */
export async function startWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  const {
    file,
    port = 0,
    memoryLimit = '2GB',
    isolation = 'SNAPSHOT',
    workgroup = 'sparkify',
    database = 'dev',
  } = options;
  const now = options.now ?? Date.now;
  const instance = await openInstance(file, memoryLimit);
  const keeper = await instance.connect();
  await prepareEngine(keeper);
  const permanent = await PermanentTables.load(keeper);
  const clock = (): Date => new Date(now());
  const log = await prepareLoadLog(instance, clock);
  const copy = copyRunner(options, instance, log, clock);
  const shared = { transactions: new Transactions(isolation), copy, now: clock };
  const sessions = new Sessions(
    async (pid) => new Session(pid, await instance.connect(), new SessionCatalog(permanent), shared),
  );
  const statements = new Statements(now);
  let queryId = 0;
  const nextQueryId = (): number => (queryId += 1);
  const server = dataApiServer({
    warehouse: workgroup,
    database,
    statements,
    sessions,
    nextQueryId,
    now,
    faults: options.faults ?? (() => undefined),
  });
  const closeEngine = async (): Promise<void> => {
    log.close();
    await keeper.run('CHECKPOINT');
    keeper.closeSync();
    instance.closeSync();
  };
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    await closeEngine();
    throw error;
  }
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    const active = statements.list().filter((statement) => !isSettled(statement.status));
    for (const statement of active) statement.abort.abort(new Cancelled('the local warehouse was stopped'));
    await Promise.all(active.map((statement) => statement.settled));
    await sessions.close();
    server.closeAllConnections();
    await closed;
    await closeEngine();
  };
  const { port: listening } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${listening}`, port: listening, workgroup, database, stop };
}

/** COPY as a session calls it: its target looked up, and everything it needs beside the statement. */
function copyRunner(
  options: WarehouseOptions,
  instance: DuckDBInstance,
  log: OpenLoadLog,
  now: () => Date,
): CopyRunner {
  const { objects, scratchDirectory } = options;
  return async (copy, session, transaction, { queryId, signal }) => {
    const table = session.catalog.find(copy.table);
    if (table === undefined) throw new SqlError(`Cannot COPY into nonexistent table ${copy.table.name}`);
    const ids = { queryId, transactionId: transaction.number, sessionId: session.pid };
    const { connection } = session;
    return await runCopy(copy, table, { connection, instance, objects, log, scratchDirectory, ...ids, now, signal });
  };
}

async function openInstance(file: string, memoryLimit: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(file, { memory_limit: memoryLimit });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes('Could not set lock')) {
      throw new WarehouseLocked(
        `The warehouse file ${file} is open in another process. Stop that one, or start this one with another home directory.`,
        { cause: error },
      );
    }
    if (/version number \d+, but we can only read/.test(message)) {
      throw new WarehouseTooNew(
        `The warehouse file ${file} was written by a newer DuckDB than this one reads. Run npm ci in the newer checkout, or delete the file and load again.`,
        { cause: error },
      );
    }
    throw error;
  }
}
