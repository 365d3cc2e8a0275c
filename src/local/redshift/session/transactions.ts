import { LockManager, type Isolation, type LockMode } from './locks.ts';
import { SqlError } from '../types.ts';

/** One transaction as the other ones see it. `snapshot` is the number of the last commit it sees; undefined before it looks. */
export type Transaction = {
  number: number;
  snapshot: number | undefined;
  read: Set<string>;
  written: Set<string>;
};

/**
 * Redshift's concurrency rules over an engine that has none of its own for tables: locks, and the check that a
 * transaction does not change what others committed after its snapshot. Knows no engine; tables are names.
 *
 * The check is stricter than Redshift's in one direction only: it may refuse a transaction that Redshift would let
 * pass (it counts tables, not rows, and does not look for a cycle), never the other way round.
 * https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html
 */
export class Transactions {
  readonly #isolation: Isolation;
  readonly #locks: LockManager;
  readonly #lastCommit = new Map<string, { commit: number; transaction: number }>();
  #commits = 0;
  #numbers = 1000;

  constructor(isolation: Isolation) {
    this.#isolation = isolation;
    this.#locks = new LockManager(isolation);
  }

  begin(): Transaction {
    this.#numbers += 1;
    return { number: this.#numbers, snapshot: undefined, read: new Set(), written: new Set() };
  }

  /** Fixes what the transaction sees, once. Call it before the engine takes its own snapshot, never after. */
  takeSnapshot(transaction: Transaction): void {
    transaction.snapshot ??= this.#commits;
  }

  /** Acquires the locks that are free; returns whether it got all. Those it got are kept in either case. */
  tryLock(transaction: Transaction, locks: Map<string, LockMode>): boolean {
    return [...locks].every(([table, mode]) => this.#locks.tryAcquire(transaction.number, table, mode));
  }

  /** Acquires the locks in the given order, waiting for each. Throws `deadlock detected`, or the signal's reason. */
  async lock(transaction: Transaction, locks: Map<string, LockMode>, signal: AbortSignal): Promise<void> {
    for (const [table, mode] of locks) await this.#locks.acquire(transaction.number, table, mode, signal);
  }

  /** Throws error 1023 when someone committed to one of the tables after the transaction's snapshot. */
  checkFresh(transaction: Transaction, tables: Iterable<string>): void {
    for (const table of tables) {
      const last = this.#lastCommit.get(table);
      if (last === undefined || transaction.snapshot === undefined || last.commit <= transaction.snapshot) continue;
      throw new SqlError(
        `1023 DETAIL: Serializable isolation violation on table - ${table}, transactions forming the cycle are: ${last.transaction}, ${transaction.number}`,
      );
    }
  }

  /** Under SERIALIZABLE a transaction that writes must also have read nothing that changed since. Throws error 1023. */
  checkCommit(transaction: Transaction): void {
    if (this.#isolation === 'SERIALIZABLE' && transaction.written.size > 0)
      this.checkFresh(transaction, transaction.read);
  }

  /** Publishes what the transaction changed, then releases its locks. Call it after the engine has committed. */
  committed(transaction: Transaction): void {
    if (transaction.written.size > 0) this.#commits += 1;
    for (const table of transaction.written) {
      this.#lastCommit.set(table, { commit: this.#commits, transaction: transaction.number });
    }
    this.#locks.release(transaction.number);
  }

  rolledBack(transaction: Transaction): void {
    this.#locks.release(transaction.number);
  }
}
