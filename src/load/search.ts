import type { Group } from './plan.ts';
import type { NotLoaded } from '../ledger/entries.ts';
import { LoaderError } from '../errors.ts';
import type { LoadDeps } from './deps.ts';

/** The bad objects found in a batch: object id → why it is not loaded. Empty when none could be named. */
export type BadFiles = Map<string, NotLoaded>;

/**
 * What finding the bad files of one batch needs: a token prefix of its own, the deadline, and how many transactions the search
 * may still spend. The budget is shared by all searches of a batch, so that no failure leads to a transaction per object.
 */
export type FileSearch = { deps: LoadDeps; attemptId: string; deadlineMs: number; budget: Budget };

export type Budget = { left: number };

/** Transactions that all searches of one batch may spend: two bad files among 5,000 take 50 by halving. */
export const SEARCH_BUDGET = 64;

/** Takes one transaction out of the budget. @throws LoaderError when none is left, or no time. */
export function spend(budget: Budget, deps: LoadDeps, deadlineMs: number): void {
  const hint = 'The rest of the batch is tried again by itself';
  if (deps.clock.now() >= deadlineMs) throw new LoaderError('deadline', 'no time is left to find the bad files', hint);
  budget.left -= 1;
  if (budget.left < 0) {
    throw new LoaderError('deadline', `the bad files were not found in ${SEARCH_BUDGET} transactions`, hint);
  }
}

/** A list in two, of which the first is the longer one. */
export function halves<Item>(items: readonly Item[]): [Item[], Item[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

/** A group in two. */
export function groupHalves(group: Group): [Group, Group] {
  const [left, right] = halves(group.objects);
  return [
    { ...group, objects: left },
    { ...group, objects: right },
  ];
}
