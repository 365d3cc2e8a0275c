/** A bucket whose files were overwritten with less, moved and deleted, and a rebuild among whose calls it goes on changing. */
import assert from 'node:assert/strict';
import { compareObject } from '../../src/catch-up/compare.ts';
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import type { Connection, Warehouse } from '../../src/ports.ts';
import fc from '../support/fast-check.ts';
import { oracle } from '../support/oracle.ts';
import type { EventRecord, TestStack } from '../support/stack.ts';
import { bodiesOf } from './envelopes.ts';
import { histories, type FileHistory } from './histories.ts';
import { assertSameStar, linesOfOracle, readLedger, readStar } from './star.ts';
import { write } from './write.ts';
import { lastModified } from '../../src/local/s3/stored-object.ts';

/** Something that happens before the `at`-th call of the rebuild to the warehouse. */
type Act = {
  at: number;
  /** A version is written, what waits is delivered, or it is staged and its merge held until the next `merge`. */
  do: 'write' | 'deliver' | 'stage' | 'merge';
  pick: number;
};

/**
 * What was in the bucket first, all of it loaded, and what there is in the end. Files of the same key are overwritten by content
 * that drops rows, others are deleted; a row may be in a file of another key then. `written` says how many versions of the later
 * files are there when the rebuild begins, for later ones keep the rows of earlier ones.
 */
export type Rebuilding = { before: FileHistory[]; after: FileHistory[]; written: number; told: boolean; acts: Act[] };

/** Most rebuilds make fewer calls than this, so that some acts come too late, and then happen behind it. */
const CALLS = 70;

export const rebuildings: fc.Arbitrary<Rebuilding> = fc.record({
  before: histories,
  after: histories,
  written: fc.nat(2),
  told: fc.boolean(),
  acts: fc
    .array(
      fc.record({
        at: fc.integer({ min: 1, max: CALLS }),
        do: fc.constantFrom('write', 'write', 'deliver', 'stage', 'stage', 'merge'),
        pick: fc.nat(9),
      }),
      { maxLength: 12, size: 'max' },
    )
    .map((acts): Act[] => acts.sort((one, other) => one.at - other.at)),
});

/** What rebuilds met, for reports. */
export type RebuildTally = { rebuilds: number; calls: number; acts: number; heldOverSwap: number; guarded: number };

export function emptyRebuildTally(): RebuildTally {
  return { rebuilds: 0, calls: 0, acts: 0, heldOverSwap: 0, guarded: 0 };
}

export const BUCKET = `s3://${LOCAL_NAMES.landingBucket}/`;
const FIRST_WRITE_MS = Date.UTC(2018, 10, 30, 21, 4, 5, 100);
const BETWEEN_WRITES_MS = 700;

/** Rebuilds, and holds star and ledger against the oracle of the bucket as it is in the end. Throws AssertionError. */
export async function checkRebuilding(stack: TestStack, one: Rebuilding, tally: RebuildTally): Promise<void> {
  await resetAll(stack);
  const world = new World(stack, one.after);
  for (const { key, versions } of one.before) for (const body of versions) await world.put(key, body);
  await world.deliver();
  const keys = new Set(one.after.map(({ key }) => key));
  for (const { key } of one.before) if (!keys.has(key)) await stack.remove(key);
  const overwritten = new Set(one.before.map(({ key }) => key));
  for (const file of one.after) {
    const least = overwritten.has(file.key) ? 1 : 0;
    for (let version = 0; version < Math.max(one.written, least); version += 1) await world.writeNext(file);
  }
  if (one.told) await world.deliver();
  let calls = 0;
  const acts = [...one.acts];
  const ran = await stack.run(['rebuild', BUCKET, '--yes'], {
    connection: watched(stack.connection, async () => {
      calls += 1;
      while (acts[0] && acts[0].at <= calls) await world.take(acts.shift()!);
    }),
  });
  assert.equal(ran.code, 0, ran.err);
  tally.rebuilds += 1;
  tally.calls += calls;
  tally.acts += one.acts.length - acts.length;
  tally.heldOverSwap += world.held;
  await world.finish();
  tally.guarded += world.guarded;
  await assertBucket(stack, one.after);
}

