import { ASSUMED, MINIMUM_SECONDS, PRICED_REGIONS, pricesOf, SQS_REQUEST_BYTES, type Prices } from './prices.ts';
import { pluralize } from '../numbers.ts';

/** A range from the best case to the worst. */
export type Range = { low: number; high: number };

/** Batch times measured in load_batches, in whole seconds, which is GETDATE's precision. */
export type MeasuredRates = {
  batches: number;
  secondsMedian: number;
  secondsP95: number;
  /** Of the fastest measured batch; 0 when none is known. */
  bytesPerSecondBest: number;
};

/** The work to be estimated. */
export type Workload = { listed: number; objects: number; bytes: number; messages: number; messageBytes: number };

/** The estimate of a backfill. Seconds are undefined until a batch has been measured, dollars where no prices are known. */
export type BackfillPlan = { batches: Range; seconds: Range | undefined; dollars: Range | undefined };

/**
 * Estimates a backfill. The fewest batches follow from the limits, the most are one per message, because a delivery never
 * splits a message but may hold only one. Time is batches times measured batch time, and at least what the bytes need at the
 * best rate seen. The lock makes loads run one after another, so concurrency does not shorten the time.
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
  // A batch measured as 0 s still took a fraction of a second.
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

/** The assumptions behind the figures, one sentence each. */
export function assumptions(measured: MeasuredRates, region: string): string[] {
  return [
    measured.batches === 0
      ? 'no batch has been loaded yet, so the time is unknown; the cost assumes one second per batch'
      : `time from the last ${pluralize(measured.batches, 'batch', 'batches')}: median ${measured.secondsMedian} s, p95 ${measured.secondsP95.toFixed(1)} s`,
    ...costAssumptions(region),
  ];
}

function costAssumptions(region: string): string[] {
  const prices = pricesOf(region);
  if (!prices) {
    return [
      `prices are known only for ${PRICED_REGIONS.join(' and ')}, not for ${region}, so the cost is unknown; for the price of an RPU-hour see https://aws.amazon.com/redshift/pricing/`,
    ];
  }
  const { low, high } = ASSUMED.redshiftRpus;
  return [
    `list prices of ${region}, ${prices.asOf} or later; Redshift Serverless with ${low} to ${high} RPUs at $${prices.redshiftRpuHour} an hour each, woken only for this`,
    'no free tiers, no data transfer; on a provisioned cluster the warehouse adds no cost',
  ];
}
