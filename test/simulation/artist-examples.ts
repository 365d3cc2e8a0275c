/** Worked examples of artists: what is known of one follows from the songs as they are. */
import { events, song, type Example } from './example-files.ts';

const ARTIST = 'SELECT location, source_song_id FROM sparkify.artists';
const ARTISTS = 'SELECT artist_id, location, source_song_id FROM sparkify.artists ORDER BY artist_id';

export const ARTIST_EXAMPLES: readonly Example[] = [
  {
    name: 'an artist is as on the smallest song, which came last',
    deliveries: [[song('S2'), song('S3')], [song('S1')]],
    question: ARTIST,
    answer: [{ location: 'at S1', source_song_id: 'S1' }],
  },
  {
    name: 'an artist stays as on the smallest song, when a greater one comes last',
    deliveries: [[song('S1')], [song('S2')]],
    question: ARTIST,
    answer: [{ location: 'at S1', source_song_id: 'S1' }],
  },
  {
    name: 'and is said to be as on the smallest song, even if another says the same',
    deliveries: [[song('S2', { artist_location: 'here' })], [song('S1', { artist_location: 'here' })]],
    question: ARTIST,
    answer: [{ location: 'here', source_song_id: 'S1' }],
  },
  {
    name: 'a corrected song corrects its artist',
    deliveries: [[song('S1')], [song('S1', { artist_location: 'elsewhere' })]],
    question: ARTIST,
    answer: [{ location: 'elsewhere', source_song_id: 'S1' }],
  },
  {
    name: 'an artist whose smallest song was corrected to be of another is as on the next one',
    deliveries: [[song('S1'), song('S2')], [song('S1', { artist_id: 'B' })]],
    question: ARTISTS,
    answer: [
      { artist_id: 'A', location: 'at S2', source_song_id: 'S2' },
      { artist_id: 'B', location: 'at S1', source_song_id: 'S1' },
    ],
  },
  {
    name: 'and a correction of that one corrects the artist',
    deliveries: [
      [song('S1'), song('S2')],
      [song('S1', { artist_id: 'B' })],
      [song('S2', { artist_location: 'elsewhere' })],
    ],
    question: ARTIST + " WHERE artist_id = 'A'",
    answer: [{ location: 'elsewhere', source_song_id: 'S2' }],
  },
  {
    name: 'an artist of no song any more is gone, others stay, and the play is of the new artist',
    deliveries: [[song('S1'), song('S2', { artist_id: 'C' }), events('a', {})], [song('S1', { artist_id: 'B' })]],
    question: `SELECT a.artist_id, p.song_id FROM sparkify.artists a LEFT JOIN sparkify.songplays p
      ON p.artist_id = a.artist_id ORDER BY 1`,
    answer: [
      { artist_id: 'B', song_id: 'S1' },
      { artist_id: 'C', song_id: null },
    ],
  },
  {
    name: 'an artist whose only song is now of nobody is gone',
    deliveries: [[song('S1')], [song('S1', { artist_id: ' ' })]],
    question: 'SELECT COUNT(*) AS artists FROM sparkify.artists',
    answer: [{ artists: 0 }],
  },
  {
    name: 'a smaller song that comes to an artist by a correction decides, and its old artist is gone',
    deliveries: [[song('S1', { artist_id: 'B' }), song('S2')], [song('S1', { artist_id: 'A' })]],
    question: ARTISTS,
    answer: [{ artist_id: 'A', location: 'at S1', source_song_id: 'S1' }],
  },
  {
    name: 'two songs that change their artists in one batch leave each artist as on the other song',
    deliveries: [
      [song('S1'), song('S2', { artist_id: 'B' })],
      [song('S1', { artist_id: 'B' }), song('S2', { artist_id: 'A' })],
    ],
    question: ARTISTS,
    answer: [
      { artist_id: 'A', location: 'at S2', source_song_id: 'S2' },
      { artist_id: 'B', location: 'at S1', source_song_id: 'S1' },
    ],
  },
  {
    name: 'a place that was absent and is known now is known, of song and artist',
    deliveries: [
      [song('S1', { artist_latitude: 1.5 }), song('S2', { artist_id: 'B' })],
      [song('S1', { artist_latitude: 1.5, artist_longitude: 2.5 }), song('S2', { artist_id: 'B', artist_latitude: 0 })],
    ],
    question: `SELECT s.artist_latitude, s.artist_longitude, a.latitude, a.longitude FROM sparkify.songs s
      JOIN sparkify.artists a ON a.artist_id = s.artist_id ORDER BY s.song_id`,
    answer: [
      { artist_latitude: 1.5, artist_longitude: 2.5, latitude: 1.5, longitude: 2.5 },
      { artist_latitude: 0, artist_longitude: null, latitude: 0, longitude: null },
    ],
  },
];
