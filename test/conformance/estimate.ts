/** What a run costs, said before it begins. */
import { ASSUMED, MINIMUM_SECONDS, PRICED_REGIONS, pricesOf } from '../../src/catch-up/prices.ts';
import type { Belief } from './belief.ts';
import type { Probe } from './probes/probe.ts';

/** Seconds that a statement, a COPY and a probe keep the warehouse busy. Assumed; nothing here was measured. */
const SECONDS = { statement: 0.3, copy: 3, probe: 15 };
/** Statements of a probe, about. */
const PROBE_STATEMENTS = 12;
const SIDE_BY_SIDE = 4;

/** What a selection will take. Dollars are undefined where the prices of a region are not known. */
export type Estimate = {
  statements: number;
  seconds: number;
  objects: number;
  dollars?: { low: number; high: number };
};

/** Estimates a run from what it submits. */
export function estimate(beliefs: readonly Belief[], probes: readonly Probe[], region: string): Estimate {
  const perBelief = beliefs.map(({ before = [], call }) => (call ? 1 : before.length + 3));
  const statements = perBelief.reduce((sum, one) => sum + one, 0) + probes.length * PROBE_STATEMENTS;
  const copies = beliefs.filter(({ files }) => files !== undefined).length;
  const objects = beliefs.reduce((sum, { files = {} }) => sum + Object.keys(files).length, 0);
  const busy = (statements * SECONDS.statement + copies * SECONDS.copy) / SIDE_BY_SIDE + probes.length * SECONDS.probe;
  const seconds = Math.ceil(busy);
  const prices = pricesOf(region);
  if (!prices) return { statements, seconds, objects };
  const at = (rpus: number): number =>
    (Math.max(seconds, MINIMUM_SECONDS) / 3600) * rpus * prices.redshiftRpuHour + objects * prices.s3Write;
  return {
    statements,
    seconds,
    objects,
    dollars: { low: at(ASSUMED.redshiftRpus.low), high: at(ASSUMED.redshiftRpus.high) },
  };
}

/** An estimate in words. */
export function estimateText({ statements, seconds, objects, dollars }: Estimate, region: string): string {
  const { low, high } = ASSUMED.redshiftRpus;
  const money = dollars
    ? `US$ ${dollars.low.toFixed(2)} on Serverless with ${low} RPUs, US$ ${dollars.high.toFixed(2)} with ${high}, nothing more on a provisioned cluster (list prices of ${region})`
    : `an unknown price: prices are known only for ${PRICED_REGIONS.join(' and ')}, not for ${region}`;
  return `About ${statements} statements, ${objects} small objects and ${seconds} seconds of the warehouse (assumed, not measured): ${money}.`;
}
