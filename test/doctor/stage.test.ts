import { openControlPlane } from '../../src/doctor/aws/index.ts';
import { CREDENTIALS, LOCAL_NAMES } from '../../src/local/connect.ts';
import type { Connection } from '../../src/ports.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { startStub, type Stub, type World } from './stub.ts';
import { DIRECT, healthy, outputsOf, RULE_ARN, sending } from './world.ts';

let stack: TestStack;
let stub: Stub;
let world: World;
beforeAll(async () => {
  stub = await startStub(() => world);
  stack = await startTestStack();
  // A manifest of an earlier load, to read again.
  await stack.put('log_data/a.json', event(1));
  await stack.idle();
});
afterAll(async () => {
  await stack.stop();
  await stub.stop();
});
beforeEach(() => {
  world = healthy();
});

const SERVICES = 'STS S3 SQS EVENTBRIDGE REDSHIFT REDSHIFT_SERVERLESS LAMBDA CLOUDWATCH SNS'.split(' ');

/** Looks at the stage `dev`: the stub's control planes, and the warehouse of the local stack. */
async function look(change: Partial<Connection['config']> = {}): Promise<{ lines: string[]; code: number }> {
  const outputs = outputsOf(stub.url);
  const endpoints = Object.fromEntries(SERVICES.map((service) => [`AWS_ENDPOINT_URL_${service}`, stub.url]));
  const plane = openControlPlane({ ...CREDENTIALS, env: { ...stack.environment, ...endpoints } }, () => Date.now());
  const { connection } = stack;
  const queues = { queueUrl: outputs.SparkifyQueueUrl!, dlqUrl: outputs.SparkifyDlqUrl! };
  const { out, err, code } = await stack.run(['doctor', '--stage', 'dev'], {
    outputs,
    controlPlane: () => Promise.resolve(plane),
    connection: { ...connection, config: { ...connection.config, ...queues, ...change } },
  });
  expect(err).toBe('');
  return { lines: out.trimEnd().split('\n'), code };
}

const wrongIn = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('✘'));
const { landingBucket, controlBucket, copyRole, region } = LOCAL_NAMES;
const loader = (): Record<string, unknown> => world.functions['sparkify-dev-loader']!;
const queue = (): Record<string, string> => world.queues['sparkify-dev-load']!;
const deploy = 'npx serverless deploy --stage dev';

