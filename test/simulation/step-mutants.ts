/** Deliberate mistakes of the loader itself, made around its transactions: what it would submit, or believe, if it had them. */
import type { Row, TransactionResult, Warehouse } from '../../src/ports.ts';
import type { Statement } from '../../src/sql/statement.ts';
import { timestampText } from '../../src/sql/timestamp-text.ts';
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

const BOUNDS = /BETWEEN TIMESTAMP '([^']+)' AND TIMESTAMP '([^']+)'/g;
/** A range begins a millisecond before its first play, so that one that begins two later leaves it out. */
const LATE_MS = 2;
const EARLY_MS = -1;

/** With ranges that leave out their first play; in MERGE only, or everywhere. */
export function beginningLate(statements: readonly Statement[], which = ANY): readonly Statement[] {
  return moved(statements, which, LATE_MS, 0);
}

/** With ranges that leave out their last play; in MERGE only, or everywhere. */
export function endingEarly(statements: readonly Statement[], which = ANY): readonly Statement[] {
  return moved(statements, which, 0, EARLY_MS);
}

const ANY = /./;
/** The statement that merges plays. */
export const MERGE_OF_PLAYS = /78-merge-songplays/;

function moved(statements: readonly Statement[], which: RegExp, from: number, to: number): readonly Statement[] {
  return statements.map((one) => {
    if (!which.test(one.name)) return one;
    const text = one.text.replace(
      BOUNDS,
      (_, low: string, high: string) => `BETWEEN TIMESTAMP '${later(low, from)}' AND TIMESTAMP '${later(high, to)}'`,
    );
    return { ...one, text };
  });
}

function later(literal: string, milliseconds: number): string {
  return timestampText(Date.parse(`${literal.slice(0, 23).replace(' ', 'T')}Z`) + milliseconds);
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
