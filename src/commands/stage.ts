import type { DeployedStack } from '../aws/stack.ts';
import { LoaderError } from '../errors.ts';

export type { DeployedStack } from '../aws/stack.ts';

/** Outputs that are settings, capturing the part after the prefix: SparkifyQueueUrl → QueueUrl. */
const SETTING = /^Sparkify([A-Z]\w*)$/;

/** The name of the stack that `npx serverless deploy --stage` creates. */
export function stackNameOf(stage: string): string {
  return `sparkify-${stage}`;
}

/**
 * The environment variables of a deployed stack: SparkifyQueueUrl becomes SPARKIFY_QUEUE_URL. Other outputs are skipped. A stack
 * with an existing warehouse has no secret; it can be set in the environment.
 * @throws LoaderError (`usage`) when the stack has no settings, so is not ours or was never completed.
 */
export function stageEnvironment({ region, outputs }: DeployedStack): Record<string, string> {
  const settings = Object.entries(outputs).flatMap(([name, value]) => {
    const [, setting] = SETTING.exec(name) ?? [];
    return setting === undefined ? [] : [[`SPARKIFY${setting.replace(/[A-Z]/g, '_$&').toUpperCase()}`, value]];
  });
  if (settings.length === 0) {
    throw new LoaderError('usage', 'The stack has no settings.', 'Finish it with: npx serverless deploy --stage STAGE');
  }
  return { AWS_REGION: region, ...(Object.fromEntries(settings) as Record<string, string>) };
}
