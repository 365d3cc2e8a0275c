/** Runs a delivery of a history, then holds warehouse and ledger against the oracle. */
import assert from 'node:assert/strict';
import { compareObject } from '../../src/catch-up/compare.ts';
import { replayMessages } from '../../src/catch-up/replay-messages.ts';
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import { rootObjects } from '../support/oracle-values.ts';
import { addCounts, noSteps, type StepCounts } from '../support/load-steps.ts';
import { oracle } from '../support/oracle.ts';
import type { Delivery, Step } from './deliveries.ts';
import { bodiesOf } from './envelopes.ts';
import { loadableVersions, type FileHistory } from './histories.ts';
import { assertAccountsClose, assertSameStar, linesOfOracle, readLedger, readStar, rowsOf } from './star.ts';
import type { EventRecord, TestStack } from '../support/stack.ts';
import type { Tampering } from './races.ts';
import { assertTracks } from './tracks.ts';
import { write } from './write.ts';
import { lastModified } from '../../src/local/s3/stored-object.ts';

/** How often what is left may be delivered before it must have been loaded. */
const MAX_REDELIVERIES = 6;
/** The first write, and the time from one to the next: two writes often share a second, the unit of listings. */
const FIRST_WRITE_MS = Date.UTC(2018, 10, 30, 21, 4, 5, 100);
const BETWEEN_WRITES_MS = 700;

/** Counts of what was done, for reports. */
export type Tally = StepCounts & {
  deliveries: number;
  writes: number;
  faults: number;
  repaired: number;
  healed: number;
};

/** Nothing counted yet. */
export function emptyTally(): Tally {
  return { ...noSteps(), deliveries: 0, writes: 0, faults: 0, repaired: 0, healed: 0 };
}

/** Delivers the history as the schedule says, and the rest at the end; everything must have converged then. Throws AssertionError. */
export async function converge(
  stack: TestStack,
  files: readonly FileHistory[],
  schedule: readonly Step[],
  tampering: Tampering = {},
): Promise<Tally> {
  await stack.reset();
  const run = new Run(stack, files, tampering);
  for (const step of schedule) await run.take(step);
  await run.writeTheRest();
  await run.deliverTheRest();
  const star = oracle(run.contents());
  const assertStar = async (): Promise<void> => {
    assertSameStar(await readStar(stack.connection.warehouse, stack.schema), linesOfOracle(star));
    await assertTracks(stack.connection.warehouse, stack.schema, star, loadableVersions(files));
  };
  // Before anything is repaired: only what was lost may be missing.
  if (!run.lost) await assertStar();
  if (await run.reconcile()) await assertStar();
  await run.assertLedgerComplete();
  return run.tally;
}

class Run {
  readonly tally = emptyTally();
  lost = false;
  readonly #stack: TestStack;
  readonly #files: readonly FileHistory[];
  readonly #tampering: Tampering;
  /** Versions written so far, by place in the history. */
  readonly #written: number[];
  #waiting: EventRecord[] = [];
  #returned: string[] = [];
  #lastLog: string[] = [];

