/** Two writers at once: overlapping objects, loaded by two invocations whose statements interleave as a seed says. */
import assert from 'node:assert/strict';
import fc from '../support/fast-check.ts';
import { seededRandom } from '../../src/local/random.ts';
import { oracle } from '../support/oracle.ts';
import { bodiesOf } from './envelopes.ts';
import { histories, type FileHistory } from './histories.ts';
import { assertAccountsClose, assertSameStar, linesOfOracle, readStar } from './star.ts';
import type { EventRecord, TestStack } from '../support/stack.ts';
import type { Templates } from '../../src/sql/statement.ts';
import { write } from './write.ts';

/** The longest a statement is held back, to let the other writer pass. */
const LONGEST_DELAY_MS = 12;
/** Every third statement or so is held back. */
const DELAYED = 0.35;

/** What two writers do: the files, which of their last versions each loads (bit 0 the first writer, bit 1 the second), and when. */
export type Interleaving = { files: FileHistory[]; shares: number[]; delaySeed: number };

/** Interleavings in which most objects are loaded by both. */
export const interleavings: fc.Arbitrary<Interleaving> = fc.record({
  files: histories,
  shares: fc.array(fc.constantFrom(3, 3, 1, 2), { minLength: 6, maxLength: 6 }),
  delaySeed: fc.nat(0xffffffff),
});

/**
 * Runs two writers, and holds warehouse and ledger against the oracle. They must not even get in each other's way: the lock
 * makes one wait, so that none is ever refused. Throws AssertionError.
 */
export async function runTwoWriters(
  stack: TestStack,
  interleaving: Interleaving,
  templates?: Templates,
): Promise<void> {
  const { files, shares, delaySeed } = interleaving;
  await stack.reset();
  const loads: [EventRecord[], EventRecord[]] = [[], []];
  const final = files.filter((file) => !file.bad.includes(file.versions.at(-1) ?? ''));
  for (const [index, { key, versions }] of final.entries()) {
    const record = await write(stack, key, versions.at(-1) ?? '', new Date());
    const share = shares[index] ?? 3;
    if (share & 1) loads[0].push(record);
    if (share & 2) loads[1].push(record);
  }
  const random = seededRandom(delaySeed);
  stack.switchboard.delay = () => (random() < DELAYED ? Math.ceil(random() * LONGEST_DELAY_MS) : 0);
  const invoked = await Promise.all(
    loads.map((records) => stack.deliver(bodiesOf(records, 'plain', 2), templates === undefined ? {} : { templates })),
  );
  stack.switchboard.delay = () => 0;
  const log = invoked.flatMap((one) => one.log).join('\n');
  assert.deepEqual(invoked.flatMap(({ failed }) => failed), [], `both writers commit\n${log}`); // prettier-ignore
  const retried = invoked.reduce((sum, { counts }) => sum + (counts.get('BatchesRetried') ?? 0), 0);
  assert.equal(retried, 0, `no writer is refused\n${log}`);
  const { warehouse } = stack.connection;
  const contents = final.map(({ key, versions }) => ({ key, body: versions.at(-1) ?? '' }));
  assertSameStar(await readStar(warehouse, stack.schema), linesOfOracle(oracle(contents)));
  await assertAccountsClose(warehouse, stack.schema);
}
