import { LoaderError } from '../errors.ts';

const PAUSE_MS = 60_000;
/** A connection that fails so often in a row is taken for a warehouse that is off; until then it may be passing trouble. */
const CONNECTION_FAILURES = 3;

/**
 * What one process of the loader remembers between deliveries: that the ledger could not be asked. Deliveries within the pause go
 * back without a question, since a warehouse that is off would answer it like the one before. Forgetting it, with the process,
 * costs one question.
 */
export class Pause {
  readonly #pauseMs: number;
  #untilMs = 0;
  #failures = 0;
  #error: LoaderError | undefined;
  #untold: LoaderError | undefined;

  /** `mostMs` shortens the pause. */
  constructor(mostMs = PAUSE_MS) {
    this.#pauseMs = Math.min(PAUSE_MS, mostMs);
  }

  /** Why nothing may be asked now; undefined when it may. */
  errorAt(nowMs: number): LoaderError | undefined {
    return nowMs < this.#untilMs ? this.#error : undefined;
  }

  /** The ledger could not be asked: pauses when the warehouse is off or not set up. */
  failed(error: LoaderError, nowMs: number): void {
    this.#failures += 1;
    const isOff = error.code === 'unavailable' || error.code === 'misconfigured';
    if (!isOff && !(error.code === 'connection' && this.#failures >= CONNECTION_FAILURES)) return;
    this.#error = isOff ? error : new LoaderError('unavailable', error.message, error.hint, error);
    this.#untold = this.#error;
    this.#untilMs = nowMs + this.#pauseMs;
  }

  /** The ledger answered. */
  worked(): void {
    this.#failures = 0;
    this.#untilMs = 0;
  }

  /** The failure that began a pause and was not taken yet. */
  take(): LoaderError | undefined {
    const error = this.#untold;
    this.#untold = undefined;
    return error;
  }
}
