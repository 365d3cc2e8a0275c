/** Crash points: one small load, struck at one point, delivered again until it is done, and held against the oracle. */
import assert from 'node:assert/strict';
import { oracle, type SourceObject } from '../support/oracle.ts';
import type { Call, PlannedFault } from '../support/switchboard.ts';
import {
  assertAccountsClose,
  assertContentOrder,
  assertSameStar,
  linesOfOracle,
  readLedger,
  readStar,
  rowsOf,
} from './star.ts';
import type { InvokeOptions } from '../support/loader.ts';
import type { TestStack, TestStackOptions } from '../support/stack.ts';
import { assertAnnounced } from './announced.ts';
import { assertTracks } from './tracks.ts';
import { write } from './write.ts';

/**
 * Every call a load makes: that is announced: while all goes well, when files must be quarantined, and at the deadline. A test compares this list
 * with what was called, so that a new call cannot escape the proof.
 */
export const CALLS_OF_A_LOAD: readonly string[] = [
  'event-bus PutEvents',
  'redshift-data BatchExecuteStatement',
  'redshift-data CancelStatement',
  'redshift-data DescribeStatement',
  'redshift-data ExecuteStatement',
  'redshift-data GetStatementResult',
  's3 GetObject',
  's3 HeadObject',
  's3 PutObject',
];

/** A stack for `strikeFunction`: each message is a delivery, and nothing comes to the queue but what the test sends. */
export const FED_BY_HAND: TestStackOptions = { events: true, notify: false, batchSize: 1, maxReceiveCount: 100 };

/** How often one message may be delivered before it must have been loaded. */
const MAX_DELIVERIES = 6;
const FIRST_EVENT_MS = Date.UTC(2018, 10, 30, 21, 4, 5, 796);

/**
 * What is loaded: a song and its play; with `troubles` also a file that cannot be loaded and an object that is gone; with
 * `unused` a file of which no row can be used, and the removal of that of the load before.
 */
export type LoadKind = 'clean' | 'troubles' | 'unused';

/** How one load went. */
export type Strike = { calls: readonly Call[]; deliveries: number };

/**
 * One load after the other in one stack, each with keys of its own, so that nothing has to be emptied in between. What all
 * of them loaded must stand after each.
 */
export class CrashBench {
  readonly #stack: TestStack;
  readonly #loadable: SourceObject[] = [];
  readonly #expectedStates = new Map<string, string>();
  #loads = 0;
  /** A file in quarantine. */
  #removable: string | undefined;

  constructor(stack: TestStack) {
    this.#stack = stack;
  }

  /** The calls of a load of each kind when none of them fails. */
  async calls(): Promise<Record<LoadKind, readonly Call[]>> {
    const clean = await this.strike('clean');
    const troubles = await this.strike('troubles');
    // Only the second has one of the load before to remove.
    await this.strike('unused');
    const unused = await this.strike('unused');
    return { clean: clean.calls, troubles: troubles.calls, unused: unused.calls };
  }

