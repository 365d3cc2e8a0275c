import * as v from 'valibot';
import type { Source } from '../objects/source.ts';
import { deployAgain, placeOf, type Deployment } from './deployment.ts';
import type { NotificationFacts, QueueFacts, RuleFacts } from './facts.ts';
import { fine, unseen, wrong, type Finding, type Look } from './finding.ts';
import { allowsSending } from './policy.ts';

/** What of a bucket's notifications was seen. */
export type BucketNotices = {
  bucket: string;
  facts: NotificationFacts;
  queue: QueueFacts;
  rules: Look<RuleFacts[]>;
  isLocal: boolean;
};

/** Judges whether what lands in a bucket reaches the queue: by S3 itself, or by a rule of EventBridge. */
export function judgeNotifications(
  notices: BucketNotices,
  sources: readonly Source[],
  deployment: Deployment,
): Finding[] {
  const { bucket, facts, queue, rules } = notices;
  const check = `notifications of ${bucket}`;
  const direct = facts.queues.filter(
    ({ arn, events }) => arn === queue.arn && events.some((event) => /^s3:ObjectCreated:(\*|Put)$/.test(event)),
  );
  if (direct.length > 0) {
    const missing = sources.filter(({ prefix }) => !direct.some((one) => one.suffix === '' && prefix.startsWith(one.prefix))); // prettier-ignore
    return [covered(check, 'S3 sends to the queue', missing, deployment), mayS3Send(notices, deployment)];
  }
  if (!facts.eventBridge) {
    const elsewhere = facts.queues.map(({ arn }) => arn).join(', ');
    const found = elsewhere === '' ? 'nothing is sent' : `it sends to ${elsewhere}`;
    return [wrong(check, `what lands is not told to the queue: ${found}`, howToConnect(bucket, deployment))];
  }
  if ('unseen' in rules) return [unseen(check, `it sends to EventBridge, whose rules: ${rules.unseen}`)];
  return judgeRules(check, notices, rules.seen, sources, deployment);
}

function howToConnect(bucket: string, deployment: Deployment): string {
  return `${deployAgain(deployment)}, or for a bucket of your own docs/DEPLOY.md, "Using an existing bucket": aws s3api put-bucket-notification-configuration --bucket ${bucket}`;
}

function mayS3Send({ bucket, queue, isLocal }: BucketNotices, deployment: Deployment): Finding {
  const check = 'queue policy';
  if (isLocal && queue.policy === undefined) return unseen(check, 'local stack: its queues have no policies');
  const sourceArn = `arn:${partitionOf(queue.arn)}:s3:::${bucket}`;
  if (allowsSending(queue.policy, { service: 's3.amazonaws.com', sourceArn, account: placeOf(queue.arn).account })) {
    return fine(check, `S3 may send for ${bucket}`);
  }
  return wrong(check, `S3 may not send to the queue for ${bucket}`, deployAgain(deployment));
}

function judgeRules(
  check: string,
  { bucket, queue }: BucketNotices,
  rules: readonly RuleFacts[],
  sources: readonly Source[],
  deployment: Deployment,
): Finding[] {
  const deploy = deployAgain(deployment);
  const fitting = rules.filter(({ pattern }) => sources.some((source) => takes(pattern, bucket, source.prefix)));
  if (fitting.length === 0) {
    return [wrong(check, 'it sends to EventBridge, but no rule sends its new objects to the queue', deploy)];
  }
  const enabled = fitting.filter((rule) => rule.enabled);
  const [first] = enabled;
  if (first === undefined) {
    const names = fitting.map(({ name }) => name);
    const mend = names.map((name) => `aws events enable-rule --name ${name}`).join(' && ');
    return [wrong(check, `the rule ${names.join(', ')} is disabled`, mend)];
  }
  const missing = sources.filter(({ prefix }) => !enabled.some(({ pattern }) => takes(pattern, bucket, prefix)));
  const sender = { service: 'events.amazonaws.com', sourceArn: first.arn, account: placeOf(queue.arn).account };
  return [
    covered(check, `EventBridge sends to the queue by the rule ${first.name}`, missing, deployment),
    allowsSending(queue.policy, sender)
      ? fine('queue policy', `EventBridge may send by the rule ${first.name}`)
      : wrong('queue policy', `EventBridge may not send to the queue by the rule ${first.name}`, deploy),
  ];
}

function covered(check: string, way: string, missing: readonly Source[], deployment: Deployment): Finding {
  if (missing.length === 0) return fine(check, `${way}, for every source`);
  const places = missing.map(({ name, prefix }) => `${name} at ${prefix}`).join(', ');
  return wrong(check, `${way}, but not for ${places}`, deployAgain(deployment));
}

const names = v.optional(v.array(v.unknown()));
const eventPattern = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    source: names,
    'detail-type': names,
    detail: v.optional(
      v.object({
        bucket: v.optional(v.object({ name: names })),
        object: v.optional(v.object({ key: names })),
      }),
    ),
  }),
);

/**
 * Whether a pattern takes the new objects of a bucket below a prefix. Of the ways to compare, the exact text and `prefix` are
 * understood; others count as not fitting.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function takes(pattern: string, bucket: string, prefix: string): boolean {
  const parsed = v.safeParse(eventPattern, pattern);
  if (!parsed.success) return false;
  const { source, detail, 'detail-type': kind } = parsed.output;
  return (
    isTaken(source, 'aws.s3') &&
    isTaken(kind, 'Object Created') &&
    isTaken(detail?.bucket?.name, bucket) &&
    isTaken(detail?.object?.key, prefix)
  );
}

function isTaken(choices: readonly unknown[] | undefined, text: string): boolean {
  if (choices === undefined) return true;
  return choices.some((choice) => {
    if (typeof choice !== 'object' || choice === null) return choice === text;
    return 'prefix' in choice && typeof choice.prefix === 'string' && text.startsWith(choice.prefix);
  });
}

function partitionOf(arn: string): string {
  return arn.split(':')[1] ?? 'aws';
}
