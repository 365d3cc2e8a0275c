import { setImmediate } from 'node:timers/promises';

const PARALLEL_PATHS = 16;
/** For how long a look at many paths may hold up everything else. */
const TURN_MS = 5;

/** Paths to be looked at, now or later; each once, however often it is named before its turn. */
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

  /** Looks at paths, and at what that leads to. Only one look is under way at a time. */
  async lookAt(paths: Iterable<string>): Promise<void> {
    this.add(paths);
    if (!this.#isLooking) {
      this.#isLooking = true;
      this.#looking = this.#lookAtAll();
    }
    await this.#looking;
  }

  /** Looks at a path after a while; once, however often it is asked for meanwhile. */
  lookAtLater(milliseconds: number, path: string): void {
    if (this.#scheduled.has(path)) return;
    this.#scheduled.add(path);
    this.later(milliseconds, () => {
      this.#scheduled.delete(path);
      return this.lookAt([path]);
    });
  }

  /** Does something after a while, unless it is stopped before. */
  later(milliseconds: number, action: () => Promise<void>): void {
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void action();
    }, milliseconds);
    this.#timers.add(timer);
  }

  /** Ends the look that is under way, and begins no other. */
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
