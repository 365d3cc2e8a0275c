import * as v from 'valibot';
import type { ObjectVersion } from './object-version.ts';

/** The compressions COPY reads, by the key's suffix. One COPY reads one codec. */
export type Codec = 'none' | 'gzip' | 'bzip2' | 'zstd';

/** A kind of file and how to load it. Its folder in sql/load defines it completely. */
export type Source = {
  /** The name of its folder. */
  name: string;
  /** Keys below this prefix are of this source. */
  prefix: string;
  /** The load file that copies it, run once per codec with its own manifest. */
  copy: string;
  /** The other load files it needs, by path below sql/load without `.sql`. */
  steps: readonly string[];
  /** The load file that counts its staged rows and the unusable ones among them. */
  usable: string;
} & v.InferOutput<typeof header>;

/** What a field of a row key must contain: anything but blanks, or a time in epoch milliseconds. */
const field = v.picklist(['value', 'epochMilliseconds']);

/** The kinds of JSON value a field may have; `absent` means that a row may lack it. */
const fieldType = v.picklist(['string', 'number', 'boolean', 'null', 'object', 'array', 'absent']);
export type FieldType = v.InferOutput<typeof fieldType>;

/** The format of a source's `source.json`. */
const header = v.strictObject({
  /** The prefix of its keys, unless the configuration sets another. */
  defaultPrefix: v.pipe(v.string(), v.regex(/^[^/].*\/$/)),
  /** The order in which a backfill sends sources: a source that others look up comes before them. */
  order: v.pipe(v.number(), v.integer()),
  /** The fields a row must have, as spelled in files, and whether COPY ignores their case. */
  rowKey: v.strictObject({ fields: v.record(v.string(), field), ignoreCase: v.boolean() }),
  /** Its fields as spelled in files: those that are loaded, with what they hold, and those that are known and left out. */
  fields: v.strictObject({ loaded: v.record(v.string(), v.array(fieldType)), leftOut: v.array(v.string()) }),
  /**
   * What becomes of a file with other fields: it is loaded and they are told, or it is quarantined, for which every file of the
   * source is read twice.
   */
  unknownFields: v.optional(v.picklist(['tell', 'quarantine']), 'tell'),
  /** The display names of its skipped rows, and of the rows of the star it heals; absent where it has none. */
  counts: v.strictObject({ skipped: v.optional(v.string()), healed: v.optional(v.string()) }),
});

/**
 * Describes a source by its folder: its header, and the names of its load files without `.sql`.
 * @throws Error when the folder is not a complete source, which is a bug of the release.
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

/** The display names of these sources' counts. */
export function countNames(sources: readonly Source[]): { skipped: string; healed: string } {
  const named = (count: 'skipped' | 'healed', otherwise: string): string =>
    sources.flatMap(({ counts }) => counts[count] ?? []).join(', ') || otherwise;
  return { skipped: named('skipped', 'skipped'), healed: named('healed', 'rows healed') };
}

/** `songs=in/songs/,events=in/events/`: prefixes of S3's safe characters, each ending with a slash. */
const PREFIXES = /^\w+=[\w!.*'()/-]+\/(,\w+=[\w!.*'()/-]+\/)*$/;

/**
 * Applies prefixes like `songs=in/songs/,events=in/events/`; sources that are not named keep theirs.
 * Also returns the problems found, a clause each.
 */
export function placeSources(sources: readonly Source[], prefixes: string): { sources: Source[]; problems: string[] } {
  if (prefixes === '') return { sources: [...sources], problems: [] };
  const example = sources.map(({ name, defaultPrefix }) => `${name}=${defaultPrefix}`).join(',');
  if (!PREFIXES.test(prefixes)) return { sources: [...sources], problems: [`must look like ${example}`] };
  const moved = new Map(prefixes.split(',').map((pair) => pair.split('=') as [string, string]));
  const placed = sources.map((source) => ({ ...source, prefix: moved.get(source.name) ?? source.prefix }));
  const unknown = [...moved.keys()].filter((name) => !sources.some((source) => source.name === name));
  const twins = placed.flatMap(({ name, prefix }, index) =>
    placed.slice(0, index).flatMap((other) => (other.prefix === prefix ? [[other.name, name]] : [])),
  );
  return {
    sources: placed,
    problems: [
      ...unknown.map((name) => `names ${name}, which is not a source`),
      ...twins.map((names) => `gives ${names.join(' and ')} the same prefix`),
    ],
  };
}

/** What this deployment loads: its buckets, and the sources with their prefixes. */
export type Landing = { buckets: readonly string[]; sources: readonly Source[] };

/** Where a key belongs: to a source and codec, or to nothing the loader loads, with the reason. */
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

/** Routes a key by its prefix and suffix. Of several matching prefixes the longest wins. */
export function route(key: string, sources: readonly Source[]): Route {
  const matching = sources.filter(({ prefix }) => key.startsWith(prefix));
  const [source] = matching.sort((a, b) => b.prefix.length - a.prefix.length);
  if (!source) return { kind: 'ignored', reason: 'its prefix belongs to no source' };
  const codec = codecOf(key);
  if (!codec) return { kind: 'ignored', reason: `its suffix is not ${OR.format(Object.keys(SUFFIXES))}` };
  return { kind: 'source', source, codec };
}

/** Every bucket and prefix with objects of some source; a prefix inside another one is not listed separately. */
export function landingLocations({ buckets, sources }: Landing): { bucket: string; key: string }[] {
  const prefixes = sources.map(({ prefix }) => prefix);
  const outer = prefixes.filter((prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)));
  return buckets.flatMap((bucket) => outer.sort().map((key) => ({ bucket, key })));
}

/** An object version that belongs to a source, so it may be loaded. */
export type Candidate = ObjectVersion & { objectId: string; source: Source; codec: Codec };
