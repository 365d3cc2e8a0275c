import { type ObjectVersion } from './object-version.ts';

/** The compressions COPY reads, by the key's suffix. One COPY reads one codec. */
export type Codec = 'none' | 'gzip' | 'bzip2' | 'zstd';

/** A kind of file, and what loading it takes. A new source is an entry here, its SQL files and its events; nothing else. */
export type Source = {
  name: string;
  /** Keys below this prefix are of this source. */
  defaultPrefix: string;
  /** The load file that copies it, run once per codec with its own manifest. */
  copy: string;
  /** The other load files it needs, by name without `.sql`. All files of a load run in the order of their numbers. */
  steps: readonly string[];
  /** The load file that counts the rows of its staging table and those of them that cannot be used. */
  usable: string;
  /** The fields without which a row cannot be used, as files spell them, and whether COPY minds their case. */
  rowKey: { fields: readonly string[]; ignoreCase: boolean };
};

export const SOURCES: readonly Source[] = [
  {
    name: 'songs',
    defaultPrefix: 'song_data/',
    copy: '20-songs-copy',
    steps: [
      '10-songs-create-staging',
      '30-songs-reject',
      '40-songs-pick',
      '41-songs-select',
      '42-songs-merge',
      '43-songs-select-artists',
      '44-songs-merge-artists',
      '45-songs-remove-artists',
      '60-songs-resolve-tracks',
      '61-songs-find-healed',
      '62-songs-heal',
      '70-songs-count',
    ],
    usable: '24-songs-usable',
    rowKey: { fields: ['song_id'], ignoreCase: false },
  },
  {
    name: 'events',
    defaultPrefix: 'log_data/',
    copy: '21-events-copy',
    steps: [
      '11-events-create-staging',
      '31-events-reject',
      '49-events-find-repeats',
      '50-events-select-users',
      '51-events-merge-users',
      '52-events-pick-repeats',
      '53-events-resolve-songs',
      '54-events-select-songplays',
      '55-events-select-time',
      '56-events-merge-time',
      '57-events-merge-songplays',
      '71-events-count',
    ],
    usable: '25-events-usable',
    rowKey: { fields: ['ts', 'sessionId', 'itemInSession'], ignoreCase: true },
  },
];

/** The prefixes of the sources: source name → prefix. */
export type Prefixes = Readonly<Record<string, string>>;

/** Where a key belongs: to a source and codec, or to nothing the loader loads, with the reason. */
export type Route = { kind: 'source'; source: Source; codec: Codec } | { kind: 'ignored'; reason: string };

const SUFFIXES: readonly (readonly [string, Codec])[] = [
  ['.json', 'none'],
  ['.json.gz', 'gzip'],
  ['.json.bz2', 'bzip2'],
  ['.json.zst', 'zstd'],
];
const SUFFIX_LIST = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(SUFFIXES.map(([suffix]) => suffix));

/** Routes a key by its prefix and suffix. Of several matching prefixes the longest wins. */
export function route(key: string, prefixes: Prefixes, sources: readonly Source[] = SOURCES): Route {
  let matching: Source | undefined;
  let longest = -1;
  for (const source of sources) {
    const prefix = prefixes[source.name] ?? source.defaultPrefix;
    if (prefix.length <= longest || !key.startsWith(prefix)) continue;
    matching = source;
    longest = prefix.length;
  }
  if (!matching) return { kind: 'ignored', reason: 'its prefix belongs to no source' };
  const codec = SUFFIXES.find(([suffix]) => key.endsWith(suffix))?.[1];
  if (!codec) return { kind: 'ignored', reason: `its suffix is not ${SUFFIX_LIST}` };
  return { kind: 'source', source: matching, codec };
}

/** Every bucket and prefix with objects of some source; a prefix inside another one is not listed separately. */
export function landingLocations(
  buckets: readonly string[],
  prefixes: Prefixes,
  sources: readonly Source[] = SOURCES,
): { bucket: string; key: string }[] {
  const all = sources.map((source) => prefixes[source.name] ?? source.defaultPrefix);
  const own = [...new Set(all)].filter((prefix) => !all.some((other) => other !== prefix && prefix.startsWith(other)));
  return buckets.flatMap((bucket) => own.sort().map((key) => ({ bucket, key })));
}

/** An object version that belongs to a source, so it may be loaded. */
export type Candidate = ObjectVersion & { objectId: string; source: Source; codec: Codec };

/** What this deployment loads: its buckets, and the prefix of each source in them. */
export type Landing = { buckets: readonly string[]; prefixes: Prefixes; sources?: readonly Source[] };
