import {
  comparePair,
  FINDING_KINDS,
  nothingCompared,
  type Compared,
  type Comparison,
  type FindingKind,
} from './compare.ts';
import { countUpTo, DIFFERENCE_LIMITS, findDifferences, readDifferences, type DifferenceDeps } from './differences.ts';
import { PAGE_LIMITS, stagePage, unstorableUpTo, type ListingDeps, type Page } from './listing-page.ts';
import type { S3Location } from '../objects/s3-url.ts';
import { landingLocations, type Landing } from '../objects/source.ts';
import { ListedSample, noticeListed, type Noticed } from './notice-listed.ts';
import type { Clock, Connection, ListedObject, Log, Meter, MetricName } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import type { ReplaySender } from './replay.ts';

/** What a reconcile needs from outside. */
export type ReconcileDeps = {
  listing: ListingDeps;
  differences: DifferenceDeps;
  /** A new id for every page, which names its files and transactions; at most 40 characters. */
  newPageId: () => string;
  /** Called with what was noticed in the fields of some objects of each page. */
  onNoticed: (noticed: Noticed) => void;
};

/** The same before it is known what watches the listing. */
export type UnwatchedDeps = Omit<ReconcileDeps, 'listing' | 'onNoticed'> & {
  listing: Omit<ListingDeps, 'onListed'>;
};

/** What a reconcile needs, of a configuration and its edges, with the limits it has everywhere. */
export function reconcileDeps(
  { config, objects, warehouse, templates }: Pick<Connection, 'config' | 'objects' | 'warehouse'> & ReconcileTemplates,
  deadlineMs: () => number,
  newPageId: () => string,
): UnwatchedDeps {
  const { names, control } = config;
  return {
    listing: { objects, control, limits: PAGE_LIMITS },
    differences: { warehouse, templates: templates.reconcile, names, deadlineMs, limits: DIFFERENCE_LIMITS },
    newPageId,
  };
}

type ReconcileTemplates = { templates: Pick<Connection['templates'], 'reconcile'> };

/** Counts of everything that was compared. */
export type ReconcileTally = Record<FindingKind, number> & {
  listed: number;
  loaded: number;
  ignored: number;
  /** Too recent to judge: possibly in flight. */
  tooRecent: number;
};

/** An empty tally. */
export function emptyReconcileTally(): ReconcileTally {
  return {
    listed: 0,
    loaded: 0,
    ignored: 0,
    tooRecent: 0,
    missing: 0,
    changed: 0,
    quarantined: 0,
    vanished: 0,
    orphaned: 0,
  };
}

/**
 * Compares the objects below a prefix with the ledger and yields the differences, in pieces of a few thousand. Each page of the
 * listing costs one scan of the ledger; what is held in memory depends on neither.
 * @throws LoaderError
 */
export async function* reconcile(
  place: S3Location,
  comparison: Comparison,
  deps: ReconcileDeps,
  startAfter?: string,
): AsyncGenerator<Compared> {
  let after = startAfter;
  for (;;) {
    const token = deps.newPageId();
    const sample = new ListedSample(token, comparison.startedMs);
    const onObject = (object: ListedObject): void => {
      sample.add(object, comparison.sources);
    };
    const listing = { ...deps.listing, onObject };
    const page = await stagePage(place, after, comparison.sources, `reconcile/${token}`, listing);
    await noticeListed(sample.objects(), token, { ...deps, told: deps.onNoticed });
    after = yield* comparePage({ place, after, page, token }, comparison, deps);
    if (after === undefined) return;
  }
}

type PageOf = { place: S3Location; after: string | undefined; page: Page; token: string };

/** Compares one page. Returns the key up to which it did, which may be within the page; undefined when nothing is left. */
async function* comparePage(
  { place: { bucket, key: prefix }, after, page, token }: PageOf,
  comparison: Comparison,
  deps: ReconcileDeps,
): AsyncGenerator<Compared, string | undefined> {
  const { stored, manifest } = page;
  const range = { bucket, prefix, after, upTo: page.upTo, stored, manifest };
  const found = await findDifferences(range, token, deps.differences);
  let last: string | undefined;
  let differing = 0;
  for await (const piece of readDifferences(found, bucket, token, deps.differences)) {
    const compared = { ...nothingCompared(), upTo: piece.last };
    for (const pair of piece.pairs) comparePair(pair, comparison, compared);
    differing += piece.pairs.filter(({ object }) => object !== undefined).length;
    last = piece.last;
    yield compared;
  }
  const upTo = found.all ? page.upTo : last;
  const counts =
    found.all || last === undefined
      ? { listed: stored, ignored: page.ignored }
      : await countUpTo(found, last, token, deps.differences);
  const rest = { ...nothingCompared(), upTo, ...counts };
  // What did not come back is loaded.
  rest.loaded = rest.listed - rest.ignored - differing;
  for (const { object, ignored } of unstorableUpTo(page, found.all ? undefined : last)) {
    rest.listed += 1;
    if (ignored) rest.ignored += 1;
    else comparePair({ object, row: undefined }, comparison, rest);
  }
  yield rest;
  return upTo;
}

