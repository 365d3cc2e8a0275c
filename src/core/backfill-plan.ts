import { ASSUMED, PRICES } from './prices.ts';

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

/** What a backfill would take. Seconds are undefined while no batch was ever measured. */
export type BackfillPlan = { batches: Range; seconds: Range | undefined; dollars: Range };

/**
 * Plans a backfill. The fewest batches are what the limits allow, the most are one for each message, since a delivery never
 * cuts a message in two but may hold only one. Time is batches times what batches took, and never less than the bytes need at
 * the best rate seen. Loads follow one another under the lock, so time does not shrink with concurrency.
 */
export function planBackfill(
  work: Workload,
  limits: { maxObjects: number; maxBytes: number },
  measured: MeasuredRates,
): BackfillPlan {
  const fewest = Math.max(Math.ceil(work.objects / limits.maxObjects), Math.ceil(work.bytes / limits.maxBytes));
  const batches = { low: fewest, high: Math.max(fewest, work.messages) };
  const seconds = planSeconds(work, batches, measured);
  return { batches, seconds, dollars: planDollars(work, batches, seconds) };
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

function planDollars(work: Workload, batches: Range, seconds: Range | undefined): Range {
  if (work.objects === 0) return { low: 0, high: 0 };
  const busy = seconds ?? { low: batches.low, high: batches.high };
  // A message is sent, received and deleted; sending and receiving count by size.
  const parts = Math.ceil(work.messageBytes / PRICES.sqsRequestBytes);
  const fixed =
    (2 * parts + work.messages) * PRICES.sqsRequest +
    Math.ceil(work.listed / ASSUMED.keysPerListing) * PRICES.s3Write +
    work.objects * PRICES.s3Read;
  const at = (end: 'low' | 'high'): number =>
    fixed +
    batches[end] * (PRICES.lambdaRequest + ASSUMED.writesPerBatch[end] * PRICES.s3Write) +
    busy[end] * ASSUMED.lambdaGigabytes * PRICES.lambdaGigabyteSecond +
    (Math.max(busy[end], PRICES.redshiftMinimumSeconds) / 3600) *
      ASSUMED.redshiftRpus[end] *
      PRICES.redshiftRpuHour[end];
  return { low: at('low'), high: at('high') };
}

/** What the plan's figures rest on, one sentence each, for people. */
export function assumptions(measured: MeasuredRates): string[] {
  const { low, high } = ASSUMED.redshiftRpus;
  return [
    measured.batches === 0
      ? 'no batch has been loaded yet, so there is no time; the cost takes one second a batch'
      : `time from the last ${measured.batches} batches: median ${measured.secondsMedian} s, p95 ${measured.secondsP95.toFixed(1)} s`,
    `list prices of us-east-1, ${PRICES.asOf}; Redshift Serverless with ${low} to ${high} RPUs at $${PRICES.redshiftRpuHour.low} to $${PRICES.redshiftRpuHour.high} an hour, woken for this alone`,
    'no free tiers, no data transfer; on a provisioned cluster the warehouse costs nothing more',
  ];
}
