/**
 * What the page shows, as JSON: one type per kind. The page's server sends exactly these, to the page and to scripts alike.
 * Times are epoch milliseconds unless a name says otherwise, durations seconds.
 */
import type { CostReport } from '../cost/report.ts';
import type { ObjectState } from '../ledger/conservation.ts';
import type { ObjectHead } from '../objects/object-version.ts';
import type { Row } from '../ports.ts';

/**
 * The states of an object version on the page, in the order of the sentence. `unannounced`: it is in the bucket, and neither
 * the ledger nor any message names it, because its notification is delayed or lost.
 */
export const PAGE_STATES = [
  'loaded',
  'alreadyLoaded',
  'superseded',
  'quarantined',
  'vanished',
  'ignored',
  'deadLettered',
  'unannounced',
  'waiting',
] as const satisfies readonly (ObjectState | 'unannounced')[];
export type PageState = (typeof PAGE_STATES)[number];
export type StateCounts = Record<PageState, number>;

/** A place an object version passes, or ends in. */
export type Station = 'bucket' | 'queue' | 'batch' | 'star' | 'quarantine' | 'deadLetters';

/** What does not change while the page is served. */
export type Setup = {
  /** `local`, or the name of the stage or of the warehouse. */
  title: string;
  isLocal: boolean;
  schema: string;
  buckets: string[];
  /** Where files are dropped; null where they come by S3 only. */
  folder: string | null;
  /** The objective for freshness, seconds. */
  goalSeconds: number;
  /** What commands on the page are typed behind: `. .sparkify/env && `, or nothing. */
  commandPrefix: string;
  /** Null where the page is told of changes by itself. */
  asking: { everySeconds: number; cost: string } | null;
  samples: { question: string; sql: string }[];
  stages: { staging: readonly string[]; merging: readonly string[] };
};

/** What needs attention, and the command that mends it. */
export type Attention = { text: string; command: string | null };

/** A transaction of a load under way. */
export type Running = { batchId: string; phase: 'staging' | 'merging'; stage: string | null; done: number; of: number };

/** Everything at a glance: `/api/overview`, and the event `overview`. */
export type Overview = {
  /** When these data were read. */
  atMs: number;
  /** The sum of `counts`, always. */
  seen: number;
  counts: StateCounts;
  stations: Record<Station, number>;
  /** What the queue's number counts: SQS knows only messages. */
  queueUnit: 'objects' | 'messages';
  running: Running[];
  /** Landing to commit of the last minutes; null when nothing was loaded. */
  freshness: { objects: number; p50: number; p95: number; span: string } | null;
  tables: Record<string, number>;
  attention: Attention[];
};

/** Object versions that went from one station to another: the event `moves`. `urls` are the first of them. */
export type Move = { from: Station; to: Station; count: number; urls: string[] };

/** What happened at one time, for the plots: the event `points`. */
export type Point = {
  atMs: number;
  loaded: number;
  notLoaded: number;
  batches: number;
  /** Freshness: some of the objects loaded, and the percentiles of all of them; null where none was. */
  samples: number[];
  p50: number | null;
  p95: number | null;
};

/** A row of the last batches: `/api/batches`, and the event `batches`. */
export type Batch = {
  batchNo: number;
  batchId: string;
  /** UTC, `YYYY-MM-DD HH:MM:SS`. */
  committedAt: string;
  objects: number;
  quarantined: number;
  vanished: number;
  bytes: number;
  rows: { staged: number; merged: number; duplicate: number; skipped: number; rejected: number };
  /** From the first statement to the commit. */
  seconds: number;
  /** Seconds by stage, where the warehouse's statement times can be read; else empty. */
  stages: StageTime[];
};
export type StageTime = { phase: 'staging' | 'merging'; stage: string; seconds: number };

/** One statement as it ran. `file` is the file of sql/load that it was rendered from. */
export type RanStatement = {
  phase: string;
  file: string;
  stage: string;
  sql: string;
  seconds: number;
  rows: number | null;
};

/** One batch, opened: `/api/batch?no=…`. */
export type BatchDetail = {
  batch: Batch;
  /** The first of its files. */
  files: { url: string; status: string; bytes: number | null }[];
  fileCount: number;
  /** Null where only the warehouse knows them. */
  statements: RanStatement[] | null;
};

/** Objects of one state: `/api/objects?state=…`. */
export type ObjectList = { state: PageState; found: number; objects: { url: string; eventTimeMs: number | null }[] };

/** The life of one object: `why --json`, and `/api/object?url=…`. */
export type ObjectLife = {
  url: string;
  /** Whether nothing needs to be done. */
  loaded: boolean;
  status: string;
  next: string | null;
  /** What HEAD says; `lastModified` as ISO text. */
  inBucket: ObjectHead & { lastModified?: string };
  versions: Row[];
};

/** One quarantined or vanished object: `/api/quarantine`. */
export type QuarantineEntry = {
  url: string;
  status: string;
  reason: string;
  line: number | null;
  column: string | null;
  recordedAt: string;
  /** The offending line, cut to what fits, and the place in it; null where it cannot be read or named. */
  excerpt: Excerpt | null;
  release: string;
};
export type Excerpt = { text: string; caret: { from: number; length: number } | null };
export type QuarantineList = { found: number; entries: QuarantineEntry[] };

/** `/api/dead-letters`. Null where reading them would count as a receive. */
export type DeadLetterList = {
  entries: { url: string | null; reason: string }[] | null;
  count: number;
  command: string;
};

/** What loading costs, and what it would with other batch windows: `cost --json`, and `/api/cost`. */
export type { CostReport };

/** The result of a query: `/api/query`. */
export type QueryResult =
  | { kind: 'rows'; columns: string[]; rows: Row[]; found: number; seconds: number }
  | { kind: 'refused'; reason: string };

/** What can be put into the local bucket by a click: `/api/drop`. */
export const DROPS = ['good', 'bad', 'many'] as const;
export type Drop = (typeof DROPS)[number];

/** One switch of the local fault plan: `/api/faults`. */
export type FaultSwitch = { id: string; label: string; effect: string; on: boolean; struck: number };

/** The events of `/api/events`, by name. */
export type PageEvents = {
  setup: Setup;
  overview: Overview;
  moves: Move[];
  points: Point[];
  batches: Batch[];
  faults: FaultSwitch[];
  /** What could not be asked, in words; empty when it can be asked again. */
  trouble: string;
};
export type PageEvent = { [Name in keyof PageEvents]: { name: Name; data: PageEvents[Name] } }[keyof PageEvents];
