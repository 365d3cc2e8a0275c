import type { Skipped } from './plan.ts';
import type { BatchOutcome } from './outcome.ts';

/** What became of the object versions that a delivery named. Each is in exactly one of these. */
export type OutcomeCounts = {
  loaded: number;
  alreadyLoaded: number;
  superseded: number;
  quarantined: number;
  vanished: number;
  ignored: number;
  /** Their messages come again. */
  returned: number;
};

/** Counts skipped versions (those that name an object) and the outcomes of batches. */
export function countOutcomes(skipped: readonly Skipped[], outcomes: readonly BatchOutcome[]): OutcomeCounts {
  const account: OutcomeCounts = {
    loaded: 0,
    alreadyLoaded: 0,
    superseded: 0,
    quarantined: 0,
    vanished: 0,
    ignored: 0,
    returned: 0,
  };
  for (const { url, outcome } of skipped) if (url !== undefined) account[SKIPPED[outcome]] += 1;
  for (const outcome of outcomes) {
    if (outcome.kind === 'returned') account.returned += outcome.objectIds.length;
    else
      for (const { result } of outcome.recorded)
        account[result.status === 'dismissed' ? 'ignored' : result.status] += 1;
  }
  return account;
}

const SKIPPED = {
  ignored: 'ignored',
  superseded: 'superseded',
  alreadyLoaded: 'alreadyLoaded',
  stillQuarantined: 'quarantined',
  stillVanished: 'vanished',
} as const satisfies Record<Skipped['outcome'], keyof OutcomeCounts>;

/**
 * Asserts that what was seen adds up to what became of it. A version in no state, or in two, is a defect of ours; it is
 * better to load everything again than to acknowledge a message too many.
 * @throws Error when it does not add up.
 */
export function assertConserved(seen: number, account: OutcomeCounts): void {
  const sum = Object.values(account).reduce((one, other) => one + other, 0);
  if (sum === seen) return;
  throw new Error(`object versions seen: ${seen}, accounted for: ${sum}; ${JSON.stringify(account)}`);
}
