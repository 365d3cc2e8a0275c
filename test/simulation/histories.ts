/**
 * Histories of a bucket, drawn at random: which files there are and what each of their versions says.
 *
 * Values come from tiny pools, so that titles, names, users and times collide all the time. What a history never does is
 * what the loader states as its limits: a song_id or an event's key with different content belongs to one file only (equal
 * copies lie anywhere and are never corrected); a later version of a file keeps the keys of the earlier ones; a correction moves
 * no event to another user or page. A file is not deleted, and content that cannot be loaded never replaces content that can.
 */
import fc from '../support/fast-check.ts';

/** One file of the bucket: its key, and its contents from the first version to the last. `bad` is content no COPY loads. */
export type FileHistory = { key: string; versions: string[]; bad: readonly string[] };

type Row = Record<string, unknown>;

const title = fc.constantFrom('Aa', 'Aa ', 'Bb', '', null);
const artistName = fc.constantFrom('X', 'X  ', 'Y', null);
const duration = fc.constantFrom(1.5, 1.5, 269.58322, null);
/** What songs and plays are looked up by: mostly the same, so that most songs fit some play, and several fit one. */
const recording = fc.oneof(
  { weight: 3, arbitrary: fc.constant<[string | null, string | null, number | null]>(['Aa', 'X', 1.5]) },
  { weight: 2, arbitrary: fc.tuple(title, artistName, duration) },
);

const songLook = withRecording(['title', 'artist_name', 'duration'], {
  artist_id: fc.constantFrom('AR1', 'AR2', 'AR2 ', 'AR3', '', null),
  year: fc.constantFrom(0, 1999, null),
  artist_location: fc.constantFrom('', 'Ünï', null),
  artist_latitude: fc.constantFrom(1.5, -7.25, null),
  artist_longitude: fc.constantFrom(2.5, null),
});
const songLooks = looksOf(songLook, [
  'artist_id',
  'artist_id',
  'title',
  'artist_name',
  'duration',
  'year',
  'artist_location',
  'artist_latitude',
  'artist_longitude',
]);
const songSlot = fc.record({
  rank: fc.nat(9),
  blanks: fc.constantFrom('', ' '),
  looks: songLooks,
  /** The same song_id in the same file once more, perhaps saying something else. */
  twin: fc.option(songLooks, { freq: 5 }),
});

const eventLook = withRecording(['song', 'artist', 'length'], {
  level: fc.constantFrom('free', 'paid'),
  firstName: fc.constantFrom('Lily', 'Lily ', null),
  lastName: fc.constantFrom('Koch', ''),
  gender: fc.constantFrom('F', 'M', null),
  location: fc.constantFrom('Chicago, IL', null),
  userAgent: fc.constantFrom('"Mozilla/5.0"', null),
});
const eventLooks = looksOf(eventLook, [
  'level',
  'firstName',
  'gender',
  'location',
  'userAgent',
  'song',
  'artist',
  'length',
]);
// Two equal but for a millisecond, one two days later, the last of a year that is in the next one's first week, a leap day, and
// what a clock says that was never set or is ahead, so that most batches have plays of several times far apart; now and then
// the first or last timestamp of the calendar, one beyond each, and microseconds.
const timestamp = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom(
      ...[1541105830796, 1541105830796, 1541105830797, 1541278630796, 1546300799999, 951782400123, 0, 4073743845678],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(-62135596800000, 253402300799999, -62135596800001, 253402300800000, 999999999999999),
  },
);
const userId = fc.constantFrom('7', '7', '8', '7 ', 9, '', '  ', null);
const eventSlot = fc.record({
  rank: fc.nat(9),
  ts: timestamp,
  sessionId: fc.constantFrom(1, 2, 10),
  page: fc.constantFrom('NextSong', 'NextSong', 'NextSong ', 'Home', null),
  userId,
  looks: eventLooks,
  /** The same key in the same file once more, perhaps saying something else, perhaps of another user. */
  twin: fc.option(fc.tuple(userId, eventLooks), { freq: 5 }),
});

/** A broken end, a text where a number belongs, and no JSON at all. */
const BAD_CONTENTS = ['{"ts": 1541105830796, "sessionId": 1', '{"year": "abc", "ts": "abc"}', 'oops'] as const;

