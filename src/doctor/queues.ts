import { commandFor, deployAgain, type Deployment } from './deployment.ts';
import { fine, unseen, wrong, type Finding } from './finding.ts';
import type { QueueFacts } from './facts.ts';
import { pluralize } from '../numbers.ts';

/**
 * How much longer than its function a queue must hide a message.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export const TIMEOUTS_HIDDEN = 6;

/** Judges both queues together; `timing` is that of the function they feed, in seconds. */
export function judgeQueues(
  queue: QueueFacts | undefined,
  deadLetters: QueueFacts | undefined,
  timing: { timeoutSeconds: number; windowSeconds: number } | undefined,
  deployment: Deployment,
): Finding[] {
  const deploy = deployAgain(deployment);
  if (queue === undefined) return [wrong('queue', 'the queue of notifications does not exist', deploy)];
  if (deadLetters === undefined) return [wrong('dead-letter queue', 'the dead-letter queue does not exist', deploy)];
  const waiting = pluralize(queue.waiting, 'message');
  return [
    fine('queue', `${queue.arn}, ${waiting} waiting`),
    judgeRedrive(queue, deadLetters, deploy),
    judgeVisibility(queue, timing, deploy),
    queue.retentionSeconds > deadLetters.retentionSeconds
      ? wrong(
          'retention',
          `dead letters are kept for ${days(deadLetters)}, counted from when they were first sent, and messages for ${days(queue)}`,
          deploy,
        )
      : fine('retention', `messages ${days(queue)}, dead letters ${days(deadLetters)}`),
    deadLetters.waiting > 0
      ? wrong(
          'dead letters',
          `${pluralize(deadLetters.waiting, 'dead letter')}: their objects are not loaded`,
          commandFor('npx sparkify redrive --dry-run', deployment),
        )
      : fine('dead letters', 'none'),
  ];
}

function judgeRedrive(queue: QueueFacts, deadLetters: QueueFacts, deploy: string): Finding {
  if (queue.deadLettersTo === deadLetters.arn) return fine('redrive policy', `to ${deadLetters.arn}`);
  const found = queue.deadLettersTo ?? 'no queue';
  return wrong('redrive policy', `failed messages go to ${found} instead of ${deadLetters.arn}`, deploy);
}

function judgeVisibility(
  { visibilitySeconds }: QueueFacts,
  timing: { timeoutSeconds: number; windowSeconds: number } | undefined,
  deploy: string,
): Finding {
  const check = 'visibility timeout';
  if (timing === undefined) return unseen(check, `${visibilitySeconds} s; the function's own timeout is not known`);
  const { timeoutSeconds, windowSeconds } = timing;
  const needed = TIMEOUTS_HIDDEN * timeoutSeconds + windowSeconds;
  const sum = `${TIMEOUTS_HIDDEN} × ${timeoutSeconds} s + ${windowSeconds} s = ${needed} s`;
  if (visibilitySeconds >= needed) return fine(check, `${visibilitySeconds} s, at least ${sum}`);
  return wrong(
    check,
    `${visibilitySeconds} s, less than ${sum}: a second load receives what the first still processes`,
    `${deploy} --param "visibilitySeconds=${needed}"`,
  );
}

function days({ retentionSeconds }: QueueFacts): string {
  return pluralize(Math.round(retentionSeconds / 86_400), 'day');
}
