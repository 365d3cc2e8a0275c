/** A function that does nothing but have the three SDK clients: what ours is measured beside. */
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';

const clients = [new RedshiftDataClient({}), new S3Client({}), new SQSClient({})];

/** Gives how many clients there are. */
export function handler(): number {
  return clients.length;
}
