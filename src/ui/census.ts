import { stateOf, type Evidence, type NewRow, type RecordedRow, type SeenVersion } from '../ledger/conservation.ts';
import type { LedgerEntry } from '../ledger/entries.ts';
import { s3Url, type ObjectVersion } from '../objects/object-version.ts';
import { PAGE_STATES, type Move, type PageState, type StateCounts, type Station } from './shapes.ts';

/** What is known at one time of the versions that are not in a final state, and what the ledger recorded since the last time. */
export type News = {
  recorded: readonly NewRow[];
  ledger: ReadonlyMap<string, LedgerEntry>;
  deadLettered: ReadonlyMap<string, readonly ObjectVersion[]>;
  waiting: ReadonlyMap<string, readonly ObjectVersion[]>;
  /** Ids of the objects that a running invocation of the function was given. */
  delivered: ReadonlySet<string>;
};

/** A version that a batch loaded, or recorded as not loaded. */
export type Recorded = { version: SeenVersion; batchNo: number; loaded: boolean };

/** What news changed. */
export type Changes = { moves: Move[]; recorded: Recorded[] };

type Counted = { version: SeenVersion; state: PageState; station: Station };

/** The most URLs that a move carries. */
const URLS_PER_MOVE = 12;

/**
 * Every version seen, in exactly one state: the rule of `countStates`, applied only to the versions that news can concern, so that
 * it costs what happened and not what is there.
 */
export class Census {
  readonly #versions = new Map<string, Counted>();
  readonly #open = new Map<string, Counted>();
  readonly #byObject = new Map<string, Counted[]>();
  readonly #recorded = new Map<string, RecordedRow[]>();
  readonly #counts = Object.fromEntries(PAGE_STATES.map((state) => [state, 0])) as StateCounts;
  #arrivals: SeenVersion[] = [];
  #admitted: SeenVersion[] = [];

  /** A version was seen; it is counted with the first news that was gathered later, which can say where it is. */
  see(version: SeenVersion): void {
    this.#arrivals.push(version);
  }

  /** The gathering of news begins: what was seen until now is counted with it. */
  admit(): void {
    this.#admitted.push(...this.#arrivals.splice(0));
  }

  /** Whether anything may change without a new event: some version is in no final state, or was not counted yet. */
  get isOpen(): boolean {
    return this.#open.size + this.#arrivals.length + this.#admitted.length > 0;
  }

