import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  RedshiftDataClient,
  type BatchExecuteStatementCommandInput,
  type DescribeStatementCommandOutput,
  type ExecuteStatementCommandInput,
  type Field,
} from '@aws-sdk/client-redshift-data';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ObjectMissing, type ObjectReader, type S3Address } from '../../../src/local/redshift/types.ts';
import { startWarehouse, type Warehouse, type WarehouseOptions } from '../../../src/local/redshift/warehouse.ts';

/** A bucket held in memory, keyed `bucket/key`. */
export function objectsInMemory(contents: Record<string, string> = {}): ObjectReader {
  return {
    read: ({ bucket, key }: S3Address) => {
      const text = contents[`${bucket}/${key}`];
      if (text === undefined) return Promise.reject(new ObjectMissing(key));
      const bytes = Buffer.from(text);
      return Promise.resolve({ sizeBytes: bytes.length, body: oneChunk(bytes) });
    },
    list: ({ bucket, key }: S3Address) =>
      Promise.resolve(
        Object.keys(contents)
          .filter((name) => name.startsWith(`${bucket}/${key}`))
          .map((name) => ({ bucket, key: name.slice(bucket.length + 1) })),
      ),
  };
}

async function* oneChunk(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/** A warehouse in memory and the AWS SDK's client of it, with shorter words for what tests do all the time. */
export class TestWarehouse {
  readonly warehouse: Warehouse;
  client: RedshiftDataClient;
  readonly #scratch: string;
  readonly address: { WorkgroupName: string; Database: string };

  static async start(options: Partial<WarehouseOptions> = {}): Promise<TestWarehouse> {
    const scratchDirectory = mkdtempSync(join(tmpdir(), 'warehouse-'));
    const defaults = { file: ':memory:', objects: objectsInMemory(), scratchDirectory };
    return new TestWarehouse(await startWarehouse({ ...defaults, ...options }), scratchDirectory);
  }

  private constructor(warehouse: Warehouse, scratch: string) {
    this.warehouse = warehouse;
    this.#scratch = scratch;
    this.address = { WorkgroupName: warehouse.workgroup, Database: warehouse.database };
    this.client = clientOf(warehouse.endpoint);
  }

  /** Does something with another access key. */
  async as<Result>(accessKeyId: string, work: () => Promise<Result>): Promise<Result> {
    const { client } = this;
    this.client = clientOf(this.warehouse.endpoint, accessKeyId);
    try {
      return await work();
    } finally {
      this.client.destroy();
      this.client = client;
    }
  }

  /** Submits one statement and waits for its end. */
  async run(Sql: string, more: Partial<ExecuteStatementCommandInput> = {}): Promise<DescribeStatementCommandOutput> {
    const target = more.SessionId === undefined ? this.address : {};
    const { Id } = await this.client.send(
      new ExecuteStatementCommand({ ...target, Sql, WaitTimeSeconds: 30, ...more }),
    );
    return await this.describe(Id);
  }

  /** Submits a batch and waits for its end. */
  async batch(
    Sqls: string[],
    more: Partial<BatchExecuteStatementCommandInput> = {},
  ): Promise<DescribeStatementCommandOutput> {
    const target = more.SessionId === undefined ? this.address : {};
    const input = { ...target, Sqls, WaitTimeSeconds: 30, ...more };
    const { Id } = await this.client.send(new BatchExecuteStatementCommand(input));
    return await this.describe(Id);
  }

  async describe(Id: string | undefined): Promise<DescribeStatementCommandOutput> {
    return await this.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
  }

  /** Runs a query that must succeed and gives its rows as plain values. */
  async rows(sql: string): Promise<unknown[][]> {
    const { Id, Status, Error: error } = await this.run(sql);
    if (Status !== 'FINISHED') throw new Error(`${sql}: ${error ?? 'no error text'}`);
    const { Records = [] } = await this.client.send(new GetStatementResultCommand({ Id }));
    return Records.map((record) => record.map(plain));
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.warehouse.stop();
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** A client that does not retry, so that a test sees each reply. */
export function clientOf(endpoint: string, accessKeyId = 'local'): RedshiftDataClient {
  const credentials = { accessKeyId, secretAccessKey: 'local' };
  return new RedshiftDataClient({ endpoint, region: 'us-west-2', credentials, maxAttempts: 1 });
}

function plain(field: Field): unknown {
  if (field.isNull) return null;
  return field.longValue ?? field.doubleValue ?? field.booleanValue ?? field.stringValue;
}
