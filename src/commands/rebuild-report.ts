import { totals, type BackfillTally } from '../catch-up/backfill.ts';
import { assumptions, planBackfill, type BackfillPlan, type Range } from '../catch-up/estimate.ts';
import { bytes, duration, number, pluralize } from '../numbers.ts';
import type { Connection } from '../ports.ts';
import { likelyCause, type Comparison } from '../rebuild/compare-stars.ts';
import type { NewlyQuarantined } from '../rebuild/rebuild.ts';
import type { Rights } from '../rebuild/rights.ts';
import { readRates } from './backfill.ts';
import type { Io } from './command.ts';
import { escapeControls, table } from './table.ts';

/** What a rebuild comes to, and what it cannot carry over. Seconds and dollars are null where they are not known. */
export type RebuildPlan = {
  objects: number;
  bytes: number;
  batches: Range;
  seconds: Range | null;
  dollars: Range | null;
  grants: number;
  owner: string;
  leftBehind: string[];
  assumptions: string[];
};

/** Estimates a rebuild by the batches that were loaded before. @throws LoaderError */
export async function planOf(tally: BackfillTally, rights: Rights, connection: Connection): Promise<RebuildPlan> {
  const { limits, names } = connection.config;
  const all = totals(tally);
  const measured = await readRates(connection);
  // It loads without messages, in batches that are full.
  const work = { ...all, listed: tally.listed, messages: 0, messageBytes: 0 };
  const plan: BackfillPlan = planBackfill(work, limits, measured, names.region);
  return {
    ...all,
    batches: plan.batches,
    seconds: plan.seconds ?? null,
    dollars: plan.dollars ?? null,
    grants: rights.grants.length,
    owner: rights.owner,
    leftBehind: rights.leftBehind,
    assumptions: assumptions(measured, names.region),
  };
}

/** Prints what a rebuild comes to. */
export function printPlan(plan: RebuildPlan, say: (line: string) => void): void {
  say(`To load: ${pluralize(plan.objects, 'object')} (${bytes(plan.bytes)})`);
  say(`Batches: ${range(plan.batches, String)}`);
  say(`Time: ${plan.seconds ? range(plan.seconds, duration) : 'unknown'}`);
  say(`Cost: ${plan.dollars ? range(plan.dollars, (dollars) => `$${dollars.toFixed(2)}`) : 'unknown'}`);
  for (const line of plan.assumptions) say(`  · ${line}`);
  say(`Carried over: the owner, ${plan.owner}, and ${pluralize(plan.grants, 'grant')}.`);
  for (const line of plan.leftBehind) say(`! Not carried over: ${escapeControls(line)}`);
}

function range({ low, high }: Range, show: (value: number) => string): string {
  return show(low) === show(high) ? show(low) : `${show(low)} to ${show(high)}`;
}

/** At most so many files are listed. */
const SHOWN = 20;

/** Prints why nothing was swapped. */
export function printLacking(quarantined: readonly NewlyQuarantined[], io: Io): void {
  const rows = quarantined.slice(0, SHOWN).map(({ url, reason }) => [escapeControls(url), escapeControls(reason)]);
  io.out(table(['could not be loaded anew', 'reason'], rows));
  if (quarantined.length > SHOWN) io.out(`… and ${number(quarantined.length - SHOWN)} more`);
  io.out(
    `Nothing was swapped: the live star has loaded ${pluralize(quarantined.length, 'file')} of which the next one has no row.`,
  );
  io.out('→ Mend them and run the same command again, or swap without them: --with-quarantined');
}

const KINDS = { here: 'only in the live star', there: 'only in the next star', different: 'different' } as const;

/** Prints how the stars differ. `command` is the one that swaps them. */
export function printComparison({ differences, causes }: Comparison, command: string, io: Io): void {
  if (differences.length === 0) {
    io.out('The live star is the bucket as it is now.');
    return;
  }
  const rows = differences.map((one) => [
    one.table,
    KINDS[one.kind],
    one.rows,
    one.examples.map(escapeControls).join(', '),
    escapeControls(likelyCause(one.kind, causes)),
  ]);
  io.out(table(['table', 'rows', 'number', 'such as', 'likely cause'], rows));
  io.out(`→ To swap: ${command}`);
}
