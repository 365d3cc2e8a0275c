/** Worked examples of what becomes of rows: merged, duplicate, in conflict or rejected, and counted. */
import { events, song, type Example } from './example-files.ts';

const YEAR_1 = Date.parse('0001-01-01T00:00:00Z');
const YEAR_10000 = Date.UTC(10000, 0, 1);
/** An event without a place in a session. */
const NOBODY = { sessionId: null, itemInSession: null };

const COUNTS =
  'SELECT SUM(rows_staged - rows_merged - rows_duplicate - rows_skipped - rows_rejected) AS open FROM sparkify.load_batches';

export const ROW_EXAMPLES: readonly Example[] = [
  {
    name: 'a play that came twice in a batch is one play, and a play beside it is another',
    deliveries: [[events('a', {}, { itemInSession: 1 }), events('b', {}), events('c', { userId: '' })]],
    question:
      'SELECT COUNT(*) AS plays, (SELECT MAX(rows_merged) FROM sparkify.load_batches) AS merged, (SELECT MAX(keys_in_conflict) FROM sparkify.load_batches) AS conflicts FROM sparkify.songplays',
    answer: [{ plays: 2, merged: 2, conflicts: 1 }],
  },
  {
    name: 'copies of a song of which one has no duration, or another place, are in conflict, equal ones are not',
    deliveries: [
      [
        song('S1'),
        { ...song('S1', { duration: null }), key: 'song_data/1.json' },
        song('S2'),
        { ...song('S2', { artist_latitude: 1 }), key: 'song_data/2.json' },
        song('S3'),
        { ...song('S3'), key: 'song_data/3.json' },
      ],
    ],
    question: 'SELECT keys_in_conflict AS conflicts FROM sparkify.load_batches',
    answer: [{ conflicts: 2 }],
  },
  {
    name: 'a row whose time is in no calendar is rejected, says nothing of anybody, and leaves its file alone',
    deliveries: [[events('a', { level: 'paid', ts: 999999999999999 }, { ts: YEAR_10000 - 1 }, { ts: YEAR_10000 }, {})]],
    question: `SELECT (SELECT COUNT(*) FROM sparkify.songplays) AS plays, (SELECT MAX(year) FROM sparkify."time") AS year,
      (SELECT MAX(level) FROM sparkify.users) AS level, (SELECT SUM(copies) FROM sparkify.rejected_rows) AS kept,
      b.rows_rejected AS rejected FROM sparkify.load_batches b`,
    answer: [{ plays: 2, year: 9999, level: 'free', kept: 2, rejected: 2 }],
  },
  {
    name: 'and so it is before the year 1, even if it came twice or is no play',
    deliveries: [
      [events('a', {}, { ts: YEAR_1 }, { ts: YEAR_1 - 1 }, { ts: YEAR_1 - 1 }, { ts: YEAR_1 - 1, page: 'Home' })],
    ],
    question: `SELECT (SELECT COUNT(*) FROM sparkify.songplays) AS plays, (SELECT MIN(year) FROM sparkify."time") AS year,
      b.rows_merged AS merged, b.rows_rejected AS rejected FROM sparkify.load_batches b`,
    answer: [{ plays: 2, year: 1, merged: 2, rejected: 3 }],
  },
  {
    name: 'what was rejected is kept whole, with every reason',
    deliveries: [
      [
        events(
          'a',
          {},
          { ...NOBODY, ts: YEAR_10000, page: 'Home' },
          { ...NOBODY, ts: null, sessionId: 9, song: 'say "T"' },
        ),
        { key: 'log_data/b.json', rows: [{ other: 1 }, ...events('b', { itemInSession: 1 }).rows] },
        { ...song('S1'), rows: [{ title: 'T', year: 1 }, { song_id: '  ', duration: 1.5 }, ...song('S1').rows] },
      ],
    ],
    question: 'SELECT source, reason, content FROM sparkify.rejected_rows ORDER BY source, content',
    answer: [
      { source: 'events', reason: 'ts is missing, sessionId is missing, itemInSession is missing', content: '' },
      {
        source: 'events',
        reason: 'ts is missing, itemInSession is missing',
        content: 'sessionId=9 page="NextSong" userId="7" level="free" song="say ""T""" artist="N" length=1.5',
      },
      {
        source: 'events',
        reason: 'ts is outside the years 1 to 9999, sessionId is missing, itemInSession is missing',
        content: 'ts=253402300800000 page="Home" userId="7" level="free" song="T" artist="N" length=1.5',
      },
      { source: 'songs', reason: 'song_id is blank', content: 'song_id="  " duration=1.5' },
      { source: 'songs', reason: 'song_id is missing', content: 'title="T" year=1' },
    ],
  },
  {
    name: 'of what was rejected only equal rows are kept together',
    deliveries: [
      [
        events('a', {}, NOBODY, NOBODY, { ...NOBODY, song: 'T ' }, { ...NOBODY, length: 1.5000000000000002 }),
        events('b', NOBODY, { ...NOBODY, song: 'T" artist="N', artist: null }, { itemInSession: 1 }),
        { ...song('S1'), rows: [{ title: 'T' }, { title: 'T', duration: 1 }, { title: 'T' }, ...song('S1').rows] },
      ],
    ],
    question: 'SELECT source, copies FROM sparkify.rejected_rows ORDER BY source, copies DESC',
    answer: [
      { source: 'events', copies: 3 },
      { source: 'events', copies: 1 },
      { source: 'events', copies: 1 },
      { source: 'events', copies: 1 },
      { source: 'songs', copies: 2 },
      { source: 'songs', copies: 1 },
    ],
  },
  {
    name: 'a file loaded again says again what was rejected, as another batch',
    deliveries: [[events('a', {}, { sessionId: null })], [events('a', {}, { sessionId: null }, { itemInSession: 1 })]],
    question: 'SELECT batch_no, SUM(copies) AS copies FROM sparkify.rejected_rows GROUP BY batch_no ORDER BY batch_no',
    answer: [
      { batch_no: 1, copies: 1 },
      { batch_no: 2, copies: 1 },
    ],
  },
  {
    name: 'rows without a key are kept and counted, copies too, and the account closes',
    deliveries: [
      [
        { ...song('S1'), rows: [...song('').rows, ...song('S1').rows] },
        events('a', {}, {}, { ts: null, sessionId: 9 }, { page: 'Home', itemInSession: 3 }),
      ],
    ],
    question: `SELECT (SELECT COUNT(*) FROM sparkify.rejected_rows) AS rejected, c.open FROM (${COUNTS}) AS c`,
    answer: [{ rejected: 2, open: 0 }],
  },
  {
    name: 'the ledger has every object, and a bad row is not skipped',
    deliveries: [[song('S1'), events('a', {}), events('b', { itemInSession: 'x' })]],
    question: 'SELECT status, COUNT(*) AS n FROM sparkify.objects_now GROUP BY status ORDER BY status',
    answer: [
      { status: 'loaded', n: 2 },
      { status: 'quarantined', n: 1 },
    ],
  },
];
