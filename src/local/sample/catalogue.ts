/** The songs of a sample: a catalogue that has song files, and recordings that are played without being in it. */
import { uniform, heavyTailed, pick, type Random } from '../random.ts';
import { ARTIST_KINDS, ARTIST_PLACES, ARTIST_WORDS, MISDECODED_ARTIST, TITLE_WORDS } from './words.ts';

/** What a play names. The duration is in seconds. */
export type Recording = { title: string; artistName: string; duration: number };

/** A song of the catalogue. `trackId` names its file; `title` there may end in a blank that plays do not have. */
export type CatalogueSong = {
  trackId: string;
  songId: string;
  artistId: string;
  location: string;
  latitude: number | null;
  longitude: number | null;
  year: number;
  titleInFile: string;
  recording: Recording;
};

type Artist = Pick<CatalogueSong, 'artistId' | 'location' | 'latitude' | 'longitude'> & { names: string[] };

/** `count` songs, the most played first. Which song has which oddity follows from its rank alone, so small samples have most of them. */
export function makeCatalogue(random: Random, count: number): CatalogueSong[] {
  const artists = Array.from({ length: Math.ceil(count * 0.6) }, (_, rank) => makeArtist(random, rank));
  const songs: CatalogueSong[] = [];
  for (let rank = 0; rank < count; rank += 1) songs.push(makeSong(random, rank, artists, songs[rank - 1]));
  return songs;
}

/** `count` recordings that no song file describes. */
export function makeUncatalogued(random: Random, count: number): Recording[] {
  return Array.from({ length: count }, (_, rank) => ({
    title: makeTitle(random, rank),
    artistName: rank % 20 === 1 ? MISDECODED_ARTIST : makeArtistName(random),
    duration: makeDuration(random),
  }));
}

function makeSong(random: Random, rank: number, artists: Artist[], previous: CatalogueSong | undefined): CatalogueSong {
  const { names, ...artist } = artists[heavyTailed(random, artists.length)] ?? makeArtist(random, rank);
  const song = {
    ...artist,
    trackId: `TR${makeId(random, 'ABCDEFGHIJ', '128', rank)}`,
    songId: `SO${makeId(random, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '12A', rank)}`,
    year: random() < 0.45 ? 0 : 1926 + Math.floor(Math.sqrt(random()) * 85),
  };
  // The same title by the same artist, now of another length (9), now the very same recording under a second song_id (17).
  if (previous !== undefined && (rank % 100 === 9 || rank % 200 === 17)) {
    const { artistId, location, latitude, longitude, titleInFile } = previous;
    const duration = rank % 100 === 9 ? makeDuration(random) : previous.recording.duration;
    return {
      ...song,
      ...{ artistId, location, latitude, longitude, titleInFile },
      recording: { ...previous.recording, duration },
    };
  }
  const title = makeTitle(random, rank);
  return {
    ...song,
    // Warehouses ignore blanks at the end when they compare, so this song must still be found.
    titleInFile: rank % 400 === 12 ? `${title} ` : title,
    recording: { title, artistName: pick(random, names), duration: makeDuration(random) },
  };
}

function makeArtist(random: Random, rank: number): Artist {
  const artistId = `AR${makeId(random, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', '118', rank)}`;
  // Rank 40 has a name of 255 bytes, the longest that catalogues hold.
  const name = rank === 40 ? 'é'.repeat(127) + '!' : makeArtistName(random);
  const names = rank % 25 === 1 ? [name, name.toUpperCase(), `The ${name}`, `${name} feat. Friends`] : [name];
  if (random() < 0.57) return { artistId, names, location: '', latitude: null, longitude: null };
  const [location, latitude, longitude] = pick(random, ARTIST_PLACES);
  return { artistId, names, location, latitude, longitude };
}

function makeArtistName(random: Random): string {
  return `${pick(random, ARTIST_WORDS)} ${pick(random, ARTIST_WORDS)} ${pick(random, ARTIST_KINDS)}`;
}

function makeTitle(random: Random, rank: number): string {
  if (rank % 500 === 33) return '';
  const separator = rank % 300 === 21 ? '\t' : ' ';
  const words = Array.from({ length: 2 + uniform(random, 3) }, () => pick(random, TITLE_WORDS));
  return words.join(separator) + (rank % 30 === 4 ? ' / "Live"' : '');
}

function makeDuration(random: Random): number {
  // Three uniform numbers make most songs last about four minutes, with five decimals as delivered.
  return Math.round((60 + (random() + random() + random()) * 120) * 100_000) / 100_000;
}

/** Sixteen characters in the shape of genuine ones: five letters, a fixed start, then hexadecimal that is unique per rank. */
function makeId(random: Random, letters: string, start: string, rank: number): string {
  const word = Array.from({ length: 5 }, () => letters.charAt(uniform(random, letters.length))).join('');
  // An odd factor permutes the numbers below 2^20, so no two ranks share an ending.
  const ending = hexadecimal(Math.imul(rank, 0x9e3b1) & 0xfffff, 5);
  return word + start + hexadecimal(uniform(random, 0x1000), 3) + ending;
}

function hexadecimal(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
