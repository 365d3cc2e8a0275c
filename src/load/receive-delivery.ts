import { LoaderError, messageOf } from '../errors.ts';
import type { ReceivedMessage } from '../ports.ts';
import type { Undone } from '../queue/come-again.ts';
import { returnMessages, type ReturnDeps } from '../queue/return-messages.ts';
import { failed, readWaiting, waitingKey } from '../waiting/waiting.ts';
import type { LoadDeps } from './deps.ts';
import { loadDelivery, type Invocation } from './load-delivery.ts';
import { halves } from './search.ts';

/** How long before the end of an invocation it stops returning messages, so that its answer is in time. */
const ANSWER_MS = 2000;

/**
 * What the loader does with a delivery: loads it, records that the warehouse is off if it is, and returns what is not done.
 * Returns the ids that the event source must not delete. `invocation.deadlineMs` is when the function is killed.
 */
export async function receiveDelivery(
  messages: readonly ReceivedMessage[],
  deps: LoadDeps & Pick<ReturnDeps, 'queue' | 'queueUrl' | 'dlqUrl'>,
  invocation: Invocation,
): Promise<string[]> {
  const { config, pause } = deps;
  const loadUntil = { ...invocation, deadlineMs: invocation.deadlineMs - config.reserveSeconds * 1000 };
  const undone = await loadIsolating(messages, deps, loadUntil);
  const off = pause.take();
  if (off !== undefined) await recordWaiting(off, deps);
  const returning = { ...deps, mostSeconds: config.retryMostSeconds };
  return returnMessages(undone, messages, returning, invocation.deadlineMs - ANSWER_MS);
}

/**
 * Loads a delivery. When that throws, which is a bug that one message may have met, the halves are loaded for themselves, so that
 * it costs the others nothing.
 */
async function loadIsolating(
  messages: readonly ReceivedMessage[],
  deps: LoadDeps,
  invocation: Invocation,
): Promise<Undone> {
  try {
    return await loadDelivery(messages, deps, invocation);
  } catch (thrown) {
    deps.meter.count('DeliveriesFailed', 1);
    deps.log.error('the delivery failed unexpectedly', { messages: messages.length, error: messageOf(thrown) });
    const code = deps.clock.now() < invocation.deadlineMs ? 'unexpected' : 'deadline';
    if (messages.length <= 1 || code === 'deadline') {
      const error = new LoaderError(code, messageOf(thrown), 'Look up this message, then: npx sparkify status', thrown);
      return { refused: [], returned: messages.map(({ messageId }) => ({ messageId, error })) };
    }
    const [left, right] = halves(messages);
    const one = await loadIsolating(left, deps, { ...invocation, part: `${invocation.part}l` });
    const other = await loadIsolating(right, deps, { ...invocation, part: `${invocation.part}r` });
    return { refused: [...one.refused, ...other.refused], returned: [...one.returned, ...other.returned] };
  }
}

/** Records that the warehouse is off. When that fails too, the next failure records it, and until then messages just wait. */
async function recordWaiting(off: LoaderError, { config, objects, clock, log }: LoadDeps): Promise<void> {
  const { bucket, prefix } = config.control;
  try {
    const waiting = failed(await readWaiting(config.control, objects), off, clock.now());
    await objects.put(bucket, waitingKey(prefix), JSON.stringify(waiting));
    log.warn('waiting for the warehouse', { code: off.code, error: off.message, hint: off.hint });
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    log.error('could not record that the warehouse is off', { code: error.code, error: error.message });
  }
}
