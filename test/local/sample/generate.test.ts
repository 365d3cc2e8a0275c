import { createHash } from 'node:crypto';
import { generateSample, type SampleOptions } from '../../../src/local/sample/generate.ts';
import { oracle } from '../../support/oracle.ts';

type Event = {
  artist: string | null;
  auth: string;
  itemInSession: number;
  length: number | null;
  level: string;
  page: string;
  registration: number | null;
  sessionId: number;
  song: string | null;
  ts: number;
  userId: string;
};
type Song = {
  artist_id: string;
  artist_name: string;
  artist_location: string;
  artist_latitude: number | null;
  song_id: string;
  title: string;
  duration: number;
  year: number;
};

const sample = [...generateSample({ seed: 7 })];
const songFiles = sample.filter(({ key }) => key.startsWith('song_data/'));
const eventFiles = sample.filter(({ key }) => key.startsWith('log_data/'));
const songs = songFiles.map(({ body }) => JSON.parse(body) as Song);
const eventsByFile = eventFiles.map(({ body }) => body.split('\n').map((line) => JSON.parse(line) as Event));
const delivered = eventsByFile.flat();
const events = [...new Map(delivered.map((event) => [`${event.sessionId} ${event.itemInSession}`, event])).values()];
const plays = events.filter(({ page }) => page === 'NextSong');
const star = oracle(sample);

describe('a sample', () => {
  test('is the same for the same seed and another for another', () => {
    const small = (seed: number) => digest({ seed, songs: 50, events: 500, days: 3 });
    expect(small(1)).toBe(small(1));
    expect(small(2)).not.toBe(small(1));
  });

  test('has 2,000 song files, 20,000 distinct events and a file for each of thirty days, unless told otherwise', () => {
    expect([songFiles.length, eventFiles.length, events.length]).toEqual([2000, 30, 20_000]);
    expect(eventFiles[0]!.key).toBe('log_data/2018/11/2018-11-01-events.json');
    expect(eventFiles[29]!.key).toBe('log_data/2018/11/2018-11-30-events.json');
    expect(new Set(sample.map(({ key }) => key)).size).toBe(sample.length);
    for (const [at, file] of eventsByFile.entries())
      for (const { ts } of file.slice(1)) expect(new Date(ts).getUTCDate()).toBe(at + 1);
  });

  test('has keys of the genuine shapes', () => {
    for (const { key } of songFiles) {
      const [, folders, trackId] = /^song_data\/(.\/.\/.)\/(TR[A-Z0-9]{16})\.json$/.exec(key) ?? [];
      expect(folders).toBe(trackId?.slice(2, 5).split('').join('/'));
    }
    for (const song of songs) {
      expect(song.song_id).toMatch(/^SO[A-Z0-9]{16}$/);
      expect(song.artist_id).toMatch(/^AR[A-Z0-9]{16}$/);
    }
    expect(new Set(songs.map(({ song_id }) => song_id)).size).toBe(2000);
  });

  test.each([
    { events: 1000, eventFiles: 100, songs: 0 },
    { events: 999, eventFiles: 999, songs: 3 },
    { events: 1, eventFiles: 1, songs: 1 },
    { events: 0, songs: 0 },
    { events: 0, songs: 30 },
  ])('can have exactly the sizes asked for: %j', (sizes) => {
    const objects = [...generateSample({ seed: 1, ...sizes })];
    const files = objects.filter(({ key }) => key.startsWith('log_data/'));
    const lines = files.flatMap(({ body }) => body.split('\n'));
    expect(files).toHaveLength(sizes.eventFiles ?? 0);
    expect(objects.length - files.length).toBe(sizes.songs);
    const identities = lines
      .map((line) => JSON.parse(line) as Event)
      .map((event) => `${event.sessionId} ${event.itemInSession}`);
    expect(new Set(identities).size).toBe(sizes.events);
    expect(new Set(objects.map(({ key }) => key)).size).toBe(objects.length);
  });

  test.each([{ events: -1 }, { songs: 1.5 }, { days: 0 }, { events: 10, eventFiles: 11 }, { users: 0 }])(
    'refuses impossible sizes: %j',
    (sizes) => {
      expect(() => generateSample({ seed: 1, ...sizes }).next()).toThrow(RangeError);
    },
  );
});

