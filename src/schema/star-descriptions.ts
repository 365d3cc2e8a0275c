/** What the released tables and columns mean, for catalogues. A test names a column that is missing here. */
export const DESCRIPTIONS: Readonly<Record<string, { table: string; columns: Readonly<Record<string, string>> }>> = {
  songplays: {
    table: 'One row per play: every NextSong event, by start time, session and item in session.',
    columns: {
      songplay_id: 'The key: MD5 of start_time, session_id and item_in_session.',
      start_time: 'When the song was started, UTC. With session_id and item_in_session it identifies the play.',
      user_id: 'Who listened; null where the event names nobody.',
      level: 'The subscription level at the time of the play: free or paid.',
      song_id: 'The song that was played; null until a song with this title, artist and duration has landed.',
      artist_id: 'The artist of that song; null as song_id is.',
      session_id: 'The session of the listener.',
      item_in_session: 'The number of the event in its session.',
      location: 'Where the listener was, as in the event.',
      user_agent: 'The client, as in the event.',
      song_title: 'The title as in the event.',
      artist_name: 'The name of the artist as in the event.',
      song_duration: 'The duration as in the event, seconds.',
      batch_id: 'The batch that last changed the row: load_batches.batch_id.',
    },
  },
  users: {
    table: 'One row per user, as of their latest event of any page.',
    columns: {
      user_id: 'The key.',
      first_name: 'First name as of the latest event.',
      last_name: 'Last name as of the latest event.',
      gender: 'Gender as of the latest event.',
      level: 'Subscription level as of the latest event: free or paid.',
      last_event_at: 'The time of the latest event, UTC.',
      last_session_id: 'Its session.',
      last_item_in_session: 'Its number in that session.',
    },
  },
  songs: {
    table: 'One row per song, as in its file; a corrected file corrects the row.',
    columns: {
      song_id: 'The key.',
      title: 'Title.',
      artist_id: 'The artist; there is no artist where it is empty.',
      year: 'Year of release; 0 where it is not known.',
      duration: 'Duration, seconds.',
      artist_name: 'The name of the artist as in the song’s file.',
      artist_location: 'The location of the artist as in the song’s file.',
      artist_latitude: 'The latitude of the artist as in the song’s file.',
      artist_longitude: 'The longitude of the artist as in the song’s file.',
    },
  },
  artists: {
    table: 'One row per artist, as in the artist’s current song with the smallest song_id.',
    columns: {
      artist_id: 'The key.',
      name: 'Name.',
      location: 'Location.',
      latitude: 'Latitude.',
      longitude: 'Longitude.',
      source_song_id: 'The song that the row is taken from.',
    },
  },
  time: {
    table: 'One row per start time of a play, taken apart.',
    columns: {
      start_time: 'The key, UTC.',
      hour: 'Hour, 0 to 23.',
      day: 'Day of the month.',
      week: 'ISO week.',
      month: 'Month.',
      year: 'Year.',
      weekday: 'Day of the week, 0 is Sunday.',
    },
  },
};

/** A column whose values are keys of another table; `where` leaves out values for which there is none, in SQL. */
export type Relationship = { table: string; column: string; to: string; field: string; where?: string };

/** The relationships that hold after every batch. */
export const RELATIONSHIPS: readonly Relationship[] = [
  { table: 'songplays', column: 'start_time', to: 'time', field: 'start_time' },
  { table: 'songplays', column: 'user_id', to: 'users', field: 'user_id' },
  { table: 'songplays', column: 'song_id', to: 'songs', field: 'song_id' },
  { table: 'songplays', column: 'artist_id', to: 'artists', field: 'artist_id', where: "artist_id <> ''" },
  { table: 'songs', column: 'artist_id', to: 'artists', field: 'artist_id', where: "artist_id <> ''" },
  { table: 'artists', column: 'source_song_id', to: 'songs', field: 'song_id' },
];
