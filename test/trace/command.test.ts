import { generateSample } from '../../src/local/sample/generate.ts';
import { seededRandom } from '../../src/local/random.ts';
import { SEARCHING, SEED } from '../support/seed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { keysOf, traceKey, urlOf, type Table } from './tracing.ts';

const ROWS_OF_A_TABLE = SEARCHING ? 20 : 1;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(() => stack.stop());

const HOSTILE = [
  'it\'s "odd" \\ 100% 🎵',
  "' OR 1=1 --",
  '\u001b[2J\nnew line',
  '{"userId":"7"}',
  '\u202e東京',
  '-7',
  '__proto__',
  '$(touch x) `id` ; rm',
  ':schema :\'a\' :"b"',
];
const event = (more: object): string =>
  JSON.stringify({ ts: 1541105830796, sessionId: 1, itemInSession: 1, page: 'Home', level: 'free', ...more });

describe('keys of any kind', () => {
  const key = (index: number): string => `log_data/it's "${index}" + 100% \u001b[2J 東.json`;
  beforeAll(async () => {
    await stack.reset();
    for (const [index, userId] of HOSTILE.entries()) await stack.put(key(index), `\n${event({ userId })}`);
    await stack.deliver(stack.takeMessages());
  });

  test.each(HOSTILE.map((userId, index) => [userId, index] as const))(
    'are found as they are: %j',
    async (userId, index) => {
      const { answer } = await traceKey(stack, 'users', userId);
      expect(answer.winner).toMatchObject({ url: urlOf(key(index)), line: 2 });
      const { out, code } = await stack.run(['trace', '--', 'users', userId]);
      expect(code).toBe(0);
      expect(out).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
    },
  );

  test.each(HOSTILE)('and where there is no such row, that is said: %j', async (songId) => {
    const { out, code } = await stack.run(['trace', '--', 'songs', songId]);
    expect(out).toContain('is not in the table.');
    expect(code).toBe(1);
  });
});

describe('what cannot be meant', () => {
  test.each([
    [['users'], 'missing required argument'],
    [['plays', '1'], 'npx sparkify trace users 26'],
    [['users', '7', '8'], 'npx sparkify trace users 26'],
    [['users', ''], 'npx sparkify trace users 26'],
    [['users', 'x'.repeat(65)], 'npx sparkify trace users 26'],
    [['songplays', 'abc'], 'npx sparkify trace songplays 2018'],
    [['songplays', '1541105830796', '1'], 'npx sparkify trace songplays 2018'],
    [['songplays', '1541105830796', '1', '99999999999999999999'], 'npx sparkify trace songplays 2018'],
    [['songplays', '1541105830796', '1', '1', '1'], 'npx sparkify trace songplays 2018'],
    [['time', 'yesterday'], 'npx sparkify trace time 2018'],
    [['time', '2018-02-31T25:00'], 'npx sparkify trace time 2018'],
    [['time', '999999999999999'], 'npx sparkify trace time 2018'],
    [['rejected_rows', "1' OR '1'='1"], 'npx sparkify trace rejected_rows 12'],
    [['rejected_rows', '99'], 'npx sparkify status'],
    [['conflicts', 'nobody'], 'npx sparkify status'],
  ])('%j ends with 2 and the next command', async (words, next) => {
    const { out, err, code } = await stack.run(['trace', ...words]);
    expect(out).toBe('');
    expect(err).toContain(next);
    expect(code).toBe(2);
  });
});

describe('what would take long', () => {
  const play = event({ userId: '7', page: 'NextSong' });
  beforeAll(async () => {
    await stack.reset();
    await stack.put('log_data/a.json', play);
    await stack.deliver(stack.takeMessages());
    await stack.put('log_data/b.json', play);
    // The ledger has the sizes that notifications claim.
    const claimed = stack.takeMessages().map((body) => body.replace(/"size":\d+/, '"size":2000000000'));
    expect(claimed.join('')).toContain('2000000000');
    await stack.deliver(claimed);
  });

  test('is said and not done unless somebody agrees', async () => {
    const { out, err, code } = await stack.run(['trace', 'users', '7']);
    expect(err).toContain('any of 2 files, 2.0 GB, may hold this one');
    expect(out).toContain('were not read. To read them too: the same command with --yes');
    expect(out).not.toContain(' is on line ');
    expect(code).toBe(1);
  });

  test.each([
    ['by --yes', ['--yes'], false],
    ['when asked', [], true],
  ])('is done for who agrees %s', async (_name, more, agrees) => {
    const { out, code } = await stack.run(['trace', 'users', '7', ...more], { confirm: () => Promise.resolve(agrees) });
    expect(out).toContain('Read 2 files');
    expect(code).toBe(0);
  });

  test('is little for a play, whose batch is known: the row is named, and what was not read is said', async () => {
    const { out, code } = await stack.run(['trace', 'songplays', '1541105830796', '1', '1']);
    expect(out).toContain(`is on line 1 of ${urlOf('log_data/a.json')}`);
    expect(out).toContain('1 file, 2.0 GB, were not read');
    expect(out).toContain('Read 1 file,');
    expect(code).toBe(1);
  });
});

