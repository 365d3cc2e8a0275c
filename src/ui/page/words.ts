import type { PageState, Station } from '../shapes.ts';

/** How the page names each state. */
export const STATE_WORDS: Record<PageState, string> = {
  loaded: 'loaded',
  alreadyLoaded: 'loaded before',
  superseded: 'superseded',
  quarantined: 'quarantined',
  vanished: 'vanished',
  ignored: 'ignored',
  deadLettered: 'in dead letters',
  unannounced: 'unannounced',
  waiting: 'on the way',
};

/** What each state means, for those who have not read the manual. */
export const STATE_MEANINGS: Record<PageState, string> = {
  loaded: 'Its rows are in the tables, in one transaction with its ledger row.',
  alreadyLoaded: 'This very version was loaded by an earlier run.',
  superseded: 'A newer version of the same key is loaded.',
  quarantined: 'It cannot be loaded because of its content or its permissions; the rest of its batch is loaded.',
  vanished: 'It was deleted before it was read.',
  ignored: 'It belongs to no source, or is empty.',
  deadLettered: 'Its message failed too often, or cannot be read.',
  unannounced: 'It is in the bucket, but no notification of it has come: it is delayed or lost.',
  waiting: 'Its message is in the queue, or being worked on.',
};

export const STATION_WORDS: Record<Station, string> = {
  bucket: 'S3',
  queue: 'queue',
  batch: 'batch',
  star: 'star',
  quarantine: 'quarantine',
  deadLetters: 'dead letters',
};

/** A number as a person reads it: `15,000`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Seconds with two digits that matter: `0.17 s`, `1.2 s`, `42 s`. */
export function seconds(value: number): string {
  if (value < 0.001) return '0 s';
  if (value < 1) return `${value.toFixed(value < 0.1 ? 3 : 2)} s`;
  if (value < 100) return `${value.toFixed(value < 10 ? 1 : 0)} s`;
  return `${Math.round(value / 60)} min`;
}

/** Bytes in a unit a person reads. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  return power === 0 ? `${value} B` : `${(value / 1000 ** power).toFixed(1)} ${units[power] ?? ''}`;
}

/** A time of day. */
export function clock(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB');
}

/** An error in its own words. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
