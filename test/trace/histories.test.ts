import fc from '../support/fast-check.ts';
import { originsOf, type Origin } from '../support/oracle-places.ts';
import { SEARCHING, SEED } from '../support/seed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { eventfulHistories, type FileHistory } from '../simulation/histories.ts';
import { bodyNow, Contents, keysOf, remembering, traceKey, urlOf, type Answer, type Table } from './tracing.ts';

/** Rows to trace; with the genuine data there are a thousand. */
const ROWS = SEARCHING ? 300 : 45;
const PATIENCE_MS = 600_000;
const TABLES: readonly Table[] = ['songplays', 'users', 'songs', 'artists', 'time'];

/** What became of the rows that were traced. */
type Tally = { rows: number; exact: number; inexact: number; overwritten: number };

test(
  'trace names the rows of random histories that the oracle names, and claims no more than can be known',
  async () => {
    const stack = await startTestStack({ eventSource: false });
    const tally: Tally = { rows: 0, exact: 0, inexact: 0, overwritten: 0 };
    try {
      const drawn = fc.sample(fc.tuple(eventfulHistories, fc.boolean()), { numRuns: 200, seed: SEED });
      for (const [files, onlyFirst] of drawn) {
        if (tally.rows >= ROWS) break;
        // Half of the histories overwrite nothing, so that there everything can be known.
        await traceHistory(
          stack,
          files.map((file) => (onlyFirst ? { ...file, versions: file.versions.slice(-1) } : file)),
          tally,
        );
      }
    } finally {
      await stack.stop();
    }
    process.stderr.write(`traced: ${JSON.stringify(tally)}\n`);
    expect(tally.rows).toBeGreaterThanOrEqual(ROWS);
    expect(Math.min(tally.exact, tally.inexact, tally.overwritten)).toBeGreaterThanOrEqual(ROWS / 15);
  },
  PATIENCE_MS,
);

/** Loads a history version by version, then traces every row of the star. */
async function traceHistory(stack: TestStack, files: readonly FileHistory[], tally: Tally): Promise<void> {
  await stack.reset();
  const contents = new Contents();
  const rounds = Math.max(...files.map(({ versions }) => versions.length));
  for (let round = 0; round < rounds; round += 1) {
    for (const [place, { key, versions }] of files.entries()) {
      const body = versions[round];
      if (body === undefined) continue;
      await contents.put(stack, key, body);
      // One file a delivery, or two: rows meet in one batch and across batches.
      if (place % 2 === 0) await stack.deliver(stack.takeMessages());
    }
    await stack.deliver(stack.takeMessages());
  }
  const batches = await contents.batches(stack);
  const origins = originsOf(batches);
  const connection = remembering(stack.connection);
  for (const table of TABLES) {
    for (const key of await keysOf(stack, table)) {
      const { answer } = await traceKey(stack, table, key, connection);
      const origin = origins[table].get(key);
      const facts = JSON.stringify({ table, key, answer, origin }, null, 2);
      if (origin === undefined) throw new Error(`the oracle does not know the row: ${facts}`);
      const isThere = (await bodyNow(stack, origin.key)) === origin.body;
      const right = problem(answer, origin, isThere, overwrites(batches, table));
      if (right !== undefined) throw new Error(`${right}: ${facts}`);
      tally.rows += 1;
      tally[answer.exact ? 'exact' : 'inexact'] += 1;
      if (!isThere) tally.overwritten += 1;
    }
  }
}

/** What is wrong with an answer. `isThere`: the file still is what it was when the row was loaded from it. */
function problem(answer: Answer, origin: Origin, isThere: boolean, overwritten: boolean): string | undefined {
  const { winner, exact } = answer;
  const isNamed = winner?.url === urlOf(origin.key) && winner.line === origin.line && winner.object === origin.nth;
  if (isThere && !isNamed) return 'another row is named';
  if (exact && !isThere) return 'a row that is not there any more is said to be known exactly';
  if (exact && winner?.batchNo !== origin.batchNo) return 'another batch is named';
  if (!exact && !overwritten) return 'everything can be known, and the answer says it is not';
  return undefined;
}

/** Whether some file of the table's source was loaded in two versions, so that one of them cannot be read. */
function overwrites(batches: readonly { files: { key: string; body: string }[] }[], table: Table): boolean {
  const prefix = table === 'songs' || table === 'artists' ? 'song_data/' : 'log_data/';
  const bodies = new Map<string, Set<string>>();
  for (const { key, body } of batches.flatMap(({ files }) => files)) {
    if (key.startsWith(prefix)) bodies.set(key, (bodies.get(key) ?? new Set()).add(body));
  }
  return [...bodies.values()].some(({ size }) => size > 1);
}
