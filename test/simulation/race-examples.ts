/** Worked examples of races: what another load commits between the transactions of one, and what a session that ends does. */
import { events, NOON, song, type RaceExample } from './example-files.ts';

const DAY_MS = 86_400_000;

const TITLE = `SELECT s.title, (SELECT COUNT(*) FROM sparkify.load_objects) AS records, o.etag = f.etag AS is_newest
  FROM sparkify.songs s, sparkify.objects_now o,
    (SELECT etag FROM sparkify.load_objects WHERE batch_no = (SELECT MAX(batch_no) FROM sparkify.load_objects)) AS f`;
const PLAYS = `SELECT p.item_in_session AS item, p.song_id, t.song_id AS of_track FROM sparkify.songplays p
  JOIN sparkify.tracks t ON t.song_title = p.song_title ORDER BY 1`;
const BATCHES = 'SELECT COUNT(*) AS batches, COUNT(DISTINCT batch_id) AS different FROM sparkify.load_batches';

export const RACE_EXAMPLES: readonly RaceExample[] = [
  {
    name: 'content that was overwritten and loaded by another after it was copied does not come back',
    before: [],
    raced: [song('S1', { title: 'old' })],
    between: [[song('S1', { title: 'new' })]],
    hits: { unchangedHits: 1, coveredHits: 0, sessionsLost: 0 },
    question: TITLE,
    answer: [{ title: 'new', records: 1, is_newest: true }],
  },
  {
    name: 'and takes with it nothing of what lies beside it in the batch',
    before: [],
    raced: [song('S1', { title: 'old' }), events('a', { song: 'new' })],
    between: [[song('S1', { title: 'new' })]],
    hits: { unchangedHits: 1, coveredHits: 0, sessionsLost: 0 },
    question: 'SELECT p.song_id, s.title FROM sparkify.songplays p, sparkify.songs s',
    answer: [{ song_id: 'S1', title: 'new' }],
  },
  {
    name: 'an old level of a user does not come back with an old file',
    before: [],
    raced: [events('a', { level: 'free' })],
    between: [[events('a', { level: 'paid' })]],
    hits: { unchangedHits: 1, coveredHits: 0, sessionsLost: 0 },
    question: 'SELECT u.level, p.level AS then FROM sparkify.users u, sparkify.songplays p',
    answer: [{ level: 'paid', then: 'paid' }],
  },
  {
    name: 'plays that another commits after the songs were surveyed are healed',
    before: [],
    raced: [song('S1')],
    between: [[events('a', {})]],
    hits: { unchangedHits: 0, coveredHits: 1, sessionsLost: 0 },
    question: PLAYS,
    answer: [{ item: 0, song_id: 'S1', of_track: 'S1' }],
  },
  {
    name: 'and so are those before and after the surveyed range, each once',
    before: [[events('a', {})]],
    raced: [song('S1')],
    between: [
      [
        events('b', { itemInSession: 1, ts: NOON - 400 * DAY_MS }),
        events('c', { itemInSession: 2, ts: NOON + 400 * DAY_MS }),
      ],
    ],
    hits: { unchangedHits: 0, coveredHits: 1, sessionsLost: 0 },
    question: `SELECT COUNT(p.song_id) AS plays, MAX(b.rows_healed) AS healed FROM sparkify.songplays p, sparkify.load_batches b
      WHERE b.rows_healed > 0`,
    answer: [{ plays: 3, healed: 3 }],
  },
  {
    name: 'plays of the songs keep moving, and are healed all the same',
    before: [],
    raced: [song('S1')],
    between: [
      [events('a', {})],
      [events('b', { itemInSession: 1, ts: NOON + DAY_MS })],
      [events('c', { itemInSession: 2, ts: NOON + 100 * DAY_MS })],
      [],
      [events('d', { itemInSession: 3, ts: 0 })],
    ],
    hits: { unchangedHits: 0, coveredHits: 3, sessionsLost: 0 },
    question: PLAYS,
    answer: [0, 1, 2, 3].map((item) => ({ item, song_id: 'S1', of_track: 'S1' })),
  },
  {
    name: 'a smaller song that another takes away leaves the play to the song that is merged',
    before: [[song('S1')], [events('a', {})]],
    raced: [song('S2')],
    between: [[song('S1', { title: 'U' })]],
    hits: { unchangedHits: 0, coveredHits: 1, sessionsLost: 0 },
    question: PLAYS,
    answer: [{ item: 0, song_id: 'S2', of_track: 'S2' }],
  },
  {
    name: 'what is overwritten while the plays are surveyed again does not come back either',
    before: [],
    raced: [song('S1', { year: 1 })],
    between: [[events('a', {})], [song('S1', { year: 2 })]],
    hits: { unchangedHits: 1, coveredHits: 1, sessionsLost: 0 },
    question: 'SELECT s.year, p.song_id FROM sparkify.songs s, sparkify.songplays p',
    answer: [{ year: 2, song_id: 'S1' }],
  },
  {
    name: 'a session that is lost after it staged is staged anew, as the objects are then',
    before: [],
    raced: [song('S1')],
    between: ['lose'],
    hits: { unchangedHits: 0, coveredHits: 0, sessionsLost: 2 },
    question: BATCHES,
    answer: [{ batches: 1, different: 1 }],
  },
  {
    name: 'and one that is lost between two tries of a merge',
    before: [],
    raced: [song('S1')],
    between: [[events('a', {})], 'lose'],
    hits: { unchangedHits: 0, coveredHits: 1, sessionsLost: 2 },
    question: PLAYS,
    answer: [{ item: 0, song_id: 'S1', of_track: 'S1' }],
  },
];
