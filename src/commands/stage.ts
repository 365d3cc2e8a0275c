import type { DeployedStack } from '../aws/stack.ts';
import { LoaderError } from '../errors.ts';

/** The outputs that are settings, and what follows the prefix: SparkifyQueueUrl → QueueUrl. */
const SETTING = /^Sparkify([A-Z]\w*)$/;

/** The name of the stack that `npx serverless deploy --stage` makes. */
export function stackNameOf(stage: string): string {
  return `sparkify-${stage}`;
}

/**
 * The environment variables that a deployed stack stands for: SparkifyQueueUrl is SPARKIFY_QUEUE_URL. Outputs of other names
 * are left out. Of a stack without a warehouse of its own the secret is not among them, and may be set beside them.
 * @throws LoaderError (`usage`) when the stack has no settings, so is not one of ours or was never finished.
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
