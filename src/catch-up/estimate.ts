import { ASSUMED, MINIMUM_SECONDS, PRICED_REGIONS, pricesOf, SQS_REQUEST_BYTES, type Prices } from './prices.ts';
import { pluralize } from '../numbers.ts';

/** A range from the most favourable to the least. */
export type Range = { low: number; high: number };

/** What batches took, as measured in load_batches. Seconds are whole, since GETDATE has no more. */
export type MeasuredRates = {
  batches: number;
  secondsMedian: number;
  secondsP95: number;
  /** The best of the measured batches; 0 when none is known. */
  bytesPerSecondBest: number;
};

/** What is to be loaded. */
export type Workload = { listed: number; objects: number; bytes: number; messages: number; messageBytes: number };

/** What a backfill would take. Seconds are undefined while no batch was ever measured, dollars where no prices are known. */
export type BackfillPlan = { batches: Range; seconds: Range | undefined; dollars: Range | undefined };

/**
 * Plans a backfill. The fewest batches are what the limits allow, the most are one for each message, since a delivery never
 * cuts a message in two but may hold only one. Time is batches times what batches took, and never less than the bytes need at
 * the best rate seen. Loads follow one another under the lock, so time does not shrink with concurrency.
 */
export function planBackfill(
  work: Workload,
  limits: { maxObjects: number; maxBytes: number },
  measured: MeasuredRates,
  region: string,
): BackfillPlan {
  const fewest = Math.max(Math.ceil(work.objects / limits.maxObjects), Math.ceil(work.bytes / limits.maxBytes));
  const batches = { low: fewest, high: Math.max(fewest, work.messages) };
  const seconds = planSeconds(work, batches, measured);
  const prices = pricesOf(region);
  return { batches, seconds, dollars: prices && planDollars(work, batches, seconds, prices) };
}

function planSeconds(work: Workload, batches: Range, measured: MeasuredRates): Range | undefined {
  if (measured.batches === 0) return undefined;
  const reading = measured.bytesPerSecondBest === 0 ? 0 : work.bytes / measured.bytesPerSecondBest;
  // A batch that took less than the clock can tell still took a part of a second.
  return {
    low: Math.max(batches.low * Math.max(measured.secondsMedian, 0.5), reading),
    high: batches.high * Math.max(measured.secondsP95, 1) + reading,
  };
}

function planDollars(work: Workload, batches: Range, seconds: Range | undefined, prices: Prices): Range {
  if (work.objects === 0) return { low: 0, high: 0 };
  const busy = seconds ?? { low: batches.low, high: batches.high };
  // A message is sent, received and deleted; sending and receiving count by size.
  const parts = Math.ceil(work.messageBytes / SQS_REQUEST_BYTES);
  const fixed =
    (2 * parts + work.messages) * prices.sqsRequest +
    Math.ceil(work.listed / ASSUMED.keysPerListing) * prices.s3Write +
    work.objects * prices.s3Read;
  const at = (end: 'low' | 'high'): number =>
    fixed +
    batches[end] * (prices.lambdaRequest + ASSUMED.writesPerBatch[end] * prices.s3Write) +
    busy[end] * ASSUMED.lambdaGigabytes * prices.lambdaGigabyteSecond +
    (Math.max(busy[end], MINIMUM_SECONDS) / 3600) * ASSUMED.redshiftRpus[end] * prices.redshiftRpuHour;
  return { low: at('low'), high: at('high') };
}

/** What the plan's figures rest on, one sentence each, for people. */
export function assumptions(measured: MeasuredRates, region: string): string[] {
  return [
    measured.batches === 0
      ? 'no batch has been loaded yet, so there is no time; the cost takes one second a batch'
      : `time from the last ${pluralize(measured.batches, 'batch', 'batches')}: median ${measured.secondsMedian} s, p95 ${measured.secondsP95.toFixed(1)} s`,
    ...costAssumptions(region),
  ];
}

function costAssumptions(region: string): string[] {
  const prices = pricesOf(region);
  if (!prices) {
    return [
      `no prices of ${region} are known here, only of ${PRICED_REGIONS.join(' and ')}, so there is no cost; the price of an RPU-hour is on https://aws.amazon.com/redshift/pricing/`,
    ];
  }
  const { low, high } = ASSUMED.redshiftRpus;
  return [
    `list prices of ${region}, ${prices.asOf} or later; Redshift Serverless with ${low} to ${high} RPUs at $${prices.redshiftRpuHour} an hour each, woken for this alone`,
    'no free tiers, no data transfer; on a provisioned cluster the warehouse costs nothing more',
  ];
}
