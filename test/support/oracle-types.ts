/** The rows the oracle gives. Columns carry the warehouse's names; instants are epoch milliseconds, UTC. */

/** One play; the natural key is (start_time, session_id, item_in_session). `start_time` is epoch milliseconds, UTC. */
export type Songplay = {
  start_time: number;
  user_id: string | null;
  level: string | null;
  song_id: string | null;
  artist_id: string | null;
  session_id: number;
  item_in_session: number;
  location: string | null;
  user_agent: string | null;
  song_title: string | null;
  artist_name: string | null;
  song_duration: number | null;
};

/** One user as their latest event describes them. `last_event_at` is epoch milliseconds, UTC. */
export type User = {
  user_id: string;
  first_name: string | null;
  last_name: string | null;
  gender: string | null;
  level: string | null;
  last_event_at: number;
  last_session_id: number;
  last_item_in_session: number;
};

/** One song; `duration` is in seconds, and what it says of its artist is kept, the name as credited on the song. */
export type Song = {
  song_id: string;
  title: string | null;
  artist_id: string | null;
  year: number | null;
  duration: number | null;
  artist_name: string | null;
  artist_location: string | null;
  artist_latitude: number | null;
  artist_longitude: number | null;
};

/** One artist as the artist's smallest song_id describes them. */
export type Artist = {
  artist_id: string;
  name: string | null;
  location: string | null;
  latitude: number | null;
  longitude: number | null;
  source_song_id: string;
};

/** One instant at which something was played, UTC; `week` is the ISO week, `weekday` 0 is Sunday. */
export type Time = {
  start_time: number;
  hour: number;
  day: number;
  week: number;
  month: number;
  year: number;
  weekday: number;
};