/** What goes wrong, how, and the line that says so. */
const FAULTS: readonly [name: string, spoil: () => void, line: string][] = [
  [
    'the queue is gone',
    () => delete world.queues['sparkify-dev-load'],
    `✘ queue: the queue of notifications does not exist → ${deploy}`,
  ],
  [
    'the dead-letter queue is gone',
    () => delete world.queues['sparkify-dev-load-dlq'],
    `✘ dead-letter queue: the dead-letter queue does not exist → ${deploy}`,
  ],
  [
    'failed messages go nowhere',
    () => delete queue().RedrivePolicy,
    `✘ redrive policy: failed messages go to no queue instead of arn:aws:sqs:${region}:000000000000:sparkify-dev-load-dlq → ${deploy}`,
  ],
  [
    'messages are hidden too briefly',
    () => (queue().VisibilityTimeout = '1819'),
    `✘ visibility timeout: 1819 s, less than 6 × 300 s + 20 s = 1820 s: a second load receives what the first still processes → ${deploy} --param "visibilitySeconds=1820"`,
  ],
  [
    'dead letters are kept too briefly',
    () => (world.queues['sparkify-dev-load-dlq']!.MessageRetentionPeriod = '86400'),
    `✘ retention: dead letters are kept for 1 day, counted from when they were first sent, and messages for 4 days → ${deploy}`,
  ],
  [
    'there are dead letters',
    () => (world.queues['sparkify-dev-load-dlq']!.ApproximateNumberOfMessages = '2'),
    '✘ dead letters: 2 dead letters: their objects are not loaded → npx sparkify redrive --dry-run --stage dev',
  ],
  [
    'the bucket tells nobody',
    () => (world.buckets[landingBucket]!.notification = ''),
    `✘ notifications of ${landingBucket}: what lands is not told to the queue: nothing is sent → ${deploy}, or for a bucket of your own docs/DEPLOY.md, "Using an existing bucket": aws s3api put-bucket-notification-configuration --bucket ${landingBucket}`,
  ],
  [
    'the bucket tells of one prefix only',
    () => {
      const filter =
        '<Filter><S3Key><FilterRule><Name>prefix</Name><Value>song_data/</Value></FilterRule></S3Key></Filter>';
      world.buckets[landingBucket]!.notification = DIRECT.replace('</Queue>', `</Queue>${filter}`);
    },
    `✘ notifications of ${landingBucket}: S3 sends to the queue, but not for events at log_data/ → ${deploy}`,
  ],
  [
    'S3 may send for another bucket only',
    () => (queue().Policy = sending('s3.amazonaws.com', 'arn:aws:s3:::another')),
    `✘ queue policy: S3 may not send to the queue for ${landingBucket} → ${deploy}`,
  ],
  [
    'no rule takes what the bucket sends to EventBridge',
    () => (world.buckets[landingBucket]!.notification = '<EventBridgeConfiguration/>'),
    `✘ notifications of ${landingBucket}: it sends to EventBridge, but no rule sends its new objects to the queue → ${deploy}`,
  ],
  [
    'the rule is disabled',
    () => byRule('DISABLED'),
    `✘ notifications of ${landingBucket}: the rule sparkify-dev-landing is disabled → aws events enable-rule --name sparkify-dev-landing`,
  ],
  [
    'EventBridge may not send',
    () => byRule('ENABLED'),
    `✘ queue policy: EventBridge may not send to the queue by the rule sparkify-dev-landing → ${deploy}`,
  ],
  [
    'the landing bucket is elsewhere',
    () => (world.buckets[landingBucket]!.region = 'eu-west-1'),
    `✘ landing bucket: ${landingBucket} is in eu-west-1, and the warehouse in ${region}: COPY looks for its files in ${region} → ${deploy} --region eu-west-1`,
  ],
  [
    'the control bucket is gone',
    () => delete world.buckets[controlBucket],
    `✘ control bucket: ${controlBucket} does not exist → ${deploy}`,
  ],
  [
    'manifests are kept forever',
    () => (world.buckets[controlBucket]!.lifecycle = undefined),
    `✘ expiry of manifests: nothing below s3://${controlBucket}/loads/ ever expires → ${deploy}`,
  ],
  [
    'the workgroup is gone',
    () => (world.workgroups = []),
    `✘ warehouse: the workgroup sparkify does not exist in ${region} → ${deploy}`,
  ],
  [
    'the workgroup is being modified',
    () => (world.workgroups[0]!.status = 'MODIFYING'),
    '✘ warehouse: the workgroup sparkify is modifying, and answers when it is available → aws redshift-serverless get-workgroup --workgroup-name sparkify',
  ],
  [
    'the COPY role is not attached',
    () => (world.namespaceRoles = [`IamRole(applyStatus=in-sync, iamRoleArn=${copyRole}-2)`]),
    `✘ COPY role: ${copyRole} is not attached to sparkify, so COPY may not use it → aws redshift-serverless update-namespace --namespace-name NAMESPACE --iam-roles ${copyRole} EXISTING-ROLES`,
  ],
  [
    'the loader is gone',
    () => delete world.functions['sparkify-dev-loader'],
    `✘ loader: the function does not exist → ${deploy}`,
  ],
  [
    'the loader cannot start',
    () => (loader().State = 'Failed'),
    '✘ loader: it is Failed: nodejs24.x, 300 s, last modified 2026-11-23T18:14:06.000+0000 → aws lambda get-function --function-name sparkify-dev-loader',
  ],
  [
    'the loader writes elsewhere',
    () => ((loader().Environment as { Variables: Record<string, string> }).Variables.SPARKIFY_SCHEMA = 'other'),
    `✘ settings of the loader: SPARKIFY_SCHEMA is "other" and the stack's "sparkify" → ${deploy}`,
  ],
  [
    'the reconcile failed',
    () => (world.errors['sparkify-dev-reconcile'] = 3),
    '✘ errors of the reconcile: it failed 3 times within a day → npx serverless logs -f reconcile --stage dev',
  ],
  [
    'nothing feeds the loader',
    () => (world.mappings = []),
    `✘ event source: nothing feeds the loader from its queue → ${deploy}`,
  ],
  [
    'the event source is disabled and deletes what is returned',
    () => Object.assign(world.mappings[0]!, { State: 'Disabled', FunctionResponseTypes: [] }),
    `✘ event source: it is Disabled, so nothing is loaded; it lacks ReportBatchItemFailures, so messages that were returned are deleted (up to 4,000 messages, window 20 s, 2 at once) → ${deploy}`,
  ],
  [
    'an alarm is missing',
    () => (world.alarms = world.alarms.filter(({ AlarmName }) => AlarmName !== 'sparkify-dev-quiet')),
    `✘ alarms: missing: quiet → ${deploy}`,
  ],
  [
    'an alarm tells nobody',
    () => (world.alarms[0]!.AlarmActions = []),
    `✘ alarms: they tell nobody: FIRST → ${deploy}`,
  ],
  [
    'an alarm is raised',
    () => (world.alarms[0]!.StateValue = 'ALARM'),
    '✘ alarm: FIRST is raised → What to do: npx sparkify status --stage dev',
  ],
  [
    'nobody confirmed the e-mail',
    () => (world.subscriptions = ['PendingConfirmation']),
    '✘ who hears alarms: nobody yet: a subscription waits to be confirmed → open the e-mail that SNS sent, and confirm',
  ],
  [
    'nobody hears alarms',
    () => (world.subscriptions = []),
    `✘ who hears alarms: nobody: the topic has no subscription → aws sns subscribe --topic-arn arn:aws:sns:${region}:000000000000:sparkify-dev-alarms --protocol email --notification-endpoint YOU@EXAMPLE.COM`,
  ],
  [
    'the credentials are of another account',
    () => (world.account = '111111111111'),
    '✘ account: the settings are of account 000000000000, and the credentials of 111111111111 → choose the profile of that account: export AWS_PROFILE=NAME',
  ],
];

