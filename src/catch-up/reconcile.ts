import { compare, FINDING_KINDS, type Compared, type Comparison, type FindingKind } from './compare.ts';
import type { S3Location } from '../objects/s3-url.ts';
import { landingLocations, type Landing } from '../objects/source.ts';
import type { Clock, Log, Meter, MetricName, ObjectStore } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import { readLedgerRange, type LedgerDeps } from '../ledger/reports.ts';
import type { ReplaySender } from './replay.ts';

/** What holding a bucket against the ledger takes. */
export type ReconcileDeps = { objects: ObjectStore; ledger: LedgerDeps };

/** Counts of everything that was compared. */
export type ReconcileTally = Record<FindingKind, number> & {
  listed: number;
  loaded: number;
  ignored: number;
  /** Too new to be judged: it may be on its way. */
  tooRecent: number;
};

/** A tally of nothing yet. */
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
 * Holds the objects below a prefix against the ledger, both streamed in key order, and gives the differences page by page.
 * @throws LoaderError
 */
export function reconcile(
  place: S3Location,
  comparison: Comparison,
  deps: ReconcileDeps,
  startAfter?: string,
): AsyncGenerator<Compared> {
  const listing = deps.objects.list(place.bucket, place.key, startAfter);
  return compare(listing, readLedgerRange(place, deps.ledger, startAfter), comparison);
}

/** Adds a page to the tally, and sends what a replay can repair when there is a sender. @throws LoaderError */
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

/** Where a scheduled reconcile stands: the place it works on, and the last key it dealt with there. */
export type ReconcileState = { place: S3Location; upTo?: string };

/** Where a scheduled reconcile keeps its state between invocations. */
export type StateStore = { read(): Promise<ReconcileState | undefined>; write(state: ReconcileState): Promise<void> };

/** What a scheduled reconcile needs besides. */
export type ScheduleDeps = ReconcileDeps & {
  state: StateStore;
  clock: Clock;
  log: Log;
  meter: Meter;
  /** Sends what is missing or changed; undefined where it only reports. */
  sender?: ReplaySender;
};

/** Objects younger than this may still be on their way: a message that failed once comes again after 35 minutes. */
const SETTLE_MS = 45 * 60_000;

const METRICS: Readonly<Record<FindingKind, MetricName>> = {
  missing: 'ReconcileMissing',
  changed: 'ReconcileChanged',
  quarantined: 'ReconcileQuarantined',
  vanished: 'ReconcileVanished',
  orphaned: 'ReconcileOrphaned',
};

/**
 * Goes on where the last invocation stopped, place by place, until all are done or the deadline (epoch milliseconds) comes.
 * Its place is written after each page, so a killed invocation repeats one page. Each difference is logged, all are counted.
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
    // The question that ran into the deadline is asked again at the next schedule: the place is stored.
    if (!(error instanceof LoaderError && error.code === 'deadline')) throw error;
    deps.log.warn('out of time', { error: error.message });
  } finally {
    for (const kind of FINDING_KINDS) deps.meter.count(METRICS[kind], tally[kind]);
    deps.meter.count('ReconcileListed', tally.listed);
    deps.meter.count('ReconcileSent', deps.sender?.tally.objects ?? 0);
    deps.log.info('reconciled', { ...tally, sent: deps.sender?.tally.objects ?? 0 });
  }
}

/** One place. False when the time ran out before its end. */
async function reconcilePlace(
  place: S3Location,
  startAfter: string | undefined,
  sources: Comparison['sources'],
  deps: ScheduleDeps,
  tally: ReconcileTally,
  deadlineMs: number,
): Promise<boolean> {
  const startedMs = deps.clock.now();
  const comparison = { bucket: place.bucket, sources, startedMs, judgedBeforeMs: startedMs - SETTLE_MS };
  for await (const compared of reconcile(place, comparison, deps, startAfter)) {
    await handlePage(compared, tally, deps.sender);
    // Sent before the place is written: a crash between repeats a page of repairs, and loses none.
    await deps.sender?.flush();
    for (const { kind, key, reason } of compared.findings) {
      deps.log.warn('bucket and ledger differ', { kind, object: `s3://${place.bucket}/${key}`, reason });
    }
    if (compared.upTo !== undefined) await deps.state.write({ place, upTo: compared.upTo });
    if (deps.clock.now() >= deadlineMs) return false;
  }
  return true;
}
