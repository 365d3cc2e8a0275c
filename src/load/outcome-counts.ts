import type { Skipped } from './plan.ts';
import type { BatchOutcome } from './outcome.ts';

/** The outcomes of the object versions a delivery named. Each version has exactly one. */
export type OutcomeCounts = {
  loaded: number;
  alreadyLoaded: number;
  superseded: number;
  quarantined: number;
  vanished: number;
  ignored: number;
  /** Their messages are returned to the queue. */
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
  const skippedLater = outcomes.flatMap((one) => (one.kind === 'skipped' ? one.skipped : []));
  for (const { url, outcome } of [...skipped, ...skippedLater]) {
    if (url !== undefined) account[SKIPPED[outcome]] += 1;
  }
  for (const outcome of outcomes) {
    if (outcome.kind === 'returned') account.returned += outcome.objectIds.length;
    if (outcome.kind === 'committed')
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
 * Asserts that the outcomes add up to the versions seen. A version with no outcome, or with two, is a bug; reloading
 * everything is better than acknowledging one message too many.
 * @throws Error when they do not add up.
 */
export function assertConserved(seen: number, account: OutcomeCounts): void {
  const sum = Object.values(account).reduce((one, other) => one + other, 0);
  if (sum === seen) return;
  throw new Error(`object versions seen: ${seen}, accounted for: ${sum}; ${JSON.stringify(account)}`);
}
