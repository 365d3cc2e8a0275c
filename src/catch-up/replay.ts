import { ReplayPacker, type ReplayMode, type ReplayMessage, type ReplayObject } from './replay-messages.ts';
import type { Clock, OutgoingMessage, Queue } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import { pluralize } from '../numbers.ts';

/** Where replays go. */
export type ReplayDeps = { queue: Queue; queueUrl: string; clock: Clock };

/** SendMessageBatch takes ten messages and 1 MiB together. */
const CALL_LIMITS = { messages: 10, bytes: 900_000 };
/** A message the queue does not take is offered so often; the pauses between grow to about six seconds in all. */
const MAX_TRIES = 7;
const PAUSE_MS = 50;

/**
 * Sends messages, those again that the queue did not take. Calls hold what SQS allows in one.
 * @throws LoaderError when messages are left after the last try; those before them were taken.
 */
export async function sendMessages(messages: readonly OutgoingMessage[], deps: ReplayDeps): Promise<void> {
  for (const call of cutCalls(messages)) {
    let left = call;
    for (let attempt = 1; left.length > 0; attempt += 1) {
      const failed = new Set(await trySend(left, attempt, deps));
      left = left.filter(({ id }) => failed.has(id));
      if (left.length === 0) break;
      if (attempt === MAX_TRIES) {
        const hint = 'Run the same command again: what arrived is not harmed by arriving twice';
        throw new LoaderError(
          'connection',
          `the queue did not take ${pluralize(left.length, 'message')} in ${MAX_TRIES} tries`,
          hint,
        );
      }
      await deps.clock.sleep(PAUSE_MS * 2 ** attempt * (0.5 + deps.clock.random() / 2));
    }
  }
}

/** One call; the ids of what was not taken. A passing failure takes nothing. */
async function trySend(messages: readonly OutgoingMessage[], attempt: number, deps: ReplayDeps): Promise<string[]> {
  try {
    return await deps.queue.send(deps.queueUrl, messages);
  } catch (error) {
    if (!(error instanceof LoaderError) || !error.retryable || attempt === MAX_TRIES) throw error;
    return messages.map(({ id }) => id);
  }
}

function cutCalls(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const calls: OutgoingMessage[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body);
    const current = calls.at(-1);
    if (current && current.length < CALL_LIMITS.messages && bytes + size <= CALL_LIMITS.bytes) {
      current.push(message);
      bytes += size;
    } else {
      calls.push([message]);
      bytes = size;
    }
  }
  return calls;
}

/** What was packed, and sent if there was where to, the last key of it too. Bytes are those of the messages. */
export type ReplayTally = { objects: number; messages: number; bytes: number; lastKey?: string };

/**
 * Takes objects one by one and sends them in messages of many, at a rate if one is given. Without `deps` it only counts what
 * it would send. Nothing is sent for certain before `flush`.
 */
export class ReplaySender {
  readonly tally: ReplayTally = { objects: 0, messages: 0, bytes: 0 };
  readonly #deps: ReplayDeps | undefined;
  readonly #objectsPerSecond: number | undefined;
  readonly #packers = new Map<ReplayMode, ReplayPacker>();
  #ready: ReplayMessage[] = [];
  #startedMs: number | undefined;

  constructor(deps: ReplayDeps | undefined, objectsPerSecond?: number) {
    this.#deps = deps;
    this.#objectsPerSecond = objectsPerSecond;
  }

  /** @throws LoaderError when the queue does not take a message. */
  async add(object: ReplayObject, replayMode: ReplayMode): Promise<void> {
    // At a rate, a message holds what one second may send, so that the rate is kept within each second.
    const packer = this.#packers.get(replayMode) ?? new ReplayPacker(replayMode, this.#objectsPerSecond);
    this.#packers.set(replayMode, packer);
    const full = packer.add(object);
    if (full) this.#ready.push(full);
    const enough = this.#objectsPerSecond === undefined ? CALL_LIMITS.messages : 1;
    if (this.#ready.length >= enough) await this.#send();
  }

  /** Sends what is left. @throws LoaderError when the queue does not take a message. */
  async flush(): Promise<void> {
    for (const packer of this.#packers.values()) {
      const last = packer.flush();
      if (last) this.#ready.push(last);
    }
    await this.#send();
  }

  async #send(): Promise<void> {
    const messages = this.#ready;
    this.#ready = [];
    if (messages.length === 0) return;
    if (this.#deps) {
      await this.#keepRate(this.#deps.clock);
      const outgoing = messages.map(({ body }, index) => ({ id: String(index), body }));
      await sendMessages(outgoing, this.#deps);
    }
    const last = messages.at(-1);
    if (last) this.tally.lastKey = last.lastKey;
    this.tally.messages += messages.length;
    this.tally.objects += messages.reduce((sum, { objects }) => sum + objects, 0);
    this.tally.bytes += messages.reduce((sum, { body }) => sum + body.length, 0);
  }

  /** Waits until what was sent so far is within the rate. */
  async #keepRate(clock: Clock): Promise<void> {
    if (this.#objectsPerSecond === undefined) return;
    this.#startedMs ??= clock.now();
    const dueMs = this.#startedMs + (this.tally.objects / this.#objectsPerSecond) * 1000;
    if (dueMs > clock.now()) await clock.sleep(dueMs - clock.now());
  }
}
