/** Worked examples of the rules: small, in a fixed order, and each there because chance meets its case too rarely. */
import { ARTIST_EXAMPLES } from './artist-examples.ts';
import { events, NOON, song, type Example } from './example-files.ts';
import { ROW_EXAMPLES } from './row-examples.ts';
import { TRACK_EXAMPLES } from './track-examples.ts';
import type { TestStack } from '../support/stack.ts';
import type { Tampering } from './races.ts';
import { write } from './write.ts';

const PLAYED = 'SELECT song_id, artist_id FROM sparkify.songplays';
const LEVEL = 'SELECT level FROM sparkify.users';

const STAR_EXAMPLES: readonly Example[] = [
  {
    name: 'a corrected duration corrects the song',
    deliveries: [[song('S1')], [song('S1', { duration: 2.5 })]],
    question: 'SELECT duration FROM sparkify.songs',
    answer: [{ duration: 2.5 }],
  },
  {
    name: 'a title that was absent and is now empty is empty',
    deliveries: [[song('S1', { title: null })], [song('S1', { title: '' })]],
    question: 'SELECT title FROM sparkify.songs',
    answer: [{ title: '' }],
  },
  {
    name: 'of two events at one time the later session says who a user is, when it comes last',
    deliveries: [[events('a', { level: 'free' })], [events('b', { level: 'paid', sessionId: 2 })]],
    question: LEVEL,
    answer: [{ level: 'paid' }],
  },
  {
    name: 'and when it comes first',
    deliveries: [[events('b', { level: 'paid', sessionId: 2 })], [events('a', { level: 'free' })]],
    question: LEVEL,
    answer: [{ level: 'paid' }],
  },
  {
    name: 'an old file that comes late leaves a user as they are, and one of the same session too',
    deliveries: [
      [events('c', { level: 'paid', itemInSession: 2, ts: NOON + 2 })],
      [events('a', { level: 'free' })],
      [events('b', { level: 'free', itemInSession: 1, ts: NOON + 1 })],
    ],
    question: LEVEL,
    answer: [{ level: 'paid' }],
  },
  {
    name: 'a corrected event corrects the user and the play',
    deliveries: [[events('a', { level: 'free' })], [events('a', { level: 'paid' })]],
    question:
      'SELECT u.level AS now, p.level AS then FROM sparkify.users u JOIN sparkify.songplays p ON p.user_id = u.user_id',
    answer: [{ now: 'paid', then: 'paid' }],
  },
  {
    name: 'a page that is no play says who a user is, too',
    deliveries: [[events('a', { level: 'free' }), events('b', { level: 'paid', page: 'Home', ts: NOON + 1 })]],
    question: LEVEL,
    answer: [{ level: 'paid' }],
  },
  {
    name: 'of two songs that fit, a play has the smaller',
    deliveries: [[song('S1'), song('S2')], [events('a', {})]],
    question: PLAYED,
    answer: [{ song_id: 'S1', artist_id: 'A' }],
  },
  {
    name: 'a song of another artist name or duration does not fit, and the play is kept',
    deliveries: [[song('S1', { artist_name: 'M' }), song('S2', { duration: 9 })], [events('a', {})]],
    question: PLAYED,
    answer: [{ song_id: null, artist_id: null }],
  },
  {
    name: 'plays of one title, by other artists or of other lengths, have songs of their own',
    deliveries: [
      [song('S1'), song('S2', { artist_name: 'M' }), song('S3', { duration: 9 })],
      [events('a', {}, { itemInSession: 1, artist: 'M' }, { itemInSession: 2, length: 9 })],
    ],
    question: 'SELECT item_in_session AS item, song_id FROM sparkify.songplays ORDER BY item_in_session',
    answer: [
      { item: 0, song_id: 'S1' },
      { item: 1, song_id: 'S2' },
      { item: 2, song_id: 'S3' },
    ],
  },
  {
    name: 'trailing blanks of a title and an artist name do not decide, on the song',
    deliveries: [[song('S1', { title: 'T  ', artist_name: 'N  ' })], [events('a', {})]],
    question: PLAYED,
    answer: [{ song_id: 'S1', artist_id: 'A' }],
  },
  {
    name: 'trailing blanks of a title and an artist name do not decide, on the play',
    deliveries: [[song('S1')], [events('a', { song: 'T  ', artist: 'N  ' })]],
    question: PLAYED,
    answer: [{ song_id: 'S1', artist_id: 'A' }],
  },
  {
    name: 'trailing blanks of a title and an artist name do not decide, on a play that landed first',
    deliveries: [[events('a', { song: 'T  ', artist: 'N  ' })], [song('S1')]],
    question: PLAYED,
    answer: [{ song_id: 'S1', artist_id: 'A' }],
  },
  {
    name: 'a smaller song that lands after its play and after another song takes the play',
    deliveries: [[events('a', {})], [song('S2')], [song('S1')], [song('S3')]],
    question: PLAYED,
    answer: [{ song_id: 'S1', artist_id: 'A' }],
  },
  {
    name: 'a song whose title was corrected lets go of its play',
    deliveries: [[song('S1'), events('a', {})], [song('S1', { title: 'U' })]],
    question: PLAYED,
    answer: [{ song_id: null, artist_id: null }],
  },
  {
    name: 'and the smallest of the songs that still fit takes it',
    deliveries: [[song('S1'), song('S2'), song('S3')], [events('a', {})], [song('S1', { title: 'U' })]],
    question: PLAYED,
    answer: [{ song_id: 'S2', artist_id: 'A' }],
  },
  {
    name: 'a song whose artist was corrected corrects its play, once',
    deliveries: [[song('S1'), events('a', {})], [song('S1', { artist_id: 'B' })]],
    question:
      'SELECT p.artist_id, SUM(b.rows_healed) AS healed FROM sparkify.songplays p, sparkify.load_batches b GROUP BY 1',
    answer: [{ artist_id: 'B', healed: 1 }],
  },
  {
    name: 'two items of one session at one time are two plays, of one timestamp',
    deliveries: [[events('a', {}), events('b', { itemInSession: 1 })]],
    question:
      'SELECT COUNT(*) AS plays, MIN(t.weekday) AS weekday FROM sparkify.songplays p JOIN sparkify."time" t ON t.start_time = p.start_time',
    answer: [{ plays: 2, weekday: 3 }],
  },
];

/** All examples. */
export const EXAMPLES: readonly Example[] = [...ARTIST_EXAMPLES, ...STAR_EXAMPLES, ...TRACK_EXAMPLES, ...ROW_EXAMPLES];

/** Plays an example; gives what the question was answered. */
export async function playExample(stack: TestStack, example: Example, tampering: Tampering = {}): Promise<unknown[]> {
  await stack.reset();
  let at = Date.UTC(2018, 11, 1);
  for (const delivery of example.deliveries) {
    const records = [];
    for (const { key, rows } of delivery) {
      records.push(
        await write(stack, key, rows.map((row) => JSON.stringify(row)).join('\n'), new Date((at += 60_000))),
      );
    }
    await stack.deliver([JSON.stringify({ Records: records })], tampering);
  }
  const { warehouse, clock } = stack.connection;
  return warehouse.query('example', example.question, {}, clock.now() + 60_000);
}
