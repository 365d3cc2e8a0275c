import { ASSUMED, watchingCost, type Prices } from '../catch-up/prices.ts';
import { loadSeconds, type LoadTime } from './load-time.ts';
import type { Usage } from './simulate.ts';

/** What is paid for, in US$. */
export type Bill = { warehouse: number; lambda: number; sqs: number; s3: number; cloudWatch: number; total: number };

/** How the warehouse is paid for: by RPUs, or not for loads at all, as a provisioned cluster is. */
export type Capacity = { kind: 'serverless'; rpus: number } | { kind: 'provisioned' };

/**
 * The bill of days of loading: base capacity while the warehouse is paid for, the loader's memory while it loads, requests by their
 * number, and CloudWatch whether files land or not. Each object is taken for a message of its own. Not in it: reconcile, commands and
 * other people's queries, storage, data transfer, free tiers.
 */
export function billOf(usage: Usage, days: number, capacity: Capacity, prices: Prices): Bill {
  const { loads, objects, busySeconds, billedSeconds } = usage;
  const rpus = capacity.kind === 'serverless' ? capacity.rpus : 0;
  const parts = {
    warehouse: (billedSeconds / 3600) * rpus * prices.redshiftRpuHour,
    lambda: busySeconds * ASSUMED.lambdaGigabytes * prices.lambdaGigabyteSecond + loads * prices.lambdaRequest,
    // Sent, received and deleted.
    sqs: (objects * (1 + 2 / ASSUMED.messagesPerRequest) + days * ASSUMED.pollsPerDay) * prices.sqsRequest,
    s3: loads * ASSUMED.writesPerBatch.high * prices.s3Write + objects * prices.s3Read,
    cloudWatch:
      (days / ASSUMED.daysOfMonth) * watchingCost(prices) +
      ((loads * ASSUMED.logBytesPerLoad + objects * ASSUMED.logBytesPerFile) / 1e9) * prices.logGigabyte,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}

/** What of a source landed. */
export type SourceLoad = { source: string; objects: number; bytes: number };

/** The part of a bill that a source causes. */
export type SourceBill = SourceLoad & { share: number; dollars: number };

/**
 * Attributes a bill to sources. Warehouse and loader are divided by the seconds of loading: what the fit gives each object and byte
 * goes to its source, and the fixed part of loads, which serve all that is in the batch, by the number of objects. Everything else is
 * divided by the number of objects.
 */
export function billBySource(bill: Bill, loads: number, sources: readonly SourceLoad[], time: LoadTime): SourceBill[] {
  const objectsOfAll = sources.reduce((sum, { objects }) => sum + objects, 0);
  const byObjects = ({ objects }: SourceLoad): number => (objectsOfAll === 0 ? 0 : objects / objectsOfAll);
  const seconds = (one: SourceLoad): number =>
    loads * time.fixed * byObjects(one) + loadSeconds({ ...time, fixed: 0 }, one.objects, one.bytes);
  const secondsOfAll = sources.reduce((sum, one) => sum + seconds(one), 0);
  const { warehouse, lambda, total } = bill;
  return sources.map((one) => {
    const bySeconds = secondsOfAll === 0 ? byObjects(one) : seconds(one) / secondsOfAll;
    const dollars = (warehouse + lambda) * bySeconds + (total - warehouse - lambda) * byObjects(one);
    return { ...one, share: total === 0 ? 0 : dollars / total, dollars };
  });
}