/** Lets the bucket send to EventBridge, and a rule to the queue. */
function byRule(State: string): void {
  world.buckets[landingBucket]!.notification = '<EventBridgeConfiguration/>';
  const EventPattern = JSON.stringify({
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: { bucket: { name: [landingBucket] }, object: { key: [{ prefix: 'song_data/' }, { prefix: 'log_data/' }] } },
  });
  world.rules = { 'sparkify-dev-landing': { Arn: RULE_ARN, State, EventPattern } };
}

const withFirst = (line: string): string => line.replace('FIRST', String(world.alarms[0]?.AlarmName));

test('a healthy stage has nothing wrong, whichever way its bucket tells', async () => {
  const direct = await look();
  expect(wrongIn(direct.lines)).toEqual([]);
  expect(direct.code).toBe(0);
  byRule('ENABLED');
  queue().Policy = sending('events.amazonaws.com', RULE_ARN);
  const { lines, code } = await look();
  expect(wrongIn(lines)).toEqual([]);
  expect(lines).toContain(
    `✔ notifications of ${landingBucket}: EventBridge sends to the queue by the rule sparkify-dev-landing, for every source`,
  );
  expect(code).toBe(0);
});

test.each(FAULTS)('%s: it is named, with what mends it', async (_, spoil, line) => {
  spoil();
  const { lines, code } = await look();
  expect(wrongIn(lines)).toEqual([withFirst(line)]);
  expect(code).toBe(1);
});

test('a dozen faults at once are all named', async () => {
  const dozen = FAULTS.filter(([name]) => DOZEN.includes(name));
  for (const [, spoil] of dozen) spoil();
  const { lines, code } = await look();
  expect(wrongIn(lines).sort()).toEqual(dozen.map(([, , line]) => line).sort());
  expect(wrongIn(lines)).toHaveLength(12);
  expect(code).toBe(1);
});

