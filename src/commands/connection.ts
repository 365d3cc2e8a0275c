import { s3Url } from '../objects/object-version.ts';
import { LoaderError } from '../errors.ts';
import type { LedgerDeps } from '../ledger/reports.ts';
import type { ReplayDeps } from '../catch-up/replay.ts';
import type { S3Location } from '../objects/s3-url.ts';
import { shellQuote } from './shell.ts';
import type { Connection } from '../ports.ts';

/** A report of the ledger may take as long as a person would wait for it. */
const REPORT_LIMIT_MS = 300_000;

/** What reading the ledger takes, from a connection. */
export function ledgerOf(connection: Connection): LedgerDeps {
  return {
    warehouse: connection.warehouse,
    reports: connection.templates.report,
    schema: connection.config.names.schema,
    deadlineMs: () => connection.clock.now() + REPORT_LIMIT_MS,
  };
}

/** Where replays go. @throws LoaderError (`usage`) when no queue is configured. */
export function replayOf(connection: Connection): ReplayDeps {
  const { queueUrl } = connection.config;
  if (queueUrl === undefined) throw notSet('SPARKIFY_QUEUE_URL', 'the queue of notifications');
  return { queue: connection.queue, queueUrl, clock: connection.clock };
}

/** The URL of the dead-letter queue. @throws LoaderError (`usage`) when none is configured. */
export function dlqOf(connection: Connection): string {
  const { dlqUrl } = connection.config;
  if (dlqUrl === undefined) throw notSet('SPARKIFY_DLQ_URL', 'the dead-letter queue');
  return dlqUrl;
}

/** Refuses a bucket the loader would refuse as well. @throws LoaderError (`usage`) */
export function requireConfigured({ bucket }: S3Location, connection: Connection): void {
  const { buckets } = connection.config.landing;
  if (buckets.includes(bucket)) return;
  throw new LoaderError(
    'usage',
    `Bucket ${bucket} is not configured: the loader would refuse its objects.`,
    `Add it to SPARKIFY_LANDING_BUCKETS (now ${buckets.join(',')}), here and where the loader runs`,
  );
}

/** What to say where neither bucket nor ledger has anything to load below a place. */
export function nothingBelowHint({ bucket, key }: S3Location, connection: Connection): string {
  const places = connection.config.landing.sources.map(
    ({ name, prefix }) => `${name} at ${s3Url({ bucket, key: prefix })}`,
  );
  const where = shellQuote(s3Url({ bucket, key }));
  return `There is nothing to load below ${where}; keys are case-sensitive.\n→ The sources lie elsewhere, or nothing landed yet: ${places.join(', ')}`;
}

function notSet(variable: string, what: string): LoaderError {
  return new LoaderError(
    'usage',
    `${variable} is not set, so there is no telling where ${what} is.`,
    'Set it to the URL of the queue, or run against the local stack with: npm start',
  );
}
