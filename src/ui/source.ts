import type {
  Batch,
  BatchDetail,
  CostReport,
  DeadLetterList,
  Drop,
  FaultSwitch,
  ObjectLife,
  ObjectList,
  Overview,
  PageEvent,
  PageState,
  QuarantineList,
  QueryResult,
  Setup,
} from './shapes.ts';

/**
 * Where the page's data come from: the local stack, or whatever warehouse and queue the commands reach. Every method may throw
 * LoaderError, which the page shows in words.
 */
export interface UiSource {
  setup(): Setup;
  /** Null before anything was asked. */
  overview(): Promise<Overview | null>;
  /** Reads everything anew, where somebody has to ask for it. */
  ask(): Promise<void>;
  batches(): Promise<Batch[]>;
  batch(batchNo: number): Promise<BatchDetail | null>;
  objects(state: PageState): Promise<ObjectList>;
  life(url: string): Promise<ObjectLife>;
  quarantine(): Promise<QuarantineList>;
  deadLetters(): Promise<DeadLetterList>;
  /** What the last days of loading cost. */
  cost(): Promise<CostReport>;
  query(sql: string): Promise<QueryResult>;
  /** Puts sample files into the bucket, and gives the address of the first; only locally. */
  drop(what: Drop): Promise<{ url: string }>;
  /** Empty where faults cannot be injected. */
  faults(): FaultSwitch[];
  setFault(id: string, on: boolean): void;
  /** Tells of everything from now on, beginning with what is known; gives what ends it. */
  subscribe(listener: (event: PageEvent) => void): () => void;
}
