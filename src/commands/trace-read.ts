import { codecOf } from '../objects/source.ts';
import { LoaderError } from '../errors.ts';
import { mapConcurrently } from '../pool.ts';
import { bytes } from '../numbers.ts';
import type { Connection } from '../ports.ts';
import { splitLoads, type Candidate, type Unread } from '../trace/candidates.ts';
import type { Found, Load } from '../trace/judge.ts';
import { RootObjects, UnreadableContent } from '../trace/root-objects.ts';
import type { Search } from '../trace/search.ts';
import type { Io } from './command.ts';
import { startProgress } from './progress.ts';

/** Of a search that keeps the first results only: how many. */
const RESULTS_KEPT = 10_000;

/** What reading some objects gave. */
export type Reading<Result> = {
  found: Found<Result>[];
  /** How many results were counted and not kept; all of them come after those in `found`. */
  dropped: number;
  unread: Unread[];
  /** Loads of versions that are not there any more. */
  unknown: Load[];
  /** How many of the objects that were read were loaded in an earlier version, too. */
  overwritten: number;
  objects: number;
  /** As they are stored. */
  bytes: number;
};

/** Reads objects, several at once and each as a stream, and gives what a search finds in them. @throws LoaderError */
export async function readObjects<Result>(
  candidates: readonly Candidate[],
  search: Search<Result>,
  connection: Connection,
  io: Io,
): Promise<Reading<Result>> {
  const reading: Reading<Result> = {
    found: [],
    dropped: 0,
    unread: [],
    unknown: [],
    overwritten: 0,
    objects: 0,
    bytes: 0,
  };
  const progress = startProgress(`${search.source} files read`, candidates.length, io, connection.clock);
  try {
    await mapConcurrently(candidates, async (candidate) => {
      io.interrupted.throwIfAborted();
      await readObject(candidate, search, connection, reading);
      reading.objects += 1;
      progress.update(reading.objects, bytes(reading.bytes));
    });
  } finally {
    progress.stop();
  }
  return reading;
}

async function readObject<Result>(
  candidate: Candidate,
  search: Search<Result>,
  connection: Connection,
  reading: Reading<Result>,
): Promise<void> {
  try {
    const { bucket, key } = candidate;
    const { etag, body } = await connection.objects.read(bucket, key);
    const split = splitLoads(candidate, etag);
    for await (const { line, nth, result } of results(key, counted(body, reading), search)) {
      reading.found.push({ place: { bucket, key, line, nth }, row: result, ...split });
      prune(reading, search);
    }
    reading.unknown.push(...split.otherLoads);
    if (candidate.loads.at(-1)?.etag !== etag) reading.unread.push({ object: candidate, why: 'changed' });
    else if (split.otherLoads.length > 0) reading.overwritten += 1;
  } catch (error) {
    reading.unread.push(await explain(candidate, error, connection));
    reading.unknown.push(...candidate.loads);
  }
}

async function* results<Result>(
  key: string,
  body: AsyncIterable<Uint8Array>,
  search: Search<Result>,
): AsyncGenerator<{ line: number; nth: number; result: Result }> {
  const objects = new RootObjects();
  for await (const chunk of await decoded(key, body)) {
    for (const object of objects.push(chunk)) {
      const result = search.take(object);
      if (result !== undefined) yield { line: object.line, nth: object.nth, result };
    }
  }
  objects.end();
}

async function decoded(key: string, body: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const codec = codecOf(key) ?? 'none';
  if (codec === 'none') return body;
  // Only who traces a row pays for the decoders.
  const { decompressed } = await import('../archives/decompress.ts');
  return decompressed(codec, body);
}

async function* counted(body: AsyncIterable<Uint8Array>, reading: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    reading.bytes += chunk.length;
    yield chunk;
  }
}

function prune<Result>(reading: Reading<Result>, { keep }: Search<Result>): void {
  if (keep === undefined || reading.found.length < 2 * RESULTS_KEPT) return;
  reading.found.sort((a, b) => keep(a.row, b.row));
  reading.dropped += reading.found.splice(RESULTS_KEPT).length;
}

/** Why an object could not be read. Rethrows what is no property of the object. */
async function explain(object: Candidate, error: unknown, { objects }: Connection): Promise<Unread> {
  const { BadArchive } = await import('../archives/bad-archive.ts');
  if (error instanceof UnreadableContent || error instanceof BadArchive)
    return { object, why: 'unreadable', detail: error.message };
  if (!(error instanceof LoaderError) || error.retryable) throw error;
  const head = await objects.head(object.bucket, object.key);
  switch (head.kind) {
    case 'missing':
      return { object, why: 'gone' };
    case 'forbidden':
      return { object, why: 'forbidden' };
    case 'sealed':
      return { object, why: 'encrypted' };
    case 'present':
      if (head.archived !== undefined) return { object, why: 'archived', detail: head.archived };
      return { object, why: head.kmsKey === undefined ? 'forbidden' : 'encrypted', detail: error.message };
  }
}
