import { SqlError } from '../types.ts';

/**
 * How a transaction holds a table, from weakest to strongest. Locks last until the end of the transaction.
 * https://docs.aws.amazon.com/redshift/latest/dg/c_write_readwrite.html
 *
 *   read       SELECT                  shares with everything but `exclusive`
 *   insert     INSERT, COPY            shares with other inserts, unless isolation is SERIALIZABLE
 *   write      UPDATE, DELETE, MERGE   one at a time; readers go on
 *   exclusive  LOCK, TRUNCATE, DDL     nobody else, not even readers
 */
export type LockMode = 'read' | 'insert' | 'write' | 'exclusive';

/** Redshift's isolation levels, per database: https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html */
export type Isolation = 'SNAPSHOT' | 'SERIALIZABLE';

const STRENGTH: Record<LockMode, number> = { read: 0, insert: 1, write: 2, exclusive: 3 };

type Waiter = { owner: number; mode: LockMode; grant: () => void };
type TableLock = { holders: Map<number, LockMode>; waiters: Waiter[] };

/**
 * Table locks of one database. First come, first served per table; a wait that would close a circle is refused at
 * once. Owners are transaction numbers. Waiting holds nothing but a promise: no thread, no timer.
 */
export class LockManager {
  readonly #isolation: Isolation;
  readonly #tables = new Map<string, TableLock>();

  constructor(isolation: Isolation) {
    this.#isolation = isolation;
  }

  /** Takes the lock if nobody is in the way; says whether it did. */
  tryAcquire(owner: number, table: string, mode: LockMode): boolean {
    const lock = this.#tables.get(table) ?? { holders: new Map<number, LockMode>(), waiters: [] };
    const held = lock.holders.get(owner);
    if (held !== undefined && STRENGTH[held] >= STRENGTH[mode]) return true;
    if (this.#obstacles(lock, owner, mode, lock.waiters).length > 0) return false;
    lock.holders.set(owner, mode);
    this.#tables.set(table, lock);
    return true;
  }

  /**
   * Takes the lock, waiting for its turn. Throws `deadlock detected` when the wait could never end, and the
   * signal's reason when it is aborted while waiting.
   */
  async acquire(owner: number, table: string, mode: LockMode, signal: AbortSignal): Promise<void> {
    if (this.tryAcquire(owner, table, mode)) return;
    signal.throwIfAborted();
    const lock = this.#tables.get(table);
    if (lock === undefined) throw new Error(`Lock on ${table} was refused though nobody holds it`);
    await new Promise<void>((resolve, reject) => {
      const abandon = (): void => {
        lock.waiters = lock.waiters.filter((other) => other !== waiter);
        this.#grantNext(table, lock);
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        owner,
        mode,
        grant: () => {
          signal.removeEventListener('abort', abandon);
          resolve();
        },
      };
      // Whoever already holds a weaker lock goes first: those behind it could not be served before it ends anyway.
      if (lock.holders.has(owner)) lock.waiters.unshift(waiter);
      else lock.waiters.push(waiter);
      if (this.#waitsForItself(owner)) {
        lock.waiters = lock.waiters.filter((other) => other !== waiter);
        reject(new SqlError('deadlock detected', '40P01'));
        return;
      }
      signal.addEventListener('abort', abandon, { once: true });
    });
  }

  /** Gives back everything the owner holds, at the end of its transaction. */
  release(owner: number): void {
    for (const [table, lock] of this.#tables) {
      if (lock.holders.delete(owner)) this.#grantNext(table, lock);
    }
  }

  #grantNext(table: string, lock: TableLock): void {
    const stillWaiting: Waiter[] = [];
    for (const waiter of lock.waiters) {
      if (this.#obstacles(lock, waiter.owner, waiter.mode, stillWaiting).length > 0) {
        stillWaiting.push(waiter);
        continue;
      }
      lock.holders.set(waiter.owner, waiter.mode);
      waiter.grant();
    }
    lock.waiters = stillWaiting;
    if (lock.holders.size === 0 && stillWaiting.length === 0) this.#tables.delete(table);
  }

  /** Owners that must end first: conflicting holders, and conflicting waiters ahead (nobody overtakes, so nobody starves). */
  #obstacles(lock: TableLock, owner: number, mode: LockMode, ahead: Waiter[]): number[] {
    const holders = [...lock.holders]
      .filter(([holder, held]) => holder !== owner && this.#conflict(held, mode))
      .map(([holder]) => holder);
    if (lock.holders.has(owner)) return holders;
    return [
      ...holders,
      ...ahead
        .filter((waiter) => waiter.owner !== owner && this.#conflict(waiter.mode, mode))
        .map((waiter) => waiter.owner),
    ];
  }

  #conflict(one: LockMode, other: LockMode): boolean {
    if (one === 'exclusive' || other === 'exclusive') return true;
    if (one === 'read' || other === 'read') return false;
    return one === 'write' || other === 'write' || this.#isolation === 'SERIALIZABLE';
  }

  #waitsForItself(start: number): boolean {
    const seen = new Set<number>();
    const pending = this.#waitsFor(start);
    for (let owner = pending.pop(); owner !== undefined; owner = pending.pop()) {
      if (owner === start) return true;
      if (seen.has(owner)) continue;
      seen.add(owner);
      pending.push(...this.#waitsFor(owner));
    }
    return false;
  }

  #waitsFor(owner: number): number[] {
    return [...this.#tables.values()].flatMap((lock) => {
      const place = lock.waiters.findIndex((waiter) => waiter.owner === owner);
      const waiter = lock.waiters[place];
      return waiter === undefined ? [] : this.#obstacles(lock, owner, waiter.mode, lock.waiters.slice(0, place));
    });
  }
}
