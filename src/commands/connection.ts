import { randomUUID } from 'node:crypto';
import { reconcileDeps, type ReconcileDeps } from '../catch-up/reconcile.ts';
import { s3Url } from '../objects/object-version.ts';
import { LoaderError } from '../errors.ts';
import type { LedgerDeps } from '../ledger/reports.ts';
import type { SendDeps } from '../queue/send-messages.ts';
import type { S3Location } from '../objects/s3-url.ts';
import { pluralize } from '../numbers.ts';
import { shellQuote, sparkifyCommand } from './shell.ts';
import type { Connection } from '../ports.ts';

/** The time limit of a ledger report. */
const REPORT_LIMIT_MS = 300_000;

/** A connection as ledger queries need it. */
export function ledgerOf(connection: Connection): LedgerDeps {
  return {
    warehouse: connection.warehouse,
    reports: connection.templates.report,
    schema: connection.config.names.schema,
    deadlineMs: () => connection.clock.now() + REPORT_LIMIT_MS,
  };
}

/** A connection as one run of a reconcile needs it. */
export function reconcileOf(
  connection: Connection,
  onListed: (objects: number) => void,
  onNoticed: ReconcileDeps['onNoticed'],
): ReconcileDeps {
  const deps = reconcileDeps(connection, ledgerOf(connection).deadlineMs, randomUUID);
  return { ...deps, listing: { ...deps.listing, onListed }, onNoticed };
}

/** A connection as replays need it. @throws LoaderError (`usage`) when their queue is not configured. */
export function replayOf(connection: Connection): SendDeps {
  const { replayQueueUrl: queueUrl } = connection.config;
  if (queueUrl === undefined) throw notSet('SPARKIFY_REPLAY_QUEUE_URL', 'the queue of replays');
  return { queue: connection.queue, queueUrl, clock: connection.clock };
}

/** The URL of the dead-letter queue. @throws LoaderError (`usage`) when none is configured. */
export function dlqOf(connection: Connection): string {
  const { dlqUrl } = connection.config;
  if (dlqUrl === undefined) throw notSet('SPARKIFY_DLQ_URL', 'the dead-letter queue');
  return dlqUrl;
}

/** Rejects a bucket that the loader would reject. @throws LoaderError (`usage`) */
export function requireConfigured({ bucket }: S3Location, connection: Connection): void {
  const { buckets } = connection.config.landing;
  if (buckets.includes(bucket)) return;
  throw new LoaderError(
    'usage',
    `Bucket ${bucket} is not configured: the loader would refuse its objects.`,
    `Add it to SPARKIFY_LANDING_BUCKETS (now ${buckets.join(',')}), here and where the loader runs`,
  );
}

/** What objects that were overwritten or deleted leave behind, and the command that ends it. */
export function replacedText(objects: number, buckets: readonly string[]): string {
  const command = sparkifyCommand('rebuild', ...buckets.map((bucket) => s3Url({ bucket, key: '' })));
  return `${pluralize(objects, 'object')} overwritten or deleted since the last rebuild; their old rows may still be there → ${command}`;
}

/** The message for a location where neither bucket nor ledger has anything to load. */
export function nothingBelowHint({ bucket, key }: S3Location, connection: Connection): string {
  const places = connection.config.landing.sources.map(
    ({ name, prefix }) => `${name} at ${s3Url({ bucket, key: prefix })}`,
  );
  const where = shellQuote(s3Url({ bucket, key }));
  return `There is nothing to load below ${where}; keys are case-sensitive.\n→ Nothing has landed yet, or the sources are elsewhere: ${places.join(', ')}`;
}

function notSet(variable: string, what: string): LoaderError {
  return new LoaderError(
    'usage',
    `${variable} is not set, so the address of ${what} is unknown.`,
    'Set it to the URL of the queue; a stage that lacks it is of an earlier release: deploy it. Or run against the local stack with: npm start',
  );
}
