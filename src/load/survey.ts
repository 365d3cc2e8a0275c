import type { Row } from '../ports.ts';
import type { Source } from '../objects/source.ts';
import type { Survey, TimeRange } from './ranges.ts';

/** What staging a batch found out: the rows of common/49-survey-report. */
export type BatchSurvey = {
  rejectedRows: number;
  /** Source name → the times it touches in the large tables; absent when it touches none. */
  times: ReadonlyMap<string, Survey>;
};

/**
 * When the ledger was asked what to load: the number of the newest batch it knew, and the time before the question, epoch
 * milliseconds. What a load reads, or finds wrong with an object, is not older; what later batches recorded may be newer.
 */
export type Asked = { batchNo: number; atMs: number };

/**
 * A batch in the temporary tables of a session, with what was found there. In epoch milliseconds: `startedMs` is when staging began,
 * `aliveUntilMs` how long the session is there if nobody uses it.
 */
export type Staged = {
  sessionId: string;
  sources: readonly Source[];
  survey: BatchSurvey;
  startedMs: number;
  aliveUntilMs: number;
};

/**
 * Reads the survey's rows.
 * @throws Error when they are not what common/49-survey-report should return.
 */
export function readSurvey(rows: readonly Row[]): BatchSurvey {
  const named = (what: string): { source: string; range: TimeRange }[] =>
    rows
      .filter((row) => row.what === what)
      .map(({ source, low, high }) => ({ source: String(source), range: { fromMs: whole(low), toMs: whole(high) } }));
  const gaps = named('gap');
  const times = named('span').map(({ source, range }) => {
    const own = gaps.flatMap((gap) => (gap.source === source ? [gap.range] : []));
    return [source, { whole: range, gaps: own }] as const;
  });
  const rejectedRows = named('rejected').reduce((sum, { range }) => sum + range.fromMs, 0);
  return { rejectedRows, times: new Map(times) };
}

function whole(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new Error(`the survey has ${JSON.stringify(value)} where a whole number belongs`);
}
