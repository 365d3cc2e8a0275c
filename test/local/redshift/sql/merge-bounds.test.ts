import fc from '../../../support/fast-check.ts';
import { SmallWarehouse } from '../small-warehouse.ts';

/**
 * MERGE with literals that bound its target, against a model of it: rows match where all keys are equal and all bounds hold for
 * the target's row, NULL equals nothing, and a row of the source whose match lies outside the bounds is a new one.
 */
type Row = { k: number | null; at: string | null; v: number | null };
type Bound = { text: string; holds: (row: Row) => boolean };
type Tail = 'update' | 'delete' | 'remove duplicates';

const days = ['2018-11-01', '2018-11-02', '2018-11-03', '2018-11-04'];
const row = fc.record<Row>({
  k: fc.option(fc.integer({ min: 0, max: 4 })),
  at: fc.option(fc.constantFrom(...days)),
  v: fc.option(fc.integer({ min: -2, max: 2 })),
});

const comparisons: Record<string, (one: string | number, other: string | number) => boolean> = {
  '=': (one, other) => one === other,
  '<>': (one, other) => one !== other,
  '!=': (one, other) => one !== other,
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
};

const day = fc
  .constantFrom(...days)
  .chain((value) =>
    fc.constantFrom(`TIMESTAMP '${value} 00:00:00'`, `DATE '${value}'`, `'${value}'`).map((text) => ({ value, text })),
  );
const number = fc.integer({ min: -2, max: 4 }).map((value) => ({ value, text: String(value) }));
const literals = { k: number, v: number, at: day };

const bound: fc.Arbitrary<Bound> = fc.constantFrom('k' as const, 'v' as const, 'at' as const).chain((column) => {
  const literal: fc.Arbitrary<{ value: string | number; text: string }> = literals[column];
  const compared = fc
    .tuple(fc.constantFrom(...Object.keys(comparisons)), literal)
    .map(([operator, { value, text }]) => ({
      text: `kept.${column} ${operator} ${text}`,
      holds: (of: Row) => of[column] !== null && comparisons[operator]?.(of[column], value) === true,
    }));
  const between = fc.tuple(literal, literal).map(([low, high]) => ({
    text: `kept.${column} BETWEEN ${low.text} AND ${high.text}`,
    holds: (of: Row) => of[column] !== null && of[column] >= low.value && of[column] <= high.value,
  }));
  return fc.oneof(compared, between);
});

const cases = fc.record({
  kept: fc.array(row, { maxLength: 6 }),
  given: fc.array(row, { maxLength: 4 }),
  keys: fc.constantFrom<(keyof Row)[]>(['k'], ['at'], ['k', 'at']),
  bounds: fc.array(bound, { maxLength: 3 }),
  tail: fc.constantFrom<Tail>('update', 'update', 'delete', 'remove duplicates'),
  /** Where the bounds stand among the keys, and which parts have parentheses. */
  order: fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
});

/** What the model says: the rows that are kept, or undefined for `Found multiple matches`. */
function merged({ kept, given, keys, bounds, tail }: Omit<Case, 'order'>): Row[] | undefined {
  const matches = (one: Row, other: Row): boolean =>
    keys.every((key) => one[key] !== null && one[key] === other[key]) && bounds.every(({ holds }) => holds(one));
  const isMatched = (one: Row): boolean => given.some((other) => matches(one, other));
  const added = given.filter((other) => !kept.some((one) => matches(one, other)));
  if (tail === 'remove duplicates') return [...kept.filter((one) => !isMatched(one)), ...given];
  if (kept.some((one) => given.filter((other) => matches(one, other)).length > 1)) return undefined;
  if (tail === 'delete') return [...kept.filter((one) => !isMatched(one)), ...added];
  const updated = kept.map((one) => ({ ...one, v: (given.find((other) => matches(one, other)) ?? one).v }));
  return [...updated, ...added];
}

type Case = { kept: Row[]; given: Row[]; keys: (keyof Row)[]; bounds: Bound[]; tail: Tail; order: number[] };

function statement({ keys, bounds, tail, order }: Case): string {
  const parts = [...keys.map((key) => `kept.${key} = g.${key}`), ...bounds.map(({ text }) => text)]
    .map((text, index) => ({ text: (order[index] ?? 0) % 2 ? `(${text})` : text, place: order[index] ?? 0 }))
    .sort((one, other) => one.place - other.place)
    .map(({ text }) => text);
  const on = (order[5] ?? 0) % 2 ? `(${parts.join(' AND ')})` : parts.join(' AND ');
  const action = tail === 'delete' ? 'DELETE' : 'UPDATE SET v = g.v';
  const whens = `WHEN MATCHED THEN ${action} WHEN NOT MATCHED THEN INSERT (k, at, v) VALUES (g.k, g.at, g.v)`;
  return `MERGE INTO kept USING given AS g ON ${on} ${tail === 'remove duplicates' ? 'REMOVE DUPLICATES' : whens}`;
}

