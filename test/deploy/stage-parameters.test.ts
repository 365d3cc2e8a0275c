import { readFileSync } from 'node:fs';
import { checkStage, PARAMETER_NAMES, type StageParameters } from '../../src/deploy/stage-parameters.ts';
import { sources } from '../support/wire-shapes.ts';
import { LoaderError } from '../../src/errors.ts';

/** The defaults, as serverless.yml has them. */
const yaml = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
const [, block = ''] = /\n {2}default:\n([^]*?)\n\w/.exec(yaml) ?? [];
const defaults: StageParameters = Object.fromEntries(
  [...block.matchAll(/^ {4}(\w+): '?([^'\n]*)'?$/gm)].map(([, name = '', value = '']) => [
    name,
    value.replace('${sls:stage}', 'dev'),
  ]),
);

function problemsOf(change: StageParameters, stage = 'dev', region = 'us-east-1'): string {
  try {
    checkStage(stage, region, { ...defaults, ...change }, sources);
  } catch (error) {
    if (error instanceof LoaderError && error.code === 'usage') return error.message;
    throw error;
  }
  return 'none';
}

test('the defaults are right, and there is one for every parameter that has a form', () => {
  expect(Object.keys(defaults).sort()).toEqual([...PARAMETER_NAMES].sort());
  expect(problemsOf({})).toBe('none');
});

test.each([
  ['windowSeconds', '0', 'must be a whole number from 1 to 300'],
  ['windowSeconds', '20s', 'must be a whole number'],
  ['baseCapacity', '6', 'must be 4, or from 8'],
  ['landingBucketExists', 'yes', "must be 'true' or 'false'"],
  ['landingBucket', 'My_Bucket', 'must be the name of a bucket'],
  ['schema', 'Sparkify', 'must be a lower-case identifier'],
  ['existingWorkgroupId', 'analytics', "must be a workgroup's id"],
  ['subnetIds', 'subnet-0a1b, subnet-2c3d', 'must be ids of subnets'],
  ['securityGroupIds', 'default', 'must be ids of security groups'],
  ['bucketKey', 'alias/mine', 'must be the ARN of a KMS key'],
  ['permissionsBoundary', 'Boundary', 'must be the ARN of a policy'],
  ['eventBus', 'arn:aws:events:us-east-1:123456789012:event-bus/default', 'must be the name of an event bus'],
  ['reconcileRate', '6 hours', 'must be like rate(6 hours)'],
  ['alarmEmail', 'nobody', 'must be an address'],
  ['logRetentionDays', '31', 'must be one of 1, 3, 5'],
])('%s may not be %s', (name, value, problem) => {
  const said = problemsOf({ [name]: value });
  expect(said).toContain(`${name} ${problem}`);
  expect(said).toContain(`but is "${value}"`);
});

test.each([
  ['subnetIds', 'subnet-0a1b,subnet-2c3d'],
  ['securityGroupIds', 'sg-0a1b'],
  ['queueKey', 'arn:aws:kms:eu-west-1:123456789012:key/0c9a7b1e-5f0d-4b8e-9a55-2f6f0f6f8a11'],
  ['permissionsBoundary', 'arn:aws:iam::123456789012:policy/teams/boundary'],
  ['eventBus', 'default'],
  ['reconcileRate', 'cron(0 3 * * ? *)'],
  ['maxCapacity', '512'],
])('%s may be %s', (name, value) => {
  expect(problemsOf({ [name]: value })).toBe('none');
});

test.each([
  [{ baseCapacity: '16' }, 'maxCapacity is less than baseCapacity'],
  [
    { visibilitySeconds: '1800' },
    'visibilitySeconds must be at least 6 × loaderTimeoutSeconds + windowSeconds, which is 1820',
  ],
  [{ prefixes: 'songs=song_data' }, 'prefixes must look like songs=song_data/,events=log_data/'],
  [{ prefixes: 'songs=log_data/' }, 'prefixes gives songs and events the same prefix'],
])('%j does not go together', (change, problem) => {
  expect(problemsOf(change)).toContain(problem);
});

test.each(['Prod', 'a_b', '1st', 'a-stage-of-19-lettr'])('a stage may not be called %s', (stage) => {
  expect(problemsOf({}, stage)).toContain(
    `stage must be a lower-case name of at most 18 of a-z, 0-9 and -, but is "${stage}"`,
  );
});

test('the longest stage fits into the name of a bucket in the region with the longest name', () => {
  const stage = 'a-stage-of-18-lett';
  const landingBucket = `sparkify-${stage}-landing-\${AWS::AccountId}-\${AWS::Region}`;
  expect(problemsOf({ landingBucket }, stage, 'ap-southeast-1')).toBe('none');
});

test('everything that is wrong is told at once, a parameter that there is not among it', () => {
  const said = problemsOf({ windowSeconds: '0', alarmMail: 'ann@example.com' }, 'Prod');
  expect(said.split('\n')).toEqual([
    'Stage Prod cannot be deployed as it is set:',
    expect.stringContaining('stage must be'),
    '  alarmMail is not a parameter',
    expect.stringContaining('windowSeconds must be'),
  ]);
});
