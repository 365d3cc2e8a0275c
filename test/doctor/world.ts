/** A healthy stage as the control planes describe it, over the warehouse and the buckets of a local stack. */
import { alarmNames } from '../../src/deploy/alarm-names.ts';
import type { Settings } from '../../src/doctor/aws/look.ts';
import { LOCAL_NAMES } from '../../src/local/connect.ts';
import type { World } from './stub.ts';

const { region, landingBucket, controlBucket, workgroup, database, copyRole } = LOCAL_NAMES;
export const ACCOUNT = '000000000000';
const arn = (service: string, name: string): string => `arn:aws:${service}:${region}:${ACCOUNT}:${name}`;
export const QUEUE_ARN = arn('sqs', 'sparkify-dev-load');
const REPLAY_QUEUE_ARN = arn('sqs', 'sparkify-dev-replay');
const DLQ_ARN = arn('sqs', 'sparkify-dev-load-dlq');
const TOPIC_ARN = arn('sns', 'sparkify-dev-alarms');
export const RULE_ARN = arn('events', 'rule/sparkify-dev-landing');

/** The settings of doctor's clients, as the environment of a local stack has them, changed by `more`. */
export function settingsOf(environment: Readonly<Record<string, string>>, more: Record<string, string> = {}): Settings {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = environment;
  return { region, env: { ...environment, ...more }, credentials: { accessKeyId, secretAccessKey } };
}

/** The stack's outputs; the queues are where the stub is. */
export function outputsOf(stubUrl: string): Record<string, string> {
  return {
    SparkifyLandingBuckets: landingBucket,
    SparkifyControlBucket: controlBucket,
    SparkifyControlPrefix: 'loads/',
    SparkifyDatabase: database,
    SparkifySchema: 'sparkify',
    SparkifyWorkgroup: workgroup,
    SparkifyCopyRoleArn: copyRole,
    SparkifyQueueUrl: `${stubUrl}/${ACCOUNT}/sparkify-dev-load`,
    SparkifyReplayQueueUrl: `${stubUrl}/${ACCOUNT}/sparkify-dev-replay`,
    SparkifyDlqUrl: `${stubUrl}/${ACCOUNT}/sparkify-dev-load-dlq`,
    LoaderDatabaseUser: `IAMR:sparkify-dev-${region}-loader`,
    ReconcileDatabaseUser: `IAMR:sparkify-dev-${region}-reconcile`,
    AlarmTopic: TOPIC_ARN,
  };
}

/** A statement of a queue's policy by which a service may send for a source. */
export function sending(service: string, sourceArn: string): string {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sqs:SendMessage',
    Resource: QUEUE_ARN,
    Condition: { ArnEquals: { 'aws:SourceArn': sourceArn }, StringEquals: { 'aws:SourceAccount': ACCOUNT } },
  };
  const tls = {
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement, tls] });
}

const environment = {
  POWERTOOLS_SERVICE_NAME: 'sparkify-dev',
  SPARKIFY_LANDING_BUCKETS: landingBucket,
  SPARKIFY_CONTROL_BUCKET: controlBucket,
  SPARKIFY_CONTROL_PREFIX: 'loads/',
  SPARKIFY_DATABASE: database,
  SPARKIFY_SCHEMA: 'sparkify',
  SPARKIFY_WORKGROUP: workgroup,
  SPARKIFY_COPY_ROLE_ARN: copyRole,
};

const deployed = (Timeout: number): Record<string, unknown> => ({
  Runtime: 'nodejs24.x',
  Timeout,
  LastModified: '2026-11-23T18:14:06.000+0000',
  State: 'Active',
  LastUpdateStatus: 'Successful',
  Environment: { Variables: { ...environment } },
});

const queueAttributes = (QueueArn: string, retention: number): Record<string, string> => ({
  QueueArn,
  VisibilityTimeout: '2100',
  MessageRetentionPeriod: String(retention),
  ApproximateNumberOfMessages: '0',
  ApproximateNumberOfMessagesNotVisible: '0',
});

const mapping = (EventSourceArn: string, MaximumBatchingWindowInSeconds: number): Record<string, unknown> => ({
  EventSourceArn,
  State: 'Enabled',
  BatchSize: 4000,
  MaximumBatchingWindowInSeconds,
  ScalingConfig: { MaximumConcurrency: 2 },
  FunctionResponseTypes: ['ReportBatchItemFailures'],
});

/** The notification configuration of the stack's own landing bucket. */
export const DIRECT = `<QueueConfiguration><Id>1</Id><Queue>${QUEUE_ARN}</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration>`;

/** A new healthy stage. */
export function healthy(): World {
  return {
    account: ACCOUNT,
    queues: {
      'sparkify-dev-load': {
        ...queueAttributes(QUEUE_ARN, 345_600),
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DLQ_ARN, maxReceiveCount: 10 }),
        Policy: sending('s3.amazonaws.com', `arn:aws:s3:::${landingBucket}`),
      },
      'sparkify-dev-replay': {
        ...queueAttributes(REPLAY_QUEUE_ARN, 345_600),
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DLQ_ARN, maxReceiveCount: 10 }),
      },
      'sparkify-dev-load-dlq': queueAttributes(DLQ_ARN, 1_209_600),
    },
    buckets: {
      [landingBucket]: { region, notification: DIRECT, lifecycle: undefined },
      [controlBucket]: {
        region,
        notification: '',
        lifecycle:
          '<Rule><ID>expire</ID><Filter><Prefix>loads/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>14</Days></Expiration></Rule>',
      },
    },
    rules: {},
    buses: ['default'],
    workgroups: [{ workgroupName: workgroup, workgroupArn: arn('redshift-serverless', 'workgroup/1'), namespaceName: 'sparkify', status: 'AVAILABLE' }], // prettier-ignore
    namespaceRoles: [`IamRole(applyStatus=in-sync, iamRoleArn=${copyRole})`],
    clusters: {},
    functions: {
      'sparkify-dev-loader': deployed(300),
      'sparkify-dev-reconcile': deployed(900),
      'sparkify-dev-resume': deployed(115),
    },
    mappings: [mapping(QUEUE_ARN, 20), mapping(REPLAY_QUEUE_ARN, 5)],
    errors: { 'sparkify-dev-loader': 0 },
    alarms: alarmNames().map((name) => ({
      AlarmName: `sparkify-dev-${name}`,
      StateValue: 'OK',
      AlarmDescription: 'What to do: npx sparkify status --stage dev',
      ActionsEnabled: true,
      AlarmActions: [TOPIC_ARN],
    })),
    subscriptions: [`${TOPIC_ARN}:1`],
    denied: [],
  };
}
