/** Several writers at once: overlapping objects, overwritten while they are loaded, by statements that interleave as a seed says. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from '../support/fast-check.ts';
import { seededRandom } from '../../src/local/random.ts';
import { oracle } from '../support/oracle.ts';
import { addCounts, noSteps, type AroundStep, type StepCounts } from '../support/load-steps.ts';
import type { EventRecord, TestStack } from '../support/stack.ts';
import type { InvokeOptions } from '../support/loader.ts';
import { bodiesOf } from './envelopes.ts';
import { eventfulHistories, loadableVersions, type FileHistory } from './histories.ts';
import {
  assertAccountsClose,
  assertContentOrder,
  assertSameStar,
  linesOfOracle,
  readLedger,
  readStar,
} from './star.ts';
import { assertTracks } from './tracks.ts';
import { write } from './write.ts';

/** The longest a statement is held back, to let the other writers pass. */
const LONGEST_DELAY_MS = 12;
/** Every third statement or so is held back, and before every twelfth an object is overwritten. */
const DELAYED = 0.35;
const OVERWRITES = 0.08;
/** Every other writer that has staged a batch lets an object be overwritten, and others merge, but waits no longer than this. */
const LINGERS = 0.5;
const LONGEST_WAIT_MS = 1500;
/** How often what came back may be delivered again. */
const MAX_RETURNS = 6;

/** What the writers do: the files, who is told of each version (a bit for each writer; `apart`: songs and plays by others), and when. */
export type Interleaving = {
  files: FileHistory[];
  writers: 2 | 3;
  shares: number[];
  apart: boolean;
  delaySeed: number;
};

/** Interleavings in which half of the versions are loaded by several writers, and the others beside those of another. */
export const interleavings: fc.Arbitrary<Interleaving> = fc.record({
  files: eventfulHistories,
  writers: fc.constantFrom(2, 3),
  shares: fc.array(fc.constantFrom(7, 3, 5, 6, 1, 2, 4, 1, 2, 4), { minLength: 8, maxLength: 8 }),
  apart: fc.boolean(),
  delaySeed: fc.nat(0xffffffff),
});

/** What came of a race. `returned` counts messages that came back to the queue, `behind` keys of which the ledger's last row is not the last version's. */
export type RaceTally = StepCounts & { deliveries: number; returned: number; behind: number; healed: number };

/** Nothing counted yet. */
export function emptyRaceTally(): RaceTally {
  return { ...noSteps(), deliveries: 0, returned: 0, behind: 0, healed: 0 };
}

/** How a race is run: with the loader's options, and whether messages may come back, because something was taken from it. */
export type RaceOptions = Pick<InvokeOptions, 'templates' | 'around'> & { mayReturn?: true };

/**
 * Runs writers, and holds warehouse and ledger against the oracle of the last contents. Every writer must commit or skip within
 * its retries, whatever the others do. Throws AssertionError.
 */
export async function runWriters(
  stack: TestStack,
  interleaving: Interleaving,
  options: RaceOptions = {},
): Promise<RaceTally> {
  await stack.reset();
  const race = new Race(stack, interleaving, options);
  await race.run();
  const { warehouse } = stack.connection;
  const { files } = interleaving;
  const contents = files.flatMap(({ key, versions, bad }) => {
    const body = versions.at(-1) ?? '';
    return bad.includes(body) ? [] : [{ key, body }];
  });
  const star = oracle(contents);
  assertSameStar(await readStar(warehouse, stack.schema), linesOfOracle(star));
  await assertTracks(warehouse, stack.schema, star, loadableVersions(files));
  await assertAccountsClose(warehouse, stack.schema);
  await assertContentOrder(warehouse, stack.schema);
  race.tally.behind = await race.countBehind();
  return race.tally;
}

/** When songs and plays are apart: the first writer and a third one have the songs, the second has the plays. */
const SONG_WRITERS = 0b101;
const PLAY_WRITERS = 0b010;

class Race {
  readonly tally = emptyRaceTally();
  readonly #stack: TestStack;
  readonly #interleaving: Interleaving;
  readonly #options: RaceOptions;
  readonly #random: () => number;
  /** What each writer is told next. */
  readonly #inboxes: string[][];
  /** Versions not written yet, those of a file in their order. */
  readonly #unwritten: { place: number; version: number }[];
  /** The etag of each key's last version. */
  readonly #etags = new Map<string, string>();
  #writing: Promise<void> = Promise.resolve();
  /** Writers that load, and those of them that wait for another one to merge. */
  #busy = 0;
  #lingering = 0;
  #merged = signal();