  /** The versions that neither the ledger nor a message with `waiting` speaks of; the ledger may have them from before. */
  unexplained({ waiting, recorded }: Pick<News, 'waiting' | 'recorded'>): string[] {
    const now = new Set(recorded.map(({ objectId }) => objectId));
    const ids = [...[...this.#open.values()].map(({ version }) => version), ...this.#admitted]
      .map(({ objectId }) => objectId)
      .filter((id) => !waiting.has(id) && !now.has(id));
    return [...new Set(ids)];
  }

  /** Counts what was seen, and moves what the news concerns. */
  learn(news: News): Changes {
    const batches = new Map(news.recorded.map(({ objectId, batchNo }) => [objectId, batchNo]));
    for (const { objectId, ...row } of news.recorded) {
      this.#recorded.set(objectId, [...(this.#recorded.get(objectId) ?? []), row]);
    }
    const moves = new Moves();
    const concerned = new Set(this.#open.values());
    for (const { objectId } of news.recorded)
      for (const counted of this.#byObject.get(objectId) ?? []) concerned.add(counted);
    for (const version of this.#admitted.splice(0)) {
      const added = this.#add(version);
      if (added) concerned.add(added);
    }
    const evidence = { ...news, recorded: this.#recorded };
    const recorded: Recorded[] = [];
    for (const counted of concerned) {
      const { state, version } = counted;
      this.#place(counted, evidence, news.delivered, moves);
      const batchNo = batches.get(version.objectId);
      if (batchNo === undefined || counted.state === state) continue;
      if (counted.state === 'loaded') recorded.push({ version, batchNo, loaded: true });
      if (counted.state === 'quarantined' || counted.state === 'vanished')
        recorded.push({ version, batchNo, loaded: false });
    }
    return { moves: moves.list(), recorded };
  }

  /** How many versions are in each state. */
  counts(): { seen: number; counts: StateCounts } {
    return { seen: this.#versions.size, counts: { ...this.#counts } };
  }

  /** How many versions are at each station; those that end nowhere (vanished, ignored) are at none. */
  stations(): Record<Station, number> {
    const { loaded, alreadyLoaded, superseded, quarantined, deadLettered, unannounced, waiting } = this.#counts;
    let batch = 0;
    for (const { station } of this.#open.values()) if (station === 'batch') batch += 1;
    return {
      bucket: unannounced,
      queue: waiting - batch,
      batch,
      star: loaded + alreadyLoaded + superseded,
      quarantine: quarantined,
      deadLetters: deadLettered,
    };
  }

  /** How many versions that were written before a time no message and no ledger row names. */
  unannouncedSince(beforeMs: number): number {
    let count = 0;
    for (const { state, version } of this.#open.values())
      if (state === 'unannounced' && version.eventTimeMs < beforeMs) count += 1;
    return count;
  }

  /** The last versions in a state, newest first. */
  inState(state: PageState, most: number): { found: number; versions: SeenVersion[] } {
    const versions: SeenVersion[] = [];
    for (const { version, state: own } of this.#versions.values()) if (own === state) versions.push(version);
    return { found: versions.length, versions: versions.slice(-most).reverse() };
  }

  #add(version: SeenVersion): Counted | undefined {
    const id = `${version.objectId} ${version.sequencer ?? version.etag}`;
    if (this.#versions.has(id)) return undefined;
    const counted: Counted = { version, state: 'unannounced', station: 'bucket' };
    this.#versions.set(id, counted);
    this.#open.set(id, counted);
    this.#byObject.set(version.objectId, [...(this.#byObject.get(version.objectId) ?? []), counted]);
    this.#counts.unannounced += 1;
    return counted;
  }

  #place(counted: Counted, evidence: Evidence, delivered: ReadonlySet<string>, moves: Moves): void {
    const { version } = counted;
    const state = stateOf(version, evidence) ?? 'unannounced';
    const station = stationOf(state, delivered.has(version.objectId));
    if (state === counted.state && (station ?? counted.station) === counted.station) return;
    if (station !== counted.station && station !== undefined) moves.add(counted.station, station, s3Url(version));
    this.#counts[counted.state] -= 1;
    this.#counts[state] += 1;
    counted.state = state;
    counted.station = station ?? counted.station;
    const id = `${version.objectId} ${version.sequencer ?? version.etag}`;
    if (state === 'waiting' || state === 'unannounced' || state === 'deadLettered') this.#open.set(id, counted);
    else this.#open.delete(id);
  }
}

/** Where a version in a state is; nowhere in particular when it was ignored or has vanished. */
function stationOf(state: PageState, isDelivered: boolean): Station | undefined {
  switch (state) {
    case 'unannounced':
      return 'bucket';
    case 'waiting':
      return isDelivered ? 'batch' : 'queue';
    case 'loaded':
    case 'alreadyLoaded':
    case 'superseded':
      return 'star';
    case 'quarantined':
      return 'quarantine';
    case 'deadLettered':
      return 'deadLetters';
    case 'vanished':
    case 'ignored':
      return undefined;
  }
}

/** Moves of single versions, added up by way. */
class Moves {
  readonly #byWay = new Map<string, Move>();

  add(from: Station, to: Station, url: string): void {
    const way = `${from} ${to}`;
    const move = this.#byWay.get(way) ?? { from, to, count: 0, urls: [] };
    move.count += 1;
    if (move.urls.length < URLS_PER_MOVE) move.urls.push(url);
    this.#byWay.set(way, move);
  }

  list(): Move[] {
    return [...this.#byWay.values()];
  }
}
