import { commandFor, deployAgain, type Deployment } from './deployment.ts';
import { fine, unseen, wrong, type Finding } from './finding.ts';
import type { QueueFacts } from './facts.ts';
import { pluralize } from '../numbers.ts';

/**
 * How much longer than its function a queue must hide a message.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export const TIMEOUTS_HIDDEN = 6;

/** What delivers a queue's messages: how long the function runs and messages gather, in seconds. */
type Timing = { timeoutSeconds: number; windowSeconds: number };

/** Judges a queue that feeds the loader, with its dead-letter queue; `name` is what the queue is called. */
export function judgeQueue(
  name: string,
  queue: QueueFacts | undefined,
  deadLetters: QueueFacts | undefined,
  timing: Timing | undefined,
  deployment: Deployment,
): Finding[] {
  const deploy = deployAgain(deployment);
  if (queue === undefined) return [wrong(name, `the ${name} does not exist`, deploy)];
  const found = fine(name, `${queue.arn}, ${pluralize(queue.waiting, 'message')} waiting`);
  if (deadLetters === undefined) return [found];
  return [
    found,
    judgeRedrive(`redrive policy of the ${name}`, queue, deadLetters, deploy),
    judgeVisibility(`visibility timeout of the ${name}`, queue, timing, deploy),
    queue.retentionSeconds > deadLetters.retentionSeconds
      ? wrong(
          `retention of the ${name}`,
          `dead letters are kept for ${days(deadLetters)}, counted from when they were first sent, and messages for ${days(queue)}`,
          deploy,
        )
      : fine(`retention of the ${name}`, `messages ${days(queue)}, dead letters ${days(deadLetters)}`),
  ];
}

/** Judges the dead-letter queue, and whether it is empty. */
export function judgeDeadLetters(deadLetters: QueueFacts | undefined, deployment: Deployment): Finding[] {
  if (deadLetters === undefined)
    return [wrong('dead-letter queue', 'the dead-letter queue does not exist', deployAgain(deployment))];
  return [
    deadLetters.waiting > 0
      ? wrong(
          'dead letters',
          `${pluralize(deadLetters.waiting, 'dead letter')}: their objects are not loaded`,
          commandFor('npx sparkify redrive --dry-run', deployment),
        )
      : fine('dead letters', 'none'),
  ];
}

function judgeRedrive(check: string, queue: QueueFacts, deadLetters: QueueFacts, deploy: string): Finding {
  if (queue.deadLettersTo === deadLetters.arn) return fine(check, `to ${deadLetters.arn}`);
  const found = queue.deadLettersTo ?? 'no queue';
  return wrong(check, `failed messages go to ${found} instead of ${deadLetters.arn}`, deploy);
}

function judgeVisibility(
  check: string,
  { visibilitySeconds }: QueueFacts,
  timing: Timing | undefined,
  deploy: string,
): Finding {
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
