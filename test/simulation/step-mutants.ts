/** Deliberate mistakes of the loader itself, made around its transactions: what it would submit, or believe, if it had them. */
import type { Row, TransactionResult, Warehouse } from '../../src/ports.ts';
import type { Statement } from '../../src/sql/statement.ts';
import type { AroundStep, LoadStep } from '../support/load-steps.ts';

const LAST_BATCH = 'SELECT COALESCE(MAX(batch_no), 0) AS asked FROM sparkify.load_batches';
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

/** What others recorded until the batch was copied counts as known. */
export function askedLate(warehouse: Warehouse): AroundStep {
  return askedAfter('stage', warehouse);
}

/** What others recorded until the last survey counts as known, although the batch stays as it was copied. */
export function askedAnew(warehouse: Warehouse): AroundStep {
  return askedAfter('survey', warehouse);
}

function askedAfter(name: LoadStep['name'], warehouse: Warehouse): AroundStep {
  let asked: number | undefined;
  return async (step, submit) => {
    const guarded = step.statements.map((one) => ({
      ...one,
      text: asked === undefined ? one.text : one.text.replace(/o\.batch_no > \d+/, `o.batch_no > ${asked}`),
    }));
    const result = await submit(step.name === 'merge' ? guarded : step.statements);
    if (step.name === name) asked = await lastBatch(warehouse);
    return result;
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
  return Number(row?.asked);
}
