import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  type BatchExecuteStatementCommandInput,
  type DescribeStatementCommandOutput,
  type ExecuteStatementCommandInput,
  type ExecuteStatementCommandOutput,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type { WarehouseAddress } from '../config.ts';
import type { Clock, Row, SessionUse, TransactionResult, Warehouse } from '../ports.ts';
import { Interrupted, LoaderError } from '../errors.ts';
import { translateException, translateStatementError } from './translate.ts';
import type { Statement } from '../sql/statement.ts';
import { idOf, isFinal, valueOf, withParameters } from './statement-parts.ts';

/** The longest long poll of the Data API. https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-considerations-long-polling.html */
export const WAIT_SECONDS = 30;
/** The pause between polls that returned at once: starts at `first`, doubles up to `last`. */
const POLL_PAUSE_MS = { first: 50, last: 2000 };

/** Interruptible submissions wait no longer than this: without a reply there is no id to cancel. */
const SUBMIT_SECONDS = 1;

/**
 * The warehouse through the Data API: submit, long-poll, trust only the parent's status. When `interrupted` is aborted, running
 * statements are cancelled and no new one starts; what did not commit throws the signal's reason, an Interrupted.
 */
export class DataApiWarehouse implements Warehouse {
  readonly #client: RedshiftDataClient;
  readonly #target: {
    Database: string;
    WorkgroupName?: string;
    ClusterIdentifier?: string;
    DbUser?: string;
    SecretArn?: string;
  };
  readonly #clock: Clock;
  readonly #interrupted: AbortSignal | undefined;

  constructor(client: RedshiftDataClient, address: WarehouseAddress, clock: Clock, interrupted?: AbortSignal) {
    this.#client = client;
    this.#clock = clock;
    this.#interrupted = interrupted;
    this.#target = {
      Database: address.database,
      ...(address.workgroup === undefined ? {} : { WorkgroupName: address.workgroup }),
      ...(address.cluster === undefined ? {} : { ClusterIdentifier: address.cluster }),
      ...(address.dbUser === undefined ? {} : { DbUser: address.dbUser }),
      ...(address.secretArn === undefined ? {} : { SecretArn: address.secretArn }),
    };
  }

  async query(
    name: string,
    text: string,
    parameters: Readonly<Record<string, string>>,
    deadlineMs: number,
  ): Promise<Row[]> {
    const statement = { Sql: text, StatementName: name, ...withParameters(parameters) };
    const { id, submitted, ended } = await this.#execute(name, { ...this.#target, ...statement }, deadlineMs);
    const hasRows = ended.description?.HasResultSet ?? submitted.HasResultSet;
    return hasRows === false ? [] : this.#rows(id);
  }

  async inSession(name: string, text: string, deadlineMs: number, session: SessionUse): Promise<string> {
    const statement = { ...this.#targetOf(session), Sql: text, StatementName: name };
    const { submitted } = await this.#execute(name, statement, deadlineMs);
    return 'sessionId' in session ? session.sessionId : idOf(submitted.SessionId);
  }

  /** Runs one statement to its end. @throws LoaderError unless it finished. */
  async #execute(
    name: string,
    statement: ExecuteStatementCommandInput,
    deadlineMs: number,
  ): Promise<{ id: string; submitted: ExecuteStatementCommandOutput; ended: Ended }> {
    this.#interrupted?.throwIfAborted();
    const waits = this.#interrupted ? SUBMIT_SECONDS : this.#wait(deadlineMs);
    const command = new ExecuteStatementCommand({ ...statement, WaitTimeSeconds: waits });
    const submitted = await this.#call(`running ${name}`, () => this.#client.send(command));
    const id = idOf(submitted.Id);
    const ended = await this.#ended(id, submitted.Status, deadlineMs);
    if (ended.status !== 'FINISHED') throw await this.#failure(id, ended);
    return { id, submitted, ended };
  }

  async transaction(
    name: string,
    statements: readonly Statement[],
    parameters: Readonly<Record<string, string>>,
    token: string,
    deadlineMs: number,
    session?: SessionUse,
  ): Promise<TransactionResult> {
    this.#interrupted?.throwIfAborted();
    const command = new BatchExecuteStatementCommand({
      ...this.#targetOf(session),
      Sqls: statements.map((statement) => statement.text),
      StatementName: name,
      ClientToken: token,
      WaitTimeSeconds: this.#interrupted ? SUBMIT_SECONDS : this.#wait(deadlineMs),
      ...withParameters(parameters),
    });
    try {
      const submitted = await this.#call(`submitting ${name}`, () => this.#client.send(command));
      const id = idOf(submitted.Id);
      const ended = await this.#ended(id, submitted.Status, deadlineMs);
      if (ended.status === 'FINISHED') {
        const rows = statements.at(-1)?.givesRows ? await this.#rows(`${id}:${statements.length}`) : [];
        const { SessionId } = submitted;
        return { kind: 'committed', id, rows, ...(SessionId === undefined ? {} : { sessionId: SessionId }) };
      }
      const error = await this.#failure(id, ended);
      const failed = ended.description?.SubStatements?.findIndex((sub) => sub.Status === 'FAILED') ?? -1;
      return { kind: 'failed', id, statement: statements[failed], error };
    } catch (error) {
      if (error instanceof LoaderError) return { kind: 'unknown', error };
      throw error;
    }
  }

  async systemIds(transactionId: string): Promise<{ queryId: number | undefined; processId: number | undefined }> {
    const command = new DescribeStatementCommand({ Id: transactionId });
    const description = await this.#call('asking for the query id', () => this.#client.send(command));
    const known = (id: number | undefined): number | undefined => (id === undefined || id <= 0 ? undefined : id);
    return {
      queryId: known(description.SubStatements?.at(-1)?.RedshiftQueryId),
      processId: known(description.RedshiftPid),
    };
  }

  /** Where a transaction runs. A kept session knows its warehouse, and naming that again is refused. */
  #targetOf(
    session: SessionUse | undefined,
  ): Pick<BatchExecuteStatementCommandInput, 'Database' | 'SessionId' | 'SessionKeepAliveSeconds'> {
    if (session === undefined) return this.#target;
    if ('sessionId' in session) return { SessionId: session.sessionId };
    return { ...this.#target, SessionKeepAliveSeconds: session.keepAliveSeconds };
  }

  /** Waits for the end; cancels at the deadline or when interrupted. */
  async #ended(id: string, submittedStatus: string | undefined, deadlineMs: number): Promise<Ended> {
    if (submittedStatus === 'FINISHED') return { status: 'FINISHED' };
    let pause = POLL_PAUSE_MS.first;
    for (;;) {
      const polledAt = this.#clock.now();
      const description = await this.#describe(id, deadlineMs);
      if (description && isFinal(description.Status)) return { status: description.Status ?? '', description };
      if (this.#interrupted?.aborted || this.#clock.now() >= deadlineMs) return this.#cancel(id);
      // When long polling returns at once, a pause avoids a busy loop.
      if (this.#clock.now() - polledAt < pause) {
        await this.#clock.sleep(Math.min(pause, deadlineMs - this.#clock.now())).catch(ifInterrupted);
        pause = Math.min(pause * 2, POLL_PAUSE_MS.last);
      }
    }
  }

  /** One poll. Undefined when the poll itself hit a transient failure: the statement still runs. */
  async #describe(id: string, deadlineMs: number): Promise<DescribeStatementCommandOutput | undefined> {
    try {
      return await this.#call('describing the statement', () =>
        this.#client.send(new DescribeStatementCommand({ Id: id, WaitTimeSeconds: this.#wait(deadlineMs) }), {
          ...(this.#interrupted ? { abortSignal: this.#interrupted } : {}),
        }),
      );
    } catch (error) {
      if (this.#interrupted?.aborted || (error instanceof LoaderError && error.retryable)) return undefined;
      throw error;
    }
  }

  /** Cancels, then looks once more: the statement may have finished in between. */
  async #cancel(id: string): Promise<Ended> {
    try {
      await this.#client.send(new CancelStatementCommand({ Id: id }));
    } catch (error) {
      // A finished statement cannot be cancelled, which is fine.
      if (!(error instanceof Error && /ValidationException|ResourceNotFound/.test(error.name))) {
        throw translateException(error, `cancelling statement ${id}`);
      }
    }
    const description = await this.#call('describing the cancelled statement', () =>
      this.#client.send(new DescribeStatementCommand({ Id: id })),
    );
    if (isFinal(description.Status) && description.Status !== 'ABORTED') {
      return { status: description.Status ?? '', description };
    }
    return { status: 'ABORTED', description };
  }

  async #failure(id: string, ended: Ended): Promise<LoaderError> {
    this.#interrupted?.throwIfAborted();
    if (ended.status === 'ABORTED') {
      const hint = 'It is retried automatically; if it never fits, make batches smaller: SPARKIFY_BATCH_OBJECTS';
      return new LoaderError('deadline', ended.description?.Error ?? 'the statement was cancelled', hint);
    }
    const description =
      ended.description ??
      (await this.#call('asking for the error', () => this.#client.send(new DescribeStatementCommand({ Id: id }))));
    const failed = description.SubStatements?.find((sub) => sub.Status === 'FAILED');
    return translateStatementError(failed?.Error ?? description.Error ?? 'the statement failed and gave no reason');
  }

  async #rows(id: string): Promise<Row[]> {
    const rows: Row[] = [];
    let token: string | undefined;
    do {
      this.#interrupted?.throwIfAborted();
      const command = new GetStatementResultCommand({ Id: id, ...(token === undefined ? {} : { NextToken: token }) });
      const page = await this.#call('reading the result', () => this.#client.send(command));
      const names = (page.ColumnMetadata ?? []).map((column) => column.name ?? '');
      for (const record of page.Records ?? []) {
        rows.push(Object.fromEntries(record.map((field, index) => [names[index] ?? '', valueOf(field)])));
      }
      token = page.NextToken;
    } while (token !== undefined && token !== '');
    return rows;
  }

  #wait(deadlineMs: number): number {
    const seconds = Math.floor((deadlineMs - this.#clock.now()) / 1000);
    return Math.max(1, Math.min(WAIT_SECONDS, seconds));
  }

  async #call<T>(doing: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw translateException(error, doing);
    }
  }
}

/** Swallows the interruption of a pause; the caller checks the signal next. */
function ifInterrupted(error: unknown): void {
  if (!(error instanceof Interrupted)) throw error;
}

type Ended = { status: string; description?: DescribeStatementCommandOutput };
