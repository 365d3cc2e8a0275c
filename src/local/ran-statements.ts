import {
  DescribeStatementCommand,
  ListStatementsCommand,
  RedshiftDataClient,
  type DescribeStatementCommandOutput,
} from '@aws-sdk/client-redshift-data';
import { clientSettings } from './connect.ts';

/** A transaction of a load, as the warehouse knows it: what it was called, and each of its statements as it ran. */
export type RanTransaction = {
  /** The word in its name: `stage`, `survey` or `merge`. */
  step: string;
  batchId: string;
  hasEnded: boolean;
  statements: { sql: string; status: string; seconds: number; rows: number | null }[];
};

const NAME = /^sparkify (stage|survey|merge) (\S+)$/;
/** The newest statements among which running ones are looked for. */
const LOOKED_AT = 50;

/** Reads what the local warehouse remembers of its statements, at the address where nothing goes wrong on purpose. */
export class RanStatements {
  readonly #client: RedshiftDataClient;

  constructor(environment: Readonly<Record<string, string>>, endpoint: string) {
    const settings = clientSettings(environment, 'AWS_ENDPOINT_URL_REDSHIFT_DATA');
    this.#client = new RedshiftDataClient({ ...settings, endpoint });
  }

  /** The transactions of loads under way. */
  async running(): Promise<RanTransaction[]> {
    const { Statements = [] } = await this.#client.send(
      new ListStatementsCommand({ Status: 'ALL', StatementName: 'sparkify', MaxResults: LOOKED_AT }),
    );
    const ids = Statements.filter(({ Status, StatementName = '' }) => isUnderWay(Status) && NAME.test(StatementName));
    const all = await Promise.all(ids.map(({ Id, StatementName }) => this.#describe(Id, StatementName)));
    return all.filter(({ hasEnded }) => !hasEnded);
  }

  /** The transactions of one batch that succeeded, in the order in which they ran. */
  async ofBatch(batchId: string): Promise<RanTransaction[]> {
    const found = [];
    for (const step of ['stage', 'survey', 'merge']) {
      const name = `sparkify ${step} ${batchId}`;
      const { Statements = [] } = await this.#client.send(
        new ListStatementsCommand({ Status: 'FINISHED', StatementName: name, MaxResults: LOOKED_AT }),
      );
      // Newest first; an earlier one was made again.
      const own = Statements.find(({ StatementName }) => StatementName === name);
      if (own) found.push(await this.#describe(own.Id, name));
    }
    return found;
  }

  stop(): void {
    this.#client.destroy();
  }

  async #describe(id: string | undefined, name = ''): Promise<RanTransaction> {
    const described = await this.#client.send(new DescribeStatementCommand({ Id: id }));
    const [, step = '', batchId = ''] = NAME.exec(name) ?? [];
    return { step, batchId, hasEnded: !isUnderWay(described.Status), statements: statementsOf(described) };
  }
}

function isUnderWay(status: string | undefined): boolean {
  return status === 'SUBMITTED' || status === 'PICKED' || status === 'STARTED';
}

function statementsOf({ SubStatements = [] }: DescribeStatementCommandOutput): RanTransaction['statements'] {
  return SubStatements.map(({ QueryString = '', Status = '', Duration = 0, ResultRows = -1 }) => ({
    sql: QueryString,
    status: Status,
    seconds: Math.max(0, Duration) / 1e9,
    rows: ResultRows < 0 ? null : ResultRows,
  }));
}