  constructor(stack: TestStack, files: readonly FileHistory[], tampering: Tampering) {
    this.#stack = stack;
    this.#files = files;
    this.#tampering = tampering;
    this.#written = files.map(() => 0);
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'write':
        return this.#writeNext(step.file);
      case 'lose': {
        if (this.#waiting.length === 0) return;
        this.#waiting.splice(step.pick % this.#waiting.length, 1);
        this.lost = true;
        return;
      }
      case 'deliver':
        // A delivery of nothing would prove nothing.
        if (this.#waiting.length === 0) await this.#writeNext(step.delivery.picks[0] ?? 0);
        this.#stack.switchboard.arm(step.delivery.fault);
        await this.#deliver(this.#pick(step.delivery));
        this.#stack.switchboard.arm();
        if (step.delivery.fault) this.tally.faults += 1;
        return;
      case 'overlap': {
        const bodies = step.deliveries.map((delivery) => this.#pick({ ...delivery, keep: true }));
        this.#stack.switchboard.arm(step.deliveries[0].fault);
        await Promise.all(bodies.map((some) => this.#deliver(some)));
        this.#stack.switchboard.arm();
        return;
      }
    }
  }

  async writeTheRest(): Promise<void> {
    for (const [place, file] of this.#files.entries()) {
      while ((this.#written[place] ?? 0) < file.versions.length) await this.#write(place);
    }
  }

  /** Delivers what waits, and what came back, until nothing does. */
  async deliverTheRest(): Promise<void> {
    for (let round = 0; round < MAX_REDELIVERIES; round += 1) {
      const bodies = [...this.#returned.splice(0), ...bodiesOf(this.#waiting.splice(0), 'plain', 1)];
      if (bodies.length === 0) return;
      await this.#deliver(bodies);
    }
    assert.deepEqual(this.#returned, [], `messages still come back:\n${this.#lastLog.join('\n')}`);
  }

  /** The final contents of the bucket that can be loaded. */
  contents(): { key: string; body: string }[] {
    return this.#files.flatMap(({ key, versions, bad }) => {
      const body = versions.at(-1) ?? '';
      return bad.includes(body) || isUnused(key, body) ? [] : [{ key, body }];
    });
  }

  /** Loads what the bucket has and the ledger has not, as the product's own judgement says; tells whether there was anything. */
  async reconcile(): Promise<boolean> {
    const ledger = await this.#ledger();
    const bodies = this.#listing().flatMap((found) => {
      const { key, etag, sizeBytes } = found;
      const object = {
        bucket: LOCAL_NAMES.landingBucket,
        key,
        etag,
        sizeBytes,
        lastModifiedMs: lastModified(found).getTime(),
      };
      const verdict = compareObject(object, ledger.get(key));
      if (verdict.kind === 'loaded' || verdict.kind === 'dismissed' || verdict.repair === undefined) return [];
      return [...replayMessages([object], verdict.repair)].map(({ body }) => body);
    });
    this.tally.repaired += bodies.length;
    await this.#deliver(bodies);
    await this.deliverTheRest();
    return bodies.length > 0;
  }

  /** Every object is loaded, or quarantined if it cannot be; the counts close; rejected rows are kept. */
  async assertLedgerComplete(): Promise<void> {
    const { connection } = this.#stack;
    const ledger = await this.#ledger();
    // Of an empty object there is nothing to load, so the ledger need not, and may, have one.
    const empty = new Set(this.#files.filter((file) => file.versions.at(-1) === '').map(({ key }) => key));
    const actual = [...ledger.values()]
      .filter(({ key }) => !empty.has(key))
      .map(({ key, etag, status }) => `${key} ${etag} ${status}`);
    const expected = this.#listing().map(({ key, etag }) => {
      const file = this.#files.find((one) => one.key === key);
      const body = file?.versions.at(-1) ?? '';
      return `${key} ${etag} ${file?.bad.includes(body) || isUnused(key, body) ? 'quarantined' : 'loaded'}`;
    });
    assert.deepEqual(actual.sort(), expected.sort(), 'the ledger has every object as it is now');
    await assertAccountsClose(connection.warehouse, this.#stack.schema);
    const rejected = oracle(this.contents()).rejected;
    const kept = await rowsOf(connection.warehouse, `SELECT DISTINCT source FROM ${this.#stack.schema}.rejected_rows`);
    const sources = (['events', 'songs'] as const).filter((source) => rejected[source] > 0);
    assert.deepEqual(kept.map(({ source }) => String(source)).sort(), sources, 'rows without a key are kept');
  }

  /** Writes the next version of one of the files that have one left. */
  async #writeNext(file: number): Promise<void> {
    const unfinished = this.#files.flatMap(({ versions }, place) =>
      (this.#written[place] ?? 0) < versions.length ? [place] : [],
    );
    const place = unfinished[file % unfinished.length];
    if (place !== undefined) await this.#write(place);
  }

  async #write(place: number): Promise<void> {
    const file = this.#files[place];
    const version = this.#written[place] ?? 0;
    const body = file?.versions[version];
    if (file === undefined || body === undefined) throw new Error('There is no such version');
    this.#written[place] = version + 1;
    const at = new Date(FIRST_WRITE_MS + this.tally.writes * BETWEEN_WRITES_MS);
    this.tally.writes += 1;
    this.#waiting.push(await write(this.#stack, file.key, body, at));
  }

  #pick({ picks, perMessage, envelope, keep }: Delivery): string[] {
    const { length } = this.#waiting;
    if (length === 0) return [];
    const places = new Set(picks.map((pick) => pick % length));
    const records = picks.map((pick) => this.#waiting[pick % length]).filter((record) => record !== undefined);
    if (!keep) this.#waiting = this.#waiting.filter((_, place) => !places.has(place));
    return bodiesOf(records, envelope, perMessage);
  }

  async #deliver(bodies: readonly string[]): Promise<void> {
    if (bodies.length === 0) return;
    const { failed, log, steps, counts } = await this.#stack.deliver(bodies, this.#tampering);
    this.tally.deliveries += 1;
    this.tally.healed += counts.get('RowsHealed') ?? 0;
    addCounts(this.tally, steps);
    this.#lastLog = log;
    this.#returned.push(...failed);
  }

  #ledger() {
    return readLedger(this.#stack.connection.warehouse, this.#stack.schema);
  }

  /** What a listing of the bucket shows that is to be loaded. */
  #listing() {
    const { objects } = this.#stack.aws.store.page(LOCAL_NAMES.landingBucket, { prefix: '', limit: Infinity });
    return objects.filter(({ sizeBytes }) => sizeBytes > 0);
  }
}

/** Whether a file has rows and none of them can be used. */
function isUnused(key: string, body: string): boolean {
  const rejected = Object.values(oracle([{ key, body }]).rejected).reduce((one, other) => one + other, 0);
  return rejected > 0 && rejected === [...rootObjects(key, body)].length;
}
