import { ReplayPacker, type ReplayMode, type ReplayMessage, type ReplayObject } from './replay-messages.ts';
import { CALL_LIMITS, sendMessages, type SendDeps } from '../queue/send-messages.ts';
import type { Clock } from '../ports.ts';

/** What was packed and, given a queue, sent. Bytes are those of the messages. */
export type ReplayTally = { objects: number; messages: number; bytes: number; lastKey?: string };

/**
 * Collects objects and sends them in large messages, optionally at a limited rate. Without `deps` it only counts what it would
 * send. Call `flush` at the end.
 */
export class ReplaySender {
  readonly tally: ReplayTally = { objects: 0, messages: 0, bytes: 0 };
  readonly #deps: SendDeps | undefined;
  readonly #objectsPerSecond: number | undefined;
  readonly #packers = new Map<ReplayMode, ReplayPacker>();
  #ready: ReplayMessage[] = [];
  #startedMs: number | undefined;

  constructor(deps: SendDeps | undefined, objectsPerSecond?: number) {
    this.#deps = deps;
    this.#objectsPerSecond = objectsPerSecond;
  }

  /** @throws LoaderError when the queue does not accept a message. */
  async add(object: ReplayObject, replayMode: ReplayMode): Promise<void> {
    // With a rate, a message holds at most one second's worth, so that the rate holds within each second.
    const packer = this.#packers.get(replayMode) ?? new ReplayPacker(replayMode, this.#objectsPerSecond);
    this.#packers.set(replayMode, packer);
    const full = packer.add(object);
    if (full) this.#ready.push(full);
    const enough = this.#objectsPerSecond === undefined ? CALL_LIMITS.messages : 1;
    if (this.#ready.length >= enough) await this.#send();
  }

  /** Sends the rest. @throws LoaderError when the queue does not accept a message. */
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

  /** Waits until what was sent so far fits the rate. */
  async #keepRate(clock: Clock): Promise<void> {
    if (this.#objectsPerSecond === undefined) return;
    this.#startedMs ??= clock.now();
    const dueMs = this.#startedMs + (this.tally.objects / this.#objectsPerSecond) * 1000;
    if (dueMs > clock.now()) await clock.sleep(dueMs - clock.now());
  }
}
