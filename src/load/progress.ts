import type { NotLoaded } from '../ledger/entries.ts';
import type { Source, Candidate } from '../objects/source.ts';

/** One batch on its way: what is still to be loaded, what cannot be, and how often it was tried. */
export type BatchProgress = {
  batchId: string;
  objects: readonly Candidate[];
  notLoaded: Map<string, NotLoaded>;
  /** Numbers the transactions known to be rolled back, so that each new one has a token of its own. */
  token: number;
  retries: number;
  searches: number;
  /** Failures behind COPY while nothing but one object was left to load. */
  failuresAlone: number;
  /** It is known which files the rejected rows are of. */
  rejectionsFound: boolean;
  /** Sources whose steps run although no file of theirs is copied. */
  emptySources: readonly Source[];
};

/** A batch of which nothing was tried yet. */
export function beginProgress(
  batchId: string,
  objects: readonly Candidate[],
  notLoaded: ReadonlyMap<string, NotLoaded>,
  rejectionsFound = false,
): BatchProgress {
  return {
    batchId,
    objects,
    notLoaded: new Map(notLoaded),
    token: 1,
    retries: 0,
    searches: 0,
    failuresAlone: 0,
    rejectionsFound,
    emptySources: [],
  };
}

/** What is still to be loaded. */
export function remaining({ objects, notLoaded }: BatchProgress): Candidate[] {
  return objects.filter(({ objectId }) => !notLoaded.has(objectId));
}
