import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { GetFunctionConfigurationCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import type { FunctionFacts, MappingFacts } from '../facts.ts';
import type { Look } from '../finding.ts';
import { clientOf, look, lookFor, type Settings } from './look.ts';

const DAY_SECONDS = 86_400;

/** A function as deployed. */
export function readFunction(name: string, settings: Settings): Promise<Look<FunctionFacts | undefined>> {
  const question = {
    service: 'LAMBDA' as const,
    action: 'lambda:GetFunctionConfiguration',
    missing: /^ResourceNotFound/,
  };
  return lookFor(question, settings, () =>
    withLambda(settings, async (client) => {
      const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
      return {
        runtime: found.Runtime ?? '',
        timeoutSeconds: found.Timeout ?? 0,
        lastModified: found.LastModified ?? '',
        state: found.LastUpdateStatus === 'Failed' ? 'Failed' : (found.State ?? ''),
        environment: found.Environment?.Variables ?? {},
      };
    }),
  );
}

/** What feeds a function. */
export function readMappings(functionName: string, settings: Settings): Promise<Look<MappingFacts[]>> {
  return look({ service: 'LAMBDA', action: 'lambda:ListEventSourceMappings' }, settings, () =>
    withLambda(settings, async (client) => {
      const command = new ListEventSourceMappingsCommand({ FunctionName: functionName });
      const { EventSourceMappings = [] } = await client.send(command);
      return EventSourceMappings.map((one) => ({
        queueArn: one.EventSourceArn ?? '',
        state: one.State ?? '',
        batchSize: one.BatchSize ?? 0,
        windowSeconds: one.MaximumBatchingWindowInSeconds ?? 0,
        maximumConcurrency: one.ScalingConfig?.MaximumConcurrency,
        reportsFailures: one.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
      }));
    }),
  );
}

/** How often a function failed within the day before `nowMs`. */
export function readErrors(functionName: string, nowMs: number, settings: Settings): Promise<Look<number>> {
  return look({ service: 'CLOUDWATCH', action: 'cloudwatch:GetMetricStatistics' }, settings, async () => {
    const client = new CloudWatchClient(clientOf('CLOUDWATCH', settings));
    try {
      const { Datapoints = [] } = await client.send(
        new GetMetricStatisticsCommand({
          Namespace: 'AWS/Lambda',
          MetricName: 'Errors',
          Dimensions: [{ Name: 'FunctionName', Value: functionName }],
          StartTime: new Date(nowMs - DAY_SECONDS * 1000),
          EndTime: new Date(nowMs),
          Period: DAY_SECONDS,
          Statistics: ['Sum'],
        }),
      );
      return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
    } finally {
      client.destroy();
    }
  });
}

async function withLambda<T>(settings: Settings, work: (client: LambdaClient) => Promise<T>): Promise<T> {
  const client = new LambdaClient(clientOf('LAMBDA', settings));
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}