/** Star and ledger are those of the bucket as it is. Throws AssertionError. */
export async function assertBucket(stack: TestStack, files: readonly FileHistory[]): Promise<void> {
  const contents = files.flatMap(({ key, versions, bad }) => {
    const body = versions.at(-1) ?? '';
    return bad.includes(body) ? [] : [{ key, body }];
  });
  const { warehouse } = stack.connection;
  assertSameStar(await readStar(warehouse, stack.schema), linesOfOracle(oracle(contents)));
  const ledger = await readLedger(warehouse, stack.schema);
  const { objects } = stack.aws.store.page(LOCAL_NAMES.landingBucket, { prefix: '', limit: Infinity });
  const missing = objects.filter((found) => {
    const { key, etag, sizeBytes } = found;
    const lastModifiedMs = lastModified(found).getTime();
    const object = { bucket: LOCAL_NAMES.landingBucket, key, etag, sizeBytes, lastModifiedMs };
    return sizeBytes > 0 && ['missing', 'changed'].includes(compareObject(object, ledger.get(key)).kind);
  });
  assert.deepEqual(missing, [], 'the ledger has every object as it is now');
}

/** Empties the stack, the schemas beside the live one too. */
export async function resetAll(stack: TestStack): Promise<void> {
  for (const suffix of ['next', 'old']) await stack.rows(`DROP SCHEMA IF EXISTS ${stack.schema}_${suffix} CASCADE`);
  await stack.reset();
}

/** A connection that tells of each statement and transaction before it is sent. */
export function watched(connection: Connection, before: (name: string) => Promise<void>): Connection {
  const { warehouse } = connection;
  const watching: Warehouse = {
    query: async (...args) => {
      await before(args[0]);
      return warehouse.query(...args);
    },
    transaction: async (...args) => {
      await before(args[0]);
      return warehouse.transaction(...args);
    },
    inSession: async (...args) => {
      await before(args[0]);
      return warehouse.inSession(...args);
    },
    systemIds: (id) => warehouse.systemIds(id),
  };
  return { ...connection, warehouse: watching };
}

/** Something to wait for, and what ends the wait. */
function openGate(): { passed: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

class World {
  readonly #stack: TestStack;
  readonly #after: readonly FileHistory[];
  readonly #written = new Map<string, number>();
  #writes = 0;
  #waiting: EventRecord[] = [];
  #returned: string[] = [];
  #flights: Promise<void>[] = [];
  #release: (() => void)[] = [];
  guarded = 0;

  constructor(stack: TestStack, after: readonly FileHistory[]) {
    this.#stack = stack;
    this.#after = after;
  }

  /** Loads that are staged and not merged yet. */
  get held(): number {
    return this.#release.length;
  }

  async put(key: string, body: string): Promise<void> {
    const at = new Date(FIRST_WRITE_MS + this.#writes * BETWEEN_WRITES_MS);
    this.#writes += 1;
    this.#waiting.push(await write(this.#stack, key, body, at));
  }

  /** Writes the next version of a file; false when it has none left. */
  async writeNext({ key, versions }: FileHistory): Promise<boolean> {
    const version = this.#written.get(key) ?? 0;
    const body = versions[version];
    if (body === undefined) return false;
    this.#written.set(key, version + 1);
    await this.put(key, body);
    return true;
  }

  async take({ do: what, pick }: Act): Promise<void> {
    if (what === 'write') {
      const file = this.#after[pick % Math.max(1, this.#after.length)];
      if (file) await this.writeNext(file);
    } else if (what === 'deliver') await this.deliver();
    else if (what === 'stage') await this.#stage();
    else await this.#land();
  }

  /** Delivers what waits, and what came back, once. */
  async deliver(): Promise<void> {
    const bodies = [...this.#returned.splice(0), ...bodiesOf(this.#waiting.splice(0), 'plain', 1)];
    if (bodies.length === 0) return;
    const { failed, steps } = await this.#stack.deliver(bodies);
    this.guarded += steps.unchangedHits;
    this.#returned.push(...failed);
  }

  /** Stages what waits, and holds its merge. */
  async #stage(): Promise<void> {
    const bodies = bodiesOf(this.#waiting.splice(0), 'plain', 1);
    if (bodies.length === 0) return;
    const gate = openGate();
    const staged = openGate();
    this.#release.push(gate.open);
    const flight = this.#stack
      .deliver(bodies, {
        around: async (step, submit) => {
          if (step.name === 'merge') {
            staged.open();
            await gate.passed;
          }
          return submit(step.statements);
        },
      })
      .then(({ failed, steps }) => {
        this.guarded += steps.unchangedHits;
        this.#returned.push(...failed);
        staged.open();
      });
    this.#flights.push(flight);
    await staged.passed;
  }

  async #land(): Promise<void> {
    for (const release of this.#release.splice(0)) release();
    await Promise.all(this.#flights.splice(0));
  }

  /** Writes and delivers whatever is left. */
  async finish(): Promise<void> {
    await this.#land();
    for (const file of this.#after) while (await this.writeNext(file));
    for (let round = 0; round < 4; round += 1) await this.deliver();
    assert.deepEqual(this.#returned, [], 'messages still come back');
  }
}
