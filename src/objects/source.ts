import * as v from 'valibot';
import type { ObjectVersion } from './object-version.ts';

/** The compressions COPY reads, by the key's suffix. One COPY reads one codec. */
export type Codec = 'none' | 'gzip' | 'bzip2' | 'zstd';

/** A kind of file and what loading it takes: the folder of its name in sql/load, and nothing else. */
export type Source = {
  /** The name of its folder. */
  name: string;
  /** Keys below this prefix are of this source. */
  prefix: string;
  /** The load file that copies it, run once per codec with its own manifest. */
  copy: string;
  /** The other load files it needs, by path below sql/load without `.sql`. */
  steps: readonly string[];
  /** The load file that counts the rows of its staging table and those of them that cannot be used. */
  usable: string;
} & v.InferOutput<typeof header>;

/** How a field of a row key must be filled: with anything but blanks, or with a time in epoch milliseconds. */
const field = v.picklist(['value', 'epochMilliseconds']);

/** What `source.json` in the folder of a source says. */
const header = v.strictObject({
  /** Where its keys lie unless the configuration says otherwise. */
  defaultPrefix: v.pipe(v.string(), v.regex(/^[^/].*\/$/)),
  /** A source that others look things up in comes before them: a backfill sends sources in this order. */
  order: v.pipe(v.number(), v.integer()),
  /** The fields without which a row cannot be used, as files spell them, and whether COPY minds their case. */
  rowKey: v.strictObject({ fields: v.record(v.string(), field), ignoreCase: v.boolean() }),
  /** What people call its rows that are skipped, or those of the star that it heals; absent where it has none. */
  counts: v.strictObject({ skipped: v.optional(v.string()), healed: v.optional(v.string()) }),
});

/**
 * Describes a source by its folder: its header, and the names of its load files without `.sql`.
 * @throws Error when the folder is not that of a source: a defect of the release.
 */
export function describeSource(name: string, headerText: string, files: readonly string[]): Source {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), header), headerText);
  if (!parsed.success) throw new Error(`sql/load/${name}/source.json: ${v.summarize(parsed.issues)}`);
  const paths = files.map((file) => `${name}/${file}`);
  const only = (form: RegExp, example: string): string => {
    const [path, ...others] = paths.filter((one) => form.test(one));
    if (path === undefined || others.length > 0) throw new Error(`sql/load/${name} must have one file like ${example}`);
    return path;
  };
  const copy = only(/\/\d+-copy-/, '20-copy-songs.sql');
  const usable = only(/\/\d+-count-usable$/, '24-count-usable.sql');
  const steps = paths.filter((path) => path !== copy && path !== usable);
  return { ...parsed.output, name, prefix: parsed.output.defaultPrefix, copy, usable, steps };
}

/** What people call the counts of these sources. */
export function countNames(sources: readonly Source[]): { skipped: string; healed: string } {
  const named = (count: 'skipped' | 'healed', otherwise: string): string =>
    sources.flatMap(({ counts }) => counts[count] ?? []).join(', ') || otherwise;
  return { skipped: named('skipped', 'skipped'), healed: named('healed', 'rows healed') };
}

/** `songs=in/songs/,events=in/events/`: prefixes of the characters that S3 calls safe, each ending with a slash. */
const PREFIXES = /^\w+=[\w!.*'()/-]+\/(,\w+=[\w!.*'()/-]+\/)*$/;

/**
 * Moves sources to other prefixes, as `songs=in/songs/,events=in/events/` says; those it does not name stay.
 * Gives what is wrong with it too, a clause for each.
 */
export function placeSources(sources: readonly Source[], prefixes: string): { sources: Source[]; problems: string[] } {
  if (prefixes === '') return { sources: [...sources], problems: [] };
  const example = sources.map(({ name, defaultPrefix }) => `${name}=${defaultPrefix}`).join(',');
  if (!PREFIXES.test(prefixes)) return { sources: [...sources], problems: [`is not like ${example}`] };
  const moved = new Map(prefixes.split(',').map((pair) => pair.split('=') as [string, string]));
  const placed = sources.map((source) => ({ ...source, prefix: moved.get(source.name) ?? source.prefix }));
  const unknown = [...moved.keys()].filter((name) => !sources.some((source) => source.name === name));
  const twins = placed.flatMap(({ name, prefix }, index) =>
    placed.slice(0, index).flatMap((other) => (other.prefix === prefix ? [[other.name, name]] : [])),
  );
  return {
    sources: placed,
    problems: [
      ...unknown.map((name) => `names ${name}, which is no source`),
      ...twins.map((names) => `puts ${names.join(' and ')} in the same place`),
    ],
  };
}

/** What may be loaded at all: the buckets this deployment reads, and the sources with where they lie in them. */
export type Landing = { buckets: readonly string[]; sources: readonly Source[] };

/** What a key is: of a source and codec, or of nothing this loader loads, and why. */
export type Route = { kind: 'source'; source: Source; codec: Codec } | { kind: 'ignored'; reason: string };

const SUFFIXES: Readonly<Record<string, Codec>> = {
  '.json': 'none',
  '.json.gz': 'gzip',
  '.json.bz2': 'bzip2',
  '.json.zst': 'zstd',
};

const OR = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** The codec that a key's suffix names; undefined when it names none. */
export function codecOf(key: string): Codec | undefined {
  return Object.entries(SUFFIXES).find(([suffix]) => key.endsWith(suffix))?.[1];
}

/** Routes a key by its prefix and suffix. Of several matching prefixes the longest decides. */
export function route(key: string, sources: readonly Source[]): Route {
  const matching = sources.filter(({ prefix }) => key.startsWith(prefix));
  const [source] = matching.sort((a, b) => b.prefix.length - a.prefix.length);
  if (!source) return { kind: 'ignored', reason: 'its prefix is of no source' };
  const codec = codecOf(key);
  if (!codec) return { kind: 'ignored', reason: `its suffix is not ${OR.format(Object.keys(SUFFIXES))}` };
  return { kind: 'source', source, codec };
}

/** Every bucket and prefix where objects of some source lie; a prefix below another is part of it and not named again. */
export function landingLocations({ buckets, sources }: Landing): { bucket: string; key: string }[] {
  const prefixes = sources.map(({ prefix }) => prefix);
  const outer = prefixes.filter((prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)));
  return buckets.flatMap((bucket) => outer.sort().map((key) => ({ bucket, key })));
}

/** An object version that is of a source, and so may be loaded. */
export type Candidate = ObjectVersion & { objectId: string; source: Source; codec: Codec };
