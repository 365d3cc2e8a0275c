/** What a conformance run runs against: a stage, the warehouse of the environment, or the local stack; and its scratch. */
import { randomBytes } from 'node:crypto';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import {
  DeleteObjectsCommand,
  PutObjectCommand,
  S3Client,
  paginateListObjectsV2,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DataApiWarehouse } from '../../src/aws/redshift.ts';
import { regionOf } from '../../src/aws/region.ts';
import { S3ObjectStore } from '../../src/aws/s3.ts';
import { SqsQueue } from '../../src/aws/sqs.ts';
import { readStack } from '../../src/aws/stack.ts';
import { systemClock } from '../../src/aws/telemetry.ts';
import { stackNameOf, stageEnvironment } from '../../src/commands/stage.ts';
import { readConfig, type Config } from '../../src/config.ts';
import { clientSettings } from '../../src/local/connect.ts';
import type { Connection } from '../../src/ports.ts';
import { readLoadFiles, readSources, readSqlFiles } from '../../src/sql/files.ts';
import { Api } from './api.ts';
import { TABLES } from './fixtures/tables.ts';

/** Half of the quota of BatchExecuteStatement, 20 a second, so that what is deployed can go on loading. https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html */
const CALLS_PER_SECOND = 10;

/** A warehouse with a scratch schema and a scratch prefix. */
export type World = {
  isLocal: boolean;
  api: Api;
  /** The scratch schema of the beliefs, and that of the load, which is made when it runs. */
  schema: string;
  starSchema: string;
  role: string;
  region: string;
  /** Where objects of this run are: a bucket, and a prefix that ends in a slash. */
  bucket: string;
  prefix: string;
  /** The product's own edges; its landing and its schema are the scratch ones. */
  connection: Connection;
  put: (key: string, Body: string | Uint8Array, more?: Partial<PutObjectCommandInput>) => Promise<void>;
  /** Makes the scratch schema with its tables. */
  open: () => Promise<void>;
  /** Removes what was made, as far as it is there, and lets go of the clients. */
  close: () => Promise<void>;
};

/** The environment of a deployed stage. @throws LoaderError */
export async function environmentOfStage(stage: string, region: string | undefined): Promise<Record<string, string>> {
  const client = new CloudFormationClient({ region: await regionOf(region, process.env) });
  return stageEnvironment(await readStack(client, stackNameOf(stage)));
}

/** The world of an environment. A local one has its endpoints in it. */
export function worldOf(environment: Readonly<Record<string, string | undefined>>): World {
  const config = readConfig(environment, readSources());
  const local = (name: string): object | undefined =>
    environment[name] === undefined ? undefined : clientSettings({ [name]: environment[name] }, name);
  const { region } = config.names;
  const redshift = new RedshiftDataClient(local('AWS_ENDPOINT_URL_REDSHIFT_DATA') ?? { region });
  const s3 = new S3Client(local('AWS_ENDPOINT_URL_S3') ?? { region });
  const sqs = new SQSClient(local('AWS_ENDPOINT_URL_SQS') ?? { region });
  const isLocal = environment.AWS_ENDPOINT_URL_REDSHIFT_DATA !== undefined;
  const suffix = randomBytes(5).toString('hex');
  const schema = `sparkify_conformance_${suffix}`;
  const starSchema = `${schema}_star`;
  const { bucket } = config.control;
  const prefix = `${config.control.prefix}conformance-${suffix}/`;
  const api = new Api(redshift, config.warehouse, isLocal ? undefined : CALLS_PER_SECOND);
  const connection: Connection = {
    config: scratchConfig(config, starSchema, prefix),
    templates: {
      schema: readSqlFiles('schema'),
      admin: readSqlFiles('admin'),
      load: readLoadFiles(),
      report: readSqlFiles('report'),
      reconcile: readSqlFiles('reconcile'),
      rebuild: readSqlFiles('rebuild'),
      doctor: readSqlFiles('doctor'),
    },
    warehouse: new DataApiWarehouse(redshift, config.warehouse, systemClock),
    objects: new S3ObjectStore(s3),
    queue: new SqsQueue(sqs),
    clock: systemClock,
  };
  return {
    isLocal,
    api,
    schema,
    starSchema,
    role: config.names.copyRole,
    region,
    bucket,
    prefix,
    connection,
    put: async (key, Body, more) => {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}${key}`, Body: Buffer.from(Body), ...more }));
    },
    open: async () => {
      await mustRun(api, [`CREATE SCHEMA ${schema}`]);
      await mustRun(api, [`SET search_path TO ${schema}`, ...TABLES]);
    },
    close: async () => {
      const failures: unknown[] = [];
      for (const one of [starSchema, schema])
        await mustRun(api, [`DROP SCHEMA IF EXISTS ${one} CASCADE`]).catch((error: unknown) => failures.push(error));
      await removeObjects(s3, bucket, prefix).catch((error: unknown) => failures.push(error));
      for (const client of [redshift, s3, sqs]) client.destroy();
      if (failures.length > 0)
        throw new AggregateError(failures, `not all was removed: schemas ${schema}*, s3://${bucket}/${prefix}`);
    },
  };
}

/** The configuration of a load within the scratch: it lands below the prefix and writes to the scratch schema. */
function scratchConfig(config: Config, schema: string, prefix: string): Config {
  const sources = config.landing.sources.map((source) => ({ ...source, prefix: `${prefix}${source.defaultPrefix}` }));
  return {
    ...config,
    names: { ...config.names, schema },
    landing: { buckets: [config.control.bucket], sources },
    control: { bucket: config.control.bucket, prefix: `${prefix}control/` },
  };
}

async function mustRun(api: Api, statements: readonly string[]): Promise<void> {
  const { Status, failed, text } = await api.batch(statements);
  if (Status !== 'FINISHED') throw new Error(`${statements[failed] ?? ''}: ${text}`);
}

async function removeObjects(s3: S3Client, Bucket: string, Prefix: string): Promise<void> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix })) {
    if (Contents.length === 0) continue;
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })) } }),
    );
    if (Errors.length > 0) throw new Error(`${Errors.length} objects below ${Prefix} were not deleted`);
  }
}
