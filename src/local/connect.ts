import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DataApiWarehouse } from '../aws/redshift.ts';
import { S3ObjectStore } from '../aws/s3.ts';
import { SqsQueue } from '../aws/sqs.ts';
import { systemClock } from '../aws/telemetry.ts';
import { readConfig } from '../config.ts';
import { readLoadFiles, readSources, readSqlFiles } from '../sql/files.ts';
import type { Connection } from '../ports.ts';

/** The names of a local stack's resources. Several stacks may run at once, separated by ports and homes. */
export const LOCAL_NAMES = {
  // A region without a legacy SQS address, which version 1 of the AWS command line would use instead of the endpoint.
  region: 'eu-central-2',
  landingBucket: 'sparkify-landing',
  controlBucket: 'sparkify-control',
  /** Where the functions write in the control bucket, unless they are told otherwise. */
  controlPrefix: 'loads/',
  queue: 'sparkify-notifications',
  replayQueue: 'sparkify-replays',
  deadLetterQueue: 'sparkify-notifications-dlq',
  eventBus: 'default',
  workgroup: 'sparkify',
  database: 'dev',
  copyRole: 'arn:aws:iam::000000000000:role/sparkify-copy',
} as const;

/** The access keys of the stack, which say who calls: whoever runs commands, the functions, and somebody who only reads. */
export const LOCAL_KEYS = {
  administrator: 'local',
  loader: 'local-loader',
  reconcile: 'local-reconcile',
  /** No user of the warehouse: it asks the loader. */
  resume: 'local-resume',
  reader: 'local-reader',
} as const;

/** The database users of the roles behind the other keys, as IAM would name them. */
export const LOCAL_USERS = {
  loader: 'IAMR:sparkify-local-loader',
  reconcile: 'IAMR:sparkify-local-reconcile',
  reader: 'IAMR:sparkify-local-reader',
} as const;

/** The settings of somebody else's clients, such as those of the loader's function. */
export function environmentAs(
  who: keyof typeof LOCAL_KEYS,
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  return { ...environment, AWS_ACCESS_KEY_ID: LOCAL_KEYS[who] };
}

/** The product's own edges, directed at a stack by its environment only: where it is, and who calls. */
export function connectTo(environment: Readonly<Record<string, string>>): Connection {
  const config = readConfig(environment, readSources());
  const redshift = new RedshiftDataClient(clientSettings(environment, 'AWS_ENDPOINT_URL_REDSHIFT_DATA'));
  return {
    config,
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
    objects: new S3ObjectStore(new S3Client(clientSettings(environment, 'AWS_ENDPOINT_URL_S3'))),
    queue: new SqsQueue(new SQSClient(clientSettings(environment, 'AWS_ENDPOINT_URL_SQS'))),
    clock: systemClock,
  };
}

/** Client settings for one service of the stack. */
export function clientSettings(environment: Readonly<Record<string, string>>, endpointVariable: string) {
  const { AWS_ACCESS_KEY_ID: accessKeyId = LOCAL_KEYS.administrator } = environment;
  // Local services verify no signatures.
  const credentials = { accessKeyId, secretAccessKey: 'local' };
  return { region: LOCAL_NAMES.region, credentials, endpoint: environment[endpointVariable] ?? '' };
}