  /** One load in this process, struck once, and delivered again by the same warm loader. Throws AssertionError. */
  async strike(kind: LoadKind, fault?: PlannedFault, options: InvokeOptions = {}): Promise<Strike> {
    let bodies = [await this.#prepare(kind)];
    const log: string[] = [];
    let calls: readonly Call[] = [];
    let deliveries = 0;
    const firstMs = Date.now();
    this.#stack.switchboard.arm(fault);
    while (bodies.length > 0 && deliveries < MAX_DELIVERIES) {
      const received = { times: deliveries + 1, firstMs };
      const invoked = await this.#stack.deliver(bodies, { ...(deliveries === 0 ? options : {}), received });
      if (deliveries === 0) calls = this.#stack.switchboard.calls;
      this.#stack.switchboard.arm();
      bodies = invoked.failed;
      log.push(...invoked.log);
      deliveries += 1;
    }
    assert.deepEqual(bodies, [], `the message still comes back:\n${log.join('\n')}`);
    await this.#assertLoaded();
    return { calls, deliveries };
  }

  /** One load by the function in its own process, fed from the queue. Throws AssertionError. */
  async strikeFunction(kind: LoadKind, fault?: PlannedFault): Promise<Strike> {
    const body = await this.#prepare(kind);
    const { switchboard } = this.#stack;
    switchboard.arm(fault);
    this.#stack.send(body);
    await this.#stack.idle();
    const { calls, invocations } = switchboard;
    switchboard.arm();
    await this.#assertLoaded();
    return { calls, deliveries: invocations };
  }

  async #prepare(kind: LoadKind): Promise<string> {
    this.#loads += 1;
    const id = String(this.#loads).padStart(5, '0');
    const at = new Date(FIRST_EVENT_MS + this.#loads * 1000);
    const title = `Song ${id}`;
    const song = { song_id: `SO${id}`, title, artist_id: `AR${id}`, artist_name: 'Elena', duration: 1.5, year: 0 };
    const play = { page: 'NextSong', song: title, artist: 'Elena', length: 1.5, sessionId: 1, itemInSession: 1 };
    const home = { page: 'Home', sessionId: 1, itemInSession: 0, userId: 'everyone', level: 'free' };
    const files: SourceObject[] = [
      { key: `song_data/${id}.json`, body: JSON.stringify(song) },
      {
        key: `log_data/${id}.json`,
        // Everyone's level flips with each load: the newest of them must stand.
        body: [
          { ...home, ts: at.getTime(), level: this.#loads % 2 === 0 ? 'paid' : 'free' },
          { ...play, ts: at.getTime(), userId: id, level: 'paid' },
        ].map((event) => JSON.stringify(event)).join('\n'), // prettier-ignore
      },
    ];
    const records = [];
    for (const { key, body } of files) {
      records.push(await write(this.#stack, key, body, at));
      this.#expectedStates.set(key, 'loaded');
    }
    this.#loadable.push(...files);
    if (kind === 'troubles') {
      const [bad, gone] = [`log_data/${id}-bad.json`, `song_data/${id}-gone.json`];
      records.push(await write(this.#stack, bad, '{"ts": "abc"}', at), await write(this.#stack, gone, '{}', at));
      await this.#stack.remove(gone);
      this.#expectedStates.set(bad, 'quarantined').set(gone, 'vanished');
    }
    if (kind === 'unused') {
      const unused = `log_data/${id}-unused.json`;
      records.push(await write(this.#stack, unused, '{"sessionId": 1}', at));
      this.#expectedStates.set(unused, 'quarantined');
      if (this.#removable !== undefined) {
        records.push(await this.#stack.remove(this.#removable));
        this.#expectedStates.set(this.#removable, 'dismissed');
      }
      this.#removable = unused;
    }
    return JSON.stringify({ Records: records });
  }

  async #assertLoaded(): Promise<void> {
    const { warehouse } = this.#stack.connection;
    const { schema } = this.#stack;
    const star = oracle(this.#loadable);
    assertSameStar(await readStar(warehouse, schema), linesOfOracle(star));
    await assertTracks(warehouse, schema, star, this.#loadable);
    await assertContentOrder(warehouse, schema);
    const [batches] = await rowsOf(
      warehouse,
      `SELECT COUNT(*) - COUNT(DISTINCT batch_id) AS twice FROM ${schema}.load_batches`,
    );
    assert.equal(Number(batches?.twice), 0, 'a batch is recorded once');
    const states = [...(await readLedger(warehouse, schema)).values()].map(({ key, status }) => `${key} ${status}`);
    const expected = [...this.#expectedStates].map(([key, status]) => `${key} ${status}`);
    assert.deepEqual(states.sort(), expected.sort(), 'the ledger has every object');
    await assertAccountsClose(warehouse, schema);
    await assertAnnounced(this.#stack);
  }
}
