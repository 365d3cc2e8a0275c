import type { Fault } from '../fault.ts';
import type { Session } from './session.ts';
import { isSettled, type Part, type Statement, type Status } from './statements.ts';
import { SqlError } from '../types.ts';

/** Why a statement was stopped before its end; what clients read in `Error`. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** What running statements need from outside: clocks (`now` in epoch milliseconds), numbers, and the faults planned for each statement. */
export type ExecutionContext = {
  now: () => number;
  nextQueryId: () => number;
  fault: (statementIndex: number) => Fault | undefined;
};

/**
 * Runs a submitted statement in a session and records what becomes of it; never throws. `sqls` are the statement's texts
 * with their parameters put in.
 *
 * A TRANSACTION batch is all or nothing. Its parts that had finished keep saying FINISHED after a rollback, as the
 * Data API does: only the status of the whole tells the truth.
 */
export async function execute(
  statement: Statement,
  session: Session,
  sqls: string[],
  surroundings: ExecutionContext,
): Promise<void> {
  const started = performance.now();
  mark(statement, 'STARTED', surroundings);
  let failure: unknown;
  try {
    if (statement.kind === 'batch' && statement.mode === 'TRANSACTION')
      await runTransaction(statement, session, sqls, surroundings);
    else await runEach(statement, session, sqls, surroundings);
  } catch (error) {
    failure = error;
  }
  statement.durationNs = nanoseconds(started);
  if (failure === undefined) mark(statement, 'FINISHED', surroundings);
  else fail(statement, failure, surroundings);
}

/** Ends a statement that never ran, for example because its database does not exist. */
export function fail(statement: Statement, error: unknown, { now }: Pick<ExecutionContext, 'now'>): void {
  const status = error instanceof Cancelled ? 'ABORTED' : 'FAILED';
  statement.error = errorText(error);
  mark(statement, status, { now });
  for (const part of statement.parts) {
    if (isSettled(part.status)) continue;
    mark(part, statement.kind === 'single' ? status : 'ABORTED', { now });
    if (statement.kind === 'single') part.error = statement.error;
  }
}

async function runTransaction(
  statement: Statement,
  session: Session,
  sqls: string[],
  surroundings: ExecutionContext,
): Promise<void> {
  if (session.inTransaction)
    throw new SqlError('a TRANSACTION batch cannot run while the session has a transaction open', '25001');
  session.begin();
  try {
    for (const [index, part] of statement.parts.entries()) {
      await runPart(statement, part, index, session, sqls, surroundings);
    }
    await session.commit();
  } catch (error) {
    await session.rollback();
    throw error;
  }
}

/** One statement, or a batch in AUTO_COMMIT mode: each text stands alone, and a failure does not stop those after it. */
async function runEach(
  statement: Statement,
  session: Session,
  sqls: string[],
  surroundings: ExecutionContext,
): Promise<void> {
  let first: Error | undefined;
  for (const [index, part] of statement.parts.entries()) {
    try {
      await runPart(statement, part, index, session, sqls, surroundings);
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      first ??= error instanceof Error ? error : new Error(String(error));
    }
  }
  if (first !== undefined) throw first;
}

async function runPart(
  statement: Statement,
  part: Part,
  index: number,
  session: Session,
  sqls: string[],
  surroundings: ExecutionContext,
): Promise<void> {
  const started = performance.now();
  const inBatch = statement.kind === 'batch' && statement.mode === 'TRANSACTION';
  part.queryId = surroundings.nextQueryId();
  mark(part, 'STARTED', surroundings);
  try {
    const fault = surroundings.fault(index);
    if (fault?.kind === 'delay') await pause(fault.milliseconds, statement.abort.signal);
    if (fault?.kind === 'statement fails') throw new SqlError(fault.message);
    const run = { queryId: part.queryId, signal: statement.abort.signal, format: statement.format };
    const outcome = await session.run(sqls[index] ?? part.sql, run, inBatch);
    if (fault?.kind === 'statement fails after') throw new SqlError(fault.message);
    part.resultRows = outcome.rows;
    if (outcome.result) part.result = outcome.result;
    part.durationNs = nanoseconds(started);
    mark(part, 'FINISHED', surroundings);
  } catch (error) {
    part.durationNs = nanoseconds(started);
    part.error = errorText(error);
    mark(part, error instanceof Cancelled ? 'ABORTED' : 'FAILED', surroundings);
    if (statement.kind === 'single' || error instanceof Cancelled) throw error;
    throw new FailedPart(index + 1, part.error);
  }
}

/** A batch tells which of its statements failed. */
class FailedPart extends Error {
  override readonly name = 'FailedPart';
  constructor(place: number, text: string) {
    super(`Query #${place} failed with ${text}`);
  }
}

function errorText(error: unknown): string {
  if (error instanceof FailedPart) return error.message;
  if (error instanceof Error) return `ERROR: ${error.message}`;
  return `ERROR: ${String(error)}`;
}

function mark(
  target: { status: Status; updatedAt: number },
  status: Status,
  { now }: Pick<ExecutionContext, 'now'>,
): void {
  target.status = status;
  target.updatedAt = now();
}

function nanoseconds(started: number): number {
  return Math.round((performance.now() - started) * 1e6);
}

/** Waits; throws the signal's reason when it is aborted meanwhile. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abandon = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abandon);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', abandon, { once: true });
  });
}
