import * as v from 'valibot';
import { LoaderError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';

/**
 * What is known of a warehouse that cannot load: the circuit breaker of the pipeline, kept as one small object in the control
 * bucket. The loader writes it when the ledger cannot be asked; the resume function reads it every minute, switches the event
 * source off and on by it, and deletes it when loads work again. Times are epoch milliseconds.
 */
export type Waiting = {
  /** When the first load failed. */
  sinceMs: number;
  /** When the last load or question failed. */
  failedAtMs: number;
  /** When the warehouse is asked again. */
  retryAtMs: number;
  /** When loads were let through again after the last failure; undefined until then. */
  triedAtMs?: number;
  code: string;
  message: string;
  hint: string;
};

const MAX_TEXT = 1000;
/** How long after a load failed the warehouse is asked for the first time. */
const FIRST_RETRY_MS = 30_000;

const schema = v.object({
  sinceMs: v.number(),
  failedAtMs: v.number(),
  retryAtMs: v.number(),
  triedAtMs: v.optional(v.number()),
  code: v.string(),
  message: v.string(),
  hint: v.string(),
});

/** The key of the object in the control bucket. */
export function waitingKey(controlPrefix: string): string {
  return `${controlPrefix}waiting.json`;
}

/** Reads the object's text. What cannot be read, perhaps of another release, counts as no waiting: the next failure writes it anew. */
export function parseWaiting(text: string): Waiting | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (!parsed.success) return undefined;
  const { triedAtMs, ...rest } = parsed.output;
  return { ...rest, ...(triedAtMs === undefined ? {} : { triedAtMs }) };
}

/** The state after a failure: a new one, or the one before with its beginning. */
export function failed(before: Waiting | undefined, error: LoaderError, nowMs: number): Waiting {
  const cut = (text: string): string => text.slice(0, MAX_TEXT);
  return {
    sinceMs: before?.sinceMs ?? nowMs,
    failedAtMs: nowMs,
    retryAtMs: Math.max(before?.retryAtMs ?? 0, nowMs + FIRST_RETRY_MS),
    code: error.code,
    message: cut(error.message),
    hint: cut(error.hint),
  };
}

/** Reads the object; undefined when there is none. @throws LoaderError */
export async function readWaiting(
  { bucket, prefix }: { bucket: string; prefix: string },
  objects: Pick<ObjectStore, 'get'>,
): Promise<Waiting | undefined> {
  try {
    return parseWaiting(await objects.get(bucket, waitingKey(prefix)));
  } catch (error) {
    if (error instanceof LoaderError && error.code === 'missing-object') return undefined;
    throw error;
  }
}
