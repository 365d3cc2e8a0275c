import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { paginateListSubscriptionsByTopic, SNSClient } from '@aws-sdk/client-sns';
import type { AlarmFacts, SubscriberFacts } from '../facts.ts';
import type { Look } from '../finding.ts';
import { clientOf, look, type Settings } from './look.ts';

/** The alarms whose names begin with a prefix. */
export function readAlarms(prefix: string, settings: Settings): Promise<Look<AlarmFacts[]>> {
  return look({ service: 'CLOUDWATCH', action: 'cloudwatch:DescribeAlarms' }, settings, async () => {
    const client = new CloudWatchClient(clientOf('CLOUDWATCH', settings));
    const alarms: AlarmFacts[] = [];
    try {
      for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, { AlarmNamePrefix: prefix })) {
        for (const one of MetricAlarms) {
          alarms.push({
            name: one.AlarmName ?? '',
            state: one.StateValue ?? '',
            description: one.AlarmDescription ?? '',
            actions: one.ActionsEnabled === false ? 0 : (one.AlarmActions ?? []).length,
          });
        }
      }
      return alarms;
    } finally {
      client.destroy();
    }
  });
}

/** Who hears of a topic: SNS gives a subscription an ARN when it was confirmed. */
export function readSubscribers(topicArn: string, settings: Settings): Promise<Look<SubscriberFacts>> {
  return look({ service: 'SNS', action: 'sns:ListSubscriptionsByTopic' }, settings, async () => {
    const client = new SNSClient(clientOf('SNS', settings));
    const arns: string[] = [];
    try {
      for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn: topicArn })) {
        arns.push(...Subscriptions.map(({ SubscriptionArn = '' }) => SubscriptionArn));
      }
      return {
        confirmed: arns.filter((arn) => arn.startsWith('arn:')).length,
        pending: arns.filter((arn) => arn === 'PendingConfirmation').length,
      };
    } finally {
      client.destroy();
    }
  });
}
