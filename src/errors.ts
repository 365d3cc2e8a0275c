/** The kinds of trouble a load or a command can meet. Each has one consequence for the messages; see docs/ARCHITECTURE.md. */
export type ErrorCode =
  /** The content of a file cannot be loaded. The file is quarantined. */
  | 'content'
  /** A file is not there (any more). */
  | 'missing-object'
  /** A file may not be read. */
  | 'forbidden-object'
  /** Two transactions got in each other's way; the whole transaction is tried again. */
  | 'conflict'
  /** The service asks to slow down. */
  | 'throttled'
  /** The connection, the warehouse or the service failed on the way. */
  | 'connection'
  /** The time of the invocation ran out, the statement was cancelled. */
  | 'deadline'
  /** Role, schema, table, bucket or permission: nobody's file is at fault and trying again will not help. */
  | 'misconfigured'
  /** The user's command or setting is wrong. */
  | 'usage'
  /** None of the above: a defect, or something not seen before. */
  | 'unexpected';

const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['conflict', 'throttled', 'connection', 'deadline']);

/** Every error the loader speaks of. `hint` is the next thing to do, preferably a command to type. */
export class LoaderError extends Error {
  override readonly name = 'LoaderError';
  readonly code: ErrorCode;
  readonly hint: string;
  constructor(code: ErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }
  /** Whether the very same work may succeed when tried again. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

/** The signals that end a command, with the exit codes by which shells know them: 128 and the number of the signal. */
export const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;
export type EndingSignal = keyof typeof SIGNAL_EXIT_CODES;

/** The user, or the system, ended a command before it was through. The message says what is done and how to go on. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: EndingSignal;
  constructor(
    signal: EndingSignal,
    message = 'Stopped. What was still running was cancelled; run the same command again.',
  ) {
    super(message);
    this.signal = signal;
  }
  /** The same end, with more to say of it. */
  saying(message: string): Interrupted {
    return new Interrupted(this.signal, message);
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
