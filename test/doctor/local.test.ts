import { openControlPlane } from '../../src/doctor/aws/index.ts';
import type { Fault } from '../../src/local/faults/plan.ts';
import type { Connection } from '../../src/ports.ts';
import { event } from '../support/files.ts';
import type { Ran } from '../support/commands.ts';
import { STAR_TABLES } from '../support/star-columns.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { settingsOf } from './world.ts';

let stack: TestStack;
/** What goes wrong with the last statement of one of doctor's transactions. */
const fault: { in?: string; after: number; what: Fault } = { after: 0, what: { do: 'throttle' } };
let statements = 0;
beforeAll(async () => {
  stack = await startTestStack({
    eventSource: true,
    faults: (service, operation, name) => {
      if (service !== 'redshift-data' || operation !== 'Statement' || name === undefined || name !== fault.in) return undefined; // prettier-ignore
      statements += 1;
      return statements > fault.after ? fault.what : undefined;
    },
  });
});
afterAll(() => stack.stop());
beforeEach(async () => {
  delete fault.in;
  statements = 0;
  await stack.reset();
});

/** Runs doctor as a person does who has sourced the local stack's environment. */
function doctor(options: string[] = [], connection: Connection = stack.connection): Promise<Ran> {
  const plane = openControlPlane(settingsOf(stack.environment), () => Date.now());
  return stack.run(['doctor', ...options], { controlPlane: () => Promise.resolve(plane), connection });
}

const wrongIn = ({ out }: Ran): string[] => out.split('\n').filter((line) => line.startsWith('✘'));
const lineOf = ({ out }: Ran, check: string): string | undefined =>
  out.split('\n').find((line) => line.slice(2).startsWith(`${check}: `));
const star = (): Promise<unknown[]> =>
  Promise.all(
    [...STAR_TABLES, 'tracks'].map((table) => stack.rows(`SELECT * FROM sparkify.${table} ORDER BY 1, 2, 3`)),
  );

test('a local stack has nothing wrong, and what it lacks is not looked at', async () => {
  await stack.put('log_data/a.json', event(1));
  await stack.idle();
  const ran = await doctor();
  expect(wrongIn(ran)).toEqual([]);
  expect(ran.code).toBe(0);
  expect(ran.out.split('\n').filter((line) => line.endsWith('local stack: not looked at'))).toEqual([
    '– credentials: local stack: not looked at',
    '– expiry of manifests: local stack: not looked at',
    '– functions: local stack: not looked at',
    '– alarms: local stack: not looked at',
  ]);
  expect(lineOf(ran, 'COPY reads both buckets')).toMatch(
    /^✔ .*: NOLOAD of s3:\/\/sparkify-control\/loads\/.*\/events-none\.manifest$/,
  );
  expect(lineOf(ran, 'MERGE with a range')).toMatch(/^✔/);
  expect(lineOf(ran, 'lock of loads')).toMatch(/^✔/);
});

test('nothing is changed unless it is asked for', async () => {
  await stack.put('log_data/a.json', event(1));
  await stack.idle();
  const objects = (): unknown[] =>
    ['sparkify-landing', 'sparkify-control'].map((bucket) => stack.aws.store.page(bucket, { prefix: '', limit: Infinity }).objects); // prettier-ignore
  const before = [await stack.everything(), await stack.rows('SELECT * FROM sparkify.load_lock'), objects()];
  await doctor();
  expect([await stack.everything(), await stack.rows('SELECT * FROM sparkify.load_lock'), objects()]).toEqual(before);
});

test('before the first load there is no manifest that could be read again', async () => {
  expect(lineOf(await doctor(), 'COPY reads both buckets')).toMatch(/^– .*no manifest of an earlier load.*--canary$/);
});

test('a canary is timed until it is in the ledger, changes nothing of the star, and is removed', async () => {
  await stack.put('log_data/a.json', event(1));
  await stack.idle();
  const before = await star();
  const ran = await doctor(['--canary']);
  expect(lineOf(ran, 'canary')).toMatch(/^✔ canary: queryable \d+\.\d s after it was put/);
  expect(wrongIn(ran)).toEqual([]);
  await stack.idle();
  expect(await star()).toEqual(before);
  expect(await stack.count('rejected_rows')).toBe(0);
  expect(await stack.statusOf('log_data/sparkify-doctor/canary.json')).toBe('loaded');
  expect(stack.aws.store.page('sparkify-landing', { prefix: 'log_data/sparkify-doctor', limit: 1 }).objects).toEqual(
    [],
  );
  // A second one is another version of the same key.
  expect((await doctor(['--canary'])).code).toBe(0);
});

