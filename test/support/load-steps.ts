/** The transactions of a load as they leave the loader: watched, counted, and held, changed or lost where a test says so. */
import type { Row, SessionUse, TransactionResult, Warehouse } from '../../src/ports.ts';
import type { Statement } from '../../src/sql/statement.ts';

/** One transaction of a load: to stage, to survey again, or to merge. `sessionId` is absent where it opens a session. */
export type LoadStep = { name: 'stage' | 'survey' | 'merge'; sessionId?: string; statements: readonly Statement[] };

/** Stands around each transaction of a load: it may wait before and after, change the statements, or answer in another way. */
export type AroundStep = (
  step: LoadStep,
  submit: (statements: readonly Statement[]) => Promise<TransactionResult>,
) => Promise<TransactionResult>;

/** How often loads took each step, and what made them take one again. */
export type StepCounts = {
  staged: number;
  merged: number;
  surveyedAgain: number;
  /** Merges stopped because another load had recorded an object. */
  unchangedHits: number;
  /** Merges stopped because another load had moved plays to heal. */
  coveredHits: number;
  conflicts: number;
  sessionsLost: number;
  /** Ranges of committed merges, of both sources; and merges that had several of one source. */
  ranges: number;
  inSeveralRanges: number;
};

/** Nothing counted yet. */
export function noSteps(): StepCounts {
  return {
    staged: 0,
    merged: 0,
    surveyedAgain: 0,
    unchangedHits: 0,
    coveredHits: 0,
    conflicts: 0,
    sessionsLost: 0,
    ranges: 0,
    inSeveralRanges: 0,
  };
}

/** Adds to each count of a sum the one of the same name. */
export function addCounts<Name extends string>(
  sum: Record<Name, number>,
  more: Readonly<Partial<Record<Name, number>>>,
): void {
  for (const name of Object.keys(sum) as Name[]) sum[name] += more[name] ?? 0;
}

const STEP = /^sparkify (stage|survey|merge) /;
/** One of these runs for each range of a source. */
const RANGE = /^(?:events\/78-merge-songplays|songs\/69-heal-plays) (\d+)$/;

/** A warehouse whose transactions of loads pass through here. */
export class WatchedWarehouse implements Warehouse {
  readonly #inner: Warehouse;
  readonly #steps: StepCounts;
  readonly #around: AroundStep;

  constructor(inner: Warehouse, steps: StepCounts, around: AroundStep = (step, submit) => submit(step.statements)) {
    this.#inner = inner;
    this.#steps = steps;
    this.#around = around;
  }

  query(name: string, text: string, parameters: Readonly<Record<string, string>>, deadlineMs: number): Promise<Row[]> {
    return this.#inner.query(name, text, parameters, deadlineMs);
  }

  inSession(...of: Parameters<Warehouse['inSession']>): ReturnType<Warehouse['inSession']> {
    return this.#inner.inSession(...of);
  }

  systemIds(...of: Parameters<Warehouse['systemIds']>): ReturnType<Warehouse['systemIds']> {
    return this.#inner.systemIds(...of);
  }

  async transaction(
    name: string,
    statements: readonly Statement[],
    parameters: Readonly<Record<string, string>>,
    token: string,
    deadlineMs: number,
    session?: SessionUse,
  ): Promise<TransactionResult> {
    const submit = (some: readonly Statement[]): Promise<TransactionResult> =>
      this.#inner.transaction(name, some, parameters, token, deadlineMs, session);
    const step = STEP.exec(name)?.[1] as LoadStep['name'] | undefined;
    if (step === undefined) return submit(statements);
    const known = session !== undefined && 'sessionId' in session ? { sessionId: session.sessionId } : {};
    const result = await this.#around({ name: step, statements, ...known }, submit);
    this.#count(step, statements, result);
    return result;
  }

  #count(step: LoadStep['name'], statements: readonly Statement[], result: TransactionResult): void {
    const steps = this.#steps;
    if (result.kind !== 'committed') {
      const guard = result.kind === 'failed' ? result.statement?.guard : undefined;
      const stopped = /divi(sion|de) by zero/i.test(result.error.message);
      if (guard === 'unchanged' && stopped) steps.unchangedHits += 1;
      if (guard === 'covered' && stopped) steps.coveredHits += 1;
      if (result.error.code === 'conflict') steps.conflicts += 1;
      if (result.error.code === 'session') steps.sessionsLost += 1;
      return;
    }
    if (step === 'stage') steps.staged += 1;
    if (step === 'survey') steps.surveyedAgain += 1;
    if (step !== 'merge') return;
    const ranges = statements.flatMap((one) => RANGE.exec(one.name)?.[1] ?? []);
    steps.merged += 1;
    steps.ranges += ranges.length;
    if (ranges.includes('2')) steps.inSeveralRanges += 1;
  }
}
