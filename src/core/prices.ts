/**
 * List prices of us-east-1 in US$, and the only place for them. Without volume discounts, free tiers and data transfer.
 * Looked up in transcriptions of the price pages, which are:
 * https://aws.amazon.com/sqs/pricing/ · https://aws.amazon.com/lambda/pricing/ · https://aws.amazon.com/s3/pricing/ ·
 * https://aws.amazon.com/redshift/pricing/
 */
export const PRICES = {
  asOf: '2026-06',
  /** Every started 64 KB of a message is one request. */
  sqsRequest: 0.4 / 1_000_000,
  sqsRequestBytes: 65_536,
  /** PUT, COPY, POST and LIST. */
  s3Write: 0.005 / 1000,
  /** GET and HEAD. */
  s3Read: 0.0004 / 1000,
  lambdaRequest: 0.2 / 1_000_000,
  /** arm64. */
  lambdaGigabyteSecond: 0.000_013_333_4,
  /** Redshift Serverless; it differs by region, hence both ends. */
  redshiftRpuHour: { low: 0.36, high: 0.5 },
  /** The least time that activity is charged for. */
  redshiftMinimumSeconds: 60,
} as const;

/** What estimates take for granted where nothing was measured. */
export const ASSUMED = {
  /** The smallest Serverless workgroup, and the default one. */
  redshiftRpus: { low: 4, high: 128 },
  lambdaGigabytes: 0.5,
  /** S3 PUTs of one batch: manifests and the ledger's rows. */
  writesPerBatch: { low: 2, high: 5 },
  /** ListObjectsV2 gives a thousand keys. */
  keysPerListing: 1000,
} as const;