test('a canary that never arrives is wrong, and removed all the same', async () => {
  let skippedMs = 0;
  const clock = {
    ...stack.connection.clock,
    now: () => Date.now() + skippedMs,
    sleep: (milliseconds: number) => Promise.resolve(void (skippedMs += milliseconds * 60)),
  };
  fault.in = 'sparkify check-ledger';
  fault.what = { do: 'fail statement', message: 'connection to the warehouse was lost' };
  const ran = await doctor(['--canary'], { ...stack.connection, clock });
  expect(wrongIn(ran)).toEqual([
    '✘ canary: s3://sparkify-landing/log_data/sparkify-doctor/canary.json is not in the ledger after 300 s → npx serverless logs -f loader',
  ]);
  expect(stack.aws.store.page('sparkify-landing', { prefix: '', limit: 1 }).objects).toEqual([]);
  delete fault.in;
  await stack.idle();
});

test('a column that was dropped is named, with what mends it', async () => {
  await stack.rows('ALTER TABLE sparkify.songs DROP COLUMN title');
  expect(wrongIn(await doctor())).toEqual([
    `✘ schema: sparkify.songs has no column title (character varying(512)) → npx sparkify query 'ALTER TABLE "sparkify"."songs" ADD COLUMN "title" character varying(512)'`,
  ]);
});

test('a schema that is not there is wrong, and what needs it is not asked', async () => {
  const { config } = stack.connection;
  const connection = { ...stack.connection, config: { ...config, names: { ...config.names, schema: 'elsewhere' } } };
  const ran = await doctor(['--canary'], connection);
  expect(wrongIn(ran)).toHaveLength(1);
  expect(lineOf(ran, 'lock of loads')).toBe('– lock of loads: there are no tables yet');
  expect(lineOf(ran, 'canary')).toBe('– canary: nothing was put: login and schema are to be mended first');
  expect(stack.aws.store.page('sparkify-landing', { prefix: '', limit: 1 }).objects).toEqual([]);
  expect(lineOf(ran, 'schema')).toMatch(/^✘ .* → Create the tables: npx sparkify create-tables/);
  expect(ran.code).toBe(1);
});

test('a MERGE that refuses a range is wrong, until the setting leaves the range out', async () => {
  fault.in = 'sparkify doctor merge';
  fault.after = 2;
  fault.what = { do: 'fail statement', message: 'MERGE condition must be an equality' };
  const { config } = stack.connection;
  expect(wrongIn(await doctor())).toEqual([
    '✘ MERGE with a range: it is refused: ERROR: MERGE condition must be an equality → npx serverless deploy --stage STAGE --param "mergeBounds=false"',
  ]);
  statements = 0;
  const off = await doctor([], { ...stack.connection, config: { ...config, mergeBounds: false } });
  expect(lineOf(off, 'MERGE with a range')).toBe('✔ MERGE with a range: it is refused, and mergeBounds is false');
  fault.after = 0;
});

test.each([
  [
    'the COPY role may not read the files',
    'S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 1,ExtRid 2,CanRetry 1',
    'Let the COPY role (SPARKIFY_COPY_ROLE_ARN) read the object, and use its KMS key',
  ],
  [
    'the COPY role may not read the manifest',
    'Problem reading manifest file - S3ServiceException:Access Denied,Status 403',
    'Let the COPY role (SPARKIFY_COPY_ROLE_ARN) read the control bucket: s3:GetObject and s3:ListBucket',
  ],
  [
    'the COPY role is not attached',
    'User arn:aws:redshift:eu-west-1:1:dbuser:c/l is not authorized to assume IAM Role arn:aws:iam::1:role/copy',
    'Attach the COPY role (SPARKIFY_COPY_ROLE_ARN) to the warehouse',
  ],
])('%s: it is wrong, with what mends it', async (_, message, mend) => {
  await stack.put('log_data/a.json', event(1));
  await stack.idle();
  fault.in = 'sparkify doctor validation';
  fault.what = { do: 'fail statement', message };
  const [line, ...others] = wrongIn(await doctor());
  expect(others).toEqual([]);
  expect(line).toContain(`✘ COPY reads both buckets: ERROR: ${message} → ${mend}`);
});

test('--json has the findings and nothing else', async () => {
  const { out, code } = await doctor(['--json']);
  const printed = JSON.parse(out) as { wrong: number; unseen: number; findings: { state: string }[] };
  expect(printed).toMatchObject({ stage: null, wrong: 0 });
  expect(printed.findings.filter(({ state }) => state === 'unseen')).toHaveLength(printed.unseen);
  expect(code).toBe(0);
});
