import { pricesOf, type Prices } from '../catch-up/prices.ts';
import { spread, type Slice } from './arrivals.ts';
import { billBySource, billOf, type Bill, type Capacity, type SourceBill, type SourceLoad } from './bill.ts';
import { fitLoadTime, type LoadSums, type LoadTime } from './load-time.ts';
import { simulateWindow, type FreshnessSpan, type Usage } from './simulate.ts';

/** What the ledger says of some days. `freshness` is null where nothing live was loaded. */
export type CostFacts = {
  days: number;
  slices: readonly Slice[];
  /** What really happened. */
  usage: Usage;
  freshness: FreshnessSpan | null;
  sources: readonly SourceLoad[];
  sums: LoadSums;
};

/** What is reckoned for. */
export type CostQuestion = {
  region: string;
  /** The region whose prices are taken. */
  pricedRegion: string;
  /** Null where it is not known: then it is the smallest warehouse. */
  rpus: number | null;
  isProvisioned: boolean;
  /** The batch window in force, seconds; null where it is not known. */
  windowSeconds: number | null;
  /** The goal for freshness, seconds: 95 % of the objects are queryable within it. */
  goalSeconds: number | null;
  stage: string | null;
  maxObjects: number;
};

/** A batch window, and what the days would have been with it. Dollars are of all the days; null without prices. */
export type WindowEstimate = Usage & {
  windowSeconds: number;
  isCurrent: boolean;
  freshness: FreshnessSpan | null;
  bill: Bill | null;
};

/** `cost --json`, and what the page shows. */
export type CostReport = {
  days: number;
  pricedRegion: string;
  /** When the prices were looked up; null where the region's are not known, and then there are no dollars. */
  pricesAsOf: string | null;
  rpus: number | null;
  isProvisioned: boolean;
  goalSeconds: number | null;
  actual: Usage & { freshness: FreshnessSpan | null; bill: Bill | null; sources: (SourceLoad & Partial<SourceBill>)[] };
  /** Null where no batch was loaded. */
  loadTime: LoadTime | null;
  windows: WindowEstimate[];
  /** The cheapest window that meets the goal; null without a goal, or where none does. */
  cheapest: { windowSeconds: number; command: string } | null;
  notes: string[];
};

/** The batch windows that are compared, in seconds: what the template allows is 1 to 300. */
export const WINDOWS: readonly number[] = [1, 5, 20, 60, 120, 300];

/** What a warehouse is taken to have where it is not known: the smallest there is. */
const SMALLEST_RPUS = 4;

/** Reckons what days cost, and what they would have cost with other windows. */
export function reckonCost(facts: CostFacts, question: CostQuestion): CostReport {
  const { days, sources, usage, freshness } = facts;
  const { pricedRegion, isProvisioned, windowSeconds, goalSeconds } = question;
  const prices = pricesOf(pricedRegion);
  const rpus = isProvisioned ? null : (question.rpus ?? SMALLEST_RPUS);
  const capacity: Capacity = rpus === null ? { kind: 'provisioned' } : { kind: 'serverless', rpus };
  const loadTime = fitLoadTime(facts.sums);
  const arrivals = spread(facts.slices);
  const known = windowSeconds === null ? [] : [windowSeconds];
  const compared = [...new Set([...WINDOWS, ...known])].sort((a, b) => a - b);
  const windows =
    loadTime === undefined
      ? []
      : compared.map((seconds): WindowEstimate => {
          const simulated = simulateWindow(arrivals, seconds, loadTime, question.maxObjects);
          const bill = prices ? billOf(simulated, days, capacity, prices) : null;
          return { windowSeconds: seconds, isCurrent: seconds === windowSeconds, ...simulated, bill };
        });
  const bill = prices ? billOf(usage, days, capacity, prices) : null;
  const chosen = goalSeconds === null ? undefined : cheapestWithin(windows, goalSeconds);
  return {
    days,
    pricedRegion,
    pricesAsOf: prices?.asOf ?? null,
    rpus,
    isProvisioned,
    goalSeconds,
    actual: {
      ...usage,
      freshness,
      bill,
      sources: bill && loadTime ? billBySource(bill, usage.loads, sources, loadTime) : [...sources],
    },
    loadTime: loadTime ?? null,
    windows,
    cheapest: chosen ? { windowSeconds: chosen.windowSeconds, command: deployCommand(chosen, question) } : null,
    notes: notesOf(facts, question, prices),
  };
}

/**
 * The cheapest window with which 95 % of the objects are fresh enough; of those within a thousandth of it, the freshest.
 * Without prices what is paid for decides.
 */
export function cheapestWithin(windows: readonly WindowEstimate[], goalSeconds: number): WindowEstimate | undefined {
  const fit = windows.filter(({ freshness }) => freshness !== null && freshness.p95 <= goalSeconds);
  const price = ({ bill, billedSeconds }: WindowEstimate): number => bill?.total ?? billedSeconds;
  const least = Math.min(...fit.map(price));
  return fit.find((one) => price(one) <= least * 1.001);
}

function deployCommand({ windowSeconds }: WindowEstimate, { stage, region }: CostQuestion): string {
  return `npx serverless deploy --stage ${stage ?? 'STAGE'} --region ${region} --param="windowSeconds=${windowSeconds}"`;
}

function notesOf({ usage }: CostFacts, question: CostQuestion, prices: Prices | undefined): string[] {
  const { isProvisioned, rpus, region, pricedRegion, windowSeconds } = question;
  return [
    ...(isProvisioned
      ? ['This is a provisioned cluster, which costs the same whether it loads or not: no window saves anything there.']
      : []),
    ...(!isProvisioned && rpus === null
      ? [
          `The base capacity is not known here; ${SMALLEST_RPUS} RPU, the smallest, are assumed. Twice as many cost twice as much.`,
        ]
      : []),
    ...(windowSeconds === null
      ? ['The batch window in force is not known here: it is an output of a deployed stage.']
      : []),
    ...(prices
      ? [`List prices of ${pricedRegion}, ${prices.asOf} or later${pricedRegion === region ? '' : ', as an example'}.`]
      : [
          `The prices of ${pricedRegion} are not known here, so there are no dollars; those of another region: --prices us-east-1`,
        ]),
    ...(usage.loads > 0 ? ['A quiet queue may take up to 20 s longer, whatever the window.'] : []),
    'Loads only: whoever else queries keeps the warehouse awake too, and then a shorter window costs less than it says here.',
  ];
}
