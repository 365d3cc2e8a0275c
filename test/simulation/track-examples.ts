/** Worked examples of tracks: what was ever played, when, and the song it has. */
import { events, NOON, song, type Example } from './example-files.ts';

const DAY_MS = 86_400_000;
const LATER = NOON + 100 * DAY_MS;

const TRACKS =
  'SELECT song_title AS title, song_duration AS duration, song_id, artist_id FROM sparkify.tracks ORDER BY 1, 2';
const PLAYS = 'SELECT item_in_session AS item, song_id FROM sparkify.songplays ORDER BY 1';

export const TRACK_EXAMPLES: readonly Example[] = [
  {
    name: 'a track has the song of its plays, and none when the song is corrected away from them',
    deliveries: [[events('a', {})], [song('S1')], [song('S1', { title: 'U' })]],
    question: `SELECT t.song_id AS of_track, p.song_id AS of_play, SUM(b.rows_healed) AS healed
      FROM sparkify.tracks t, sparkify.songplays p, sparkify.load_batches b GROUP BY 1, 2`,
    answer: [{ of_track: null, of_play: null, healed: 2 }],
  },
  {
    name: 'of two songs of a track it has the smaller, which came last',
    deliveries: [[events('a', {})], [song('S2', { artist_id: 'B' })], [song('S1')]],
    question: TRACKS,
    answer: [{ title: 'T', duration: 1.5, song_id: 'S1', artist_id: 'A' }],
  },
  {
    name: 'a late song heals the plays of its own length, and no other',
    deliveries: [[events('a', {}, { length: 9, itemInSession: 1 })], [song('S1')]],
    question: PLAYS,
    answer: [
      { item: 0, song_id: 'S1' },
      { item: 1, song_id: null },
    ],
  },
  {
    name: 'a track of one title and another length is another',
    deliveries: [[song('S1'), song('S2', { duration: 9 })], [events('a', {})], [events('b', { length: 9 })]],
    question: TRACKS,
    answer: [
      { title: 'T', duration: 1.5, song_id: 'S1', artist_id: 'A' },
      { title: 'T', duration: 9, song_id: 'S2', artist_id: 'A' },
    ],
  },
  {
    name: 'and what is played of the one does not make the days of the other longer',
    deliveries: [[events('a', {}, { length: 9, itemInSession: 1 })], [events('b', { length: 9, ts: LATER })]],
    question: `SELECT song_duration AS duration, DATEDIFF(day, first_played, last_played) AS days FROM sparkify.tracks
      ORDER BY 1`,
    answer: [
      { duration: 1.5, days: 0 },
      { duration: 9, days: 100 },
    ],
  },
  {
    name: 'a late song heals the plays of a track of another length, which was played later',
    deliveries: [
      [events('a', {})],
      [events('b', { length: 9, itemInSession: 1, ts: LATER })],
      [song('S2', { duration: 9 })],
    ],
    question: PLAYS,
    answer: [
      { item: 0, song_id: null },
      { item: 1, song_id: 'S2' },
    ],
  },
  {
    name: 'a late song heals the plays of every day, however far apart and in whatever order they landed',
    deliveries: [
      [events('a', {})],
      [events('b', { itemInSession: 1, ts: LATER })],
      [events('c', { itemInSession: 2, ts: 0 })],
      [song('S1')],
    ],
    question: PLAYS,
    answer: [
      { item: 0, song_id: 'S1' },
      { item: 1, song_id: 'S1' },
      { item: 2, song_id: 'S1' },
    ],
  },
  {
    name: 'and those of its first and of its last millisecond',
    deliveries: [
      [events('a', { ts: 0 }, { itemInSession: 1, ts: DAY_MS - 1 }, { itemInSession: 2, ts: -1 })],
      [song('S1')],
    ],
    question: PLAYS,
    answer: [
      { item: 0, song_id: 'S1' },
      { item: 1, song_id: 'S1' },
      { item: 2, song_id: 'S1' },
    ],
  },
  {
    name: 'a play that was corrected to another title is healed by the song of that title, and not by that of the old one',
    deliveries: [[events('a', {})], [events('a', { song: 'U' })], [song('S1')], [song('S2', { title: 'U' })]],
    question: `SELECT t.song_title AS title, t.song_id AS of_track, p.song_id AS of_play
      FROM sparkify.tracks t, sparkify.songplays p ORDER BY 1`,
    answer: [
      { title: 'T', of_track: 'S1', of_play: 'S2' },
      { title: 'U', of_track: 'S2', of_play: 'S2' },
    ],
  },
  {
    name: 'a stray play of 1970 and one of 2099 are beside those of today, and a correction of each is its own',
    deliveries: [
      [events('a', {}, { itemInSession: 1, ts: 0 }, { itemInSession: 2, ts: Date.UTC(2099, 0, 1) })],
      [events('a', {}, { itemInSession: 1, ts: 0, level: 'paid' }, { itemInSession: 2, ts: Date.UTC(2099, 0, 1) })],
    ],
    question: `SELECT p.item_in_session AS item, p.level, t.year FROM sparkify.songplays p
      JOIN sparkify."time" t ON t.start_time = p.start_time ORDER BY 1`,
    answer: [
      { item: 0, level: 'free', year: 2018 },
      { item: 1, level: 'paid', year: 1970 },
      { item: 2, level: 'free', year: 2099 },
    ],
  },
  {
    name: 'a file loaded again changes no play, neither the first of its range nor the last',
    deliveries: [
      [events('a', {}, { itemInSession: 1, ts: NOON + 1 }, { itemInSession: 2, ts: NOON + 2 })],
      [events('a', {}, { itemInSession: 1, ts: NOON + 1, level: 'paid' }, { itemInSession: 2, ts: NOON + 2 })],
    ],
    question: `SELECT p.item_in_session AS item, b.batch_no FROM sparkify.songplays p
      JOIN sparkify.load_batches b ON b.batch_id = p.batch_id ORDER BY 1`,
    answer: [
      { item: 0, batch_no: 1 },
      { item: 1, batch_no: 2 },
      { item: 2, batch_no: 1 },
    ],
  },
];
