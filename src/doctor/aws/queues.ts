import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import type { QueueFacts } from '../facts.ts';
import type { Look } from '../finding.ts';
import { clientOf, lookFor, type Settings } from './look.ts';

const redrive = v.pipe(v.string(), v.parseJson(), v.object({ deadLetterTargetArn: v.string() }));

/** A queue by its URL. */
export function readQueue(url: string, settings: Settings): Promise<Look<QueueFacts | undefined>> {
  const question = {
    service: 'SQS' as const,
    action: 'sqs:GetQueueAttributes',
    missing: /NonExistentQueue|QueueDoesNotExist/,
  };
  return lookFor(question, settings, async () => {
    const client = new SQSClient(clientOf('SQS', settings));
    try {
      const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
      const { Attributes: all = {} } = await client.send(command);
      const policy = v.safeParse(redrive, all.RedrivePolicy);
      return {
        arn: all.QueueArn ?? '',
        visibilitySeconds: Number(all.VisibilityTimeout),
        retentionSeconds: Number(all.MessageRetentionPeriod),
        waiting: Number(all.ApproximateNumberOfMessages) + Number(all.ApproximateNumberOfMessagesNotVisible),
        ...(policy.success ? { deadLettersTo: policy.output.deadLetterTargetArn } : {}),
        ...(all.Policy === undefined || all.Policy === '' ? {} : { policy: all.Policy }),
      };
    } finally {
      client.destroy();
    }
  });
}
