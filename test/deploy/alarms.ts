import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WATCHED } from '../../src/catch-up/prices.ts';
import { PRICES } from './cost.ts';
import { PROJECT } from '../support/program.ts';
import type { Package } from './packaging.ts';
import { text, type Json, type Resource, type Stack } from './template.ts';
import { variants } from './variants.ts';

type Widget = {
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
  properties: { title?: string; markdown?: string; alarms?: string[]; metrics?: Json[] };
};

/** Whether somebody is told when something is wrong, and what to do about it. */
export function describeAlarms(thePackage: () => Package): void {
  const fresh = (): Stack => variants['an empty account'](thePackage().template);
  const alarms = (stack = fresh()): [string, Resource['Properties']][] =>
    Object.entries(stack.resources)
      .filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm')
      .map(([id, { Properties }]) => [id, Properties]);
  const widgets = (stack = fresh()): Widget[] => {
    const body = text(stack.resources.Dashboard!.Properties.DashboardBody);
    return (JSON.parse(body) as { widgets: Widget[] }).widgets;
  };

  test.each([
    ['DeadLettersAlarm', { MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 0 }],
    ['FailedAfterCopyAlarm', { MetricName: 'ObjectsFailedAfterCopy', Threshold: 0 }],
    ['VanishedAlarm', { MetricName: 'ObjectsVanished', Threshold: 0 }],
    ['RefusedMessagesAlarm', { MetricName: 'MessagesRefused', Threshold: 0 }],
    ['QuarantineAlarm', { MetricName: 'ObjectsQuarantined', Threshold: 0 }],
    ['RejectedRowsAlarm', { MetricName: 'RowsRejected', Threshold: 0 }],
    ['FieldsAlarm', { MetricName: 'FieldsDrifted', Threshold: 0 }],
    ['FailedBatchesAlarm', { MetricName: 'BatchesFailed', Threshold: 0 }],
    ['EventsAlarm', { MetricName: 'EventsNotSent', Threshold: 0 }],
    ['LoaderErrorsAlarm', { MetricName: 'Errors', Threshold: 0 }],
    ['ReconcileErrorsAlarm', { MetricName: 'Errors', Threshold: 0 }],
    ['LoaderThrottlesAlarm', { MetricName: 'Throttles', Threshold: 0 }],
  ])('%s rises above its threshold, and silence is no alarm', (id, expected) => {
    expect(fresh().resources[id]!.Properties).toMatchObject({
      ...expected,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test.each([
    ['OldMessageAlarm', 'age', 'ApproximateAgeOfOldestMessage', 'Maximum', 3600],
    ['FreshnessAlarm', 'freshness', 'FreshnessSeconds', 'p95', 300],
    ['FailedDeliveriesAlarm', 'failed', 'DeliveriesFailed', 'Sum', 0],
    ['QuietAlarm', 'loaded', 'ObjectsLoaded', 'Sum', 1],
  ])('%s looks at %s only while no warehouse is waited for', (id, metric, MetricName, Stat, Threshold) => {
    const alarm = fresh().resources[id]!.Properties;
    const isBadBelow = alarm.ComparisonOperator === 'LessThanThreshold';
    expect(alarm).toMatchObject({ Threshold, TreatMissingData: isBadBelow ? 'breaching' : 'notBreaching' });
    expect(alarm.Metrics).toMatchObject([
      { Expression: `IF(FILL(waiting, 0) > 0, ${isBadBelow ? 1 : 0}, ${metric})` },
      { Id: metric, MetricStat: { Stat, Metric: { MetricName } } },
      { Id: 'waiting', MetricStat: { Stat: 'Maximum', Metric: { MetricName: 'WarehouseWaitingSeconds' } } },
    ]);
  });

  test('a warehouse that is waited for long is an alarm, and so is a function that no longer waits', () => {
    expect(fresh().resources.WarehouseOffAlarm!.Properties).toMatchObject({
      Threshold: 60,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
    expect(fresh().resources.ResumeAlarm!.Properties).toMatchObject({
      MetricName: 'WarehouseWaitingSeconds',
      Statistic: 'SampleCount',
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
  });

  test('nothing loaded for a day is an alarm, also when no value was written at all', () => {
    expect(fresh().resources.QuietAlarm!.Properties).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 24,
      TreatMissingData: 'breaching',
    });
  });

  test('objects that the scheduled reconcile finds missing or changed are an alarm', () => {
    const alarm = fresh().resources.ReconcileAlarm!.Properties;
    expect(alarm).toMatchObject({
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
      TreatMissingData: 'notBreaching',
    });
    const metrics = (alarm.Metrics as { MetricStat?: { Metric: Json } }[]).flatMap(
      ({ MetricStat }) => MetricStat ?? [],
    );
    expect(metrics.map(({ Metric }) => Metric)).toEqual(
      ['ReconcileMissing', 'ReconcileChanged'].map((MetricName) => ({
        Namespace: 'Sparkify',
        MetricName,
        Dimensions: [{ Name: 'service', Value: 'sparkify-dev' }],
      })),
    );
  });

  test('a message that failed once does not make the queue look stuck', () => {
    const { LoadQueue, OldMessageAlarm } = fresh().resources;
    expect(OldMessageAlarm!.Properties.Threshold).toBeGreaterThan(Number(LoadQueue!.Properties.VisibilityTimeout));
  });

  test('every alarm tells the topic and says the command to run', () => {
    for (const [, alarm] of alarms()) {
      expect(alarm.AlarmActions).toEqual(['<AlarmTopic>']);
      expect(alarm.OKActions).toEqual(['<AlarmTopic>']);
      expect(alarm.AlarmDescription).toMatch(/npx (sparkify|serverless) .*--stage dev|aws [a-z-]+ [a-z-]+/);
      expect(text(alarm.AlarmDescription).length).toBeLessThanOrEqual(1024);
    }
  });

  test("the loader's own metrics are looked for where it writes them", () => {
    const own = alarms().filter(([, { Namespace }]) => Namespace === 'Sparkify');
    expect(own.length).toBeGreaterThan(0);
    for (const [, { Dimensions }] of own) expect(Dimensions).toEqual([{ Name: 'service', Value: 'sparkify-dev' }]);
  });

  test('an address is written to when there is one', () => {
    expect(fresh().resources).not.toHaveProperty('AlarmSubscription');
    const stack = variants['an account with everything, and an address for alarms'](thePackage().template);
    expect(stack.resources.AlarmSubscription!.Properties).toEqual({
      TopicArn: '<AlarmTopic>',
      Protocol: 'email',
      Endpoint: 'data@example.com',
    });
  });

  test('the dashboard asks whether it is healthy, how fresh it is and what it costs', () => {
    const questions = widgets().flatMap(({ properties: { markdown } }) => markdown?.match(/[^#]+\?/)?.[0].trim() ?? []);
    expect(questions).toEqual(['Is it healthy?', 'How fresh is it?', 'What does it cost?']);
  });

  test.each(Object.keys(variants) as (keyof typeof variants)[])('in %s the dashboard shows every alarm', (name) => {
    const stack = variants[name](thePackage().template);
    const shown = widgets(stack).flatMap(({ properties }) => properties.alarms ?? []);
    expect(shown.sort()).toEqual(
      alarms(stack)
        .map(([, { AlarmName }]) => `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${text(AlarmName)}`)
        .sort(),
    );
  });

  test('no two widgets overlap, and none leaves the page', () => {
    const cells = widgets().flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, i) => `${x + (i % width)},${y + Math.floor(i / width)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...widgets().map(({ x, width }) => x + width))).toBeLessThanOrEqual(24);
  });

  test('the dashboard reckons with the list prices, and shows what was computed beside what is billed at most', () => {
    const shown = JSON.stringify(widgets());
    expect(shown).toContain(`computed / 3600 * ${PRICES.redshiftRpuHour}`);
    const { Metrics } = fresh().resources.ComputeAlarm!.Properties as {
      Metrics: { Id: string; Expression?: string }[];
    };
    const billed = Metrics.find(({ Id }) => Id === 'rpuHours')!.Expression;
    expect(shown).toContain(`${billed} * ${PRICES.redshiftRpuHour}`);
    const memory = Number(fresh().resources.LoaderLambdaFunction!.Properties.MemorySize) / 1024;
    expect(lambdaPrices(shown)).toEqual([
      memory,
      PRICES.lambdaGigabyteSecond,
      Number(PRICES.lambdaRequest.toPrecision(9)),
    ]);
  });

  test('the page on cost counts the metrics, and what alarms look at, as they are', async () => {
    const looked = alarms().map(([, { Metrics }]) =>
      Metrics === undefined
        ? 1
        : (Metrics as Json[]).filter((metric) => JSON.stringify(metric).includes('MetricStat')).length,
    );
    expect(looked.reduce((one, other) => one + other)).toBe(WATCHED.alarmMetrics);
    expect((await metricNames()).length).toBe(WATCHED.customMetrics);
  });

  test('docs/OPERATIONS.md lists every alarm and every metric, and no others', async () => {
    const page = await readFile(join(PROJECT, 'docs/OPERATIONS.md'), 'utf8');
    const [, listed = ''] = /\n\| alarm \|[^\n]*\n\|---[^\n]*\n((?:\|[^\n]*\n)+)/.exec(page) ?? [];
    const names = alarms().map(([, { AlarmName }]) => text(AlarmName).replace('sparkify-dev-', ''));
    expect([...listed.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name).sort()).toEqual(names.sort());
    const [, metrics = ''] = /\n\| metric \|[^\n]*\n\|---[^\n]*\n((?:\|[^\n]*\n)+)/.exec(page) ?? [];
    expect([...metrics.matchAll(/`([A-Z]\w+)`/g)].map(([, name]) => name).sort()).toEqual((await metricNames()).sort());
  });

  test("what an alarm or the dashboard asks of the loader's own metrics is a metric that exists", async () => {
    const asked = [...JSON.stringify([alarms(), widgets()]).matchAll(/"Sparkify","(?:MetricName":")?(\w+)"/g)];
    const names = await metricNames();
    expect(asked.map(([, name]) => name).filter((name) => !names.includes(name ?? ''))).toEqual([]);
    expect(asked.length).toBeGreaterThan(10);
  });
}

/** The names of the loader's own metrics, as src/ports.ts has them. */
async function metricNames(): Promise<string[]> {
  const source = await readFile(join(PROJECT, 'src/ports.ts'), 'utf8');
  const [, union = ''] = /export type MetricName =\n((?: {2}\| '\w+'[\n;]+)+)/.exec(source) ?? [];
  return [...union.matchAll(/'(\w+)'/g)].map(([, name]) => name ?? '');
}

function lambdaPrices(shown: string): number[] {
  const found = /ms \/ 1000 \* (\S+) \* (\S+) \+ n \* ([\d.e-]+)/.exec(shown);
  return (found ?? []).slice(1).map(Number);
}
