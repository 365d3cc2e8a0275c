import { randomUUID } from 'node:crypto';
import { invalid, ServiceError } from './service-error.ts';
import type { Session } from './session.ts';

/** https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations */
const sessionsLimit = 500;
/** Ids of ended sessions we remember, to tell them from ids that never were. */
const endedSessionsKept = 10_000;

type Kept = {
  id: string;
  session: Session;
  keepAliveSeconds: number;
  busy: boolean;
  timer: NodeJS.Timeout | undefined;
};

/** A session lent to one statement; give it back with `release`. */
export type Lease = { session: Session; release: () => Promise<void> };

/** A session promised to one statement: `id` is undefined when it ends with the statement, `pid` is its process on the leader. */
export type Reservation = { id: string | undefined; pid: number; open: () => Promise<Lease> };

/**
 * Sessions that outlive their statement because a client asked for it (SessionKeepAliveSeconds). A session runs one
 * statement at a time, and ends when it was idle for its time: what its transaction left open is rolled back.
 */
export class Sessions {
  readonly #open: (pid: number) => Promise<Session>;
  readonly #kept = new Map<string, Kept>();
  readonly #ended = new Set<string>();
  #refusing = false;
  #lastPid = 1_073_700_000;

  constructor(open: (pid: number) => Promise<Session>) {
    this.#open = open;
  }

  /** Reserves the session for a new statement. Throws ValidationException or ActiveSessionsExceededException. */
  lease(id: string | undefined, keepAliveSeconds: number | undefined): Reservation {
    if (this.#refusing) throw new ServiceError('InternalServerException', 'The local warehouse is stopping', 500);
    if (id !== undefined) return this.#reuse(id, keepAliveSeconds);
    this.#lastPid += 1;
    const pid = this.#lastPid;
    if (keepAliveSeconds === undefined || keepAliveSeconds === 0) {
      return { id: undefined, pid, open: async () => passing(await this.#open(pid)) };
    }
    if (this.#kept.size >= sessionsLimit) {
      throw new ServiceError(
        'ActiveSessionsExceededException',
        `Active sessions exceeded the allowed quota (${sessionsLimit}).`,
        400,
      );
    }
    const newId = randomUUID();
    return {
      id: newId,
      pid,
      open: async () => {
        const kept: Kept = {
          id: newId,
          session: await this.#open(pid),
          keepAliveSeconds,
          busy: true,
          timer: undefined,
        };
        this.#kept.set(newId, kept);
        return this.#lend(kept);
      },
    };
  }

  /** From now on no statement finds a session: the warehouse stops. */
  refuseNew(): void {
    this.#refusing = true;
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    await Promise.all([...this.#kept.values()].map((kept) => this.#end(kept)));
  }

  #reuse(id: string, keepAliveSeconds: number | undefined): Reservation {
    const kept = this.#kept.get(id);
    if (kept === undefined)
      throw invalid(this.#ended.has(id) ? 'Session is not available' : `Session with Id: ${id} is invalid`);
    if (kept.busy) throw invalid('Session is busy with another statement');
    kept.busy = true;
    kept.keepAliveSeconds = keepAliveSeconds ?? kept.keepAliveSeconds;
    clearTimeout(kept.timer);
    return { id, pid: kept.session.pid, open: () => Promise.resolve(this.#lend(kept)) };
  }

  #lend(kept: Kept): Lease {
    return {
      session: kept.session,
      release: async () => {
        kept.busy = false;
        if (kept.keepAliveSeconds === 0) await this.#end(kept);
        else kept.timer = setTimeout(() => void this.#end(kept), kept.keepAliveSeconds * 1000);
      },
    };
  }

  async #end(kept: Kept): Promise<void> {
    clearTimeout(kept.timer);
    this.#kept.delete(kept.id);
    this.#ended.add(kept.id);
    const [oldest] = this.#ended;
    if (this.#ended.size > endedSessionsKept && oldest !== undefined) this.#ended.delete(oldest);
    await kept.session.close();
  }
}

function passing(session: Session): Lease {
  return { session, release: () => session.close() };
}
