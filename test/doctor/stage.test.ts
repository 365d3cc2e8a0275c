import { openControlPlane } from '../../src/doctor/aws/index.ts';
import { LOCAL_NAMES } from '../../src/local/connect.ts';
import type { Connection } from '../../src/ports.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { startStub, type Stub, type World } from './stub.ts';
import { byRule, FAULTS, queueOf } from './faults.ts';
import { healthy, outputsOf, RULE_ARN, sending, settingsOf } from './world.ts';

let stack: TestStack;
let stub: Stub;
let world: World;
beforeAll(async () => {
  stub = await startStub(() => world);
  stack = await startTestStack();
  const { LoaderDatabaseUser: loader = '', ReconcileDatabaseUser: reconcile = '' } = outputsOf(stub.url);
  await stack.run(['create-tables', '--grant-to', loader, '--grant-reconcile-to', reconcile]);
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
  const plane = openControlPlane(settingsOf(stack.environment, endpoints), () => Date.now());
  const { connection } = stack;
  const queues = {
    queueUrl: outputs.SparkifyQueueUrl!,
    replayQueueUrl: outputs.SparkifyReplayQueueUrl!,
    dlqUrl: outputs.SparkifyDlqUrl!,
  };
  const { out, err, code } = await stack.run(['doctor', '--stage', 'dev'], {
    outputs,
    controlPlane: () => Promise.resolve(plane),
    connection: { ...connection, config: { ...connection.config, ...queues, ...change } },
  });
  expect(err).toBe('');
  return { lines: out.trimEnd().split('\n'), code };
}

const wrongIn = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('✘'));
const { landingBucket, copyRole, region } = LOCAL_NAMES;

const withFirst = (line: string): string => line.replace('FIRST', String(world.alarms[0]?.AlarmName));

test('a healthy stage has nothing wrong, whichever way its bucket tells', async () => {
  const direct = await look();
  expect(wrongIn(direct.lines)).toEqual([]);
  expect(direct.code).toBe(0);
  byRule(world, 'ENABLED');
  queueOf(world).Policy = sending('events.amazonaws.com', RULE_ARN);
  const { lines, code } = await look();
  expect(wrongIn(lines)).toEqual([]);
  expect(lines).toContain(
    `✔ notifications of ${landingBucket}: EventBridge sends to the queue by the rule sparkify-dev-landing, for every source`,
  );
  expect(code).toBe(0);
});

test.each(FAULTS)('%s: it is named, with what mends it', async (_, spoil, line) => {
  spoil(world);
  const { lines, code } = await look();
  expect(wrongIn(lines)).toEqual(withFirst(line).split('\n'));
  expect(code).toBe(1);
});

test('a dozen faults at once are all named', async () => {
  const dozen = FAULTS.filter(([name]) => DOZEN.includes(name));
  for (const [, spoil] of dozen) spoil(world);
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
    '✘ credentials: AWS does not know these credentials, or is out of reach: no → choose a profile: export AWS_PROFILE=NAME, and try: aws sts get-caller-identity',
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
      "– visibility timeout of the queue: 2100 s; the function's own timeout is not known",
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
  const plane = openControlPlane(settingsOf(stack.environment), () => Date.now());
  const ran = await stack.run(['doctor', '--stage', 'prod'], { controlPlane: () => Promise.resolve(plane) });
  expect(ran.out.split('\n')).toContain(`✘ settings: There is no stack sparkify-prod in ${region}. → Deploy it`);
  expect(ran.code).toBe(1);
});

test('a bus on which batches are announced must be there, or EventBridge drops their events', async () => {
  const mend = 'npx serverless deploy --stage dev --param "eventBus="';
  const { lines } = await look({ events: { bus: 'default', service: 'sparkify-dev' } });
  expect(lines).toContain('✔ event bus: committed batches are announced on default');
  const without = await look({ events: { bus: 'mistyped', service: 'sparkify-dev' } });
  expect(wrongIn(without.lines)).toEqual([
    `✘ event bus: there is no bus mistyped, so the events of committed batches are lost → aws events create-event-bus --name mistyped, or without one: ${mend}`,
  ]);
  expect((await look()).lines.filter((line) => line.includes('event bus'))).toEqual([]);
});
