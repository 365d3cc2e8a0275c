/** What every room may speak of. */
export const LEAVES = ['src/errors.ts', 'src/ports.ts', 'src/config.ts', 'src/numbers.ts', 'src/pool.ts'];
/** Rooms that decide and describe, from the inside out: each sees those before it. */
export const objects = ['src/errors.ts', 'src/objects/'];
export const sql = [...objects, 'src/sql/'];
export const ledger = [...sql, ...LEAVES, 'src/ledger/'];
export const work = [...ledger, 'src/queue/', 'src/waiting/', 'src/load/', 'src/catch-up/', 'src/cost/', 'src/schema/'];
export const rebuilding = [...work, 'src/rebuild/'];
export const wiring = [...work, 'src/aws/'];
export const clients = ['@aws-sdk/client-s3', '@aws-sdk/client-sqs', '@aws-sdk/client-redshift-data'];
export const ui = [
  ...ledger,
  'src/ui/',
  'src/cost/report.ts',
  'src/schema/drift.ts',
  'src/request-origin.ts',
  'node:http',
  'node:net',
  'node:zlib',
];
export const doctor = ['src/doctor/facts.ts', 'src/doctor/aws/index.ts'];
export const commands = [
  ...rebuilding,
  ...['src/ui/', 'src/trace/', 'src/archives/', 'src/commands/'],
  ...['commander', 'cli-progress', 'string-width', 'node:crypto'],
];
