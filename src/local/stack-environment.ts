import type { AwsEndpoint } from './endpoint.ts';
import { LOCAL_KEYS, LOCAL_NAMES } from './connect.ts';
import type { Warehouse } from './redshift/index.ts';

/** The stack's queues: of notifications, of replays and of dead letters. */
export type StackQueues = Record<'queue' | 'replayQueue' | 'deadLetter', { url: string; arn: string }>;

/** What a shell, a command and the function need to reach a running stack. */
export function environmentOf(aws: AwsEndpoint, warehouse: Warehouse, queues: StackQueues): Record<string, string> {
  return {
    AWS_REGION: LOCAL_NAMES.region,
    AWS_DEFAULT_REGION: LOCAL_NAMES.region,
    AWS_ACCESS_KEY_ID: LOCAL_KEYS.administrator,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_S3: aws.url,
    AWS_ENDPOINT_URL_SQS: aws.url,
    AWS_ENDPOINT_URL_REDSHIFT_DATA: warehouse.endpoint,
    POWERTOOLS_SERVICE_NAME: 'sparkify-local',
    SPARKIFY_LANDING_BUCKETS: LOCAL_NAMES.landingBucket,
    SPARKIFY_CONTROL_BUCKET: LOCAL_NAMES.controlBucket,
    SPARKIFY_WORKGROUP: warehouse.workgroup,
    SPARKIFY_DATABASE: warehouse.database,
    SPARKIFY_COPY_ROLE_ARN: LOCAL_NAMES.copyRole,
    SPARKIFY_QUEUE_URL: queues.queue.url,
    SPARKIFY_REPLAY_QUEUE_URL: queues.replayQueue.url,
    SPARKIFY_DLQ_URL: queues.deadLetter.url,
  };
}
