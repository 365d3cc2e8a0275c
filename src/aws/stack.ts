import { DescribeStacksCommand, type CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LoaderError, messageOf } from '../errors.ts';
import { translateException } from './translate.ts';

/** A deployed stack: the region it is in, and its outputs by name. */
export type DeployedStack = { region: string; outputs: Readonly<Record<string, string>> };

/**
 * Reads the outputs of a deployed stack.
 * @throws LoaderError, `usage` when there is no such stack in the region.
 */
export async function readStack(client: CloudFormationClient, stackName: string): Promise<DeployedStack> {
  const region = await client.config.region();
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    const outputs = (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]);
    return { region, outputs: Object.fromEntries(outputs) as Record<string, string> };
  } catch (error) {
    // CloudFormation has no exception of its own for this, only the text.
    if (messageOf(error).includes('does not exist')) {
      throw new LoaderError(
        'usage',
        `There is no stack ${stackName} in ${region}.`,
        'Deploy it with: npx serverless deploy --stage STAGE, or name another region with --region',
      );
    }
    throw translateException(error, `reading the outputs of stack ${stackName}`);
  }
}
