import type { DuckDBConnection } from '@duckdb/node-api';
import { showQuerySql, materializeSql } from '../engine/shown-query.ts';
import type { SessionCatalog } from '../engine/catalog.ts';
import { parseCopy } from '../copy/statement.ts';
import { resultType } from '../sql/data-types.ts';
import { translate } from '../sql/dialect.ts';
import { engineError, ignoreNoTransaction } from '../engine/engine-error.ts';
import { readResult, type ResultFormat, type ResultSet } from './results.ts';
import { ShownRows } from './shown-rows.ts';
import type { Slots } from './slots.ts';
import { insertOnly, locksOf } from './statement-locks.ts';
import type { Transaction, Transactions } from './transactions.ts';
import { SqlError, type CopyStatement, type Table, type Translation } from '../types.ts';
import { mergeStatement } from '../engine/merge-statement.ts';

/** What a statement did: rows returned or affected, and the rows themselves for a query. */
export type Outcome = { rows: number; result?: ResultSet };

/** One run of one statement: its number in the system tables, the signal that cancels it, and the form of its result. */
export type Run = { queryId: number; signal: AbortSignal; format: ResultFormat };

/** Runs COPY inside the session's open transaction. */
export type CopyRunner = (copy: CopyStatement, session: Session, open: Transaction, run: Run) => Promise<Outcome>;

/** What all sessions of a warehouse have in common. */
export type SessionServices = { transactions: Transactions; slots: Slots; copy: CopyRunner; now: () => Date };

/**
 * One database session: an engine connection, its temporary tables, and at most one transaction.
 *
 * The engine's transaction begins only with the first statement that looks at a table, as Redshift's snapshot does,
 * so that LOCK as the first statement sees everything committed until the lock was granted.
 */
export class Session {
  readonly pid: number;
  readonly connection: DuckDBConnection;
  readonly catalog: SessionCatalog;
  readonly #shared: SessionServices;
  #transaction: Transaction | undefined;
  #engineOpen = false;
  /** A statement of the open transaction failed: nothing but its end is accepted. */
  #broken = false;
  readonly #shown = new ShownRows();

  constructor(pid: number, connection: DuckDBConnection, catalog: SessionCatalog, shared: SessionServices) {
    this.pid = pid;
    this.connection = connection;
    this.catalog = catalog;
    this.#shared = shared;
  }

  /** Whether a transaction was opened and not ended yet. */
  get inTransaction(): boolean {
    return this.#transaction !== undefined;
  }

  /** Opens a transaction that lasts until commit() or rollback(). */
  begin(): void {
    // Redshift answers a second BEGIN with a warning and goes on.
    this.#transaction ??= this.#shared.transactions.begin();
  }

