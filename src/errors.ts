/** The kinds of error a load or command can hit. Each has one consequence for the messages; see docs/ARCHITECTURE.md. */
export type ErrorCode =
  /** The content of a file cannot be loaded. The file is quarantined. */
  | 'content'
  /** A file does not exist, or no longer does. */
  | 'missing-object'
  /** A file may not be read. */
  | 'forbidden-object'
  /** Two transactions conflicted; the whole transaction is retried. */
  | 'conflict'
  /** The service is throttling. */
  | 'throttled'
  /** The connection, the warehouse or the service failed. */
  | 'connection'
  /** The warehouse is off: paused, being changed, or at a limit of use. It is waited for, however long that takes. */
  | 'unavailable'
  /** The database session is gone, and its temporary tables with it. */
  | 'session'
  /** The invocation ran out of time, or the statement was cancelled. */
  | 'deadline'
  /** Role, schema, table, bucket or permission: no file is at fault, and retrying will not help. */
  | 'misconfigured'
  /** The user's command or setting is wrong. */
  | 'usage'
  /** None of the above: a bug, or something not seen before. */
  | 'unexpected';

const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'conflict',
  'throttled',
  'connection',
  'session',
  'deadline',
]);

/** Every error the loader reports. `hint` is the next step, preferably a command. */
export class LoaderError extends Error {
  override readonly name = 'LoaderError';
  readonly code: ErrorCode;
  readonly hint: string;
  constructor(code: ErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }
  /** Whether a retry of the same work may succeed. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

/** The signals that end a command, with their shell exit codes: 128 plus the signal number. */
export const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;
export type EndingSignal = keyof typeof SIGNAL_EXIT_CODES;

/** The user or the system ended a command early. The message says what was done and how to continue. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: EndingSignal;
  constructor(
    signal: EndingSignal,
    message = 'Stopped. What was still running has been cancelled; run the same command again.',
  ) {
    super(message);
    this.signal = signal;
  }
  /** The same interruption with another message. */
  withMessage(message: string): Interrupted {
    return new Interrupted(this.signal, message);
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
