/** What test files hold: one event or one song that loads, as a line of JSON; `more` overrides or adds fields. */

/** The time of the first event, in epoch milliseconds. */
export const FIRST_EVENT_MS = 1_541_000_000_796;

/** A play. Each session has one, a millisecond after that of the session before. */
export function event(session: number, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    page: 'NextSong',
    ts: FIRST_EVENT_MS + session,
    sessionId: session,
    itemInSession: 0,
    userId: String(session),
    level: 'free',
    ...more,
  });
}

/** A song, by one of fifty artists. */
export function song(number: number, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    num_songs: 1,
    song_id: `SO${number}`,
    title: `Title ${number}`,
    artist_id: `AR${number % 50}`,
    artist_name: `Artist ${number % 50}`,
    artist_location: '',
    artist_latitude: null,
    artist_longitude: null,
    year: 2000,
    duration: 200.5,
    ...more,
  });
}
