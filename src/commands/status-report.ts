import type { Drift } from '../schema/drift.ts';
import { newestVersion } from '../schema/migrations.ts';
import { LoaderError } from '../errors.ts';
import type { Connection, QueueDepth } from '../ports.ts';
import { starTables } from '../schema/relations.ts';
import { readWarehouseStatus, type Freshness, type Status } from '../ledger/status.ts';
import { ledgerOf } from './connection.ts';
import { driftAdvice, readDrift } from './drift.ts';
import { sparkifyCommand } from './shell.ts';
import { pluralize } from '../numbers.ts';
import { readWaitingReport, waitingLine, type WaitingReport } from './waiting.ts';

/** `status --json`, and what the page shows of a deployed stage. */
export type StatusReport = Omit<Status, 'queue' | 'dlq' | 'freshness'> & {
  /** Null where no URL is configured. */
  queue: QueueDepth | null;
  dlq: QueueDepth | null;
  freshness: { hour: Freshness | null; day: Freshness | null };
  drift: Drift[];
  /** Whether the warehouse is waited for, so that loads may be off. */
  waiting: WaitingReport;
  attention: string[];
};

/** What is known when the warehouse does not answer: `status --json` prints it with the error. */
export type AwayReport = Pick<StatusReport, 'queue' | 'dlq' | 'waiting'> & { error: { message: string; hint: string } };

/** Asks the queues, and S3 for the reason, when the warehouse did not answer. @throws LoaderError */
export async function readAwayReport(connection: Connection, { message, hint }: LoaderError): Promise<AwayReport> {
  const [[queue, dlq], waiting] = await Promise.all([readDepths(connection), readWaitingReport(connection)]);
  return { queue: queue ?? null, dlq: dlq ?? null, waiting, error: { message, hint } };
}

function readDepths({ config, queue }: Connection): Promise<(QueueDepth | undefined)[]> {
  const depth = async (url: string | undefined): Promise<QueueDepth | undefined> =>
    url === undefined ? undefined : await queue.depth(url);
  return Promise.all([depth(config.queueUrl), depth(config.dlqUrl)]);
}

/** Asks the queues and the warehouse for everything that `status` and the page show. @throws LoaderError */
export async function readStatusReport(connection: Connection): Promise<StatusReport> {
  const tables = [...starTables(connection.templates.schema, connection.templates.load), 'rejected_rows'];
  const [drift, warehouse, [queue, dlq], waiting] = await Promise.all([
    readDrift(connection),
    readWarehouseStatus(tables, ledgerOf(connection)).catch(asValue),
    readDepths(connection),
    readWaitingReport(connection),
  ]);
  if (!(warehouse instanceof LoaderError)) {
    const status = { ...warehouse, queue, dlq };
    const waits = waiting === null || 'unreadable' in waiting ? undefined : waitingLine(waiting);
    const attention = [...(waits === undefined ? [] : [waits]), ...needsAttention(status, drift, connection)];
    return { ...jsonOf(status, drift, attention), waiting };
  }
  // What the questions stumbled over is what differs, if anything does.
  const [advice] = driftAdvice(drift, connection.config.names.schema);
  throw advice === undefined ? warehouse : new LoaderError(warehouse.code, warehouse.message, advice, warehouse);
}

function asValue(error: unknown): LoaderError {
  if (error instanceof LoaderError) return error;
  throw error;
}

/** What needs attention, each with the next command. */
function needsAttention(status: Status, drift: Drift[], connection: Connection): string[] {
  const { schema } = connection.config.names;
  const attention: string[] = [];
  const dead = status.dlq === undefined ? 0 : status.dlq.waiting + status.dlq.inFlight;
  // Vanished objects were deleted before they were read, so there is nothing to fix.
  const quarantined = status.notLoaded.filter((row) => row.status === 'quarantined');
  const notLoaded = quarantined.reduce((sum, row) => sum + Number(row.objects), 0);
  const newest = newestVersion(connection.templates.schema);
  if (dead > 0) attention.push(`${pluralize(dead, 'dead letter')} → npx sparkify redrive --dry-run`);
  if (notLoaded > 0) attention.push(`${pluralize(notLoaded, 'object')} not loaded → npx sparkify quarantine list`);
  if (status.rejectedRows > 0) {
    const newestOf = status.batches.find((batch) => Number(batch.rows_rejected) > 0);
    const next = newestOf
      ? sparkifyCommand('trace', 'rejected_rows', String(newestOf.batch_id))
      : `npx sparkify query "SELECT * FROM ${schema}.rejected_rows ORDER BY batch_no DESC LIMIT 20"`;
    attention.push(`${pluralize(status.rejectedRows, 'row')} rejected within a day → ${next}`);
  }
  if (status.schemaVersion < newest) {
    attention.push(
      `schema is at version ${status.schemaVersion}, this release has ${newest} → npx sparkify create-tables`,
    );
  }
  if (status.schemaVersion > newest) {
    attention.push(
      `schema is at version ${status.schemaVersion}, this release knows ${newest} → use the newer release`,
    );
  }
  return [...attention, ...driftAdvice(drift, schema)];
}

function jsonOf(status: Status, drift: Drift[], attention: string[]): Omit<StatusReport, 'waiting'> {
  const { queue, dlq, freshness } = status;
  return {
    ...status,
    queue: queue ?? null,
    dlq: dlq ?? null,
    freshness: { hour: freshness.hour ?? null, day: freshness.day ?? null },
    drift,
    attention,
  };
}
