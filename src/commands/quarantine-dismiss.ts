import { randomUUID } from 'node:crypto';
import type { Recorded } from '../ledger/entries.ts';
import { objectId } from '../objects/object-version.ts';
import { codecOf, type Source } from '../objects/source.ts';
import { submitBatch } from '../load/submit-batch.ts';
import type { Io } from './command.ts';
import type { NotLoadedObject } from './not-loaded.ts';
import type { Connection } from '../ports.ts';

/** Ten minutes: it waits for the load that runs. */
const TIME_LIMIT_MS = 600_000;
/** The same transaction is asked for again when its reply was lost; a conflict gets a new one. */
const TRIES = 6;

/**
 * Records objects as dismissed, in a transaction like a load's that loads nothing: under the lock, numbered as a batch, with who
 * and why as its reason. A dismissal that runs twice says the same twice.
 * @throws LoaderError
 */
export async function dismissAll(
  objects: readonly NotLoadedObject[],
  why: string,
  { io, connection }: { io: Io; connection: Connection },
): Promise<void> {
  const { maxObjects } = connection.config.limits;
  for (let from = 0; from < objects.length; from += maxObjects) {
    io.interrupted.throwIfAborted();
    const recorded = objects
      .slice(from, from + maxObjects)
      .map((object) => recordOf(object, `${io.user}: ${why}`, connection.config.landing.sources));
    await commit(recorded, connection);
  }
}

async function commit(recorded: readonly Recorded[], connection: Connection): Promise<void> {
  const batchId = `dismiss-${randomUUID()}`;
  const deadlineMs = connection.clock.now() + TIME_LIMIT_MS;
  let token = 1;
  for (let tried = 1; ; tried += 1) {
    const result = await submitBatch({ batchId, token }, recorded, connection, deadlineMs);
    if (result.kind === 'committed') return;
    if (!result.error.retryable || tried === TRIES) throw result.error;
    if (result.kind === 'failed') token += 1;
  }
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