  /** Ends the transaction, keeping its changes. Throws SqlError (and has rolled back) when they cannot be kept. */
  async commit(): Promise<void> {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    // COMMIT of a transaction in which a statement failed is a rollback.
    if (this.#broken) {
      await this.rollback();
      return;
    }
    try {
      this.#shared.transactions.checkCommit(transaction);
      if (this.#engineOpen) await this.connection.run('COMMIT');
    } catch (error) {
      await this.rollback();
      throw engineError(error);
    }
    this.catalog.commit();
    this.#end();
    this.#shared.transactions.committed(transaction);
    await this.#shown.freeAllBut(this.catalog.shownQueries());
  }

  /** Ends the transaction, undoing its changes. */
  async rollback(): Promise<void> {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    try {
      // A commit the engine refuses has rolled back by itself, and then there is nothing left to undo.
      if (this.#engineOpen) await this.connection.run('ROLLBACK').catch(ignoreNoTransaction);
    } finally {
      this.catalog.rollback();
      this.#end();
      this.#shared.transactions.rolledBack(transaction);
    }
    await this.#shown.freeAllBut(this.catalog.shownQueries());
  }

  /** Rolls back what is open and closes the connection. */
  async close(): Promise<void> {
    try {
      await this.rollback();
    } catch {
      // Whatever ROLLBACK could not undo ends with the connection.
    }
    this.connection.closeSync();
    await this.#shown.freeAllBut(new Set());
  }

  /** Makes an empty temporary table show a query; `free` is called once it does not any more, at the latest when the session has ended. */
  async showQuery(table: Table, rows: string, free: () => Promise<void>): Promise<void> {
    this.#shown.keep(rows, free);
    await this.#write(showQuerySql(table, rows));
    this.catalog.setShownQuery(table, rows);
  }

  async #own(table: Table): Promise<void> {
    await this.#write(materializeSql(table));
    this.catalog.setShownQuery(table, undefined);
  }

  /**
   * Runs one statement; alone in a transaction of its own unless one is open. Throws SqlError when it fails, or the
   * signal's reason when it was cancelled. `batch` says that it belongs to a TRANSACTION batch, where the caller ends the transaction.
   */
  async run(sql: string, run: Run, batch = false): Promise<Outcome> {
    run.signal.throwIfAborted();
    const explicit = this.inTransaction;
    try {
      const options = { inTransaction: explicit, copy: parseCopy, now: this.#shared.now };
      const translation = translate(sql, this.catalog, options);
      if (translation.plan.kind === 'transaction') return await this.#control(translation.plan.verb, batch);
      if (this.#broken)
        throw new SqlError('current transaction is aborted, commands ignored until end of transaction block', '25P02');
      this.begin();
      const outcome = await this.#perform(translation, run);
      if (!explicit) await this.commit();
      return outcome;
    } catch (error) {
      if (!explicit) await this.rollback();
      this.#broken = this.inTransaction;
      if (run.signal.aborted) throw run.signal.reason;
      throw engineError(error);
    }
  }

  async #control(verb: 'begin' | 'commit' | 'rollback', batch: boolean): Promise<Outcome> {
    if (batch) throw new SqlError(`${verb.toUpperCase()} cannot run inside a transaction block`, '25001');
    if (verb === 'begin') this.begin();
    else if (verb === 'commit') await this.commit();
    else await this.rollback();
    return { rows: 0 };
  }

  async #perform(translation: Translation, run: Run): Promise<Outcome> {
    const { plan } = translation;
    const transaction = this.#transaction;
    if (transaction === undefined) throw new Error('A statement runs without a transaction');
    if (plan.kind === 'search path') this.catalog.setSearchPath(plan.schema);
    if (plan.kind === 'nothing' || plan.kind === 'search path') return { rows: 0 };
    await this.#enter(transaction, translation, run);
    for (const table of translation.toMaterialize) await this.#interruptible(run, () => this.#own(table));
    switch (plan.kind) {
      case 'lock':
        return { rows: 0 };
      case 'rights':
        await this.catalog.applyRights(plan.changes, this.connection);
        return { rows: 0 };
      case 'query':
        return await this.#interruptible(run, async () => {
          const result = await readResult(await this.connection.stream(plan.sql), resultType, run.format);
          return { rows: result.rows, result };
        });
      case 'write':
        return await this.#interruptible(run, () => this.#write(plan.statements));
      case 'merge':
        return await this.#interruptible(run, async () => this.#write([await mergeStatement(this.connection, plan)]));
      case 'truncate':
        return await this.#interruptible(run, () => this.#write([plan.statement]));
      case 'define':
        await this.#interruptible(run, () => this.#write(plan.statements));
        await this.catalog.apply(plan.changes, this.connection);
        return { rows: 0 };
      case 'copy':
        return await this.#interruptible(run, () => this.#shared.copy(plan.copy, this, transaction, run));
      case 'transaction':
        throw new Error('Transaction control reached the engine');
    }
  }

  /** Locks what the statement touches, then makes sure that what it changes has not changed under its snapshot. */
  async #enter(transaction: Transaction, translation: Translation, run: Run): Promise<void> {
    const locks = locksOf(translation);
    const { kind } = translation.plan;
    const looks = kind !== 'lock' && kind !== 'rights' && (translation.reads.length > 0 || kind !== 'query');
    if (looks) this.#shared.transactions.takeSnapshot(transaction);
    if (!this.#shared.transactions.tryLock(transaction, locks)) {
      // Redshift's snapshot is older than the wait. The engine's must be, too, or the statement would see more than it may.
      if (looks) await this.#openEngine(true);
      await this.#shared.transactions.lock(transaction, locks, run.signal);
    }
    if (looks || kind === 'rights') await this.#openEngine(false);
    for (const table of translation.reads) transaction.read.add(table);
    for (const table of translation.writes) transaction.written.add(table);
    if (!insertOnly(translation)) this.#shared.transactions.checkFresh(transaction, translation.writes);
  }

  async #openEngine(pinSnapshot: boolean): Promise<void> {
    if (this.#engineOpen) return;
    await this.connection.run('BEGIN');
    this.#engineOpen = true;
    // BEGIN alone pins nothing; binding a query against a table does.
    if (pinSnapshot) await this.connection.run('SELECT 1 FROM redshift_catalog.tables LIMIT 0');
  }

  async #write(statements: string[]): Promise<Outcome> {
    let rows = 0;
    for (const statement of statements) rows = (await this.connection.run(statement)).rowsChanged;
    return { rows };
  }

  async #interruptible<T>(run: Run, work: () => Promise<T>): Promise<T> {
    const free = await this.#shared.slots.take(run.signal);
    // An interrupt that arrives before the engine has begun is forgotten by it, so it is repeated until the engine gives up.
    let again: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      this.connection.interrupt();
      again = setTimeout(interrupt, 10);
    };
    run.signal.addEventListener('abort', interrupt, { once: true });
    try {
      return await work();
    } finally {
      run.signal.removeEventListener('abort', interrupt);
      clearTimeout(again);
      free();
    }
  }

  #end(): void {
    this.#transaction = undefined;
    this.#engineOpen = false;
    this.#broken = false;
  }
}
