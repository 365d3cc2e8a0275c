/**
 * List prices in US$ by region, without volume discounts, free tiers and data transfer. This is the only place for prices.
 * A region is listed when its prices could be looked up; others get no estimate rather than a wrong one. AWS's pages fill in
 * prices by script, so these come from transcriptions and from the price list (https://pricing.us-east-1.amazonaws.com);
 * check yours on https://aws.amazon.com/redshift/pricing/ and the pages of the other services.
 */
export type Prices = {
  /** When the oldest of them was looked up. */
  asOf: string;
  /** Redshift Serverless. */
  redshiftRpuHour: number;
  /** arm64. */
  lambdaGigabyteSecond: number;
  lambdaRequest: number;
  /** Standard queues. Each 64 KB chunk of a message is one request. */
  sqsRequest: number;
  /** PUT, COPY, POST and LIST. */
  s3Write: number;
  /** GET and HEAD. */
  s3Read: number;
  /** One metric of an alarm, per month; an alarm on an expression has several. */
  alarmMetricMonth: number;
  /** One custom metric per month, prorated by the hours in which it has values. */
  customMetricMonth: number;
  dashboardMonth: number;
  /** Per gigabyte ingested. */
  logGigabyte: number;
};

/**
 * https://aws.amazon.com/lambda/pricing/ · https://aws.amazon.com/sqs/pricing/ · https://aws.amazon.com/s3/pricing/ (2026-06) ·
 * https://aws.amazon.com/cloudwatch/pricing/ (2026-02 and 2026-06, two transcriptions that agree)
 */
const VIRGINIA: Prices = {
  asOf: '2026-02',
  // Read from the Pricing API on 2026-09-22. Until 2026-06 it was 0.36 here, which is Oregon's.
  redshiftRpuHour: 0.375,
  lambdaGigabyteSecond: 0.000_013_333_4,
  lambdaRequest: 0.2 / 1_000_000,
  sqsRequest: 0.4 / 1_000_000,
  s3Write: 0.005 / 1000,
  s3Read: 0.0004 / 1000,
  alarmMetricMonth: 0.1,
  customMetricMonth: 0.3,
  dashboardMonth: 3,
  logGigabyte: 0.5,
};

const PRICES: Readonly<Record<string, Prices>> = {
  'us-east-1': VIRGINIA,
  // The price list of 2026-09-11 (AmazonRedshift, us-west-2, RunServerlessCompute). Bills of that region show Virginia's prices
  // for S3, SQS and alarms; that Lambda, metrics, the dashboard and logs cost the same too is assumed.
  'us-west-2': { ...VIRGINIA, redshiftRpuHour: 0.36 },
};

/** The regions whose prices are known. */
export const PRICED_REGIONS = Object.keys(PRICES);

/** The prices of a region; undefined where they are not known. */
export function pricesOf(region: string): Prices | undefined {
  return PRICES[region];
}

/** The bytes of a message that one request to SQS carries. */
export const SQS_REQUEST_BYTES = 65_536;

/** The minimum charge for waking the warehouse, in seconds. https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-billing.html */
export const MINIMUM_SECONDS = 60;

/** What estimates assume where nothing was measured. */
export const ASSUMED = {
  /** The smallest Serverless workgroup, and the default one. */
  redshiftRpus: { low: 4, high: 128 },
  lambdaGigabytes: 0.5,
  /** S3 PUTs of one batch: manifests and the ledger's rows. */
  writesPerBatch: { low: 2, high: 5 },
  /** ListObjectsV2 returns up to a thousand keys. */
  keysPerListing: 1000,
  /** Lambda reads ten messages with a request and deletes ten. */
  messagesPerRequest: 10,
  /** Five pollers for each of the two queues, each asking every 20 seconds. */
  pollsPerDay: (2 * 5 * 86_400) / 20,
  /** What Lambda and the loader write of a load into the log, and of a file beyond it: one value of freshness. */
  logBytesPerLoad: 4000,
  logBytesPerFile: 20,
  daysOfMonth: 30,
} as const;

/** What CloudWatch charges monthly for; a test counts them in the template and in src/ports.ts. */
export const WATCHED = { alarmMetrics: 29, customMetrics: 34, dashboards: 1 } as const;

/** US$ a month for CloudWatch, whatever lands. */
export function watchingCost(prices: Prices): number {
  return (
    WATCHED.alarmMetrics * prices.alarmMetricMonth +
    WATCHED.customMetrics * prices.customMetricMonth +
    WATCHED.dashboards * prices.dashboardMonth
  );
}
