/** A fault injected at one point of one call. The fault plan decides when. */
export type Fault =
  /** The call is refused and has no effect. */
  | { kind: 'error before'; exception: string; message: string; httpStatus: number }
  /** The call takes effect (a submitted statement runs to its end), then the caller is told that it failed. */
  | { kind: 'error after'; exception: string; message: string; httpStatus: number }
  /** The call takes effect (a submitted statement runs to its end), then the connection breaks without a reply. */
  | { kind: 'reply lost' }
  /** The connection breaks and the call has no effect. */
  | { kind: 'request lost' }
  | { kind: 'throttle' }
  /** The session that the call names has ended before the call acts: between two calls, once its running statement was over. */
  | { kind: 'session lost' }
  /** The call, or the statement, starts this much later. */
  | { kind: 'delay'; milliseconds: number }
  /** The statement fails with this SQL error, written without `ERROR: `, instead of running. */
  | { kind: 'statement fails'; message: string }
  /** The statement runs, then fails with this SQL error; for the last one of a transaction this is a commit that is refused. */
  | { kind: 'statement fails after'; message: string };

/**
 * A point where a fault can be injected: a call as it arrives (`statementIndex` undefined), or the n-th statement of a
 * call (from 0) just before it runs. `request` is the call's decoded JSON body in both cases.
 */
export type FaultPoint = { operation: string; request: unknown; statementIndex?: number };

/** The fault at a point; undefined means none. */
export type FaultHook = (point: FaultPoint) => Fault | undefined;
