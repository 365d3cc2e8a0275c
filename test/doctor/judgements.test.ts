import { readdirSync, readFileSync } from 'node:fs';
import { takes } from '../../src/doctor/notifications.ts';
import { allowsSending } from '../../src/doctor/policy.ts';
import { judgeRights, rightsQuery, type Grantee } from '../../src/doctor/rights.ts';
import type { Deployment } from '../../src/doctor/deployment.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { sending } from './world.ts';

const SENDER = { service: 's3.amazonaws.com', sourceArn: 'arn:aws:s3:::landing', account: '000000000000' };
const policyOf = (change: object): string => {
  const policy = JSON.parse(sending('s3.amazonaws.com', 'arn:aws:s3:::landing')) as { Statement: object[] };
  return JSON.stringify({ ...policy, Statement: [{ ...policy.Statement[0], ...change }] });
};

describe("a queue's policy", () => {
  test.each([
    ["as the stack's own", {}],
    ['with wildcards', { Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:*:*:land*' } } }],
    ['with lists', { Principal: { Service: ['x', 's3.amazonaws.com'] }, Action: ['SQS:*'] }],
    ['for everybody', { Principal: '*', Condition: undefined }],
  ])('%s lets S3 send', (_, change) => {
    expect(allowsSending(policyOf(change), SENDER)).toBe(true);
  });

  test.each([
    ['that denies', { Effect: 'Deny' }],
    ['for another service', { Principal: { Service: 'sns.amazonaws.com' } }],
    ['for another action', { Action: 'sqs:ReceiveMessage' }],
    ['for another bucket', { Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::landing-2' } } }],
    ['for another account', { Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } } }],
    ['under a condition that is not understood', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
  ])('%s does not', (_, change) => {
    expect(allowsSending(policyOf(change), SENDER)).toBe(false);
  });

  test.each([undefined, '', '{', '{"Statement": 1}'])('that is %p lets nobody send', (text) => {
    expect(allowsSending(text, SENDER)).toBe(false);
  });
});

describe('an event pattern', () => {
  const pattern = { source: ['aws.s3'], 'detail-type': ['Object Created'], detail: { bucket: { name: ['landing'] } } };

  test.each([
    ['of the bucket', {}],
    ['of every key', { detail: { bucket: { name: ['landing'] }, object: {} } }],
    ['of a wider prefix', { detail: { object: { key: [{ prefix: 'log' }] } } }],
    ['of everything', { source: undefined, 'detail-type': undefined, detail: undefined }],
  ])('%s takes what lands', (_, change) => {
    expect(takes(JSON.stringify({ ...pattern, ...change }), 'landing', 'log_data/')).toBe(true);
  });

  test.each([
    ['of deletions', { 'detail-type': ['Object Deleted'] }],
    ['of another bucket', { detail: { bucket: { name: ['other'] } } }],
    ['of a narrower prefix', { detail: { object: { key: [{ prefix: 'log_data/2018/' }] } } }],
    ['with a comparison that is not understood', { detail: { object: { key: [{ 'anything-but': 'x' }] } } }],
  ])('%s does not', (_, change) => {
    expect(takes(JSON.stringify({ ...pattern, ...change }), 'landing', 'log_data/')).toBe(false);
  });
});

describe('the rights of a user', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false });
  });
  afterAll(() => stack.stop());
  const deployment: Deployment = { stage: 'dev', region: 'eu-central-2', outputs: {}, settings: {} };
  const loader: Grantee = { who: 'loader', user: 'IAMR:loader', rights: 'load', option: '--grant-to' };
  const reconcile: Grantee = { who: 'reconcile', user: 'IAMR:r', rights: 'reconcile', option: '--grant-reconcile-to' };

  /** How many questions a query asks. */
  const asked = (grantee: Grantee): number => rightsQuery(grantee, stack.connection).split('UNION ALL').length;
  const answers = (count: number, not: number[]) =>
    Array.from({ length: count }, (_, question) => ({ question, is_held: !not.includes(question) }));

  test('are asked for in one query, those that are granted and no others', async () => {
    const query = rightsQuery(loader, stack.connection);
    const pairs = [...query.matchAll(/HAS_TABLE_PRIVILEGE\('IAMR:loader', 'sparkify\.(\w+)', '(\w+)'\)/g)];
    const { out } = await stack.run(['create-tables', '--dry-run', '--grant-to', 'IAMR:loader']);
    const granted = [...out.matchAll(/^GRANT (.*) ON (?:TABLE )?"sparkify"\."(\w+)" TO/gm)].flatMap(
      ([, rights = '', table]) => rights.split(', ').map((right) => `${right} on ${table}`),
    );
    expect(granted.length).toBeGreaterThan(20);
    expect(pairs.map(([, table, right]) => `${right} on ${table}`).sort()).toEqual(granted.sort());
    expect(query).toContain("HAS_SCHEMA_PRIVILEGE('IAMR:loader', 'sparkify', 'USAGE')");
    expect(query).toContain("HAS_DATABASE_PRIVILEGE('IAMR:loader', 'dev', 'TEMP')");
  });

  test('are fine when all are held', () => {
    expect(judgeRights(loader, answers(asked(loader), []), stack.connection, deployment).state).toBe('fine');
    expect(judgeRights(reconcile, answers(asked(reconcile), []), stack.connection, deployment).text).toBe(
      'IAMR:r has all 5',
    );
  });

  test('that are missing are named, with the command that grants them', () => {
    const { text, ...finding } = judgeRights(reconcile, answers(5, [0, 2, 3, 4]), stack.connection, deployment);
    expect(text).toBe(
      'IAMR:r lacks USAGE of the schema sparkify, SELECT on load_objects, INSERT on load_fields, SELECT on accepted_fields',
    );
    expect(finding).toMatchObject({ mend: 'npx sparkify create-tables --grant-reconcile-to IAMR:r --stage dev' });
  });

  test('of a hardened warehouse need a superuser', () => {
    const finding = judgeRights(loader, answers(asked(loader), [1]), stack.connection, deployment);
    expect(finding).toMatchObject({
      text: 'IAMR:loader lacks temporary tables',
      mend: 'npx sparkify create-tables --grant-to IAMR:loader --stage dev --hardened',
    });
  });

  test('that nobody answers for are missing', () => {
    expect(judgeRights(reconcile, [], stack.connection, deployment).state).toBe('wrong');
  });
});

test('the range that MERGE is tried with is written as the loader writes it', () => {
  const sql = (path: string): string => readFileSync(new URL(`../../sql/${path}`, import.meta.url), 'utf8');
  const form = / {2}AND [\w:".]+start_time BETWEEN TIMESTAMP \S+.*? AND TIMESTAMP /;
  expect(sql('load/events/78-merge-songplays.sql')).toMatch(form);
  expect(sql('doctor/3-merge-bounded.sql')).toMatch(form);
});

test('every right that doctor asks for is documented', () => {
  const folder = new URL('../../src/doctor/aws/', import.meta.url);
  const code = readdirSync(folder)
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('');
  const asked = [...code.matchAll(/action: '([^']+)'/g)].flatMap(([, actions = '']) => actions.split(' and '));
  const page = readFileSync(new URL('../../docs/DEPLOY.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('## Rights for doctor');
  expect(asked.length).toBeGreaterThan(12);
  expect(asked.filter((action) => !section.split('\n## ')[0]?.includes(`\`${action}\``))).toEqual([]);
});
