import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { oracleChecksums, tableNames } from './checksums.ts';
import { genuineData, unlessPresent } from './genuine.ts';
import { oracle, tieBreak, type SourceObject } from './oracle.ts';

type Count = { count: number; sha256: string };
type Expected = {
  results: { udacity71: Record<'songplays' | 'users' | 'songs' | 'artists' | 'time', Count> };
  cumulative_by_day: {
    through: string;
    songplays: number;
    time: number;
    users: number;
    users_paid: number;
    users_sha256: string;
    matched_udacity71: number;
  }[];
};

const genuineIsHere = existsSync(genuineData);

unlessPresent('the oracle on the genuine data')(() => {
  const expected = genuineIsHere
    ? (JSON.parse(readFileSync(join(genuineData, 'expected.json'), 'utf8')) as Expected)
    : { results: { udacity71: {} as Expected['results']['udacity71'] }, cumulative_by_day: [] };
  const objects = genuineIsHere ? [...read('song_data'), ...read('log_data')] : [];

  const star = oracle(objects);
  const checksums = oracleChecksums(star);

  test.each(tableNames)('gives the checked rows of %s', (table) => {
    const { count, sha256 } = expected.results.udacity71[table];
    expect(checksums[table]).toEqual({ count, sha256 });
  });

  test('finds no row without a natural key', () => {
    expect(star.rejected).toEqual({ events: 0, songs: 0 });
  });

  test('gives the checked state after each of the thirty days', () => {
    const states = expected.cumulative_by_day.map(({ through }) => {
      const star = oracle(objects.filter(({ key }) => !key.startsWith('log_data/') || dayOf(key) <= through));
      const { songplays, time, users } = oracleChecksums(star);
      return {
        through,
        songplays: songplays.count,
        time: time.count,
        users: users.count,
        users_paid: star.users.filter(({ level }) => level === 'paid').length,
        users_sha256: users.sha256,
        matched_udacity71: star.songplays.filter(({ song_id }) => song_id !== null).length,
      };
    });
    expect(states).toHaveLength(30);
    expect(expected.cumulative_by_day).toMatchObject(states);
  });
});

function read(folder: string): SourceObject[] {
  return readdirSync(join(genuineData, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ key: `${folder}/${name}`, body: readFileSync(join(genuineData, folder, name), 'utf8') }));
}

function dayOf(key: string): string {
  return /\d{4}-\d{2}-\d{2}/.exec(key)?.[0] ?? '';
}

const play = {
  artist: 'Elena',
  auth: 'Logged In',
  firstName: 'Lily',
  gender: 'F',
  itemInSession: 3,
  lastName: 'Koch',
  length: 269.58322,
  level: 'paid',
  location: 'Chicago, IL',
  method: 'PUT',
  page: 'NextSong',
  registration: 1541048010796,
  sessionId: 818,
  song: 'Setanta matins',
  status: 200,
  ts: 1542837407796,
  userAgent: '"Mozilla/5.0"',
  userId: '15',
};
const song = {
  num_songs: 1,
  artist_id: 'AR5KOSW1187FB35FF4',
  artist_latitude: 49.80388,
  artist_longitude: 15.47491,
  artist_location: 'Dubai UAE',
  artist_name: 'Elena',
  song_id: 'SOZCTXZ12AB0182364',
  title: 'Setanta matins',
  duration: 269.58322,
  year: 0,
};
const events = (...rows: object[]) => ({
  key: 'log_data/a.json',
  body: rows.map((row) => JSON.stringify(row)).join('\n'),
});
const songs = (...rows: object[]) => ({
  key: 'song_data/a.json',
  body: rows.map((row) => JSON.stringify(row)).join('\n'),
});