/** Adds a page to the tally and, given a sender, sends what a replay can repair. @throws LoaderError */
export async function handlePage(compared: Compared, tally: ReconcileTally, sender?: ReplaySender): Promise<void> {
  tally.listed += compared.listed;
  tally.loaded += compared.loaded;
  tally.ignored += compared.ignored;
  tally.tooRecent += compared.tooRecent;
  for (const { kind, object, repair } of compared.findings) {
    tally[kind] += 1;
    if (sender && object && repair !== undefined) await sender.add(object, repair);
  }
}

/** The progress of a scheduled reconcile: the location it is in, and the last key it compared there. */
export type ReconcileState = { place: S3Location; upTo?: string };

/** Where a scheduled reconcile keeps its state between invocations. */
export type StateStore = { read(): Promise<ReconcileState | undefined>; write(state: ReconcileState): Promise<void> };

/** What a scheduled reconcile needs from outside. */
export type ScheduleDeps = UnwatchedDeps & {
  state: StateStore;
  clock: Clock;
  log: Log;
  meter: Meter;
  /** Sends what is missing or changed; undefined when it only reports. */
  sender?: ReplaySender;
};

/** Younger objects may still be in flight: a message that failed once becomes visible again after 35 minutes. */
export const MIN_AGE_MS = 45 * 60_000;

const METRICS: Readonly<Record<FindingKind, MetricName>> = {
  missing: 'ReconcileMissing',
  changed: 'ReconcileChanged',
  quarantined: 'ReconcileQuarantined',
  vanished: 'ReconcileVanished',
  orphaned: 'ReconcileOrphaned',
};

/**
 * Continues where the last invocation stopped, location by location, until all are done or the deadline (epoch milliseconds)
 * is reached. Progress is saved after each piece of differences and each page, so a killed invocation repeats one page. Each
 * difference is logged and counted.
 * @throws LoaderError
 */
export async function reconcileOnSchedule(landing: Landing, deps: ScheduleDeps, deadlineMs: number): Promise<void> {
  const places = landingLocations(landing);
  const state = await deps.state.read();
  const at = places.findIndex(({ bucket, key }) => bucket === state?.place.bucket && key === state.place.key);
  const tally = emptyReconcileTally();
  try {
    for (const [index, place] of places.slice(Math.max(at, 0)).entries()) {
      const upTo = index === 0 && at >= 0 ? state?.upTo : undefined;
      if (!(await reconcilePlace(place, upTo, landing.sources, deps, tally, deadlineMs))) return;
    }
    const first = places[0];
    if (first) await deps.state.write({ place: first });
    deps.meter.count('ReconcileCompleted', 1);
  } catch (error) {
    // Progress is saved; the next run repeats the query that hit the deadline.
    if (!(error instanceof LoaderError && error.code === 'deadline')) throw error;
    deps.log.warn('out of time', { error: error.message });
  } finally {
    for (const kind of FINDING_KINDS) deps.meter.count(METRICS[kind], tally[kind]);
    deps.meter.count('ReconcileListed', tally.listed);
    deps.meter.count('ReconcileSent', deps.sender?.tally.objects ?? 0);
    deps.log.info('reconciled', { ...tally, sent: deps.sender?.tally.objects ?? 0 });
  }
}

/** Reconciles one location. False when time ran out before its end. */
async function reconcilePlace(
  place: S3Location,
  startAfter: string | undefined,
  sources: Comparison['sources'],
  deps: ScheduleDeps,
  tally: ReconcileTally,
  deadlineMs: number,
): Promise<boolean> {
  const startedMs = deps.clock.now();
  const comparison = { bucket: place.bucket, sources, startedMs, judgedBeforeMs: startedMs - MIN_AGE_MS };
  const onListed = (): void => {
    if (deps.clock.now() < deadlineMs) return;
    throw new LoaderError('deadline', 'no time is left to list more', 'The next run continues here');
  };
  const onNoticed = ({ drifted, unread, error }: Noticed): void => {
    deps.meter.count('FieldsDrifted', drifted);
    deps.meter.count('FieldsUnread', unread);
    if (error !== undefined) deps.log.warn('fields not looked at', { objects: unread, error });
  };
  const within = { ...deps, listing: { ...deps.listing, onListed }, onNoticed };
  for await (const compared of reconcile(place, comparison, within, startAfter)) {
    await handlePage(compared, tally, deps.sender);
    // Sent before progress is saved: a crash in between repeats a page of repairs and loses none.
    await deps.sender?.flush();
    for (const { kind, key, reason } of compared.findings) {
      deps.log.warn('bucket and ledger differ', { kind, object: `s3://${place.bucket}/${key}`, reason });
    }
    if (compared.upTo !== undefined) await deps.state.write({ place, upTo: compared.upTo });
    if (deps.clock.now() >= deadlineMs) return false;
  }
  return true;
}