/** The values of a row, of which some name its recording. */
function withRecording(
  names: readonly [string, string, string],
  others: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<Row> {
  return fc
    .tuple(recording, fc.record(others))
    .map(([values, row]) => ({ ...row, ...Object.fromEntries(names.map((name, place) => [name, values[place]])) }));
}

/** Up to three looks of one row, each a correction of the one before: of everything, or of one value only. */
function looksOf(look: fc.Arbitrary<Row>, keys: readonly string[]): fc.Arbitrary<Row[]> {
  const correction = fc.tuple(fc.option(fc.constantFrom(...keys), { freq: 4 }), look);
  return fc.tuple(look, fc.array(correction, { maxLength: 2 })).map(([first, corrections]) => {
    const looks = [first];
    for (const [key, other] of corrections) {
      const last = looks.at(-1) ?? first;
      looks.push(key === null ? other : { ...last, [key]: other[key] });
    }
    return looks;
  });
}

/** Rows that any number of files may hold, always the same. */
const sharedSongs: Row[] = [
  { song_id: 'SO4-shared', artist_id: 'AR1', title: 'Aa', artist_name: 'X', duration: 1.5, year: 1999 },
  { song_id: 'SO5-shared', artist_id: 'AR3', title: 'Bb ', artist_name: 'Y', duration: 269.58322, year: 0 },
];
const sharedEvents: Row[] = [
  { ts: 1541105830796, sessionId: 1, itemInSession: 9000, page: 'NextSong', userId: '7', song: 'Aa', artist: 'X', length: 1.5, level: 'paid' },
  { ts: 1541105830797, sessionId: 2, itemInSession: 9001, page: 'Logout', userId: '8', level: 'free', firstName: 'Max' },
]; // prettier-ignore
/** Rows that cannot be used; some of them equal, some only nearly. */
const songWithoutKey: Row = { song_id: ' ', title: 'nobody’s', artist_id: 'AR9' };
const songsWithoutKey: Row[] = [
  songWithoutKey,
  songWithoutKey,
  { ...songWithoutKey, song_id: null, title: 'nobody’s ' },
];
const eventWithoutKey: Row = { ts: 1541105830796, sessionId: null, itemInSession: 1, page: 'NextSong', userId: '66' };
const eventsWithoutKey: Row[] = [eventWithoutKey, { ...eventWithoutKey, ts: 999999999999999 }, eventWithoutKey];

const fileShape = {
  gzip: fc.boolean(),
  versions: fc.constantFrom(1, 2, 2, 3),
  shared: fc.array(fc.nat(1), { maxLength: 2 }),
  withoutKey: fc.constantFrom(0, 0, 1, 2, 3),
  startsEmpty: fc.constantFrom(false, false, false, true),
  /** Begins with content that cannot be loaded, and perhaps stays so. */
  startsBad: fc.option(fc.record({ content: fc.constantFrom(...BAD_CONTENTS), stays: fc.boolean() }), { freq: 7 }),
  layout: fc.constantFrom('lines', 'lines', 'glued', 'pretty'),
} as const;
const songFile = fc.record({ ...fileShape, slots: someOf(songSlot, 0, 3) });
const eventFile = fc.record({ ...fileShape, slots: someOf(eventSlot, 0, 4) });

function someOf<T>(one: fc.Arbitrary<T>, minLength: number, maxLength: number): fc.Arbitrary<T[]> {
  return fc.array(one, { minLength, maxLength, size: 'max' });
}

/** Histories of a few files of both sources, in no particular order. */
export const histories = historiesOf(0);

/** Histories in which both sources have files, so that songs and plays meet. */
export const eventfulHistories = historiesOf(1);

function historiesOf(least: 0 | 1): fc.Arbitrary<FileHistory[]> {
  return fc.record({ songs: someOf(songFile, least, 2), events: someOf(eventFile, least, 2) }).map(filesOf);
}

type Drawn = { songs: Values<typeof songFile>[]; events: Values<typeof eventFile>[] };

function filesOf({ songs, events }: Drawn): FileHistory[] {
  return [
    ...songs.map((file, index) => ({
      key: `song_data/A b+%/ü${index}.json${file.gzip ? '.gz' : ''}`,
      versions: contents(file, (version) => [
        ...file.slots.flatMap((slot, place) => songRows(slot, `SO${slot.rank}-${index}-${place}`, version)),
        ...file.shared.map((which) => sharedSongs[which] ?? {}),
        ...songsWithoutKey.slice(0, file.withoutKey),
      ]),
      bad: BAD_CONTENTS,
    })),
    ...events.map((file, index) => ({
      key: `log_data/2018/${index}-events.json${file.gzip ? '.gz' : ''}`,
      versions: contents(file, (version) => [
        ...file.slots.flatMap((slot, place) => eventRows(slot, slot.rank * 100 + index * 10 + place, version)),
        ...file.shared.map((which) => sharedEvents[which] ?? {}),
        ...eventsWithoutKey.slice(0, file.withoutKey),
      ]),
      bad: BAD_CONTENTS,
    })),
  ];
}

/** Every content of some files that can be loaded. */
export function loadableVersions(files: readonly FileHistory[]): { key: string; body: string }[] {
  return files.flatMap(({ key, versions, bad }) =>
    versions.filter((body) => !bad.includes(body)).map((body) => ({ key, body })),
  );
}

type Values<A> = A extends fc.Arbitrary<infer V> ? V : never;
type Shape = Pick<Values<typeof songFile>, 'versions' | 'startsEmpty' | 'startsBad' | 'layout'>;

function songRows(slot: Values<typeof songSlot>, id: string, version: number): Row[] {
  const song_id = id + slot.blanks;
  const rows: Row[] = [{ song_id, ...at(slot.looks, version) }];
  return slot.twin === null ? rows : [...rows, { song_id, ...at(slot.twin, version) }];
}

function eventRows(slot: Values<typeof eventSlot>, itemInSession: number, version: number): Row[] {
  const { ts, sessionId, page, userId: user } = slot;
  const key = { ts, sessionId, itemInSession, page };
  const rows: Row[] = [{ ...key, userId: user, ...at(slot.looks, version) }];
  return slot.twin === null ? rows : [...rows, { ...key, userId: slot.twin[0], ...at(slot.twin[1], version) }];
}

/** What a row looks like in a version; versions beyond the last begin anew, so that old content comes back. */
function at<Look>(looks: readonly Look[], version: number): Look | undefined {
  return looks[version % looks.length];
}

function contents(shape: Shape, rowsOf: (version: number) => Row[]): string[] {
  const versions = Array.from({ length: shape.versions }, (_, version) => layOut(rowsOf(version), shape.layout));
  const bad = shape.startsBad;
  const loadable = bad === null ? versions : bad.stays ? [bad.content] : [bad.content, ...versions];
  return shape.startsEmpty ? ['', ...loadable] : loadable;
}

/** COPY reads objects one after the other, whatever white space lies between them. */
function layOut(rows: Row[], layout: Shape['layout']): string {
  if (layout === 'pretty') return rows.map((row) => JSON.stringify(row, null, 2)).join('\n');
  return rows.map((row) => JSON.stringify(row)).join(layout === 'glued' ? '' : '\n');
}
