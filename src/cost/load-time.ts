/** How long a load takes: a fixed part, and what each object and each byte adds. Seconds. */
export type LoadTime = { fixed: number; perObject: number; perByte: number };

/** The seconds of a load. */
export function loadSeconds({ fixed, perObject, perByte }: LoadTime, objects: number, bytes: number): number {
  return fixed + perObject * objects + perByte * bytes;
}

/**
 * Sums over batches, of which a fit by least squares needs no more: `one` is the number of batches, `o` objects, `b` bytes, `t`
 * seconds, and two letters are a product.
 */
export type LoadSums = Readonly<Record<'one' | 'o' | 'b' | 't' | 'oo' | 'ob' | 'bb' | 'ot' | 'bt' | 'tt', number>>;

type Term = 'fixed' | 'perObject' | 'perByte';

/**
 * Fits the load time to batches by least squares. No part can be negative: of all choices of parts whose fit is not, the one with
 * the smallest error is taken. Undefined without batches.
 */
export function fitLoadTime(sums: LoadSums): LoadTime | undefined {
  const products: Record<Term, Record<Term | 'seconds', number>> = {
    fixed: { fixed: sums.one, perObject: sums.o, perByte: sums.b, seconds: sums.t },
    perObject: { fixed: sums.o, perObject: sums.oo, perByte: sums.ob, seconds: sums.ot },
    perByte: { fixed: sums.b, perObject: sums.ob, perByte: sums.bb, seconds: sums.bt },
  };
  if (sums.one === 0) return undefined;
  let best: { error: number; time: LoadTime } | undefined;
  for (const terms of CHOICES) {
    const matrix = terms.map((row) => [...terms.map((column) => products[row][column]), products[row].seconds]);
    const parts = solve(matrix);
    if (parts === undefined || parts.some((part) => part < 0)) continue;
    const error = sums.tt - terms.reduce((sum, term, index) => sum + (parts[index] ?? 0) * products[term].seconds, 0);
    // A further part must explain something: of equal fits the one with fewer parts stays.
    if (best !== undefined && error >= best.error - 1e-9 * sums.tt) continue;
    const of = (term: Term): number => parts[terms.indexOf(term)] ?? 0;
    best = { error, time: { fixed: of('fixed'), perObject: of('perObject'), perByte: of('perByte') } };
  }
  return best?.time;
}

const CHOICES: readonly (readonly Term[])[] = [
  [],
  ['fixed'],
  ['perObject'],
  ['perByte'],
  ['fixed', 'perObject'],
  ['fixed', 'perByte'],
  ['perObject', 'perByte'],
  ['fixed', 'perObject', 'perByte'],
];

/** Where a pivot has lost so much of its size, nothing but rounding is left of it. */
const SINGULAR = 1e-9;

/** Solves linear equations, each a row of coefficients and the right side; undefined where they do not determine a solution. */
function solve(equations: readonly (readonly number[])[]): number[] | undefined {
  const rows = equations.map((row) => [...row]);
  for (const [index, row] of rows.entries()) {
    const pivot = row[index] ?? 0;
    // The diagonal has sums of squares, so elimination in this order is stable.
    if (pivot <= SINGULAR * (equations[index]?.[index] ?? 0)) return undefined;
    for (const other of rows) {
      if (other === row) continue;
      const factor = (other[index] ?? 0) / pivot;
      for (const [column, value] of row.entries()) other[column] = (other[column] ?? 0) - factor * value;
    }
  }
  return rows.map((row, index) => (row.at(-1) ?? 0) / (row[index] ?? 1));
}
