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

/** `status --json`, and what the page shows of a deployed stage. */
export type StatusReport = Omit<Status, 'queue' | 'dlq' | 'freshness'> & {
  /** Null where no URL is configured. */
  queue: QueueDepth | null;
  dlq: QueueDepth | null;
  freshness: { hour: Freshness | null; day: Freshness | null };
  drift: Drift[];
  attention: string[];
};

/** Asks the queues and the warehouse for everything that `status` and the page show. @throws LoaderError */
export async function readStatusReport(connection: Connection): Promise<StatusReport> {
  const { queueUrl, dlqUrl } = connection.config;
  const tables = [...starTables(connection.templates.schema, connection.templates.load), 'rejected_rows'];
  const [drift, warehouse, queue, dlq] = await Promise.all([
    readDrift(connection),
    readWarehouseStatus(tables, ledgerOf(connection)).catch(asValue),
    queueUrl === undefined ? undefined : connection.queue.depth(queueUrl),
    dlqUrl === undefined ? undefined : connection.queue.depth(dlqUrl),
  ]);
  if (!(warehouse instanceof LoaderError)) {
    const status = { ...warehouse, queue, dlq };
    return jsonOf(status, drift, needsAttention(status, drift, connection));
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

function jsonOf(status: Status, drift: Drift[], attention: string[]): StatusReport {
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
