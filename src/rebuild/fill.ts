import { emptyTally, selectObjects, type BackfillTally } from '../catch-up/backfill.ts';
import { compareObject, routeListed } from '../catch-up/compare.ts';
import { replayMessages } from '../catch-up/replay-messages.ts';
import type { ReplayObject } from '../catch-up/replay-messages.ts';
import type { LoaderError } from '../errors.ts';
import type { LedgerEntry, NotLoaded } from '../ledger/entries.ts';
import { readLedgerEntries } from '../ledger/reports.ts';
import { cutBatches } from '../load/batches.ts';
import { decide } from '../load/decide.ts';
import type { LoadDeps } from '../load/deps.ts';
import { loadBatch } from '../load/load-batch.ts';
import { readDelivery } from '../load/plan.ts';
import { fitsStatements } from '../load/transaction.ts';
import { objectId } from '../objects/object-version.ts';
import type { Source } from '../objects/source.ts';
import { Pause } from '../waiting/pause.ts';
import { BATCH_LIMIT_MS, ledgerOf, nextConfig, type RebuildDeps } from './deps.ts';

/** How often what came back is tried again before the rebuild stops; the next run goes on with it. */
const PASSES = 3;

/**
 * Loads every object of the landing buckets that the next schema does not have, as the listing shows it, songs before events within
 * each bucket. What was loaded by an earlier pass or run is skipped, so it can be stopped and repeated at any point.
 * @throws LoaderError when something still cannot be loaded and is not the fault of a file.
 */
export async function fillFromListing(deps: RebuildDeps): Promise<void> {
  for (let pass = 1; ; pass += 1) {
    const error = await fillOnce(deps);
    if (error === undefined) return;
    if (!error.retryable || pass === PASSES) throw error;
  }
}

async function fillOnce(deps: RebuildDeps): Promise<LoaderError | undefined> {
  const { config, objects } = deps.connection;
  const { buckets, sources } = config.landing;
  let failure: LoaderError | undefined;
  let waiting: ReplayObject[] = [];
  const load = async (): Promise<void> => {
    failure = (await loadIntoNext(waiting, deps)) ?? failure;
    waiting = [];
  };
  for (const bucket of buckets) {
    const request = { place: { bucket, key: '' }, sources, all: false };
    const from = { objects, ledger: ledgerOf(deps, deps.schemas.next) };
    for await (const page of selectObjects(request, from, emptyTally())) {
      waiting.push(...page.map(({ object }) => object));
      if (waiting.length >= config.limits.maxObjects) await load();
    }
  }
  await load();
  return failure;
}

/** How much there is to load, of all that the landing buckets hold. @throws LoaderError */
export async function measure(deps: RebuildDeps): Promise<BackfillTally> {
  const { config, objects } = deps.connection;
  const { buckets, sources } = config.landing;
  const tally = emptyTally();
  for (const bucket of buckets) {
    const request = { place: { bucket, key: '' }, sources, all: true };
    const pages = selectObjects(request, { objects, ledger: ledgerOf(deps, deps.schemas.live) }, tally);
    for await (const { length } of pages) deps.onListed(length);
  }
  return tally;
}

/**
 * Those of some objects whose version the next schema does not have. What it has in quarantine is examined again, since the live
 * star may have loaded or dismissed it meanwhile. @throws LoaderError
 */
export async function notInNext(objects: readonly ReplayObject[], deps: RebuildDeps): Promise<ReplayObject[]> {
  const { entries } = await readLedgerEntries(objects.map(objectId), ledgerOf(deps, deps.schemas.next));
  return objects.filter((object) => {
    const entry = entries.get(objectId(object));
    const { kind } = compareObject(object, entry && { key: object.key, ...entry });
    return kind === 'missing' || kind === 'changed' || kind === 'quarantined';
  });
}

/**
 * Loads objects into the next schema by the core that loads deliveries, and gives the last error of what came back. A case that a
 * person closed stays closed: a version that the live ledger has as dismissed is recorded as that and not examined again.
 * @throws LoaderError
 */
export async function loadIntoNext(
  objects: readonly ReplayObject[],
  deps: RebuildDeps,
): Promise<LoaderError | undefined> {
  const { landing, limits } = deps.connection.config;
  const loadable = objects.filter((object) => routeListed(object, landing.sources).kind === 'source');
  if (loadable.length === 0) return undefined;
  const messages = [...replayMessages(loadable, 'reload')].map(({ body }, index) => ({ messageId: `${index}`, body }));
  const { candidates } = readDelivery(messages, landing);
  const dismissed = await findDismissed(loadable, deps);
  const core = coreOf(deps);
  const deadline = (): number => core.clock.now() + BATCH_LIMIT_MS;
  const decision = await decide(candidates, core, deadline());
  const results = new Map([...decision.results, ...dismissed]);
  const fits = (sources: readonly Source[], copies: number): boolean =>
    fitsStatements(sources, copies, core.templates.load);
  let failure: LoaderError | undefined;
  for (const batch of cutBatches(decision.load, limits, fits)) {
    batches += 1;
    const batchId = `rebuild-${deps.runId.slice(0, 8)}-${core.clock.now().toString(36)}-${batches}`;
    const outcomes = await loadBatch(batchId, batch, core, deadline(), { ...decision, results });
    for (const outcome of outcomes) if (outcome.kind === 'returned') failure = outcome.error;
    deps.onLoaded(batch.length);
  }
  return failure;
}

/** Numbers the batches of this process, so that no two begun at once are called alike. */
let batches = 0;

async function findDismissed(objects: readonly ReplayObject[], deps: RebuildDeps): Promise<Map<string, NotLoaded>> {
  const ids = objects.map(objectId);
  const { entries } = await readLedgerEntries(ids, ledgerOf(deps, deps.schemas.live));
  const isDismissed = (object: ReplayObject, entry: LedgerEntry | undefined): boolean =>
    compareObject(object, entry && { key: object.key, ...entry }).kind === 'dismissed';
  return new Map(
    objects.flatMap((object): [string, NotLoaded][] =>
      isDismissed(object, entries.get(objectId(object)))
        ? [
            [
              objectId(object),
              { status: 'dismissed', code: 'Dismissed', reason: 'it was dismissed before the rebuild' },
            ],
          ]
        : [],
    ),
  );
}

/** The core as it loads into the next schema. */
function coreOf(deps: RebuildDeps): LoadDeps {
  const { templates, warehouse, objects, clock } = deps.connection;
  return {
    config: nextConfig(deps),
    templates: { load: templates.load, report: templates.report },
    warehouse,
    objects,
    log: deps.log,
    meter: { count: () => undefined, seconds: () => undefined },
    clock,
    // Only deliveries wait for a warehouse that is off; a command fails, and is run again.
    pause: new Pause(),
  };
}