describe('the oracle', () => {
  test('matches a play on title, artist and duration, ignoring blanks at the end', () => {
    const star = oracle([
      events({ ...play, song: 'Setanta matins  ' }, { ...play, ts: 1, length: 269.6 }),
      songs(song),
    ]);
    expect(star.songplays.map(({ song_id, song_title }) => [song_id, song_title])).toEqual([
      ['SOZCTXZ12AB0182364', 'Setanta matins  '],
      [null, 'Setanta matins'],
    ]);
  });

  test('takes the smallest of several matching songs, with the artist of that song', () => {
    const star = oracle([songs(song, { ...song, song_id: 'SOAAA', artist_id: 'AR2' }), events(play)]);
    expect(star.songplays).toMatchObject([{ song_id: 'SOAAA', artist_id: 'AR2' }]);
  });

  test('matches nothing when title, artist or duration is missing on both sides', () => {
    const missing = [{ title: null }, { artist_name: null }, { duration: null }].map((hole, at) => ({
      ...song,
      ...hole,
      song_id: `SO${at}`,
    }));
    const star = oracle([
      events({ ...play, song: null }, { ...play, artist: null, ts: 1 }, { ...play, length: null, ts: 2 }),
      songs(...missing),
    ]);
    expect(star.songplays.map(({ song_id }) => song_id)).toEqual([null, null, null]);
  });

  test('keeps one play per key and one instant per timestamp', () => {
    const star = oracle([events(play, play, { ...play, sessionId: 1 }), { ...events(play), key: 'log_data/b.json' }]);
    expect(star.songplays).toHaveLength(2);
    expect(star.time).toEqual([
      { start_time: 1542837407796, hour: 21, day: 21, week: 47, month: 11, year: 2018, weekday: 3 },
    ]);
  });

  test('describes a user by the latest event, of any page, then session, then item', () => {
    const later = { ...play, page: 'Home', level: 'free', itemInSession: 4 };
    const users = (...rows: object[]) => oracle([events(...rows)]).users;
    expect(users(later, play)).toMatchObject([{ user_id: '15', level: 'free', last_item_in_session: 4 }]);
    expect(users(later, { ...play, sessionId: 819 })).toMatchObject([{ level: 'paid', last_session_id: 819 }]);
    expect(users({ ...play, sessionId: 819 }, { ...later, ts: play.ts + 1 })).toMatchObject([{ level: 'free' }]);
  });

  test('takes a blank user for nobody', () => {
    const star = oracle([events({ ...play, userId: ' ' })]);
    expect(star.users).toEqual([]);
    expect(star.songplays).toMatchObject([{ user_id: null }]);
  });

  test('describes an artist by the smallest song and leaves a blank artist out', () => {
    const star = oracle([
      songs(song, { ...song, song_id: 'SOA', artist_name: 'ELENA' }, { ...song, song_id: 'SOB', artist_id: '' }),
    ]);
    expect(star.songs).toHaveLength(3);
    expect(star.artists).toMatchObject([{ artist_id: 'AR5KOSW1187FB35FF4', name: 'ELENA', source_song_id: 'SOA' }]);
  });

  test('rejects events and songs without a natural key, whatever their page', () => {
    const star = oracle([
      events({ ...play, ts: null, page: 'Home' }, { ...play, sessionId: undefined }),
      songs({ ...song, song_id: '  ' }),
    ]);
    expect(star).toEqual({
      songplays: [],
      users: [],
      songs: [],
      artists: [],
      time: [],
      rejected: { events: 2, songs: 1 },
    });
  });

  test('does not depend on the order of objects, even when two disagree', () => {
    const objects = [events(play), events({ ...play, level: 'free' }), songs(song), songs({ ...song, year: 1999 })];
    expect(oracleChecksums(oracle(objects.toReversed()), 'all')).toEqual(oracleChecksums(oracle(objects), 'all'));
  });

  test('reads objects with any white space between them and names the key of a broken body', () => {
    const glued = JSON.stringify(play, null, 2) + '\r\n\t' + JSON.stringify({ ...play, ts: 1, song: '}"\\{' });
    expect(oracle([{ key: 'log_data/a.json', body: glued }]).songplays).toHaveLength(2);
    expect(() => oracle([{ key: 'log_data/a.json', body: '{"ts": 1' }])).toThrow('log_data/a.json');
    expect(() => oracle([{ key: 'log_data/a.json', body: 'oops' }])).toThrow('log_data/a.json');
  });

  test('tells NULL from the empty string when it breaks a tie', () => {
    expect(tieBreak(['a', null])).not.toBe(tieBreak(['a', '']));
  });
});