describe("a sample's events", () => {
  test('are NextSong for 85 % and find their song for 60 %', () => {
    expect(plays.length / events.length).toBeCloseTo(0.85, 1);
    const found = star.songplays.filter(({ song_id }) => song_id !== null);
    expect(found.length / star.songplays.length).toBeCloseTo(0.6, 1);
    expect(star.songplays).toHaveLength(plays.length);
    expect(star.rejected).toEqual({ events: 0, songs: 0 });
  });

  test('come in sessions with a median of 2, a ninth decile of 24 and at most 128 events', () => {
    const lengths = groupBy(events, ({ sessionId }) => sessionId)
      .map((session) => session.length)
      .sort((one, other) => one - other);
    expect(lengths[Math.floor(lengths.length / 2)]).toBe(2);
    const ninthDecile = lengths[Math.floor(lengths.length * 0.9)]!;
    expect([ninthDecile > 18, ninthDecile < 30]).toEqual([true, true]);
    expect(lengths.at(-1)).toBeGreaterThan(100);
    expect(lengths.at(-1)).toBeLessThanOrEqual(128);
  });

  test('come from few users and name few songs for the most part', () => {
    expect(shareOfTopTenth(plays, ({ userId }) => userId)).toBeGreaterThan(0.45);
    expect(shareOfTopTenth(plays, ({ song, artist }) => `${song} ${artist}`)).toBeGreaterThan(0.45);
  });

  test('are written as the app writes them', () => {
    const bodies = eventFiles.map(({ body }) => body);
    expect(bodies.filter((body) => /\s$/.test(body))).toEqual([]);
    expect(bodies.filter((body) => body.includes('Mozilla\\/5.0') && !/[^\x20-\x7e\n]/.test(body))).toHaveLength(23);
    expect(bodies.filter((body) => body.includes('Mozilla/5.0') && body.includes('é'))).toHaveLength(7);
    expect(bodies[0]).toMatch(/\\u00[0-9a-f]{2}/);
    expect(bodies[0]).toMatch(/"registration":\d{13}\.0,/);
    expect(Object.keys(delivered[0]!).join(' ')).toBe(
      'artist auth firstName gender itemInSession lastName length level location method page registration sessionId song status ts userAgent userId',
    );
  });

  test('belong to nobody when logged out, and only then', () => {
    const loggedOut = events.filter(({ auth }) => auth === 'Logged Out');
    expect(loggedOut.length).toBeGreaterThan(200);
    expect(events.filter(({ userId }) => userId === '')).toEqual(loggedOut);
    expect(loggedOut.filter(({ registration }) => registration !== null)).toEqual([]);
  });

  test('are told twice now and then, in one file and in two', () => {
    const identities = eventsByFile.map((file) =>
      file.map(({ sessionId, itemInSession }) => `${sessionId} ${itemInSession}`),
    );
    const withinFile = identities.map((file) => file.length - new Set(file).size).reduce((sum, more) => sum + more);
    const acrossFiles =
      identities.map((file) => new Set(file)).reduce((sum, file) => sum + file.size, 0) - events.length;
    expect(withinFile).toBe(20);
    expect(acrossFiles).toBe(6);
  });

  test('share timestamps, between users and within a session, that all end in 796', () => {
    const usersAt = groupBy(plays, ({ ts }) => ts);
    expect(usersAt.filter((tied) => new Set(tied.map(({ userId }) => userId)).size > 1).length).toBeGreaterThan(5);
    expect(new Set(events.map(({ ts, sessionId }) => `${ts} ${sessionId}`)).size).toBeLessThan(events.length);
    expect(events.filter(({ ts }) => ts % 1000 !== 796)).toEqual([]);
  });

  test('take users from free to paid and back, and leave some on free who were paid', () => {
    const histories = groupBy(events, ({ userId }) => userId).map((own) =>
      own
        .map(({ level }) => level)
        .filter((level, at, levels) => level !== levels[at - 1])
        .join(' → '),
    );
    expect(histories).toEqual(
      expect.arrayContaining(['free → paid → free', 'paid → free', 'paid → free → paid', 'free → paid']),
    );
  });
});

describe("a sample's songs", () => {
  test('come late for some plays', () => {
    expect(sample.map(({ late }) => late)).toEqual(sample.map((_, at) => at >= 1830));
    const late = new Set(songFiles.filter((file) => file.late).map(({ body }) => (JSON.parse(body) as Song).song_id));
    expect(late.size).toBe(200);
    expect(star.songplays.some(({ song_id }) => song_id !== null && late.has(song_id))).toBe(true);
  });

  test('have artists with several spellings', () => {
    const names = groupBy(songs, (song) => song.artist_id).map((own) => new Set(own.map((song) => song.artist_name)));
    expect(names.filter((spellings) => spellings.size > 1).length).toBeGreaterThan(10);
  });

  test('repeat one recording under two song_ids, and one title in several lengths', () => {
    const titles = groupBy(songs, (song) => `${song.title}|${song.artist_name}`).filter((same) => same.length > 1);
    const lengths = titles.map((same) => new Set(same.map(({ duration }) => duration)).size);
    expect(lengths.filter((count) => count === 1).length).toBeGreaterThan(5);
    expect(lengths.filter((count) => count > 1).length).toBeGreaterThan(10);
  });

  test('have empty titles, tabs, blanks at the end, long and foreign names, no year, no place', () => {
    const oddities = {
      emptyTitle: songs.filter(({ title }) => title === ''),
      tab: songs.filter(({ title }) => title.includes('\t')),
      blankAtTheEnd: songs.filter(({ title }) => title.endsWith(' ')),
      longName: songs.filter(({ artist_name }) => Buffer.byteLength(artist_name) === 255),
      foreignName: songs.filter(({ artist_name }) => /[^\x20-\x7e]/.test(artist_name)),
      noYear: songs.filter(({ year }) => year === 0),
      noPlace: songs.filter((song) => song.artist_location === '' && song.artist_latitude === null),
    };
    expect(
      Object.entries(oddities)
        .filter(([, found]) => found.length < 2)
        .map(([oddity]) => oddity),
    ).toEqual([]);
    expect(events.some(({ artist }) => artist?.includes('\u0083'))).toBe(true);
  });

  test('are ASCII in their files, as song files are', () => {
    expect(songFiles.filter(({ body }) => /[^\x20-\x7e]/.test(body))).toEqual([]);
  });
});

function digest(options: SampleOptions): string {
  const hash = createHash('sha256');
  for (const { key, body, late } of generateSample(options)) hash.update(JSON.stringify([key, body, late]));
  return hash.digest('hex');
}

function groupBy<Item>(items: Item[], keyOf: (item: Item) => string | number): Item[][] {
  const groups = new Map<string | number, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function shareOfTopTenth<Item>(items: Item[], keyOf: (item: Item) => string): number {
  const sizes = groupBy(items, keyOf)
    .map((group) => group.length)
    .sort((one, other) => other - one);
  return sizes.slice(0, Math.ceil(sizes.length / 10)).reduce((sum, size) => sum + size, 0) / items.length;
}
