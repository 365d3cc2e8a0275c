import { runReport, type LedgerDeps } from '../ledger/reports.ts';
import { MINIMUM_SECONDS } from '../catch-up/prices.ts';
import { timestampText } from '../sql/timestamp-text.ts';
import type { Row } from '../ports.ts';
import { sliceSeconds, type Slice } from './arrivals.ts';
import type { LoadSums } from './load-time.ts';
import type { CostFacts } from './report.ts';

const DAY_MS = 86_400_000;
/** committed_at is cut to whole seconds, which is GETDATE's precision: so much is missing of it on average. */
const HALF_SECOND_MS = 500;

/** Asks the ledger what landed and what was loaded in the last days, in a few bounded answers. @throws LoaderError */
export async function readCostFacts(deps: LedgerDeps, days: number, nowMs: number): Promise<CostFacts> {
  const since = timestampText(nowMs - days * DAY_MS);
  const [first] = await runReport('cost-first-batch', {}, deps, { literals: { since } });
  const first_batch = String(first?.batch_no);
  const ask = (name: string, keywords: Record<string, string> = {}, literals: Record<string, string> = { since }) =>
    runReport(name, {}, deps, { keywords: { first_batch, ...keywords }, literals });
  const [slices, usage, sums, sources, freshness] = await Promise.all([
    ask('cost-arrivals', { slice_seconds: String(sliceSeconds(days)) }),
    ask('cost-usage', { minimum_seconds: String(MINIMUM_SECONDS), half_second_ms: String(HALF_SECOND_MS) }),
    ask('cost-load-times', { half_second_ms: String(HALF_SECOND_MS) }),
    ask('cost-sources', {}, {}),
    ask('cost-freshness', {}, {}),
  ]);
  const [took] = usage;
  const [fresh] = freshness;
  return {
    days,
    slices: slices.map(sliceOf),
    usage: {
      loads: Number(took?.batches),
      objects: Number(took?.objects),
      busySeconds: Number(took?.busy_ms) / 1000,
      billedSeconds: Number(took?.billed_ms) / 1000,
      wakeUps: Number(took?.wake_ups),
    },
    freshness: Number(fresh?.objects) === 0 ? null : { p50: Number(fresh?.p50), p95: Number(fresh?.p95) },
    sources: sources.map((row) => ({
      source: String(row.source),
      objects: Number(row.objects),
      bytes: Number(row.bytes),
    })),
    sums: sumsOf(sums[0]),
  };
}

function sliceOf(row: Row): Slice {
  return {
    objects: Number(row.objects),
    live: Number(row.live),
    bytes: Number(row.bytes),
    first: Number(row.first_ms) / 1000,
    last: Number(row.last_ms) / 1000,
  };
}

/** Sums of no batch are NULL. */
function sumsOf(row: Row | undefined): LoadSums {
  const of = (name: string): number => Number(row?.[name] ?? 0);
  return {
    one: of('one'),
    o: of('o'),
    b: of('b'),
    t: of('t'),
    oo: of('oo'),
    ob: of('ob'),
    bb: of('bb'),
    ot: of('ot'),
    bt: of('bt'),
    tt: of('tt'),
  };
}
