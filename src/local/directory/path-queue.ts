import { setImmediate } from 'node:timers/promises';

const PARALLEL_PATHS = 16;
/** The longest time that inspecting paths may block everything else. */
const TURN_MS = 5;

/** Paths to be inspected, now or later; each once, however often it is added before its turn. */
export class PathQueue {
  readonly #look: (path: string) => Promise<void>;
  readonly #waiting = new Set<string>();
  readonly #scheduled = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isLooking = false;
  #looking = Promise.resolve();
  #isStopped = false;

  /** `look` may add further paths; it must not throw. */
  constructor(look: (path: string) => Promise<void>) {
    this.#look = look;
  }

  add(paths: Iterable<string>): void {
    for (const path of paths) this.#waiting.add(path);
  }

  /** Inspects paths and those they add. Only one inspection runs at a time. */
  async lookAt(paths: Iterable<string>): Promise<void> {
    this.add(paths);
    if (!this.#isLooking) {
      this.#isLooking = true;
      this.#looking = this.#lookAtAll();
    }
    await this.#looking;
  }

  /** Inspects a path after a delay; once, however often it is requested meanwhile. */
  lookAtLater(milliseconds: number, path: string): void {
    if (this.#scheduled.has(path)) return;
    this.#scheduled.add(path);
    this.later(milliseconds, () => {
      this.#scheduled.delete(path);
      return this.lookAt([path]);
    });
  }

  /** Runs something after a delay, unless stopped before. */
  later(milliseconds: number, action: () => Promise<void>): void {
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void action();
    }, milliseconds);
    this.#timers.add(timer);
  }

  /** Ends the running inspection and starts no other. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#looking;
  }

  async #lookAtAll(): Promise<void> {
    let yieldedAt = performance.now();
    const worker = async (): Promise<void> => {
      for (const path of this.#waiting) {
        if (performance.now() - yieldedAt > TURN_MS) {
          await setImmediate();
          yieldedAt = performance.now();
        }
        if (this.#isStopped) return;
        this.#waiting.delete(path);
        await this.#look(path);
      }
    };
    // A worker that finds nothing ends while another may yet find more; so they start again until nothing is left.
    while (this.#waiting.size > 0 && !this.#isStopped)
      await Promise.all(Array.from({ length: PARALLEL_PATHS }, worker));
    this.#isLooking = false;
  }
}
