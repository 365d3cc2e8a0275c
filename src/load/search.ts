import type { NotLoaded } from '../ledger/entries.ts';
import { LoaderError } from '../errors.ts';
import type { LoadDeps } from './deps.ts';
import type { Group } from './batches.ts';

/** The bad objects found in a batch: object id → why it is not loaded. Empty when none was identified. */
export type BadFiles = Map<string, NotLoaded>;

/**
 * What a search for bad files needs: its own token prefix, the deadline, and a budget of tries. All searches of a
 * batch share the budget, so that no failure leads to a transaction per object.
 */
export type FileSearch = { deps: LoadDeps; attemptId: string; deadlineMs: number; budget: SearchBudget };

export type SearchBudget = {
  left: number;
  /** The load errors of this batch were waited for in vain; the next search does not wait again. */
  errorsAbsent?: true;
};

/** Tries that all searches of one batch may use: halving finds two bad files among 5,000 in 50. */
export const SEARCH_BUDGET = 64;

/** Takes one try from the budget. @throws LoaderError when the budget or the time is exhausted. */
export function spend(budget: SearchBudget, deps: LoadDeps, deadlineMs: number): void {
  const hint = 'The rest of the batch is retried automatically';
  if (deps.clock.now() >= deadlineMs) throw new LoaderError('deadline', 'no time is left to find the bad files', hint);
  budget.left -= 1;
  if (budget.left < 0) {
    throw new LoaderError('deadline', `the bad files were not found within ${SEARCH_BUDGET} tries`, hint);
  }
}

/** A list in two, of which the first is the longer one. */
export function halves<Item>(items: readonly Item[]): [Item[], Item[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

/** Splits a group in two. */
export function groupHalves(group: Group): [Group, Group] {
  const [left, right] = halves(group.objects);
  return [
    { ...group, objects: left },
    { ...group, objects: right },
  ];
}
