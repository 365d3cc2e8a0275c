import { text, type Json, type JsonObject } from '../template.ts';
import { evaluateExpression, type Value } from './expression.ts';
import { metricKey, type Timeline } from './timeline.ts';

/** What gives an alarm its value in a window of minutes. */
type Measure = (timeline: Timeline, from: number, to: number) => Value;

/** An alarm as CloudWatch evaluates it. */
export type Alarm = {
  name: string;
  measure: Measure;
  periodMinutes: number;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  breaching: (value: number) => boolean;
  missingIsBreaching: boolean;
};

/** Reads an alarm of the template, as it was evaluated. Throws for what is not simulated. */
export function readAlarm(properties: JsonObject): Alarm {
  const metrics = properties.Metrics as JsonObject[] | undefined;
  const measure = metrics ? expressionOf(metrics) : statisticOf(properties, properties);
  const period = metrics ? Math.max(...metrics.map(periodOf)) : periodOf({ MetricStat: properties });
  const threshold = Number(properties.Threshold);
  const operator = text(properties.ComparisonOperator);
  const missing = text(properties.TreatMissingData);
  if (!['GreaterThanThreshold', 'LessThanThreshold'].includes(operator))
    throw new Error(`${operator} is not simulated.`);
  if (!['breaching', 'notBreaching'].includes(missing)) throw new Error(`Missing data as ${missing} is not simulated.`);
  return {
    name: text(properties.AlarmName).replace(/^sparkify-dev-/, ''),
    measure,
    periodMinutes: period / 60,
    evaluationPeriods: Number(properties.EvaluationPeriods),
    datapointsToAlarm: Number(properties.DatapointsToAlarm ?? properties.EvaluationPeriods),
    breaching: operator === 'GreaterThanThreshold' ? (value) => value > threshold : (value) => value < threshold,
    missingIsBreaching: missing === 'breaching',
  };
}

function periodOf(metric: JsonObject): number {
  return Number((metric.MetricStat as JsonObject | undefined)?.Period ?? 0);
}

function statisticOf(metric: JsonObject, { Statistic, ExtendedStatistic, Stat }: JsonObject): Measure {
  const [dimension, ...others] = metric.Dimensions as { Value: Json }[];
  if (!dimension || others.length > 0) throw new Error('Only metrics of one dimension are simulated.');
  const key = metricKey(text(metric.Namespace), text(metric.MetricName), text(dimension.Value));
  const statistic = text(Statistic ?? ExtendedStatistic ?? Stat);
  return (timeline, from, to) => timeline.statistic(key, statistic, from, to);
}

function expressionOf(metrics: readonly JsonObject[]): Measure {
  const result = metrics.filter(({ ReturnData }) => ReturnData !== false);
  if (result.length !== 1) throw new Error('An alarm on an expression returns one series.');
  const expression = text(result[0]?.Expression);
  const named = new Map(
    metrics.flatMap(({ Id, MetricStat }) => {
      const stat = MetricStat as JsonObject | undefined;
      return stat ? [[text(Id), statisticOf(stat.Metric as JsonObject, stat)] as const] : [];
    }),
  );
  return (timeline, from, to) =>
    evaluateExpression(expression, (name) => {
      const measure = named.get(name);
      if (!measure) throw new Error(`The expression names ${name}, which is no metric of the alarm.`);
      return measure(timeline, from, to);
    });
}

/**
 * Whether the alarm is in ALARM at the end of a minute; `valueAt` is its value in the period that ends with a minute. `extra` is how many periods CloudWatch looks back beyond those it
 * evaluates, which AWS does not say; its example has two. Missing values count as the alarm says, and only as far as there are
 * too few real ones.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function inAlarm(alarm: Alarm, valueAt: (minute: number) => Value, minute: number, extra: number): boolean {
  const { periodMinutes, evaluationPeriods, datapointsToAlarm } = alarm;
  const range = Array.from({ length: evaluationPeriods + extra }, (_, back) => valueAt(minute - back * periodMinutes));
  // The newest first. Without a gap the extra ones are not needed; with gaps, all real ones are looked at before any is filled in.
  const real = range.filter((value) => value !== undefined);
  const evaluated = real.slice(0, evaluationPeriods);
  const filled = Math.max(0, evaluationPeriods - real.length);
  const bad = evaluated.filter(alarm.breaching).length + (alarm.missingIsBreaching ? filled : 0);
  return bad >= datapointsToAlarm;
}

/**
 * After how many minutes from minute 0 the alarm rings; undefined when it does not. Of what AWS leaves open, the later is told;
 * where one reading rings and the other does not, this throws, for then the alarm rests on what nobody knows.
 * Evaluated each minute, and each hour, with the values up to it, when all periods together exceed a day.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export function ringsAfter(alarm: Alarm, timeline: Timeline): number | undefined {
  const [short, long] = [0, 2].map((extra) => firstRing(alarm, timeline, extra));
  if ((short === undefined) !== (long === undefined)) throw new Error(`${alarm.name} rings or not, by a rule unknown.`);
  return short === undefined || long === undefined ? undefined : Math.max(short, long);
}

function firstRing(alarm: Alarm, timeline: Timeline, extra: number): number | undefined {
  const hourly = alarm.periodMinutes * alarm.evaluationPeriods > 24 * 60;
  const known = new Map<number, Value>();
  const valueAt = (minute: number): Value => {
    if (!known.has(minute)) known.set(minute, alarm.measure(timeline, minute - alarm.periodMinutes, minute));
    return known.get(minute);
  };
  for (let minute = 0; minute <= timeline.last; minute += hourly ? 60 : 1) {
    if (inAlarm(alarm, valueAt, minute, extra)) return minute + 1;
  }
  return undefined;
}
