/** The objects of a case: made once from a seed, kept as files, and given alike to the loader and to the floor. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSources } from '../../src/sql/files.ts';
import { backfillRanges, remainingFrom } from '../../src/catch-up/backfill-order.ts';
import { generateSample, type SampleOptions } from '../../src/local/sample/generate.ts';

/** One object of a case. The etag is the MD5 of its bytes, as S3 has it for objects put in one part. */
export type BenchObject = { key: string; file: string; sizeBytes: number; etag: string };

/** The seed of every sample unless it names its own, so that each run loads the same bytes. */
export const SEED = 20181101;

/** What is in an object and what is wrong with it, if anything. */
export type Spoil = (body: string, index: number) => string;

/**
 * Writes a sample below `directory` and gives the path of the list of its objects. `spoil` may damage bodies.
 */
export function writeObjects(directory: string, options: Partial<SampleOptions>, spoil?: Spoil): string {
  mkdirSync(directory, { recursive: true });
  const objects: BenchObject[] = [];
  for (const { key, body } of generateSample({ seed: SEED, ...options })) {
    const bytes = Buffer.from(spoil ? spoil(body, objects.length) : body);
    const file = join(directory, `${objects.length}.json`);
    writeFileSync(file, bytes);
    const etag = createHash('md5').update(bytes).digest('hex');
    objects.push({ key, file, sizeBytes: bytes.length, etag });
  }
  const list = join(directory, 'objects.list');
  // In the order in which a backfill sends them.
  const parts = backfillRanges('', readSources());
  const place = ({ key }: BenchObject): number => parts.length - remainingFrom(parts, key).length;
  objects.sort((one, other) => place(one) - place(other) || (one.key < other.key ? -1 : 1));
  writeFileSync(list, JSON.stringify(objects));
  return list;
}

/** Writes a sample as files in the folders of their keys, as they lie on somebody's disk; gives the keys in the order of time. */
export function writeSample(directory: string, options: Partial<SampleOptions>): string[] {
  const keys: string[] = [];
  for (const { key, body } of generateSample({ seed: SEED, ...options })) {
    const file = join(directory, key);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, body);
    keys.push(key);
  }
  return keys;
}

/** Whether an object is a song's; the others are files of events. */
export function isSong({ key }: Pick<BenchObject, 'key'>): boolean {
  return key.startsWith('song_data/');
}

/** Writes a list of some objects that are there already, and gives its path. */
export function selectObjects(list: string, objects: readonly BenchObject[]): string {
  writeFileSync(list, JSON.stringify(objects));
  return list;
}

/** The objects of a list that `writeObjects` wrote. */
export function readObjects(list: string): BenchObject[] {
  return JSON.parse(readFileSync(list, 'utf8')) as BenchObject[];
}
