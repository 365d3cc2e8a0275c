import { setMaxListeners } from 'node:events';
import type { ObjectContent, ObjectReader } from '../types.ts';

/**
 * The same objects, but a read ends with the signal's reason as soon as it is aborted, even while an object's next bytes
 * keep it waiting: a cancelled COPY must not hang on a slow store.
 */
export function cancellable(objects: ObjectReader, signal: AbortSignal): ObjectReader {
  // Every object under way listens to the one signal; that is no leak, and more than Node expects.
  setMaxListeners(0, signal);
  const guarded = ({ sizeBytes, body }: ObjectContent): ObjectContent => ({
    sizeBytes,
    body: body instanceof Uint8Array ? body : untilAborted(body, signal),
  });
  return {
    read: (address, allocate) => {
      const content = objects.read(address, allocate);
      return content instanceof Promise ? orAborted(content, signal).then(guarded) : guarded(content);
    },
    list: (address) => orAborted(objects.list(address), signal),
  };
}

async function* untilAborted(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  let isRead = false;
  try {
    for (;;) {
      const next = await orAborted(chunks.next(), signal);
      isRead = next.done === true;
      if (isRead) return;
      yield next.value as Uint8Array;
    }
  } finally {
    // A source that is still waiting closes when it wakes up; nobody waits for that, and nobody is left to tell if it fails.
    if (!isRead) void Promise.resolve(chunks.return?.()).catch(() => undefined);
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abandon: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abandon = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abandon, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (abandon) signal.removeEventListener('abort', abandon);
  }
}
