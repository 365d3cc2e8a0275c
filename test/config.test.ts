import { readConfig } from '../src/config.ts';
import { LoaderError } from '../src/errors.ts';
import { sources } from './support/wire-shapes.ts';

const [songs, events] = sources;

const minimal = {
  AWS_REGION: 'eu-west-1',
  SPARKIFY_LANDING_BUCKETS: 'sparkify-landing',
  SPARKIFY_CONTROL_BUCKET: 'sparkify-control',
  SPARKIFY_DATABASE: 'dev',
  SPARKIFY_WORKGROUP: 'sparkify',
  SPARKIFY_COPY_ROLE_ARN: 'arn:aws:iam::123456789012:role/sparkify-copy',
};
const full = {
  ...minimal,
  SPARKIFY_LANDING_BUCKETS: 'sparkify-landing, second.bucket',
  SPARKIFY_CONTROL_PREFIX: 'etl/loads/',
  SPARKIFY_WORKGROUP: undefined,
  SPARKIFY_CLUSTER: 'analytics',
  SPARKIFY_DB_USER: 'loader',
  SPARKIFY_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:loader',
  SPARKIFY_SCHEMA: 'music',
  SPARKIFY_PREFIXES: 'songs=in/songs/,events=in/events/',
  SPARKIFY_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/objects',
  SPARKIFY_DLQ_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead',
  SPARKIFY_BATCH_OBJECTS: '500',
  SPARKIFY_BATCH_BYTES: '1000000',
  SPARKIFY_RESERVE_SECONDS: '20',
  SPARKIFY_RETRY_MOST_SECONDS: '60',
  SPARKIFY_MERGE_BOUNDS: 'false',
  SPARKIFY_EVENT_BUS: 'analytics',
  POWERTOOLS_SERVICE_NAME: 'sparkify-dev',
};

/** What reading the environment complains of. */
function problemsIn(env: Record<string, string | undefined>): string {
  try {
    readConfig(env, sources);
  } catch (error) {
    if (error instanceof LoaderError && error.code === 'usage') return error.message;
    throw error;
  }
  return 'none';
}

test('what must be set is enough; the rest has defaults', () => {
  expect(readConfig(minimal, sources)).toEqual({
    landing: { buckets: ['sparkify-landing'], sources },
    control: { bucket: 'sparkify-control', prefix: 'loads/' },
    warehouse: { database: 'dev', workgroup: 'sparkify' },
    names: { schema: 'sparkify', copyRole: 'arn:aws:iam::123456789012:role/sparkify-copy', region: 'eu-west-1' },
    limits: { maxObjects: 5000, maxBytes: 1073741824, maxGroups: 4 },
    mergeBounds: true,
    reserveSeconds: 10,
    retryMostSeconds: 3600,
  });
});

test('everything that can be set is read', () => {
  expect(readConfig(full, sources)).toEqual({
    landing: {
      buckets: ['sparkify-landing', 'second.bucket'],
      sources: [
        { ...songs, prefix: 'in/songs/' },
        { ...events, prefix: 'in/events/' },
      ],
    },
    control: { bucket: 'sparkify-control', prefix: 'etl/loads/' },
    warehouse: {
      database: 'dev',
      cluster: 'analytics',
      dbUser: 'loader',
      secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:loader',
    },
    names: { schema: 'music', copyRole: 'arn:aws:iam::123456789012:role/sparkify-copy', region: 'eu-west-1' },
    limits: { maxObjects: 500, maxBytes: 1000000, maxGroups: 4 },
    mergeBounds: false,
    queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/objects',
    dlqUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead',
    events: { bus: 'analytics', service: 'sparkify-dev' },
    reserveSeconds: 20,
    retryMostSeconds: 60,
  });
});

test.each<[string, Record<string, string | undefined>, string]>([
  ['a variable that is missing', { AWS_REGION: undefined }, 'AWS_REGION is not set'],
  ['a variable that is blank', { SPARKIFY_DATABASE: ' ' }, 'SPARKIFY_DATABASE is empty'],
  [
    'a bucket name that is none',
    { SPARKIFY_LANDING_BUCKETS: 's3://landing' },
    'SPARKIFY_LANDING_BUCKETS contains an invalid bucket name',
  ],
  [
    'a control prefix without a slash at its end',
    { SPARKIFY_CONTROL_PREFIX: 'loads' },
    'SPARKIFY_CONTROL_PREFIX must look like name/',
  ],
  [
    'neither workgroup nor cluster',
    { SPARKIFY_WORKGROUP: undefined },
    'SPARKIFY_WORKGROUP or SPARKIFY_CLUSTER must be set, but not both',
  ],
  [
    'both workgroup and cluster',
    { SPARKIFY_CLUSTER: 'analytics' },
    'SPARKIFY_WORKGROUP or SPARKIFY_CLUSTER must be set, but not both',
  ],
  [
    'a schema that is no plain identifier',
    { SPARKIFY_SCHEMA: 'My"Schema' },
    'SPARKIFY_SCHEMA is not a lower-case identifier',
  ],
  ['a role that is no ARN', { SPARKIFY_COPY_ROLE_ARN: 'copy' }, 'SPARKIFY_COPY_ROLE_ARN is not the ARN of an IAM role'],
  ['a number that is none', { SPARKIFY_BATCH_OBJECTS: '1e3' }, 'SPARKIFY_BATCH_OBJECTS is not a whole number'],
  ['a number too small', { SPARKIFY_RESERVE_SECONDS: '0' }, 'SPARKIFY_RESERVE_SECONDS is less than 1'],
])('%s is refused by name', (_, change, problem) => {
  expect(problemsIn({ ...minimal, ...change })).toBe(`The configuration has a problem: ${problem}.`);
});

test('all problems are told at once', () => {
  const problems = problemsIn({
    ...minimal,
    AWS_REGION: undefined,
    SPARKIFY_SCHEMA: '1',
    SPARKIFY_CLUSTER: 'analytics',
  });
  expect(problems).toBe(
    'The configuration has problems: AWS_REGION is not set; SPARKIFY_SCHEMA is not a lower-case identifier; ' +
      'SPARKIFY_WORKGROUP or SPARKIFY_CLUSTER must be set, but not both.',
  );
});

test('an empty environment names every variable that must be set', () => {
  const problems = problemsIn({});
  for (const name of Object.keys(minimal)) expect(problems).toContain(name);
});

test.each([
  ['a prefix that is none', { SPARKIFY_PREFIXES: 'songs=' }, 'SPARKIFY_PREFIXES must look like songs=song_data/'],
  [
    'two sources in one place',
    { SPARKIFY_PREFIXES: 'songs=in/,events=in/' },
    'SPARKIFY_PREFIXES gives songs and events the same prefix',
  ],
  [
    'manifests that would notify the loader of themselves',
    { SPARKIFY_CONTROL_BUCKET: 'sparkify-landing', SPARKIFY_CONTROL_PREFIX: 'log_data/loads/' },
    'SPARKIFY_CONTROL_PREFIX lies below that of events in a landing bucket',
  ],
])('%s is refused', (_name, more, problem) => {
  expect(problemsIn({ ...minimal, ...more })).toContain(problem);
});
