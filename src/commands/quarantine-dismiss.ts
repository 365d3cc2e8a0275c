import { randomUUID } from 'node:crypto';
import type { Recorded } from '../ledger/entries.ts';
import { objectId } from '../objects/object-version.ts';
import { codecOf, type Source } from '../objects/source.ts';
import { mergeBatch, stageBatch } from '../load/submit-batch.ts';
import type { Asked, Staged } from '../load/survey.ts';
import { LoaderError } from '../errors.ts';
import type { Io } from './command.ts';
import type { NotLoadedObject } from './not-loaded.ts';
import type { Connection, TransactionResult } from '../ports.ts';

/** Ten minutes: it waits for a running load. */
const TIME_LIMIT_MS = 600_000;
/** Failures until it gives up: after a lost reply it goes on with the same token, after a conflict with a new one. */
const TRIES = 6;

/**
 * Records objects as dismissed, in a load that loads nothing: under the lock, numbered as a batch, with the
 * user and the reason. Running it twice records the same twice.
 * @throws LoaderError
 */
export async function dismissAll(
  objects: readonly NotLoadedObject[],
  why: string,
  asked: Asked,
  { io, connection }: { io: Io; connection: Connection },
): Promise<void> {
  const { maxObjects } = connection.config.limits;
  for (let from = 0; from < objects.length; from += maxObjects) {
    io.interrupted.throwIfAborted();
    const recorded = objects
      .slice(from, from + maxObjects)
      .map((object) => recordOf(object, `${io.user}: ${why}`, connection.config.landing.sources));
    await commit(recorded, asked, connection);
  }
}

async function commit(recorded: readonly Recorded[], asked: Asked, connection: Connection): Promise<void> {
  const batchId = `dismiss-${randomUUID()}`;
  const deadlineMs = connection.clock.now() + TIME_LIMIT_MS;
  let staged: Staged | undefined;
  let token = 1;
  for (let failures = 0; failures < TRIES;) {
    const attempt = { id: `${batchId}-${token}`, batchId, asked, deadlineMs };
    const result =
      staged === undefined
        ? await stageBatch(attempt, recorded, [], [], connection)
        : await mergeBatch(attempt, staged, connection);
    if (result.kind === 'committed') return;
    if (result.kind === 'staged') staged = result.staged;
    else {
      failures += 1;
      refuse(result, failures);
      if (result.error.code === 'session') staged = undefined;
    }
    if (result.kind !== 'unknown' || result.error.code === 'session') token += 1;
  }
}

/** @throws LoaderError unless the failure may pass by itself. */
function refuse(result: Exclude<TransactionResult, { kind: 'committed' }>, failures: number): void {
  if (result.kind === 'failed' && result.statement?.guard !== undefined) {
    const hint = 'Nothing was dismissed. See: npx sparkify quarantine list';
    throw new LoaderError('conflict', 'One of these files was loaded or examined again meanwhile.', hint);
  }
  if (!result.error.retryable || failures === TRIES) throw result.error;
}

function recordOf(object: NotLoadedObject, reason: string, sources: readonly Source[]): Recorded {
  const { bucket, key, etag, sizeBytes, eventTimeMs, sequencer } = object;
  const source = sources.find(({ name }) => name === object.source);
  if (source === undefined) throw new Error(`the ledger has source ${object.source}, which this version does not know`);
  return {
    object: {
      bucket,
      key,
      etag,
      sizeBytes,
      eventTimeMs,
      ...(sequencer === null ? {} : { sequencer }),
      replayMode: 'ifNew',
      objectId: objectId({ bucket, key }),
      source,
      codec: codecOf(key) ?? 'none',
    },
    result: { status: 'dismissed', code: 'Dismissed', reason },
  };
}
