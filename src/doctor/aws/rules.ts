import { DescribeRuleCommand, EventBridgeClient, ListRuleNamesByTargetCommand } from '@aws-sdk/client-eventbridge';
import type { RuleFacts } from '../facts.ts';
import type { Look } from '../finding.ts';
import { clientOf, look, type Settings } from './look.ts';

/** The rules of the default bus, where S3's events arrive, that send to a queue. */
export function readRules(queueArn: string, settings: Settings): Promise<Look<RuleFacts[]>> {
  const question = { service: 'EVENTBRIDGE' as const, action: 'events:ListRuleNamesByTarget and events:DescribeRule' };
  return look(question, settings, async () => {
    const client = new EventBridgeClient(clientOf('EVENTBRIDGE', settings));
    try {
      const { RuleNames = [] } = await client.send(new ListRuleNamesByTargetCommand({ TargetArn: queueArn }));
      return await Promise.all(
        RuleNames.map(async (name) => {
          const { Arn = '', State, EventPattern = '' } = await client.send(new DescribeRuleCommand({ Name: name }));
          return { name, arn: Arn, enabled: State?.startsWith('ENABLED') ?? false, pattern: EventPattern };
        }),
      );
    } finally {
      client.destroy();
    }
  });
}
