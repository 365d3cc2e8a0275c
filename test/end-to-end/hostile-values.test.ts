import { createHash } from 'node:crypto';
import { assertAccountsClose } from '../simulation/star.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

type Fields = Record<string, string>;

const PLAY = {
  ts: '1541000000796',
  sessionId: '1',
  itemInSession: '0',
  page: '"NextSong"',
  userId: '"7"',
  level: '"free"',
};

/** One event line; numbers are written as they are given, since JavaScript cannot hold them all. */
function event(fields: Fields): string {
  const pairs = Object.entries({ ...PLAY, ...fields }).map(([name, value]) => `"${name}": ${value}`);
  return `{${pairs.join(', ')}}`;
}

const quoted = (text: string): string => JSON.stringify(text);
/** A text that fills so many bytes with characters of four each. */
const wide = (bytes: number): string => quoted('𝄞'.repeat(bytes / 4));
/** A text of so many characters that a text of rejected rows doubles. */
const quotes = (length: number): string => quoted('"'.repeat(length));

const widest = (fill: (bytes: number) => string): Fields => ({
  artist: fill(512),
  firstName: fill(128),
  lastName: fill(128),
  gender: fill(16),
  level: fill(16),
  location: fill(512),
  song: fill(512),
  userAgent: fill(1024),
  userId: fill(64),
});
const least = { sessionId: '-9223372036854775808', itemInSession: '-2147483648', length: '-1.7976931348623157e308' };
const OUTSIDE = 'ts is outside the years 1 to 9999';

const usable: readonly (readonly [what: string, fields: Fields])[] = [
  ['the greatest session and item', { sessionId: '9223372036854775807', itemInSession: '2147483647' }],
  ['the least session, item and length', least],
  ['a time before 1970', { ts: '-1' }],
  ['the time 0', { ts: '0' }],
  ['the first timestamp of the calendar', { ts: '-62135596800000' }],
  ['the last timestamp of the calendar', { ts: '253402300799999' }],
  ['the greatest length', { length: '1.7976931348623157e308' }],
  ['the smallest length', { length: '5e-324' }],
  ['texts as long as their columns, of wide characters', { ...widest(wide), sessionId: '2' }],
  ['texts as long as their columns, of quotation marks', { ...widest(quotes), sessionId: '3' }],
  ['texts that SQL could take for its own', { song: quoted("'; -- \\' /* :x */ ? $1 {} % _"), userId: quoted("'") }],
];

const rejected: readonly (readonly [what: string, fields: Fields, reason: string])[] = [
  ['microseconds taken for milliseconds', { ts: '999999999999999' }, OUTSIDE],
  ['the first timestamp after the calendar', { ts: '253402300800000' }, OUTSIDE],
  ['the last timestamp before the calendar', { ts: '-62135596800001' }, OUTSIDE],
  ['long before Christ', { ts: '-200000000000000' }, OUTSIDE],
  [
    'texts as long as their columns, of wide characters',
    { ...widest(wide), sessionId: 'null' },
    'sessionId is missing',
  ],
  ['texts as long as their columns, of quotation marks', { ...widest(quotes), ts: '""' }, 'ts is missing'],
  ['extreme numbers', { ...least, ts: 'null' }, 'ts is missing'],
];

describe('a row of extreme values', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false });
  });
  afterAll(() => stack.stop());

  /** Loads the row twice in one file and once more in another, each beside a healthy row; gives the batch's account. */
  async function load(fields: Fields): Promise<Record<string, unknown> | undefined> {
    const [row, healthy] = [event(fields), event({ sessionId: '500' })];
    await stack.put('log_data/a.json', [healthy, row, row].join('\n'));
    await stack.put('log_data/b.json', [healthy, row].join('\n'));
    expect((await stack.deliver(stack.takeMessages())).failed).toEqual([]);
    await assertAccountsClose(stack.connection.warehouse, stack.schema);
    return (await stack.rows('SELECT * FROM sparkify.load_batches ORDER BY batch_no DESC LIMIT 1'))[0];
  }

  test.each(usable)('is one play: %s', async (_, fields) => {
    const account = { objects_loaded: 2, rows_staged: 5, rows_merged: 2, rows_duplicate: 3, keys_in_conflict: 0 };
    expect(await load(fields)).toMatchObject(account);
    const { ts, sessionId, itemInSession } = { ...PLAY, ...fields };
    const id = createHash('md5').update(`${ts}-${sessionId}-${itemInSession}`).digest('hex');
    expect(await stack.rows(`SELECT batch_id FROM sparkify.songplays WHERE songplay_id = '${id}'`)).toHaveLength(1);
  });

  test.each(rejected)('is rejected, and its neighbours are not: %s', async (_, fields, reason) => {
    const account = { objects_loaded: 2, rows_staged: 5, rows_merged: 1, rows_duplicate: 1, rows_rejected: 3 };
    const batch = await load(fields);
    expect(batch).toMatchObject(account);
    const kept = `SELECT reason, copies FROM sparkify.rejected_rows WHERE batch_no = ${String(batch?.batch_no)}`;
    expect(await stack.rows(kept)).toEqual([{ reason, copies: 3 }]);
  });

  test('is one song: texts as long as their columns, and places at the ends of what a number holds', async () => {
    const song = `{"song_id": ${quoted('S'.repeat(64))}, "artist_id": ${wide(64)}, "title": ${quotes(512)},
      "artist_name": ${wide(512)}, "artist_location": ${wide(512)}, "artist_latitude": -1.7976931348623157e308,
      "artist_longitude": 5e-324, "duration": 1.7976931348623157e308, "year": -2147483648}`;
    await stack.put('song_data/a.json', `${song} ${song} ${song.replace('S'.repeat(64), ' ')}`);
    await stack.deliver(stack.takeMessages());
    expect(await stack.statusOf('song_data/a.json')).toBe('loaded');
    expect(await stack.count('artists')).toBe(1);
    const account = 'SELECT rows_merged, rows_duplicate, rows_rejected FROM sparkify.load_batches';
    expect(await stack.rows(`${account} ORDER BY batch_no DESC LIMIT 1`)).toEqual([
      { rows_merged: 1, rows_duplicate: 1, rows_rejected: 1 },
    ]);
  });
});
