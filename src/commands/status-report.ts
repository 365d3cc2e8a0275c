import type { Drift } from '../schema/drift.ts';
import { newestVersion } from '../schema/migrations.ts';
import { LoaderError } from '../errors.ts';
import type { Connection, QueueDepth } from '../ports.ts';
import { starTables } from '../schema/relations.ts';
import { driftName, LATELY_MS, readDriftedFields } from '../ledger/drifted-fields.ts';
import { readWarehouseStatus, type Freshness, type Status } from '../ledger/status.ts';
import { ledgerOf } from './connection.ts';
import { driftAdvice, readDrift } from './schema-drift.ts';
import { sparkifyCommand } from './shell.ts';
import { pluralize } from '../numbers.ts';
import { escapeControls } from './table.ts';
import { readWaitingReport, waitingLine, type WaitingReport } from './waiting.ts';

/** `status --json`, and what the page shows of a deployed stage. */
export type StatusReport = Omit<Status, 'queue' | 'replayQueue' | 'dlq' | 'freshness'> & {
  /** Null where no URL is configured. */
  queue: QueueDepth | null;
  replayQueue: QueueDepth | null;
  dlq: QueueDepth | null;
  freshness: { hour: Freshness | null; day: Freshness | null };
  drift: Drift[];
  /** Fields of files that changed within 30 days and that nobody accepted. */
  changedFields: string[];
  /** Whether the warehouse is waited for, so that loads may be off. */
  waiting: WaitingReport;
  attention: string[];
};

/** What is known when the warehouse does not answer: `status --json` prints it with the error. */
export type AwayReport = Pick<StatusReport, 'queue' | 'replayQueue' | 'dlq' | 'waiting'> & {
  error: { message: string; hint: string };
};

/** Asks the queues, and S3 for the reason, when the warehouse did not answer. @throws LoaderError */
export async function readAwayReport(connection: Connection, { message, hint }: LoaderError): Promise<AwayReport> {
  const [[queue, replayQueue, dlq], waiting] = await Promise.all([
    readDepths(connection),
    readWaitingReport(connection),
  ]);
  return {
    queue: queue ?? null,
    replayQueue: replayQueue ?? null,
    dlq: dlq ?? null,
    waiting,
    error: { message, hint },
  };
}

function readDepths({ config, queue }: Connection): Promise<(QueueDepth | undefined)[]> {
  const depth = async (url: string | undefined): Promise<QueueDepth | undefined> =>
    url === undefined ? undefined : await queue.depth(url);
  return Promise.all([depth(config.queueUrl), depth(config.replayQueueUrl), depth(config.dlqUrl)]);
}

/** Asks the queues and the warehouse for everything that `status` and the page show. @throws LoaderError */
export async function readStatusReport(connection: Connection): Promise<StatusReport> {
  const tables = [...starTables(connection.templates.schema, connection.templates.load), 'rejected_rows'];
  const asked = Promise.all([readWarehouseStatus(tables, ledgerOf(connection)), readChangedFields(connection)]);
  const [drift, answers, [queue, replayQueue, dlq], waiting] = await Promise.all([
    readDrift(connection),
    asked.catch(asValue),
    readDepths(connection),
    readWaitingReport(connection),
  ]);
  if (!(answers instanceof LoaderError)) {
    const [warehouse, changedFields] = answers;
    const status = { ...warehouse, queue, replayQueue, dlq };
    const line = waiting === null || 'unreadable' in waiting ? undefined : waitingLine(waiting);
    const waits = line === undefined ? [] : [line];
    const attention = [...waits, ...needsAttention(status, connection), ...fieldsAdvice(changedFields)];
    const advice = driftAdvice(drift, connection.config.names.schema);
    return { ...jsonOf(status), drift, changedFields, attention: [...attention, ...advice], waiting };
  }
  // What the questions stumbled over is what differs, if anything does.
  const [advice] = driftAdvice(drift, connection.config.names.schema);
  throw advice === undefined ? answers : new LoaderError(answers.code, answers.message, advice, answers);
}

/** The names of fields that changed lately, in order. @throws LoaderError */
async function readChangedFields(connection: Connection): Promise<string[]> {
  const { clock, config } = connection;
  const fields = await readDriftedFields(clock.now() - LATELY_MS, config.landing.sources, ledgerOf(connection));
  return [...new Set(fields.map(driftName))];
}

/** Names told before the rest is only counted. */
const FIELDS_NAMED = 3;

function fieldsAdvice(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const told = `${names.slice(0, FIELDS_NAMED).join(', ')}${names.length > FIELDS_NAMED ? ' …' : ''}`;
  return [escapeControls(`${pluralize(names.length, 'field')} changed: ${told} → npx sparkify drift`)];
}

function asValue(error: unknown): LoaderError {
  if (error instanceof LoaderError) return error;
  throw error;
}

/** What needs attention, each with the next command. */
function needsAttention(status: Status, connection: Connection): string[] {
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
  return attention;
}

function jsonOf(status: Status): Omit<StatusReport, 'drift' | 'changedFields' | 'attention' | 'waiting'> {
  const { queue, replayQueue, dlq, freshness } = status;
  return {
    ...status,
    queue: queue ?? null,
    replayQueue: replayQueue ?? null,
    dlq: dlq ?? null,
    freshness: { hour: freshness.hour ?? null, day: freshness.day ?? null },
  };
}
