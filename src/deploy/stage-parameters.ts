import * as v from 'valibot';
import { LoaderError } from '../errors.ts';
import { placeSources, type Source } from '../objects/source.ts';

/** The parameters of a stage by name, all as text. */
export type StageParameters = Readonly<Record<string, string>>;

const text = (form: RegExp, must: string) => v.pipe(v.string(), v.regex(form, must));
/** A parameter that may be empty. */
const optional = (form: RegExp, must: string) => text(new RegExp(`^$|${form.source}`), `${must}, or empty`);
const flag = v.picklist(['true', 'false'], "must be 'true' or 'false'");
const whole = (least: number, most: number) => {
  const must = `must be a whole number from ${least} to ${most}`;
  return v.pipe(
    v.string(),
    v.regex(/^\d+$/, must),
    v.check((digits) => Number(digits) >= least && Number(digits) <= most, must),
  );
};
const list = (form: RegExp, must: string) => optional(new RegExp(`^${form.source}(,${form.source})*$`), must);

const bucket = text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket: 3 to 63 of a-z, 0-9, - and .');
const identifier = text(/^[a-z_][a-z0-9_]{0,126}$/, 'must be a lower-case identifier: a-z, 0-9 and _');
const key = optional(/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/, 'must be the ARN of a KMS key');

/**
 * RPUs: 4, then steps of 8 up to 512, then steps of 32.
 * https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-capacity.html
 */
const capacity = v.pipe(
  v.string(),
  v.check((rpus) => {
    const n = /^\d+$/.test(rpus) ? Number(rpus) : 0;
    return n === 4 || (n >= 8 && n <= 512 && n % 8 === 0) || (n > 512 && n <= 1024 && n % 32 === 0);
  }, 'must be 4, or from 8 to 512 in steps of 8, or up to 1024 in steps of 32'),
);

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTIONS = '1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653'.split(' ');

/** The format of every parameter. serverless.yml has defaults and reasons, docs/DEPLOY.md the explanation. */
const FORMS = {
  landingBucket: bucket,
  landingBucketExists: flag,
  controlBucket: bucket,
  existingWorkgroupId: optional(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "must be a workgroup's id, a UUID"),
  existingCluster: optional(/^[a-z][a-z0-9-]{0,62}$/, "must be a cluster's identifier"),
  database: identifier,
  schema: identifier,
  prefixes: v.string(),
  baseCapacity: capacity,
  maxCapacity: capacity,
  mergeBounds: flag,
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html
  eventBus: optional(/^[/._A-Za-z0-9-]{1,256}$/, 'must be the name of an event bus'),
  subnetIds: list(/subnet-[0-9a-f]+/, 'must be ids of subnets with commas between, like subnet-0a1b,subnet-2c3d'),
  securityGroupIds: list(/sg-[0-9a-f]+/, 'must be ids of security groups with commas between, like sg-0a1b,sg-2c3d'),
  bucketKey: key,
  queueKey: key,
  logKey: key,
  warehouseKey: key,
  permissionsBoundary: optional(/^arn:[\w-]+:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/, 'must be the ARN of a policy'),
  windowSeconds: whole(1, 300),
  loaderTimeoutSeconds: whole(60, 900),
  visibilitySeconds: whole(1, 43_200),
  reconcileRate: text(/^(rate\(\d+ (minute|hour|day)s?\)|cron\([^()]+\))$/, 'must be like rate(6 hours) or cron(…)'),
  reconcileRepairs: flag,
  freshnessSeconds: whole(1, 86_400),
  quietHours: whole(1, 168),
  // Fourteen days, for which the queue keeps a message.
  waitingMinutes: whole(1, 20_160),
  dailyRpuHours: whole(1, 24 * 1024),
  alarmEmail: optional(/^[^@\s]+@[^@\s]+$/, 'must be an address like data@example.com'),
  logRetentionDays: v.picklist(RETENTIONS, `must be one of ${RETENTIONS.join(', ')}`),
} satisfies Record<string, v.GenericSchema<string>>;

type Name = keyof typeof FORMS;

/** The names of all parameters. */
export const PARAMETER_NAMES = Object.keys(FORMS) as Name[];

/**
 * Checks the parameters of a stage before anything is packaged. `sources` are those of this release.
 * @throws LoaderError (`usage`) that names every problem, not only the first.
 */
export function checkStage(
  stage: string,
  region: string,
  parameters: StageParameters,
  sources: readonly Source[],
): void {
  const places = placeSources(sources, parameters.prefixes ?? '').problems.map((problem) => `prefixes ${problem}`);
  const problems = [...stageProblems(stage), ...formProblems(stage, region, parameters), ...places];
  if (problems.length === 0) problems.push(...relationProblems(parameters));
  if (problems.length === 0) return;
  throw new LoaderError(
    'usage',
    `Stage ${stage} cannot be deployed as it is set:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    'Fix them in serverless.yml under params, or on the command line: --param "name=value"; docs/DEPLOY.md lists them',
  );
}

/** The stage is part of the names of buckets, which are lower-case and at most 63 long, account and region included. */
function stageProblems(stage: string): string[] {
  return /^[a-z][a-z0-9-]{0,17}$/.test(stage)
    ? []
    : [`stage must be a lower-case name of at most 18 of a-z, 0-9 and -, but is "${stage}"`];
}

function formProblems(stage: string, region: string, parameters: StageParameters): string[] {
  const unknown = Object.keys(parameters).filter((name) => !(name in FORMS));
  const wrong = PARAMETER_NAMES.flatMap((name) => {
    const given = parameters[name] ?? '';
    // Names contain values CloudFormation fills in, and the stage, whose own problems are reported once.
    const filled = given
      .replace(`sparkify-${stage}-`, stageProblems(stage).length === 0 ? '$&' : 'sparkify-stage-')
      .replaceAll('${AWS::AccountId}', '123456789012')
      .replaceAll('${AWS::Region}', region);
    const { success, issues } = v.safeParse(FORMS[name], filled);
    return success ? [] : [`${name} ${issues[0].message}, but is "${given}"`];
  });
  return [...unknown.map((name) => `${name} is not a parameter`), ...wrong];
}

function relationProblems(parameters: StageParameters): string[] {
  const number = (name: Name): number => Number(parameters[name]);
  const same = (one: Name, other: Name): boolean => parameters[one] === parameters[other];
  const hidden = 6 * number('loaderTimeoutSeconds') + number('windowSeconds');
  return [
    ...(number('maxCapacity') < number('baseCapacity') ? ['maxCapacity is less than baseCapacity'] : []),
    ...(number('visibilitySeconds') < hidden
      ? [`visibilitySeconds must be at least 6 × loaderTimeoutSeconds + windowSeconds, which is ${hidden}`]
      : []),
    ...(same('landingBucket', 'controlBucket') ? ['landingBucket and controlBucket are the same'] : []),
  ];
}