describe('what a batch rejected, and what it found in conflict', () => {
  beforeAll(async () => {
    await stack.reset();
    const twins = `${event({ itemInSession: 5, page: 'NextSong' })}${event({ itemInSession: 5, page: 'NextSong', level: 'paid' })}`;
    await stack.put(
      'log_data/a.json',
      `${event({ ts: null })}\n${event({})}\n\n${twins}${event({ sessionId: ' ', itemInSession: null })}`,
    );
    await stack.put(
      'song_data/b.json',
      '{"song_id":"S"}\n{"song_id":" ","title":"\\u001b[2J"}\n{"song_id":"S","year":1}\n{"song_id":"S","year":1}',
    );
    await stack.deliver(stack.takeMessages());
  });

  test('lead to their files and lines, as the ledger counted them', async () => {
    const [batch] = await stack.rows(`SELECT * FROM ${stack.schema}.load_batches`);
    expect(batch).toMatchObject({ rows_rejected: 3, keys_in_conflict: 2 });
    const rejected = await stack.json(['trace', 'rejected_rows', '1']);
    expect(rejected).toMatchObject({ rejected: 3, found: 3, complete: true });
    expect(
      (rejected.rows as Record<string, unknown>[]).map(({ url, line, object, reason }) => [url, line, object, reason]),
    ).toEqual([
      [urlOf('log_data/a.json'), 1, 1, 'ts is missing'],
      [urlOf('log_data/a.json'), 4, 3, 'sessionId is missing, itemInSession is missing'],
      [urlOf('song_data/b.json'), 2, 1, 'song_id is blank'],
    ]);
    const conflicts = await stack.json(['trace', 'conflicts', String(batch?.batch_id)]);
    expect(conflicts).toMatchObject({ keysInConflict: 2, found: 2, complete: true });
    const [ofPlays, ofSongs] = conflicts.conflicts as {
      table: string;
      key: string;
      winner: { line: number };
      losers: { line: number }[];
    }[];
    expect(ofPlays).toMatchObject({
      table: 'songplays',
      key: '1541105830796-1-5',
      winner: { line: 4 },
      losers: [{ line: 4 }],
    });
    const [song] = await stack.rows(`SELECT year FROM ${stack.schema}.songs`);
    expect(ofSongs).toMatchObject({ table: 'songs', key: 'S', winner: { line: song?.year === 1 ? 3 : 1 } });
    expect(ofSongs?.losers).toHaveLength(2);
  });

  test('are printed for people, and status names the command', async () => {
    const { out } = await stack.run(['trace', 'rejected_rows', '1', '--show', '2']);
    expect(out).toContain('rejected 3 rows; 3 of them found in its files.');
    expect(out).toContain('… and 1 more; to see them: --show 3');
    expect((await stack.run(['trace', 'rejected_rows', '1'])).out).not.toContain('\u001b');
    expect((await stack.run(['trace', 'conflicts', '1'])).out).toContain('won');
    expect((await stack.run(['status'])).out).toContain(
      '3 rows rejected within a day → npx sparkify trace rejected_rows ',
    );
  });

  test('are told as incomplete when a file is not as it was', async () => {
    await stack.put('log_data/a.json', event({}));
    stack.takeMessages();
    for (const what of ['rejected_rows', 'conflicts']) {
      const { out, code } = await stack.run(['trace', what, '1']);
      expect(out).toContain('overwritten since it was loaded');
      expect(code).toBe(1);
    }
  });
});

test('rows of the sample are found while a person waits', async () => {
  await stack.reset();
  for (const { key, body } of generateSample({ seed: SEED })) await stack.put(key, body);
  await stack.deliver(stack.takeMessages());
  const random = seededRandom(SEED);
  const times: number[] = [];
  for (const table of ['songplays', 'users', 'songs', 'artists', 'time'] satisfies Table[]) {
    const keys = await keysOf(stack, table);
    for (let n = 0; n < ROWS_OF_A_TABLE; n += 1) {
      const begun = Date.now();
      const { answer } = await traceKey(stack, table, keys[Math.floor(random() * keys.length)] ?? '');
      expect(answer).toMatchObject({ exact: true, complete: true });
      times.push(Date.now() - begun);
    }
  }
  const slowest = Math.max(...times);
  process.stderr.write(`trace on the sample, ${times.length} rows: slowest ${slowest} ms\n`);
  expect(slowest).toBeLessThan(120_000);
}, 300_000);
