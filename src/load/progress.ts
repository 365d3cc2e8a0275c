import type { NotLoaded } from '../ledger/entries.ts';
import type { Source, Candidate } from '../objects/source.ts';
import type { Skipped } from './plan.ts';
import type { Asked, Staged } from './survey.ts';

/** A batch being loaded: what remains, what cannot be loaded, how far it is, and how often it was tried. */
export type BatchProgress = {
  batchId: string;
  objects: readonly Candidate[];
  notLoaded: Map<string, NotLoaded>;
  asked: Asked;
  /** Objects that another load recorded meanwhile. */
  skipped: Skipped[];
  /** The temporary tables, once they are filled. */
  staged?: Staged | undefined;
  /** The staged tables are to be surveyed again before they are merged. */
  surveyAgain: boolean;
  /** The session was said to be gone once. */
  sessionMissed: boolean;
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
  asked: Asked,
  rejectionsFound = false,
): BatchProgress {
  return {
    batchId,
    objects,
    notLoaded: new Map(notLoaded),
    asked,
    skipped: [],
    surveyAgain: false,
    sessionMissed: false,
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
