import { deployAgain, nameOf, type Deployment } from './deployment.ts';
import type { AlarmFacts, SubscriberFacts } from './facts.ts';
import { fine, unseen, wrong, type Finding } from './finding.ts';

/** Judges the alarms of a stage; `expected` are the ends of the names that every stack has. */
export function judgeAlarms(
  alarms: readonly AlarmFacts[],
  expected: readonly string[],
  stage: string,
  deployment: Deployment,
): Finding[] {
  const deploy = deployAgain(deployment);
  const there = new Set(alarms.map(({ name }) => name));
  const missing = expected.filter((name) => !there.has(nameOf(name, stage)));
  const silent = alarms.filter(({ actions }) => actions === 0).map(({ name }) => name);
  const raised = alarms.filter(({ state }) => state === 'ALARM');
  return [
    missing.length === 0
      ? fine('alarms', `all ${expected.length} are there`)
      : wrong('alarms', `missing: ${missing.join(', ')}`, deploy),
    ...(silent.length === 0 ? [] : [wrong('alarms', `they tell nobody: ${silent.join(', ')}`, deploy)]),
    ...raised.map(({ name, description }) => wrong('alarm', `${name} is raised`, description)),
    ...(raised.length === 0 && there.size > 0 ? [fine('raised alarms', 'none')] : []),
  ];
}

/** Judges whether anybody hears the alarms. */
export function judgeSubscribers({ confirmed, pending }: SubscriberFacts, topicArn: string): Finding {
  const check = 'who hears alarms';
  if (confirmed > 0) return fine(check, `${confirmed} confirmed`);
  if (pending > 0) {
    return wrong(
      check,
      'nobody yet: a subscription waits to be confirmed',
      'open the e-mail that SNS sent, and confirm',
    );
  }
  const mend = `aws sns subscribe --topic-arn ${topicArn} --protocol email --notification-endpoint YOU@EXAMPLE.COM`;
  return wrong(check, 'nobody: the topic has no subscription', mend);
}

/** Without a topic among the outputs nobody can be asked for. */
export const noTopic = unseen('who hears alarms', 'the outputs of the stack name no topic');
