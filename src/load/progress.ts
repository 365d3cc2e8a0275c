import type { NotLoaded } from '../ledger/entries.ts';
import type { Source, Candidate } from '../objects/source.ts';

/** A batch being loaded: what remains, what cannot be loaded, and how often it was tried. */
export type BatchProgress = {
  batchId: string;
  objects: readonly Candidate[];
  notLoaded: Map<string, NotLoaded>;
  /** Counts the transactions known to be rolled back, so that each new one gets its own token. */
  token: number;
  retries: number;
  searches: number;
  /** Failures after COPY with only one object left to load. */
  failuresAlone: number;
  /** The files with rejected rows are known. */
  rejectionsFound: boolean;
  /** Sources whose steps run although none of their files is copied. */
  emptySources: readonly Source[];
};

/** The progress of a new batch. */
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

/** The objects still to be loaded. */
export function remaining({ objects, notLoaded }: BatchProgress): Candidate[] {
  return objects.filter(({ objectId }) => !notLoaded.has(objectId));
}
