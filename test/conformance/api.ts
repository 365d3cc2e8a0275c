/** The Data API as the conformance run needs it: every reply as it comes, below the service's quotas. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  type BatchExecuteStatementCommandInput,
  type DescribeStatementCommandOutput,
  type ExecuteStatementCommandInput,
  type RedshiftDataClient,
  type StatusString,
} from '@aws-sdk/client-redshift-data';
import type { WarehouseAddress } from '../../src/config.ts';
import type { Row } from '../../src/ports.ts';

/** How a statement or a batch ended: `failed` is the place of the statement that failed, from 0, and -1 if none did. */
export type Ended = Partial<DescribeStatementCommandOutput> & {
  id: string;
  failed: number;
  text: string;
  sessionId?: string;
};

/** What an SDK exception says, in the form that beliefs have. */
export const exceptionText = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

const WAIT_SECONDS = 30;

export class Api {
  readonly #client: RedshiftDataClient;
  readonly #target: Partial<ExecuteStatementCommandInput>;
  readonly #pauseMs: number;
  #next = 0;
  /** Calls and statements so far. */
  readonly made = { calls: 0, statements: 0 };

  /** `callsPerSecond`: of all operations together; undefined means as fast as possible. */
  constructor(client: RedshiftDataClient, address: WarehouseAddress, callsPerSecond?: number) {
    this.#client = client;
    this.#pauseMs = callsPerSecond === undefined ? 0 : 1000 / callsPerSecond;
    this.#target = {
      Database: address.database,
      WorkgroupName: address.workgroup,
      ClusterIdentifier: address.cluster,
      DbUser: address.dbUser,
      SecretArn: address.secretArn,
    };
  }

  /** Submits one statement and waits for its end. Throws what the SDK throws. */
  async run(Sql: string, more: Partial<ExecuteStatementCommandInput> = {}): Promise<Ended> {
    const { id, sessionId } = await this.submit(Sql, more);
    return this.ended(id, sessionId);
  }

  /** Makes a call as it is given, beside the warehouse's address, and waits for its end. */
  async call(input: Partial<ExecuteStatementCommandInput>): Promise<Ended> {
    this.made.statements += 1;
    const whole = { ...this.#target, ...input } as ExecuteStatementCommandInput;
    const { id } = identify(await this.#paced(() => this.#client.send(new ExecuteStatementCommand(whole))));
    return this.ended(id);
  }

  /** Submits one statement. */
  async submit(Sql: string, more: Partial<ExecuteStatementCommandInput> = {}): Promise<Submitted> {
    this.made.statements += 1;
    const input = { ...this.#targetOf(more), Sql, ...more };
    return identify(await this.#paced(() => this.#client.send(new ExecuteStatementCommand(input))));
  }

  /** Submits a transaction. */
  async submitBatch(
    Sqls: readonly string[],
    more: Partial<BatchExecuteStatementCommandInput> = {},
  ): Promise<Submitted> {
    this.made.statements += Sqls.length;
    const input = { ...this.#targetOf(more), Sqls: [...Sqls], ...more } as BatchExecuteStatementCommandInput;
    return identify(await this.#paced(() => this.#client.send(new BatchExecuteStatementCommand(input))));
  }

  /** Submits a transaction and waits for its end. */
  async batch(Sqls: readonly string[], more: Partial<BatchExecuteStatementCommandInput> = {}): Promise<Ended> {
    const submitted = await this.submitBatch(Sqls, { WaitTimeSeconds: WAIT_SECONDS, ...more });
    if (submitted.Status === 'FINISHED') return { ...submitted, failed: -1, text: '' };
    return this.ended(submitted.id, submitted.sessionId);
  }

  /** Waits for the end of a statement or a transaction. */
  async ended(id: string, sessionId?: string): Promise<Ended> {
    for (;;) {
      const described = await this.#paced(() =>
        this.#client.send(new DescribeStatementCommand({ Id: id, WaitTimeSeconds: WAIT_SECONDS })),
      );
      const { Status = '', SubStatements = [] } = described;
      if (!['FINISHED', 'FAILED', 'ABORTED'].includes(Status)) continue;
      const failed = Status === 'FINISHED' ? -1 : SubStatements.findIndex((one) => one.Status === 'FAILED');
      const text = SubStatements[failed]?.Error ?? described.Error ?? '';
      return {
        ...described,
        id,
        failed: Status !== 'FINISHED' && failed === -1 ? 0 : failed,
        text: text.replace(/^ERROR: /, ''),
        ...(sessionId === undefined ? {} : { sessionId }),
      };
    }
  }

  /** The rows of a statement, by the labels of their columns. */
  async rows(Id: string): Promise<Row[]> {
    const rows: Row[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#paced(() => this.#client.send(new GetStatementResultCommand({ Id, NextToken })));
      const labels = (page.ColumnMetadata ?? []).map(({ name = '' }) => name);
      for (const record of page.Records ?? [])
        rows.push(
          Object.fromEntries(
            record.map((field, index) => [
              labels[index] ?? '',
              field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue ?? null,
            ]),
          ),
        );
      NextToken = page.NextToken === '' ? undefined : page.NextToken;
    } while (NextToken !== undefined);
    return rows;
  }

  /** Runs a query that must succeed and gives its rows. @throws Error with the warehouse's text */
  async query(sql: string, more: Partial<ExecuteStatementCommandInput> = {}): Promise<Row[]> {
    const ended = await this.run(sql, more);
    if (ended.Status !== 'FINISHED') throw new Error(ended.text);
    return ended.HasResultSet === false ? [] : this.rows(ended.id);
  }

  async cancel(Id: string): Promise<void> {
    await this.#paced(() => this.#client.send(new CancelStatementCommand({ Id })));
  }

  /** A kept session knows its warehouse, and naming that again is refused. */
  #targetOf(more: object): Partial<ExecuteStatementCommandInput> {
    return 'SessionId' in more ? {} : this.#target;
  }

  /** Lets calls start one after another, so that no quota of calls per second is met. */
  async #paced<T>(call: () => Promise<T>): Promise<T> {
    this.made.calls += 1;
    if (this.#pauseMs > 0) {
      const at = Math.max(Date.now(), this.#next);
      this.#next = at + this.#pauseMs;
      await sleep(at - Date.now());
    }
    return call();
  }
}

/** A statement that runs, or has ended when the service waited for it. */
type Submitted = { id: string; sessionId?: string; Status?: StatusString };

function identify(reply: {
  Id?: string | undefined;
  SessionId?: string | undefined;
  Status?: StatusString | undefined;
}): Submitted {
  const { Id, SessionId, Status } = reply;
  if (Id === undefined) throw new Error('the Data API gave no statement id');
  return {
    id: Id,
    ...(SessionId === undefined ? {} : { sessionId: SessionId }),
    ...(Status === undefined ? {} : { Status }),
  };
}
