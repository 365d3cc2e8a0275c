import { LOCAL_NAMES } from '../../src/local/connect.ts';
import type { World } from './stub.ts';
import { DIRECT, RULE_ARN, sending } from './world.ts';

const { landingBucket, controlBucket, copyRole, region } = LOCAL_NAMES;
const deploy = 'npx serverless deploy --stage dev';
const loaderOf = (world: World): Record<string, unknown> => world.functions['sparkify-dev-loader']!;

/** The queue of notifications. */
export const queueOf = (world: World): Record<string, string> => world.queues['sparkify-dev-load']!;

/** What goes wrong with a healthy stage, how, and the line that says so. FIRST stands for the first alarm. */
export const FAULTS: readonly [name: string, spoil: (world: World) => void, line: string][] = [
  [
    'the queue is gone',
    (world) => delete world.queues['sparkify-dev-load'],
    `✘ queue: the queue does not exist → ${deploy}`,
  ],
  [
    'the queue of replays is gone',
    (world) => delete world.queues['sparkify-dev-replay'],
    `✘ replay queue: the replay queue does not exist → ${deploy}`,
  ],
  [
    'the dead-letter queue is gone',
    (world) => delete world.queues['sparkify-dev-load-dlq'],
    `✘ dead-letter queue: the dead-letter queue does not exist → ${deploy}`,
  ],
  [
    'failed messages go nowhere',
    (world) => delete queueOf(world).RedrivePolicy,
    `✘ redrive policy of the queue: failed messages go to no queue instead of arn:aws:sqs:${region}:000000000000:sparkify-dev-load-dlq → ${deploy}`,
  ],
  [
    'messages are hidden too briefly',
    (world) => (queueOf(world).VisibilityTimeout = '1819'),
    `✘ visibility timeout of the queue: 1819 s, less than 6 × 300 s + 20 s = 1820 s: a second load receives what the first still processes → ${deploy} --param "visibilitySeconds=1820"`,
  ],
  [
    'dead letters are kept too briefly',
    (world) => (world.queues['sparkify-dev-load-dlq']!.MessageRetentionPeriod = '86400'),
    ['queue', 'replay queue']
      .map(
        (queue) =>
          `✘ retention of the ${queue}: dead letters are kept for 1 day, counted from when they were first sent, and messages for 4 days → ${deploy}`,
      ) // prettier-ignore
      .join('\n'),
  ],
  [
    'there are dead letters',
    (world) => (world.queues['sparkify-dev-load-dlq']!.ApproximateNumberOfMessages = '2'),
    '✘ dead letters: 2 dead letters: their objects are not loaded → npx sparkify redrive --dry-run --stage dev',
  ],
  [
    'the bucket tells nobody',
    (world) => (world.buckets[landingBucket]!.notification = ''),
    `✘ notifications of ${landingBucket}: what lands is not told to the queue: nothing is sent → ${deploy}, or for a bucket of your own docs/DEPLOY.md, "Using an existing bucket": aws s3api put-bucket-notification-configuration --bucket ${landingBucket}`,
  ],
  [
    'the bucket tells of one prefix only',
    (world) => {
      const filter =
        '<Filter><S3Key><FilterRule><Name>prefix</Name><Value>song_data/</Value></FilterRule></S3Key></Filter>';
      world.buckets[landingBucket]!.notification = DIRECT.replace('</Queue>', `</Queue>${filter}`);
    },
    `✘ notifications of ${landingBucket}: S3 sends to the queue, but not for events at log_data/ → ${deploy}`,
  ],
  [
    'S3 may send for another bucket only',
    (world) => (queueOf(world).Policy = sending('s3.amazonaws.com', 'arn:aws:s3:::another')),
    `✘ queue policy: S3 may not send to the queue for ${landingBucket} → ${deploy}`,
  ],
  [
    'no rule takes what the bucket sends to EventBridge',
    (world) => (world.buckets[landingBucket]!.notification = '<EventBridgeConfiguration/>'),
    `✘ notifications of ${landingBucket}: it sends to EventBridge, but no rule sends its new objects to the queue → ${deploy}`,
  ],
  [
    'the rule is disabled',
    (world) => {
      byRule(world, 'DISABLED');
    },
    `✘ notifications of ${landingBucket}: the rule sparkify-dev-landing is disabled → aws events enable-rule --name sparkify-dev-landing`,
  ],
  [
    'EventBridge may not send',
    (world) => {
      byRule(world, 'ENABLED');
    },
    `✘ queue policy: EventBridge may not send to the queue by the rule sparkify-dev-landing → ${deploy}`,
  ],
  [
    'the landing bucket is elsewhere',
    (world) => (world.buckets[landingBucket]!.region = 'eu-west-1'),
    `✘ landing bucket: ${landingBucket} is in eu-west-1, and the warehouse in ${region}: COPY looks for its files in ${region} → ${deploy} --region eu-west-1`,
  ],
  [
    'the control bucket is gone',
    (world) => Reflect.deleteProperty(world.buckets, controlBucket),
    `✘ control bucket: ${controlBucket} does not exist → ${deploy}`,
  ],
  [
    'manifests are kept forever',
    (world) => (world.buckets[controlBucket]!.lifecycle = undefined),
    `✘ expiry of manifests: nothing below s3://${controlBucket}/loads/ ever expires → ${deploy}`,
  ],
  [
    'the workgroup is gone',
    (world) => (world.workgroups = []),
    `✘ warehouse: the workgroup sparkify does not exist in ${region} → ${deploy}`,
  ],
  [
    'the workgroup is being modified',
    (world) => (world.workgroups[0]!.status = 'MODIFYING'),
    '✘ warehouse: the workgroup sparkify is modifying, and answers when it is available → aws redshift-serverless get-workgroup --workgroup-name sparkify',
  ],
  [
    'the COPY role is not attached',
    (world) => (world.namespaceRoles = [`IamRole(applyStatus=in-sync, iamRoleArn=${copyRole}-2)`]),
    `✘ COPY role: ${copyRole} is not attached to sparkify, so COPY may not use it → aws redshift-serverless update-namespace --namespace-name NAMESPACE --iam-roles ${copyRole} EXISTING-ROLES`,
  ],
  [
    'the COPY role is still being added',
    (world) => (world.namespaceRoles = [`IamRole(applyStatus=adding, iamRoleArn=${copyRole})`]),
    `✘ COPY role: ${copyRole} is not attached to sparkify, so COPY may not use it → aws redshift-serverless update-namespace --namespace-name NAMESPACE --iam-roles ${copyRole} EXISTING-ROLES`,
  ],
  [
    'the loader is gone',
    (world) => delete world.functions['sparkify-dev-loader'],
    `✘ loader: the function does not exist → ${deploy}`,
  ],
  [
    'the loader cannot start',
    (world) => (loaderOf(world).State = 'Failed'),
    '✘ loader: it is Failed: nodejs24.x, 300 s, last modified 2026-11-23T18:14:06.000+0000 → aws lambda get-function --function-name sparkify-dev-loader',
  ],
  [
    'the loader writes elsewhere',
    (world) =>
      ((loaderOf(world).Environment as { Variables: Record<string, string> }).Variables.SPARKIFY_SCHEMA = 'other'),
    `✘ settings of the loader: SPARKIFY_SCHEMA is "other" and the stack's "sparkify" → ${deploy}`,
  ],
  [
    'the reconcile failed',
    (world) => (world.errors['sparkify-dev-reconcile'] = 3),
    '✘ errors of the reconcile: it failed 3 times within a day → npx serverless logs -f reconcile --stage dev',
  ],
  [
    'nothing would resume',
    (world) => delete world.functions['sparkify-dev-resume'],
    `✘ resume: the function does not exist → ${deploy}`,
  ],
  [
    'nothing feeds the loader',
    (world) => (world.mappings = []),
    [
      `✘ event source: nothing feeds the loader from arn:aws:sqs:${region}:000000000000:sparkify-dev-load → ${deploy}`,
      `✘ event source of replays: nothing feeds the loader from arn:aws:sqs:${region}:000000000000:sparkify-dev-replay → ${deploy}`,
    ].join('\n'),
  ],
  [
    'replays are not delivered',
    (world) => Object.assign(world.mappings[1]!, { State: 'Disabled' }),
    `✘ event source of replays: it is Disabled, so nothing of its queue is loaded (up to 4,000 messages, window 5 s, 2 at once) → ${deploy}`,
  ],
  [
    'the event source is disabled and deletes what is returned',
    (world) => Object.assign(world.mappings[0]!, { State: 'Disabled', FunctionResponseTypes: [] }),
    `✘ event source: it is Disabled, so nothing of its queue is loaded; it lacks ReportBatchItemFailures, so messages that were returned are deleted (up to 4,000 messages, window 20 s, 2 at once) → ${deploy}`,
  ],
  [
    'an alarm is missing',
    (world) => (world.alarms = world.alarms.filter(({ AlarmName }) => AlarmName !== 'sparkify-dev-quiet')),
    `✘ alarms: missing: quiet → ${deploy}`,
  ],
  [
    'an alarm tells nobody',
    (world) => (world.alarms[0]!.AlarmActions = []),
    `✘ alarms: they tell nobody: FIRST → ${deploy}`,
  ],
  [
    'an alarm is raised',
    (world) => (world.alarms[0]!.StateValue = 'ALARM'),
    '✘ alarm: FIRST is raised → What to do: npx sparkify status --stage dev',
  ],
  [
    'nobody confirmed the e-mail',
    (world) => (world.subscriptions = ['PendingConfirmation']),
    '✘ who hears alarms: nobody yet: a subscription waits to be confirmed → open the e-mail that SNS sent, and confirm',
  ],
  [
    'nobody hears alarms',
    (world) => (world.subscriptions = []),
    `✘ who hears alarms: nobody: the topic has no subscription → aws sns subscribe --topic-arn arn:aws:sns:${region}:000000000000:sparkify-dev-alarms --protocol email --notification-endpoint YOU@EXAMPLE.COM`,
  ],
  [
    'the credentials are of another account',
    (world) => (world.account = '111111111111'),
    '✘ account: the settings are of account 000000000000, and the credentials of 111111111111 → choose the profile of that account: export AWS_PROFILE=NAME',
  ],
];

/** Lets the bucket send to EventBridge, and a rule to the queue. */
export function byRule(world: World, State: string): void {
  world.buckets[landingBucket]!.notification = '<EventBridgeConfiguration/>';
  const EventPattern = JSON.stringify({
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: { bucket: { name: [landingBucket] }, object: { key: [{ prefix: 'song_data/' }, { prefix: 'log_data/' }] } },
  });
  world.rules = { 'sparkify-dev-landing': { Arn: RULE_ARN, State, EventPattern } };
}
