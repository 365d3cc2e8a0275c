/** Deliberate mistakes of the loader itself, made around its transactions: what it would submit, or believe, if it had them. */
import type { Row, TransactionResult, Warehouse } from '../../src/ports.ts';
import type { Statement } from '../../src/sql/statement.ts';
import type { AroundStep } from '../support/load-steps.ts';

const LAST_BATCH = 'SELECT COALESCE(MAX(batch_no), 0) AS seen FROM sparkify.load_batches';
const PATIENCE_MS = 60_000;

/** The statements of each merge are others. */
export function rewriting(rewrite: (statements: readonly Statement[]) => readonly Statement[]): AroundStep {
  return (step, submit) => submit(step.name === 'merge' ? rewrite(step.statements) : step.statements);
}

const IN_RANGE = / (\d+)$/;

/** Without those of the last range, where there are several. */
export function withoutLastRange(statements: readonly Statement[]): readonly Statement[] {
  return statements.filter(({ name }) => {
    const number = Number(IN_RANGE.exec(name)?.[1] ?? 0);
    const next = name.replace(IN_RANGE, ` ${number + 1}`);
    return number < 2 || statements.some((one) => one.name === next);
  });
}

const BOUNDS = /BETWEEN (TIMESTAMP '[^']+') AND (TIMESTAMP '[^']+')/g;

/** With ranges that leave out their first millisecond. */
export function beginningLate(statements: readonly Statement[]): readonly Statement[] {
  return statements.map((one) => ({ ...one, text: one.text.replace(BOUNDS, inMerge(one, `${later(1)} AND $2`)) }));
}

/** With ranges that leave out their last millisecond. */
export function endingEarly(statements: readonly Statement[]): readonly Statement[] {
  return statements.map((one) => ({
    ...one,
    text: one.text.replace(BOUNDS, inMerge(one, `$1 AND ${later(-1, '$2')}`)),
  }));
}

function later(milliseconds: number, bound = '$1'): string {
  return `DATEADD(ms, ${milliseconds}, ${bound})`;
}

/** The condition of a MERGE takes literals only, so it keeps its bound. */
function inMerge({ text }: Statement, bounds: string): string {
  return /^(?:--[^\n]*\n)*MERGE/.test(text) ? '$&' : `BETWEEN ${bounds}`;
}

/** The last batch seen is asked for when the batch has been copied. */
export function seenLate(warehouse: Warehouse): AroundStep {
  return async (step, submit) => {
    const result = await submit(step.statements);
    return step.name === 'stage' ? withSeen(result, await lastBatch(warehouse)) : result;
  };
}

/** The last batch seen is asked for with each survey of a batch that stays as it was copied. */
export function seenAnew(warehouse: Warehouse): AroundStep {
  return async (step, submit) => {
    const result = await submit(step.statements);
    return step.name === 'survey' ? withSeen(result, await lastBatch(warehouse)) : result;
  };
}

/** A later survey is not looked at: the first one's rows are. */
export function surveyKept(): AroundStep {
  let first: Row[] = [];
  return async (step, submit) => {
    const result = await submit(step.statements);
    if (result.kind !== 'committed') return result;
    if (step.name === 'stage') first = result.rows;
    return step.name === 'survey' ? { ...result, rows: first } : result;
  };
}

/** A batch is staged once, even if its session is gone. */
export function stagingKept(): AroundStep {
  let first: TransactionResult | undefined;
  return async (step, submit) => {
    if (step.name !== 'stage') return submit(step.statements);
    first ??= await submit(step.statements);
    return first;
  };
}

async function lastBatch(warehouse: Warehouse): Promise<number> {
  const [row] = await warehouse.query('last batch', LAST_BATCH, {}, Date.now() + PATIENCE_MS);
  return Number(row?.seen);
}

function withSeen(result: TransactionResult, seen: number): TransactionResult {
  if (result.kind !== 'committed') return result;
  return { ...result, rows: result.rows.map((row) => (row.what === 'seen' ? { ...row, low: seen, high: seen } : row)) };
}
