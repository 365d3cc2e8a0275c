import { ledgerOf } from './connection.ts';
import { readLedgerEntries, countRows } from '../ledger/reports.ts';
import { namedBy, readRecorded, seenVersion, writtenVersion, type Written } from '../ledger/seen.ts';
import type { LedgerEntry } from '../ledger/entries.ts';
import { starTables } from '../schema/relations.ts';
import { s3Url } from '../objects/object-version.ts';
import type { Connection } from '../ports.ts';
import { Census } from '../ui/census.ts';
import { Channel } from '../ui/channel.ts';
import { Series } from '../ui/series.ts';
import type { Batch, FaultSwitch, Overview, PageEvent, Running } from '../ui/shapes.ts';
import type { Waiting } from '../waiting/waiting.ts';
import { forgetOldest, MessageReader, type Message } from './message-reader.ts';
import { LATELY_MS, readDriftedFields } from '../ledger/drifted-fields.ts';
import { attentionOf } from './page-attention.ts';

/** What the page needs of a local stack. */
export type ObservedStack = {
  /** The product's edges, at the addresses where nothing goes wrong on purpose. */
  connection: Connection;
  aws: { store: { onChange: (listener: (change: Written) => void) => void } };
  /** What the landing buckets hold from earlier runs. */
  present: () => readonly Written[];
  waiting: () => readonly Message[];
  deadLetters: () => readonly Message[];
  running: () => Promise<Running[]>;
  batches: () => Promise<Batch[]>;
  faults: () => FaultSwitch[];
  /** What the warehouse is waited for, if it is. */
  waitingFor: () => Promise<Waiting | undefined>;
};

/** How often the page hears of changes at most, and how often it looks when nobody tells it of them. */
const TICK_MS = 100;
const LOOK_MS = 300;
/** With very many objects under way a look takes longer; then it looks less often, so that it never takes more than a fifth. */
const REST = 4;
/** How often rows are counted at most: it reads the tables. */
const COUNT_MS = 1000;
/** What the sentence's freshness is of. */
const FRESH_MS = 5 * 60_000;
/** A notification takes no longer than this, unless it is delayed or lost. */
const ANNOUNCED_MS = 3000;

/** Follows a local stack: by what it tells of by itself, and by the ledger, which is asked only while somebody looks. */
export class LocalObserver {
  readonly channel = new Channel();
  readonly census = new Census();
  readonly #stack: ObservedStack;
  readonly #series = new Series();
  readonly #reader = new MessageReader();
  readonly #deliveries = new Map<object, readonly Message[]>();
  readonly #committedMs = new Map<number, number>();
  #ledger = new Map<string, LedgerEntry>();
  #since: string;
  #batches: Batch[] = [];
  #tables: Record<string, number> = {};
  #running: Running[] = [];
  #news = { commit: true, delivery: true };
  #countedAtMs = -Infinity;
  #isCountDue = true;
  #tookMs = 0;
  #dueMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | undefined;
  #trouble = '';
  #changedFields = 0;
  #waitingFor: Waiting | undefined;
  #isStopped = false;

  /** `since` is the number of the last batch before anything was seen. */
  constructor(stack: ObservedStack, since: string) {
    this.#stack = stack;
    this.#since = since;
    const { landing } = stack.connection.config;
    stack.aws.store.onChange((change) => {
      const version = writtenVersion(change, landing);
      if (version === undefined) return;
      this.census.see(version);
      this.#schedule(TICK_MS);
    });
    for (const written of stack.present()) {
      const version = writtenVersion(written, landing);
      if (version) this.census.see(version);
    }
    // Messages that earlier runs left are still to be processed, so they count as seen.
    for (const version of namedBy([...stack.waiting(), ...stack.deadLetters()]))
      if (landing.buckets.includes(version.bucket)) this.census.see(seenVersion(version, landing));
  }

  deliveryStarted(delivery: object, messages: readonly Message[]): void {
    this.#deliveries.set(delivery, messages);
    this.#schedule(TICK_MS);
  }

  deliveryEnded(delivery: object): void {
    this.#deliveries.delete(delivery);
    this.#news.delivery = true;
    this.#schedule(0);
  }

