import { randomUUID } from 'node:crypto';
import { invalid, ServiceError } from '../service-error.ts';
import type { Session } from './session.ts';

/** https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations */
const SESSIONS_LIMIT = 500;
/** Ended sessions that are remembered, to distinguish them from ids that never existed. */
const ENDED_SESSIONS_KEPT = 10_000;
/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListSessions.html */
const LISTED_MS = 24 * 3_600_000;

/** What is known of a session that a client asked to keep. Times are epoch milliseconds. */
export type SessionRecord = {
  id: string;
  /** The database user. */
  user: string;
  status: 'AVAILABLE' | 'BUSY' | 'CLOSED';
  keepAliveSeconds: number;
  createdAt: number;
  updatedAt: number;
};

type Kept = { record: SessionRecord; session: Session; timer: NodeJS.Timeout | undefined };

/** Who asks for a session: the database user, and whether they may use those of others. */
export type Caller = { user: string; isAdministrator: boolean };

/** A session in use by one statement; call `release` at its end. */
export type OpenSession = { session: Session; release: () => Promise<void> };

/** A session reserved for one statement: `id` is undefined when it ends with the statement, `pid` is its process on the leader. */
export type Reservation = { id: string | undefined; user: string; pid: number; open: () => Promise<OpenSession> };

/**
 * Sessions that outlive their statement because a client asked for it (SessionKeepAliveSeconds). A session runs one
 * statement at a time, and ends when it was idle for its time: what its transaction left open is rolled back.
 */
export class Sessions {
  readonly #open: (pid: number, user: string) => Promise<Session>;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #ended = new Map<string, SessionRecord>();
  readonly #ending = new Set<Promise<void>>();
  #refusing = false;
  #lastPid = 1_073_700_000;

  constructor(open: (pid: number, user: string) => Promise<Session>, now: () => number) {
    this.#open = open;
    this.#now = now;
  }

  /** The sessions of the last 24 hours, newest first. */
  list(): SessionRecord[] {
    const records = [...this.#ended.values(), ...[...this.#kept.values()].map(({ record }) => record)];
    return records
      .filter(({ status, updatedAt }) => status !== 'CLOSED' || this.#now() - updatedAt < LISTED_MS)
      .sort((one, other) => other.createdAt - one.createdAt);
  }

  /** Reserves the session for a user's new statement. Throws ValidationException or ActiveSessionsExceededException. */
  reserve(caller: Caller, id: string | undefined, keepAliveSeconds: number | undefined): Reservation {
    if (this.#refusing) throw new ServiceError('InternalServerException', 'The local warehouse is stopping', 500);
    if (id !== undefined) return this.#reuse(caller, id, keepAliveSeconds);
    const { user } = caller;
    this.#lastPid += 1;
    const pid = this.#lastPid;
    if (keepAliveSeconds === undefined || keepAliveSeconds === 0) {
      return { id: undefined, user, pid, open: async () => passing(await this.#open(pid, user)) };
    }
    if (this.#kept.size >= SESSIONS_LIMIT) {
      throw new ServiceError(
        'ActiveSessionsExceededException',
        `Active sessions exceeded the allowed quota (${SESSIONS_LIMIT}).`,
        400,
      );
    }
    const newId = randomUUID();
    return {
      id: newId,
      user,
      pid,
      open: async () => {
        const session = await this.#open(pid, user);
        const at = this.#now();
        const record: SessionRecord = {
          id: newId,
          user,
          status: 'BUSY',
          keepAliveSeconds,
          createdAt: at,
          updatedAt: at,
        };
        const kept: Kept = { record, session, timer: undefined };
        this.#kept.set(newId, kept);
        return this.#lend(kept);
      },
    };
  }

  /** Rejects new statements from now on, because the warehouse is stopping. */
  refuseNew(): void {
    this.#refusing = true;
  }

  /** Ends a session that runs no statement, if it is there. */
  async lose(id: string): Promise<void> {
    const kept = this.#kept.get(id);
    if (kept !== undefined) await this.#end(kept);
  }

  /** Ends all sessions; resolves when those that were ending have ended, too. */
  async close(): Promise<void> {
    const before = [...this.#ending];
    await Promise.all([...before, ...[...this.#kept.values()].map((kept) => this.#end(kept))]);
  }

  #reuse({ user, isAdministrator }: Caller, id: string, keepAliveSeconds: number | undefined): Reservation {
    const kept = this.#kept.get(id);
    // A session is nobody's but its user's.
    if (kept !== undefined && kept.record.user !== user && !isAdministrator)
      throw invalid(`Session with Id: ${id} is invalid`);
    if (kept === undefined)
      throw invalid(this.#ended.has(id) ? 'Session is not available' : `Session with Id: ${id} is invalid`);
    if (kept.record.status === 'BUSY') throw invalid('Session is busy with another statement');
    this.#mark(kept, 'BUSY');
    kept.record.keepAliveSeconds = keepAliveSeconds ?? kept.record.keepAliveSeconds;
    clearTimeout(kept.timer);
    return { id, user: kept.record.user, pid: kept.session.pid, open: () => Promise.resolve(this.#lend(kept)) };
  }

  #lend(kept: Kept): OpenSession {
    return {
      session: kept.session,
      release: async () => {
        this.#mark(kept, 'AVAILABLE');
        if (kept.record.keepAliveSeconds === 0) await this.#end(kept);
        else kept.timer = setTimeout(() => void this.#end(kept), kept.record.keepAliveSeconds * 1000).unref();
      },
    };
  }

  #mark({ record }: Kept, status: SessionRecord['status']): void {
    record.status = status;
    record.updatedAt = this.#now();
  }

  async #end(kept: Kept): Promise<void> {
    clearTimeout(kept.timer);
    this.#mark(kept, 'CLOSED');
    this.#kept.delete(kept.record.id);
    this.#ended.set(kept.record.id, kept.record);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > ENDED_SESSIONS_KEPT && oldest !== undefined) this.#ended.delete(oldest);
    const closing = kept.session.close();
    this.#ending.add(closing);
    await closing.finally(() => this.#ending.delete(closing));
  }
}

function passing(session: Session): OpenSession {
  return { session, release: () => session.close() };
}
