/**
 * A sample of any size in the shape of Sparkify's bucket: one file per song, files of app events, and everything that bites
 * in the genuine data. The same options give the same bytes. Memory holds the catalogue and one file of events.
 */
import { makeCatalogue, makeUncatalogued, type CatalogueSong, type Recording } from './catalogue.ts';
import { pluralize } from '../../numbers.ts';
import { makeEvents, type SampleEvent } from './events.ts';
import { makeEventWriter, writeSong } from './json.ts';
import { heavyTailed, seededRandom, type Random } from '../random.ts';

/** How large a sample is. */
export type SampleOptions = {
  /** Any integer; the same seed gives the same sample. */
  seed: number;
  /** Song files (default 2,000). */
  songs?: number;
  /** Distinct events (default 20,000). About one in a thousand is delivered twice on top of that. */
  events?: number;
  /** Days from 2018-11-01 on (default 30). */
  days?: number;
  /** Files of equally many events each; by default one file per day. Not more than there are events. */
  eventFiles?: number;
  /** Users (default 100, or one per 500 events if that is more). */
  users?: number;
};

/** One object of the bucket. `late` marks song files that come after the plays of their song. */
export type SampleObject = { key: string; body: string; late: boolean };

const FIRST_DAY = Date.UTC(2018, 10, 1);
/** How many plays find their song. In the genuine bucket 4.7 % do, which makes a dull chart. */
const CATALOGUED_SHARE = 0.6;

/** The sample's objects: most songs, then the events in the order of time, then the late songs. Throws RangeError on impossible sizes. */
export function* generateSample(options: SampleOptions): Generator<SampleObject> {
  const { seed, songs = 2_000, events = 20_000, days = 30, eventFiles } = options;
  const { users = Math.max(100, Math.floor(events / 500)) } = options;
  requireAtLeast({ songs, events }, 0);
  requireAtLeast({ days, users, ...(eventFiles === undefined ? {} : { eventFiles }) }, 1);
  if (eventFiles !== undefined && eventFiles > events)
    throw new RangeError(`${pluralize(events, 'event')} cannot fill ${pluralize(eventFiles, 'file')}`);

  const random = seededRandom(seed);
  const catalogue = makeCatalogue(random, songs);
  const playedRecording = makePlayer(random, catalogue);
  const isLate = (rank: number) => rank % 10 === 7;
  yield* songObjects(catalogue, (rank) => !isLate(rank), false);
  const listening = { events, users, firstDay: FIRST_DAY, days, playedRecording };
  const stream = withDuplicates(makeEvents(random, listening));
  yield* eventObjects(eventFiles === undefined ? cutByDay(stream) : cutByCount(stream, events, eventFiles));
  yield* songObjects(catalogue, isLate, true);
}

function requireAtLeast(sizes: Record<string, number>, minimum: number): void {
  for (const [name, size] of Object.entries(sizes))
    if (!Number.isInteger(size) || size < minimum)
      throw new RangeError(`${name} must be an integer of at least ${minimum}, not ${size}`);
}

function makePlayer(random: Random, catalogue: CatalogueSong[]): () => Recording {
  const uncatalogued = makeUncatalogued(random, Math.max(500, catalogue.length));
  return () => {
    const song = random() < CATALOGUED_SHARE ? catalogue[heavyTailed(random, catalogue.length)] : undefined;
    const recording = song?.recording ?? uncatalogued[heavyTailed(random, uncatalogued.length)];
    if (recording === undefined) throw new RangeError('nothing to play');
    return recording;
  };
}

function* songObjects(
  catalogue: CatalogueSong[],
  wanted: (rank: number) => boolean,
  late: boolean,
): Generator<SampleObject> {
  for (const [rank, song] of catalogue.entries()) {
    if (!wanted(rank)) continue;
    const folders = song.trackId.slice(2, 5).split('').join('/');
    yield { key: `song_data/${folders}/${song.trackId}.json`, body: writeSong(song), late };
  }
}

/** Cut apart but not yet written: the name within `log_data/`, and the events. */
type EventFile = { name: string; events: SampleEvent[] };
/** An event, and whether it is the second copy of one already told. */
type Delivered = { event: SampleEvent; copy: boolean };

/** Tells one event in a thousand twice in a row, as a client does that did not hear the answer. */
function* withDuplicates(events: Iterable<SampleEvent>): Generator<Delivered> {
  let number = 0;
  for (const event of events) {
    number += 1;
    yield { event, copy: false };
    if (number % 1000 === 500) yield { event, copy: true };
  }
}

function* cutByDay(delivered: Iterable<Delivered>): Generator<EventFile> {
  let file: EventFile = { name: '', events: [] };
  for (const { event } of delivered) {
    const [day = ''] = new Date(event.ts).toISOString().split('T');
    const name = `${day.slice(0, 4)}/${day.slice(5, 7)}/${day}-events.json`;
    if (name !== file.name) {
      if (file.events.length > 0) yield file;
      file = { name, events: [] };
    }
    file.events.push(event);
  }
  if (file.events.length > 0) yield file;
}

function* cutByCount(delivered: Iterable<Delivered>, events: number, files: number): Generator<EventFile> {
  let told = 0;
  let cut = 0;
  let file: SampleEvent[] = [];
  for (const { event, copy } of delivered) {
    // A copy belongs to the file of its original, even when that one is full.
    if (!copy && told === Math.floor(((cut + 1) * events) / files)) {
      yield { name: nameByTime(file, cut), events: file };
      cut += 1;
      file = [];
    }
    if (!copy) told += 1;
    file.push(event);
  }
  if (file.length > 0) yield { name: nameByTime(file, cut), events: file };
}

function nameByTime([first]: SampleEvent[], number: number): string {
  const [day = '', time = ''] = new Date(first?.ts ?? FIRST_DAY).toISOString().split('T');
  const folder = `${day.slice(0, 4)}/${day.slice(5, 7)}`;
  const clock = time.slice(0, 8).replaceAll(':', '-');
  return `${folder}/${day}-${clock}-${String(number).padStart(6, '0')}-events.json`;
}

function* eventObjects(files: Iterable<EventFile>): Generator<SampleObject> {
  const writers = { escaped: makeEventWriter(true), plain: makeEventWriter(false) };
  let number = 0;
  let carried: SampleEvent | undefined;
  for (const { name, events } of files) {
    // Genuine files escape slashes and whatever is not ASCII. Other writers do not, so one file in four does not either.
    const write = number % 4 === 3 ? writers.plain : writers.escaped;
    // Every fifth file hands its last event on to the next one too: the same event in two files.
    const lines = (carried === undefined ? events : [carried, ...events]).map(write);
    carried = number % 5 === 0 ? events.at(-1) : undefined;
    number += 1;
    // No file ends in a newline, which glues records together when files are merely concatenated.
    yield { key: `log_data/${name}`, body: lines.join('\n'), late: false };
  }
}