  constructor(stack: TestStack, interleaving: Interleaving, options: RaceOptions) {
    const { files, writers, delaySeed } = interleaving;
    this.#stack = stack;
    this.#interleaving = interleaving;
    this.#options = options;
    this.#random = seededRandom(delaySeed);
    this.#inboxes = Array.from({ length: writers }, () => []);
    const rounds = Math.max(0, ...files.map(({ versions }) => versions.length));
    this.#unwritten = Array.from({ length: rounds }, (_, version) => version).flatMap((version) =>
      files.flatMap((file, place) => (version < file.versions.length ? [{ place, version }] : [])),
    );
  }

  async run(): Promise<void> {
    const { switchboard } = this.#stack;
    await Promise.all(this.#interleaving.files.map(() => this.#writeNext()));
    switchboard.delay = () => {
      if (this.#random() < OVERWRITES) void this.#writeNext();
      return this.#random() < DELAYED ? Math.ceil(this.#random() * LONGEST_DELAY_MS) : 0;
    };
    try {
      // Whoever has ended is told once more of what was written since.
      while (this.#inboxes.some((inbox) => inbox.length > 0) || this.#unwritten.length > 0) {
        await Promise.all(this.#inboxes.map((_, writer) => this.#load(writer)));
      }
    } finally {
      switchboard.delay = () => 0;
      await this.#writing;
    }
  }

  /** One writer: it loads what it is told of; when there is nothing, the next version lands. */
  async #load(writer: number): Promise<void> {
    const inbox = this.#inboxes[writer] ?? [];
    while (inbox.length > 0 || this.#unwritten.length > 0) {
      if (inbox.length === 0) {
        await this.#writeNext();
        continue;
      }
      const { mayReturn, ...options } = this.#options;
      const around: AroundStep = (step, submit) => this.#linger(step, submit);
      this.#busy += 1;
      const invoked = await this.#stack.deliver(inbox.splice(0), { around, ...options });
      this.#busy -= 1;
      this.tally.deliveries += 1;
      this.tally.returned += invoked.failed.length;
      this.tally.healed += invoked.counts.get('RowsHealed') ?? 0;
      addCounts(this.tally, invoked.steps);
      const log = invoked.log.join('\n');
      if (mayReturn === undefined)
        assert.deepEqual(invoked.failed, [], `every writer commits within its retries\n${log}`);
      assert(this.tally.returned <= MAX_RETURNS, `messages still come back\n${log}`);
      inbox.push(...invoked.failed);
    }
  }

  async #linger(...[step, submit]: Parameters<AroundStep>): ReturnType<AroundStep> {
    // Somebody must go on.
    if (step.name === 'merge' && this.#lingering + 1 < this.#busy && this.#random() < LINGERS) {
      this.#lingering += 1;
      const over = sleep(LONGEST_WAIT_MS);
      await this.#writeNext();
      // Twice, so that what has just landed may be among what they merge.
      await Promise.race([this.#merged.next, over]);
      await Promise.race([this.#merged.next, over]);
      this.#lingering -= 1;
    }
    const result = await submit(step.statements);
    if (step.name === 'merge' && result.kind === 'committed') {
      this.#merged.tell();
      this.#merged = signal();
    }
    return result;
  }

  /** Writes the next version, after those before it, and tells the writers that are to know. */
  #writeNext(): Promise<void> {
    const next = this.#unwritten.shift();
    if (next !== undefined) this.#writing = this.#writing.then(() => this.#write(next.place, next.version));
    return this.#writing;
  }

  async #write(place: number, version: number): Promise<void> {
    const { files, shares, apart } = this.#interleaving;
    const file = files[place];
    const body = file?.versions[version];
    if (file === undefined || body === undefined) throw new Error('There is no such version');
    const may = apart ? (file.key.startsWith('song_data/') ? SONG_WRITERS : PLAY_WRITERS) : 0b111;
    const share = (shares[place * 2 + version] ?? may) & may;
    this.#tell(await write(this.#stack, file.key, body, new Date()), share === 0 ? may : share);
    const isLast = version === file.versions.length - 1;
    // Content that can never be loaded goes: it may be in quarantine by then, be looked for, or be about to be read.
    if (isLast && file.bad.includes(body)) this.#tell(await this.#stack.remove(file.key), 0b111);
  }

  #tell(record: EventRecord, share: number): void {
    const told = this.#inboxes.filter((_, writer) => share & (1 << writer));
    // Every version is known to somebody.
    const [anybody = []] = this.#inboxes;
    for (const inbox of told.length > 0 ? told : [anybody]) inbox.push(...bodiesOf([record], 'plain', 1));
    const { key, eTag } = (record as { s3: { object: { key: string; eTag?: string } } }).s3.object;
    this.#etags.set(decodeURIComponent(key.replaceAll('+', ' ')), eTag ?? '');
  }

  /**
   * Keys of which the ledger's last row names another version than the last: a load that was told of an older one, and asked
   * the ledger before the newer one was recorded. It read the newest content all the same, so nothing is lost: the next
   * reconcile loads it once more.
   */
  async countBehind(): Promise<number> {
    const ledger = await readLedger(this.#stack.connection.warehouse, this.#stack.schema);
    let behind = 0;
    for (const { key, versions, bad } of this.#interleaving.files) {
      const last = versions.at(-1) ?? '';
      if (last === '' || bad.includes(last)) continue;
      const entry = ledger.get(key);
      assert(entry, `the ledger knows ${key}`);
      if (entry.etag !== this.#etags.get(key)) behind += 1;
    }
    return behind;
  }
}

/** Something that happens once. */
function signal(): { next: Promise<void>; tell: () => void } {
  let tell = (): void => undefined;
  const next = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return { next, tell };
}
