import { readCostFacts } from '../cost/read.ts';
import { reckonCost, type CostReport } from '../cost/report.ts';
import type { Connection } from '../ports.ts';
import { ledgerOf } from './connection.ts';

/** How many days are looked at unless told otherwise. */
export const COST_DAYS = 7;

/** What `cost` and the page ask. `outputs` are those of the deployed stack, empty where there is none. */
export type CostOptions = {
  days: number;
  goalSeconds: number | null;
  stage: string | null;
  outputs: Readonly<Record<string, string>>;
  /** The region whose prices are taken; the warehouse's own unless told otherwise. */
  prices?: string;
};

/** Asks the ledger and reckons. @throws LoaderError */
export async function readCost(connection: Connection, options: CostOptions): Promise<CostReport> {
  const { names, warehouse, limits } = connection.config;
  const { days, goalSeconds, stage, outputs, prices = names.region } = options;
  const facts = await readCostFacts(ledgerOf(connection), days, connection.clock.now());
  const known = (output: string): number | null => (outputs[output] === undefined ? null : Number(outputs[output]));
  return reckonCost(facts, {
    region: names.region,
    pricedRegion: prices,
    rpus: known('BaseCapacity'),
    isProvisioned: warehouse.cluster !== undefined,
    windowSeconds: known('WindowSeconds'),
    goalSeconds,
    stage,
    maxObjects: limits.maxObjects,
  });
}
