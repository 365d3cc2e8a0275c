import { randomUUID } from 'node:crypto';
import { notFound, ServiceError } from '../service-error.ts';
import type { ResultFormat, ResultSet } from './results.ts';

/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeStatement.html */
export type Status = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';

/** One SQL text of a call. Times are epoch milliseconds, durations nanoseconds. */
export type Part = {
  sql: string;
  status: Status;
  error?: string;
  createdAt: number;
  updatedAt: number;
  durationNs: number;
  /** Rows returned or rows affected; -1 until known. */
  resultRows: number;
  queryId: number;
  result?: ResultSet;
};

/** What a client submitted and what became of it. */
export type Statement = {
  id: string;
  kind: 'single' | 'batch';
  mode: 'TRANSACTION' | 'AUTO_COMMIT';
  /** The SQL as the client wrote it, with its parameters beside it. */
  parts: [Part, ...Part[]];
  parameters: { name: string; value: string }[];
  format: ResultFormat;
  name: string | undefined;
  database: string;
  sessionId: string | undefined;
  pid: number;
  /** The database user. */
  user: string;
  status: Status;
  error?: string;
  createdAt: number;
  updatedAt: number;
  durationNs: number;
  /** Aborting it cancels the statement, wherever it is: waiting for a lock, running, copying. */
  abort: AbortController;
  /** Resolves once the status is final; never rejects. */
  finished: Promise<void>;
  /** Calls that are waiting for the end of this statement. */
  waiting: number;
};

const HOUR_MS = 3_600_000;
/** A repeated ClientToken gives the first call's statement for this long. */
const TOKEN_LIFE_MS = 8 * HOUR_MS;
/** Statements and their results can be asked for this long. */
const STATEMENT_LIFE_MS = 24 * HOUR_MS;
/** Ours, so that a long-lived warehouse stays small: the oldest finished statements go first. */
const KEPT_STATEMENTS = 2000;
const KEPT_RESULT_BYTES = 1024 * 1024 * 1024;
/** https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html */
const ACTIVE_STATEMENTS_LIMIT = 500;

/** Whether a status is final. */
export const isSettled = (status: Status): boolean =>
  status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';

/** All statements a client may still ask for. `now` gives epoch milliseconds. */
export class Statements {
  readonly #now: () => number;
  readonly #byId = new Map<string, Statement>();
  readonly #byToken = new Map<string, { id: string; at: number }>();
  #active = 0;
  #resultBytes = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The statement that an earlier call with this token made, while the token is remembered. */
  byToken(token: string | undefined): Statement | undefined {
    const known = token === undefined ? undefined : this.#byToken.get(token);
    if (known === undefined || this.#now() - known.at >= TOKEN_LIFE_MS) return undefined;
    return this.#byId.get(known.id);
  }

  /** Throws ActiveStatementsExceededException when no further statement may be active. */
  checkRoom(): void {
    if (this.#active < ACTIVE_STATEMENTS_LIMIT) return;
    throw new ServiceError(
      'ActiveStatementsExceededException',
      `Active statements exceeded the allowed quota (${ACTIVE_STATEMENTS_LIMIT}).`,
      400,
    );
  }

  /** Adds a statement; start() then runs it. */
  submit(
    fields: Pick<
      Statement,
      'kind' | 'mode' | 'parameters' | 'format' | 'name' | 'database' | 'sessionId' | 'pid' | 'user'
    > & { sqls: string[] },
    token: string | undefined,
  ): Statement {
    this.#evict();
    const at = this.#now();
    const { sqls, ...rest } = fields;
    const parts = sqls.map((sql): Part => ({
      sql,
      status: 'SUBMITTED',
      createdAt: at,
      updatedAt: at,
      durationNs: -1,
      resultRows: -1,
      queryId: 0,
    }));
    const [first, ...others] = parts;
    if (first === undefined) throw new Error('A statement needs at least one SQL text');
    const statement: Statement = {
      ...rest,
      id: randomUUID(),
      parts: [first, ...others],
      status: 'SUBMITTED',
      createdAt: at,
      updatedAt: at,
      durationNs: -1,
      abort: new AbortController(),
      finished: Promise.resolve(),
      waiting: 0,
    };
    this.#byId.set(statement.id, statement);
    if (token !== undefined) this.#byToken.set(token, { id: statement.id, at });
    return statement;
  }

  /** Runs `work` for the statement, which counts as active until it ends. */
  start(statement: Statement, work: () => Promise<void>): void {
    this.#active += 1;
    statement.finished = work().finally(() => {
      this.#active -= 1;
      for (const part of statement.parts) this.#resultBytes += part.result?.sizeBytes ?? 0;
    });
  }

  /** Finds a statement or one part of it by `uuid` or `uuid:n` (n from 1). Throws ResourceNotFoundException. */
  find(id: string): { statement: Statement; part: Part | undefined } {
    const [uuid = '', place] = id.split(':');
    const statement = this.#byId.get(uuid);
    if (statement === undefined || this.#expired(statement)) throw notFound('Query does not exist.', id);
    if (place === undefined) return { statement, part: statement.kind === 'single' ? statement.parts[0] : undefined };
    const part = statement.kind === 'batch' ? statement.parts[Number(place) - 1] : undefined;
    if (part === undefined) throw notFound('Query does not exist.', id);
    return { statement, part };
  }

  /** All statements, newest first. */
  list(): Statement[] {
    return [...this.#byId.values()].filter((statement) => !this.#expired(statement)).reverse();
  }

  #expired(statement: Statement): boolean {
    return isSettled(statement.status) && this.#now() - statement.updatedAt >= STATEMENT_LIFE_MS;
  }

  /** Drops what is past its time, and the oldest finished statements beyond the bounds. */
  #evict(): void {
    for (const [token, { id, at }] of this.#byToken) {
      if (this.#byId.has(id) && this.#now() - at < TOKEN_LIFE_MS) break;
      this.#byToken.delete(token);
    }
    for (const statement of this.#byId.values()) {
      const tooMany = this.#byId.size >= KEPT_STATEMENTS || this.#resultBytes > KEPT_RESULT_BYTES;
      if (!tooMany && !this.#expired(statement)) break;
      if (!isSettled(statement.status)) continue;
      this.#byId.delete(statement.id);
      for (const part of statement.parts) this.#resultBytes -= part.result?.sizeBytes ?? 0;
    }
  }
}