const sorted = (rows: Row[]): string[] => rows.map(({ k, at, v }) => JSON.stringify([k, at, v])).sort();

let warehouse: SmallWarehouse;
beforeEach(async () => {
  warehouse = await SmallWarehouse.open(`
    CREATE TABLE kept (k integer, at timestamp, v integer) SORTKEY (at);
    CREATE TEMP TABLE given (k integer, at timestamp, v integer)`);
});
afterEach(() => {
  warehouse.close();
});

async function fill(table: string, rows: Row[]): Promise<void> {
  await warehouse.run(`DELETE FROM ${table}`);
  const shown = rows.map(({ k, at, v }) => `(${String(k)}, ${at === null ? 'NULL' : `'${at}'`}, ${String(v)})`);
  if (shown.length > 0) await warehouse.run(`INSERT INTO ${table} VALUES ${shown.join(', ')}`);
}

const keptRows = async (): Promise<Row[]> =>
  (await warehouse.run(`SELECT k, CAST(CAST(at AS date) AS varchar) AS at, v FROM kept`)) as Row[];

test('a MERGE with bounds does what the model says, and nothing where two rows match one', async () => {
  let failed = 0;
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      await fill('kept', one.kept);
      await fill('given', one.given);
      const expected = merged(one);
      const outcome = await warehouse.run(statement(one)).then(
        () => 'done',
        (error: unknown) => (error as Error).message,
      );
      if (expected === undefined) failed += 1;
      expect(outcome).toBe(expected ? 'done' : 'Found multiple matches to update the same tuple.');
      expect(sorted(await keptRows())).toEqual(sorted(expected ?? one.kept));
    }),
    { numRuns: 400 },
  );
  expect(failed).toBeGreaterThan(0);
}, 60_000);

test('a bound lets the engine read the rows within it, and few others', async () => {
  // Keys without any order: the engine's own filter, the least and greatest key of the source, leaves nothing out.
  await warehouse.connection.run(
    `INSERT INTO public.kept SELECT (i * 7919) % 1000003, TIMESTAMP '2018-01-01' + i * INTERVAL '1 minute', 0 FROM range(1000000) AS t (i)`,
  );
  await warehouse.connection.run(
    `INSERT INTO given SELECT k, "at", 1 FROM public.kept WHERE "at" BETWEEN '2019-02-01' AND '2019-02-02'`,
  );
  const within = `kept.at BETWEEN TIMESTAMP '2019-02-01 00:00:00' AND TIMESTAMP '2019-02-02 00:00:00'`;
  const merge = (on: string): string =>
    `MERGE INTO kept USING given ON kept.k = given.k AND ${on} WHEN MATCHED THEN UPDATE SET v = given.v
     WHEN NOT MATCHED THEN INSERT (k, at, v) VALUES (given.k, given.at, given.v)`;
  for (const part of ['matches', 'duplicates', 'merge'] as const) {
    expect(await rowsRead(merge(within), part)).toBeLessThan(200_000);
  }
  expect(await rowsRead(merge('kept.v <> 5'), 'merge')).toBe(1_000_000);
});

/** How many rows of the target the engine reads for a part of a MERGE, which is undone. */
async function rowsRead(sql: string, part: 'matches' | 'duplicates' | 'merge'): Promise<number> {
  const { plan } = warehouse.translate(sql);
  if (plan.kind !== 'merge') throw new Error('This is no MERGE');
  await warehouse.connection.run('BEGIN');
  const analyzed = await warehouse.connection.runAndReadAll(`EXPLAIN (ANALYZE, FORMAT JSON) ${plan[part]}`);
  await warehouse.connection.run('ROLLBACK');
  return scanned(JSON.parse(String(analyzed.getRows()[0]?.[1])) as Operator);
}

type Operator = { operator_rows_scanned?: number; extra_info?: { Table?: string }; children?: Operator[] };

function scanned({
  operator_rows_scanned: rows = 0,
  extra_info: { Table: table } = {},
  children = [],
}: Operator): number {
  const own = table?.endsWith('kept') ? rows : 0;
  return children.reduce((sum, child) => sum + scanned(child), own);
}
