import { DuckDBInstance } from '@duckdb/node-api';
import { oracleChecksums, oracleRows, tableChecksum, tableNames, warehouseChecksums } from './checksums.ts';
import type { Star } from './oracle.ts';

const columns = {
  songplays: `start_time TIMESTAMP, user_id VARCHAR, level VARCHAR, song_id VARCHAR, artist_id VARCHAR, session_id BIGINT,
    item_in_session INTEGER, location VARCHAR, user_agent VARCHAR, song_title VARCHAR, artist_name VARCHAR, song_duration DOUBLE`,
  users: `user_id VARCHAR, first_name VARCHAR, last_name VARCHAR, gender VARCHAR, level VARCHAR, last_event_at TIMESTAMP,
    last_session_id BIGINT, last_item_in_session INTEGER`,
  songs: `song_id VARCHAR, title VARCHAR, artist_id VARCHAR, year INTEGER, duration DOUBLE, artist_name VARCHAR,
    artist_location VARCHAR, artist_latitude DOUBLE, artist_longitude DOUBLE`,
  artists: `artist_id VARCHAR, name VARCHAR, location VARCHAR, latitude DOUBLE, longitude DOUBLE, source_song_id VARCHAR`,
  time: `start_time TIMESTAMP, hour SMALLINT, day SMALLINT, week SMALLINT, month SMALLINT, year SMALLINT, weekday SMALLINT`,
};

const star: Star = {
  songplays: [
    {
      start_time: 1542837407796,
      user_id: null,
      level: 'paid',
      song_id: 'SOZCTXZ12AB0182364',
      artist_id: 'AR5KOSW1187FB35FF4',
      session_id: 818,
      item_in_session: 3,
      location: '',
      user_agent: 'O"Neill\\\t',
      song_title: 'Café 東京',
      artist_name: 'Elena',
      song_duration: 269.58322,
    },
  ],
  users: [
    {
      user_id: '15',
      first_name: 'Lily',
      last_name: null,
      gender: 'F',
      level: 'free',
      last_event_at: 1542837407796,
      last_session_id: 818,
      last_item_in_session: 3,
    },
  ],
  songs: [
    {
      song_id: 'SOB',
      title: '',
      artist_id: null,
      year: 0,
      duration: 200,
      artist_name: 'b',
      artist_location: '',
      artist_latitude: 0,
      artist_longitude: -15.5,
    },
    {
      song_id: 'SOA',
      title: null,
      artist_id: 'AR2',
      year: null,
      duration: null,
      artist_name: 'a',
      artist_location: null,
      artist_latitude: null,
      artist_longitude: null,
    },
  ],
  artists: [
    { artist_id: 'AR2', name: 'a', location: null, latitude: 49.80388, longitude: -15.5, source_song_id: 'SOA' },
  ],
  time: [{ start_time: 1542837407796, hour: 21, day: 21, week: 47, month: 11, year: 2018, weekday: 3 }],
  rejected: { events: 0, songs: 0 },
};

describe('checksums', () => {
  test('are the same for the oracle and for a warehouse that holds the same rows', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    try {
      await connection.run('CREATE SCHEMA sparkify');
      for (const table of tableNames) {
        await connection.run(`CREATE TABLE sparkify."${table}" (${columns[table]})`);
        for (const row of star[table]) {
          const values = Object.entries(row).map(([name, value]) => literal(name, value));
          const names = Object.keys(row).join(', ');
          await connection.run(`INSERT INTO sparkify."${table}" (${names}) VALUES (${values.join(', ')})`);
        }
      }
      expect(await warehouseChecksums(connection, 'all')).toEqual(oracleChecksums(star, 'all'));
      expect(await warehouseChecksums(connection)).toEqual(oracleChecksums(star));
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });

  test('do not depend on the order of rows', () => {
    const rows = [
      ['a', 1],
      ['b', null],
    ];
    expect(tableChecksum(rows.toReversed())).toBe(tableChecksum(rows));
  });

  test('write floats with six decimals', () => {
    expect(oracleRows(star, 'songs')[0]).toEqual(['SOB', '', null, 0, '200.000000']);
  });

  test('tell NULL from the empty string', () => {
    expect(tableChecksum([['']])).not.toBe(tableChecksum([[null]]));
  });
});

function literal(column: string, value: string | number | null): string {
  if (value === null) return 'NULL';
  if (column === 'start_time' || column === 'last_event_at') return `make_timestamp(${value} * 1000)`;
  return typeof value === 'number' ? String(value) : `'${value}'`;
}
