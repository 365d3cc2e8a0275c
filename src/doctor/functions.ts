import { commandFor, deployAgain, nameOf, type Deployment } from './deployment.ts';
import type { FunctionFacts, MappingFacts } from './facts.ts';
import { fine, unseen, wrong, type Finding } from './finding.ts';
import { pluralize } from '../numbers.ts';

/** The stack's functions, by the ends of their names. */
export const FUNCTION_NAMES = ['loader', 'reconcile', 'resume'] as const;

/** The end of a function's name. */
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** The settings that only the commands have. */
const OF_COMMANDS = ['SPARKIFY_SECRET_ARN', 'SPARKIFY_QUEUE_URL', 'SPARKIFY_REPLAY_QUEUE_URL', 'SPARKIFY_DLQ_URL'];

/** Judges a function: whether it is there, can run, and has the stage's settings, which are variables of the environment. */
export function judgeFunction(
  name: FunctionName,
  facts: FunctionFacts | undefined,
  settings: Readonly<Record<string, string>>,
  deployment: Deployment,
): Finding[] {
  const deploy = deployAgain(deployment);
  if (facts === undefined) return [wrong(name, 'the function does not exist', deploy)];
  const { runtime, timeoutSeconds, lastModified, state, environment } = facts;
  const about = `${runtime}, ${timeoutSeconds} s, last modified ${lastModified}`;
  const different = Object.entries(settings)
    .filter(([key]) => key.startsWith('SPARKIFY_') && !OF_COMMANDS.includes(key))
    .filter(([key, value]) => (environment[key] ?? '') !== value)
    .map(([key, value]) => `${key} is ${shown(environment[key])} and the stack's ${shown(value)}`);
  const check = `settings of the ${name}`;
  return [
    state === 'Active' || state === 'Inactive'
      ? fine(name, about)
      : wrong(name, `it is ${state}: ${about}`, `aws lambda get-function --function-name ${nameOf(name, deployment.stage ?? '')}`), // prettier-ignore
    different.length === 0 ? fine(check, "they are the stack's") : wrong(check, different.join('; '), deploy),
  ];
}

function shown(value: string | undefined): string {
  return value === undefined || value === '' ? 'not set' : JSON.stringify(value);
}

/** Judges what feeds the loader from one of its queues. While the warehouse is waited for it is switched off. */
export function judgeMapping(
  check: string,
  mappings: readonly MappingFacts[],
  queueArn: string | undefined,
  deployment: Deployment,
  isWaiting: boolean,
): Finding[] {
  const deploy = deployAgain(deployment);
  if (queueArn === undefined) return [unseen(check, 'its queue is not known')];
  const own = mappings.find((one) => one.queueArn === queueArn);
  if (own === undefined) return [wrong(check, `nothing feeds the loader from ${queueArn}`, deploy)];
  const { state, batchSize, windowSeconds, maximumConcurrency, reportsFailures } = own;
  const problems = [
    ...(state === 'Enabled' || isWaiting ? [] : [`it is ${state}, so nothing of its queue is loaded`]),
    ...(reportsFailures ? [] : ['it lacks ReportBatchItemFailures, so messages that were returned are deleted']),
  ];
  const concurrency = maximumConcurrency === undefined ? 'without limit' : `${maximumConcurrency} at once`;
  const about = `up to ${pluralize(batchSize, 'message')}, window ${windowSeconds} s, ${concurrency}`;
  if (problems.length > 0) return [wrong(check, `${problems.join('; ')} (${about})`, deploy)];
  return [fine(check, `${state.toLowerCase()}, ReportBatchItemFailures, ${about}`)];
}

/** Judges how often a function failed within a day. */
export function judgeErrors(name: FunctionName, errors: number, deployment: Deployment): Finding[] {
  const check = `errors of the ${name}`;
  if (errors === 0) return [fine(check, 'none within a day')];
  const log = commandFor(`npx serverless logs -f ${name}`, deployment);
  return [wrong(check, `it failed ${pluralize(errors, 'time')} within a day`, log)];
}
