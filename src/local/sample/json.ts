/** The sample's JSON, byte for byte in the manner of the genuine writers (one for songs, one for events). */
import type { CatalogueSong, Recording } from './catalogue.ts';
import type { SampleEvent, SampleUser } from './events.ts';

/** The body of a song's file: blanks after colons and commas, lower-case keys, ASCII only, no newline at the end. */
export function writeSong(song: CatalogueSong): string {
  const fields = [
    `"num_songs": 1`,
    `"artist_id": ${ascii(song.artistId)}`,
    `"artist_latitude": ${song.latitude ?? 'null'}`,
    `"artist_longitude": ${song.longitude ?? 'null'}`,
    `"artist_location": ${ascii(song.location)}`,
    `"artist_name": ${ascii(song.recording.artistName)}`,
    `"song_id": ${ascii(song.songId)}`,
    `"title": ${ascii(song.titleInFile)}`,
    `"duration": ${song.recording.duration}`,
    `"year": ${song.year}`,
  ];
  return `{${fields.join(', ')}}`;
}

/**
 * A writer of events, one line each, keys in camelCase. `escaped` writes slashes as `\/` and whatever is not ASCII as `\uXXXX`.
 * It remembers the text of users and recordings, which recur and never change.
 */
export function makeEventWriter(escaped: boolean): (event: SampleEvent) => string {
  const quote: Quote = escaped ? (text) => ascii(text).replaceAll('/', '\\/') : (text) => JSON.stringify(text);
  const userText = remembering((user: SampleUser | undefined) => writeUser(user, quote));
  const recordingText = remembering((recording: Recording | undefined) => writeRecording(recording, quote));
  const pageText = remembering(writePage);
  return ({ ts, sessionId, itemInSession, level, page, user, recording }) => {
    const who = userText(user);
    const what = recordingText(recording);
    const where = pageText(page);
    return (
      `${what.upToAuth}${who.upToItem}${itemInSession}${who.upToLength}${what.upToLevel}${level}` +
      `${who.upToMethod}${where.upToRegistration}${who.upToSession}${sessionId}${what.upToStatus}${where.upToTs}${ts}${who.toTheEnd}`
    );
  };
}

type Quote = (text: string) => string;

// The keys of an event alternate between what its user, recording and page decide. Each of the three therefore comes as the few
// stretches of text between the others, ready to be joined: a million events must not take longer to write than to load.

function writeUser(user: SampleUser | undefined, quote: Quote) {
  const orNull = (text: string | undefined) => (text === undefined ? 'null' : quote(text));
  const auth = user === undefined ? 'Logged Out' : 'Logged In';
  // Genuine registrations are integers written as floats: readers that expect integers trip over them.
  const registration = user === undefined ? 'null' : `${user.registration}.0`;
  return {
    upToItem: `"auth":"${auth}","firstName":${orNull(user?.firstName)},"gender":${orNull(user?.gender)},"itemInSession":`,
    upToLength: `,"lastName":${orNull(user?.lastName)},"length":`,
    upToMethod: `","location":${orNull(user?.home)},`,
    upToSession: `"registration":${registration},"sessionId":`,
    toTheEnd: `,"userAgent":${orNull(user?.userAgent)},"userId":"${user?.userId ?? ''}"}`,
  };
}

function writeRecording(recording: Recording | undefined, quote: Quote) {
  const orNull = (text: string | undefined) => (text === undefined ? 'null' : quote(text));
  return {
    upToAuth: `{"artist":${orNull(recording?.artistName)},`,
    upToLevel: `${recording?.duration ?? 'null'},"level":"`,
    upToStatus: `,"song":${orNull(recording?.title)},`,
  };
}

const REDIRECTS = new Set(['Login', 'Logout', 'Save Settings', 'Submit Upgrade', 'Submit Downgrade']);

function writePage(page: string) {
  const method = page === 'NextSong' || REDIRECTS.has(page) ? 'PUT' : 'GET';
  const status = page === 'Error' ? 404 : REDIRECTS.has(page) ? 307 : 200;
  return { upToRegistration: `"method":"${method}","page":"${page}",`, upToTs: `"status":${status},"ts":` };
}

/** JSON text of a string with nothing but ASCII in it. */
function ascii(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function remembering<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const made = make(key);
    known.set(key, made);
    return made;
  };
}
