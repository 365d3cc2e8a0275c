import { readConfig } from '../../src/config.ts';
import { readSources } from '../../src/sql/files.ts';
import type { Package } from './packaging.ts';
import { evaluate, text, type Json, type Resource, type Stack } from './template.ts';
import { variants, WORKGROUP_ARN } from './variants.ts';
import { LONGEST_INVOCATION_MS } from '../waiting/world.ts';

/** The functions, what starts them, and what they and the commands are told. */
export function describeFunctions(thePackage: () => Package): void {
  const fresh = (): Stack => variants['an empty account'](thePackage().template);
  const functions = (stack: Stack): [string, Resource][] =>
    Object.entries(stack.resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
  const mapping = (): Resource['Properties'] =>
    Object.values(fresh().resources).find(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping')!.Properties;

  test('every function runs Node.js 24 on arm64, and keeps its log for a stated time', () => {
    const stack = fresh();
    for (const [, { Properties }] of functions(stack)) {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
      expect(Object.values(stack.resources)).toContainEqual(
        expect.objectContaining({
          Type: 'AWS::Logs::LogGroup',
          Properties: { LogGroupName: `/aws/lambda/${text(Properties.FunctionName)}`, RetentionInDays: 30 },
        }),
      );
    }
  });

  test('the loader takes as many messages as fit, answers for each, and never runs more than twice at once', () => {
    expect(mapping()).toMatchObject({
      EventSourceArn: '<LoadQueue.Arn>',
      FunctionName: '<LoaderLambdaFunction.Arn>',
      BatchSize: 4000,
      MaximumBatchingWindowInSeconds: 20,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  test('a message stays hidden for six timeouts and any window', () => {
    const { LoadQueue, LoaderLambdaFunction } = fresh().resources;
    const timeout = Number(LoaderLambdaFunction!.Properties.Timeout);
    const hidden = Number(LoadQueue!.Properties.VisibilityTimeout);
    const longestWindow = 300;
    expect(Number(mapping().MaximumBatchingWindowInSeconds)).toBeLessThanOrEqual(longestWindow);
    expect(hidden).toBeGreaterThanOrEqual(6 * timeout + longestWindow);
  });

  const schedules = (): Resource['Properties'][] =>
    Object.values(fresh().resources)
      .filter(({ Type }) => Type === 'AWS::Events::Rule')
      .map(({ Properties }) => Properties);

  test('the resume function runs each minute, is done before loads count as back, and knows what it switches', () => {
    expect(schedules()).toContainEqual(
      expect.objectContaining({
        ScheduleExpression: 'rate(1 minute)',
        State: 'ENABLED',
        Targets: [expect.objectContaining({ Arn: '<ResumeLambdaFunction.Arn>' })],
      }),
    );
    const { Timeout, Environment } = fresh().resources.ResumeLambdaFunction!.Properties;
    expect(Number(Timeout) * 1000).toBe(LONGEST_INVOCATION_MS);
    expect((Environment as { Variables: Record<string, Json> }).Variables).toMatchObject({
      SPARKIFY_LOADER_FUNCTION: '<LoaderLambdaFunction.Arn>',
      SPARKIFY_EVENT_SOURCE: '<LoaderEventSourceMappingSQSLoadQueue>',
      SPARKIFY_REPLAY_EVENT_SOURCE: '<LoaderEventSourceMappingSQSReplayQueue>',
    });
  });

  test('what feeds the loader is deployed switched on', () => {
    expect(mapping().Enabled).toBe(true);
  });

  test('the reconcile runs four times a day, and has the queue of replays to send to only where it repairs', () => {
    const rule = schedules().find(({ ScheduleExpression }) => ScheduleExpression === 'rate(6 hours)');
    expect(rule).toMatchObject({
      ScheduleExpression: 'rate(6 hours)',
      State: 'ENABLED',
      Targets: [{ Arn: '<ReconcileLambdaFunction.Arn>' }],
    });
    const queueOf = (stack: Stack): Json | undefined =>
      (stack.resources.ReconcileLambdaFunction!.Properties.Environment as { Variables: Record<string, Json> }).Variables
        .SPARKIFY_REPLAY_QUEUE_URL;
    expect(queueOf(fresh())).toBe('<ReplayQueue>');
    expect(queueOf(evaluate(thePackage().template, { ReconcileRepairs: 'false' }))).toBeUndefined();
  });

  test.each([
    ['an empty account', { workgroup: 'Workgroup', database: 'sparkify' }],
    ['an account with a workgroup', { workgroup: WORKGROUP_ARN, database: 'sparkify' }],
    ['an account with a cluster', { cluster: 'analytics', database: 'sparkify' }],
  ] as const)('in %s the functions are told all they must know', (name, warehouse) => {
    for (const [, { Properties }] of functions(variants[name](thePackage().template))) {
      const { Variables } = Properties.Environment as { Variables: Record<string, Json> };
      const config = readConfig(real(Variables), readSources());
      expect(config.warehouse).toEqual(warehouse);
      expect(config.landing).toEqual({
        buckets: ['sparkify-dev-landing-123456789012-us-east-1'],
        sources: readSources(),
      });
      expect(config.names).toMatchObject({ schema: 'sparkify' });
    }
  });
}

/** What the environment would hold once the resources have names. */
function real(variables: Readonly<Record<string, Json>>): Record<string, string> {
  const named = Object.entries(variables).map(([name, value]) => {
    if (value === '<CopyRole.Arn>') return [name, 'arn:aws:iam::123456789012:role/sparkify-dev-copy'];
    if (value === '<ControlBucket>') return [name, 'sparkify-dev-control-123456789012-us-east-1'];
    return [name, text(value).replace(/^<(.*)>$/, '$1')];
  });
  return { AWS_REGION: 'us-east-1', ...(Object.fromEntries(named) as Record<string, string>) };
}
