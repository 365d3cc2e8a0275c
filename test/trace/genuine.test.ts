import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/local/random.ts';
import { genuineData, unlessPresent } from '../support/genuine.ts';
import { originsOf } from '../support/oracle-places.ts';
import { SEARCHING, SEED } from '../support/seed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { Contents, keysOf, remembering, traceKey, urlOf, type Table } from './tracing.ts';

/**
 * Rows of each table that are traced: with those of the random histories a thousand in a search (`PROVE_SEED=7 npm test --
 * test/trace`), and some of them otherwise.
 */
const ROWS: Readonly<Record<Table, number>> = SEARCHING
  ? { songplays: 300, users: 96, songs: 71, artists: 69, time: 164 }
  : { songplays: 20, users: 5, songs: 5, artists: 5, time: 15 };
const files = existsSync(genuineData)
  ? ['song_data', 'log_data'].flatMap((folder) =>
      readdirSync(join(genuineData, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => `${folder}/${name}`),
    )
  : [];

unlessPresent('trace on the genuine data')(() => {
  let stack: TestStack;
  const contents = new Contents();
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false });
    // In four batches, songs and events mixed, so that some plays come before their song.
    for (let part = 0; part < 4; part += 1) {
      for (const key of files.filter((_, index) => index % 4 === part))
        await contents.put(stack, key, readFileSync(join(genuineData, key), 'utf8'));
      await stack.deliver(stack.takeMessages());
    }
  }, 120_000);
  afterAll(() => stack.stop());

  test.each(Object.keys(ROWS) as Table[])(
    'names the file, line and batch of rows of %s that the oracle names',
    async (table) => {
      const origins = originsOf(await contents.batches(stack))[table];
      const random = seededRandom(SEED);
      const keys = await keysOf(stack, table);
      expect(keys.length).toBe(origins.size);
      const connection = remembering(stack.connection);
      const drawn = keys
        .map((key) => ({ key, at: random() }))
        .sort((a, b) => a.at - b.at)
        .slice(0, ROWS[table]);
      expect(drawn).toHaveLength(ROWS[table]);
      for (const { key } of drawn) {
        const { answer, code } = await traceKey(stack, table, key, connection);
        const { winner, exact, complete } = answer;
        const origin = origins.get(key)!;
        expect({ key, winner, exact, complete, code }).toMatchObject({
          key,
          winner: { url: urlOf(origin.key), line: origin.line, object: origin.nth, batchNo: origin.batchNo },
          exact: true,
          complete: true,
          code: 0,
        });
      }
    },
    300_000,
  );

  test('says of healed plays, and of no others, that their song came after them', async () => {
    const connection = remembering(stack.connection);
    const origins = originsOf(await contents.batches(stack));
    const plays = await stack.rows(
      `SELECT songplay_id, song_id, DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', start_time) || ' ' || session_id || ' ' || item_in_session AS k
       FROM ${stack.schema}.songplays WHERE song_id IS NOT NULL ORDER BY 1`,
    );
    const told: unknown[] = [];
    const expected: unknown[] = [];
    for (const { songplay_id, song_id, k } of plays) {
      const { out } = await stack.run(['trace', 'songplays', String(songplay_id), '--json'], { connection });
      const { song } = JSON.parse(out) as { song: { arrived: string; winner: { url: string } } };
      told.push([song.winner.url, song.arrived]);
      const [play, from] = [origins.songplays.get(String(k))!.batchNo, origins.songs.get(String(song_id))!];
      const arrived =
        from.batchNo > play ? 'after the play' : from.batchNo === play ? 'in the same batch' : 'before the play';
      expected.push([urlOf(from.key), arrived]);
    }
    expect(told.length).toBeGreaterThan(0);
    expect(told).toEqual(expected);
  });
});