  /** The function said that a batch was committed, and when. */
  committed(batchNo: number, atMs: number): void {
    this.#committedMs.set(batchNo, atMs);
    forgetOldest(this.#committedMs);
    this.#news.commit = true;
    this.#isCountDue = true;
    this.#schedule(0);
  }

  /** Tells of everything known, then of what changes. */
  subscribe(listener: (event: PageEvent) => void): () => void {
    const unsubscribe = this.channel.add(listener);
    listener({ name: 'points', data: this.#series.points() });
    if (this.#batches.length > 0) listener({ name: 'batches', data: this.#batches });
    listener({ name: 'trouble', data: this.#trouble });
    this.#schedule(0, true);
    return unsubscribe;
  }

  /** Looks now. */
  async overview(): Promise<Overview> {
    await this.look();
    return this.#overview();
  }

  async look(): Promise<void> {
    // One look at a time; whoever asks meanwhile gets the result of a new one.
    await this.#ticking;
    this.#ticking ??= this.#tick().finally(() => {
      this.#ticking = undefined;
    });
    await this.#ticking;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Looks after a while, or sooner if that was planned already. */
  #schedule(afterMs: number, evenUnwatched = false): void {
    if (this.#isStopped || (!this.channel.isWatched && !evenUnwatched)) return;
    const waitMs = Math.max(afterMs, REST * this.#tookMs, this.#ticking === undefined ? 0 : TICK_MS);
    const dueMs = performance.now() + waitMs;
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const isOpen = this.census.isOpen || this.#deliveries.size > 0;
      void this.look().finally(() => {
        if (isOpen || this.#isCountDue) this.#schedule(LOOK_MS);
      });
    }, waitMs).unref();
  }

  /** Asks what is new and tells of it. What cannot be asked is told too, and asked again. */
  async #tick(): Promise<void> {
    try {
      await this.#learn();
      this.channel.tell({ name: 'overview', data: this.#overview() });
      const faults = this.#stack.faults();
      if (faults.some(({ on }) => on)) this.channel.tell({ name: 'faults', data: faults });
      await this.#count();
      this.#tellTrouble('');
    } catch (error) {
      this.#news = { commit: true, delivery: true };
      if (!this.#isStopped) this.#tellTrouble(error instanceof Error ? error.message : String(error));
    }
  }

  async #learn(): Promise<void> {
    const deps = ledgerOf(this.#stack.connection);
    const startedMs = performance.now();
    this.census.admit();
    this.#waitingFor = await this.#stack.waitingFor();
    // The queue is read before the ledger: a message that is gone from it was committed before, so the ledger has it.
    const waiting = this.#reader.byObject(this.#stack.waiting());
    const deadLettered = this.#reader.byObject(this.#stack.deadLetters());
    const delivered = new Set(this.#reader.byObject([...this.#deliveries.values()].flat()).keys());
    this.#tookMs = performance.now() - startedMs;
    const { commit, delivery } = this.#news;
    this.#news = { commit: false, delivery: false };
    const { rows, newest } =
      commit || delivery ? await readRecorded(this.#since, deps) : { rows: [], newest: this.#since };
    if (delivery) {
      const unknown = this.census.unexplained({ waiting, recorded: rows });
      if (unknown.length > 0) this.#ledger = (await readLedgerEntries(unknown, deps)).entries;
    }
    this.#running = this.#deliveries.size > 0 ? await this.#stack.running() : [];
    const answeredMs = performance.now();
    const changes = this.census.learn({ recorded: rows, ledger: this.#ledger, deadLettered, waiting, delivered });
    this.#tookMs += performance.now() - answeredMs;
    this.#since = newest;
    if (changes.moves.length > 0) this.channel.tell({ name: 'moves', data: changes.moves });
    for (const { batchNo, version, loaded } of changes.recorded) {
      const atMs = this.#committedMs.get(batchNo) ?? this.#stack.connection.clock.now();
      this.#series.add(atMs, batchNo, loaded ? Math.max(0, (atMs - version.eventTimeMs) / 1000) : null);
    }
    const points = this.#series.takeChanged();
    if (points.length > 0) this.channel.tell({ name: 'points', data: points });
  }

  /** Counts the star's rows and lists the last batches, if there was a commit, and not too often. */
  async #count(): Promise<void> {
    const { connection } = this.#stack;
    const nowMs = connection.clock.now();
    if (!this.#isCountDue || nowMs - this.#countedAtMs < COUNT_MS) return;
    this.#isCountDue = false;
    this.#countedAtMs = nowMs;
    const { schema, load } = connection.templates;
    this.#tables = await countRows(starTables(schema, load), ledgerOf(connection));
    this.#batches = await this.#stack.batches();
    const { sources } = connection.config.landing;
    this.#changedFields = (await readDriftedFields(nowMs - LATELY_MS, sources, ledgerOf(connection))).length;
    this.channel.tell({ name: 'batches', data: this.#batches });
    this.channel.tell({ name: 'overview', data: this.#overview() });
  }

  #overview(): Overview {
    const { clock, config } = this.#stack.connection;
    const nowMs = clock.now();
    const { seen, counts } = this.census.counts();
    const fresh = this.#series.freshnessSince(nowMs - FRESH_MS);
    const unannounced = this.census.unannouncedSince(nowMs - ANNOUNCED_MS);
    return {
      atMs: nowMs,
      seen,
      counts,
      stations: this.census.stations(),
      queueUnit: 'objects',
      running: this.#running,
      freshness: fresh && { ...fresh, span: 'the last 5 minutes' },
      tables: this.#tables,
      attention: attentionOf(
        counts,
        { unannounced, changedFields: this.#changedFields, waiting: this.#waitingFor },
        s3Url({ bucket: config.landing.buckets[0] ?? '', key: '' }),
      ),
    };
  }

  #tellTrouble(text: string): void {
    if (text !== this.#trouble) this.channel.tell({ name: 'trouble', data: text });
    this.#trouble = text;
  }
}