const DOZEN = [
  'failed messages go nowhere',
  'messages are hidden too briefly',
  'there are dead letters',
  'the bucket tells of one prefix only',
  'S3 may send for another bucket only',
  'the landing bucket is elsewhere',
  'manifests are kept forever',
  'the COPY role is not attached',
  'the loader writes elsewhere',
  'the event source is disabled and deletes what is returned',
  'an alarm is missing',
  'nobody hears alarms',
];

test('a workgroup that does not answer is not asked', async () => {
  world.workgroups[0]!.status = 'MODIFYING';
  const { lines } = await look();
  const asked = lines.filter((line) => /^. (login|schema|rights|MERGE with a range|lock of loads):/.test(line));
  expect(asked).toEqual([
    '– login: the warehouse is MODIFYING',
    '– schema: nobody could log in',
    '– rights: nobody could log in',
    '– MERGE with a range: nobody could log in',
    '– lock of loads: nobody could log in',
  ]);
});

test.each([
  [
    'paused',
    '✘ warehouse: the cluster analytics is paused; messages wait in the queue meanwhile → aws redshift resume-cluster --cluster-identifier analytics',
  ],
  [
    'resuming',
    '✘ warehouse: the cluster analytics is resuming; messages wait in the queue meanwhile → aws redshift wait cluster-available --cluster-identifier analytics',
  ],
])('a cluster that is %s is said to be', async (status, line) => {
  world.clusters = { analytics: { status, roles: { [copyRole]: 'in-sync' } } };
  const { lines } = await look({ warehouse: { database: 'dev', cluster: 'analytics' } });
  expect(wrongIn(lines)).toEqual([line]);
});

test('a role that is still being added to a cluster cannot be used yet', async () => {
  world.clusters = { analytics: { status: 'available', roles: { [copyRole]: 'adding' } } };
  const { lines } = await look({ warehouse: { database: 'dev', cluster: 'analytics' } });
  expect(wrongIn(lines)).toEqual([
    `✘ COPY role: ${copyRole} is not attached to analytics, so COPY may not use it → aws redshift modify-cluster-iam-roles --cluster-identifier analytics --add-iam-roles ${copyRole}`,
  ]);
});

test('without credentials nothing else is looked at', async () => {
  world.account = undefined;
  const { lines, code } = await look();
  expect(lines).toEqual([
    '✘ credentials: AWS does not know these credentials, or is out of reach: no → aws sts get-caller-identity',
    '– everything else: there are no credentials to look with',
    '1 check found something wrong; 0 fine; 1 could not be looked at.',
  ]);
  expect(code).toBe(1);
});

test('what these credentials may not see is said, with the right that lacks, and is not wrong', async () => {
  world.denied = ['GetFunctionConfiguration', 'DescribeAlarms', 'ListSubscriptionsByTopic', 'ListWorkgroups'];
  const { lines, code } = await look();
  const may = (action: string): string => `these credentials may not look at it: allow ${action}`;
  expect(lines).toEqual(
    expect.arrayContaining([
      "– visibility timeout: 2100 s; the function's own timeout is not known",
      `– warehouse: ${may('redshift-serverless:ListWorkgroups and redshift-serverless:GetNamespace')}`,
      `– loader: ${may('lambda:GetFunctionConfiguration')}`,
      `– alarms: ${may('cloudwatch:DescribeAlarms')}`,
      `– who hears alarms: ${may('sns:ListSubscriptionsByTopic')}`,
    ]),
  );
  expect(wrongIn(lines)).toEqual([]);
  expect(code).toBe(0);
});

test('a stack that is not there is found, and ends the examination', async () => {
  const plane = openControlPlane({ ...CREDENTIALS, env: stack.environment }, () => Date.now());
  const ran = await stack.run(['doctor', '--stage', 'prod'], { controlPlane: () => Promise.resolve(plane) });
  expect(ran.out.split('\n')).toContain(`✘ settings: There is no stack sparkify-prod in ${region}. → Deploy it`);
  expect(ran.code).toBe(1);
});
