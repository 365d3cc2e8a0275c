/** The columns of the star as the schema has them, so that no test lists them and a new one is seen by every proof. */
import { starTables } from '../../src/schema/relations.ts';
import { readLoadFiles, readSqlFiles, readTables } from '../../src/sql/files.ts';

/** A column and what its values are to a comparison. */
export type StarColumn = { name: string; kind: 'text' | 'integer' | 'float' | 'instant' };

/** The tables of the star. */
export const STAR_TABLES: readonly string[] = starTables(readSqlFiles('schema'), readLoadFiles());

/** Columns that tell how a row came to be, not what it says: no contents of a bucket decide them. */
const OF_THE_LOAD = ['batch_id'];

const KINDS: readonly (readonly [RegExp, StarColumn['kind']])[] = [
  [/^character/, 'text'],
  [/^(smallint|integer|bigint)/, 'integer'],
  [/^(double precision|real)/, 'float'],
  [/^timestamp/, 'instant'],
];

/** The columns of a table of the star that the contents of the bucket decide, in their order. */
export function starColumns(table: string): StarColumn[] {
  const columns = readTables().tables[table];
  if (columns === undefined) throw new Error(`there is no table ${table}`);
  return Object.entries(columns)
    .filter(([name]) => !OF_THE_LOAD.includes(name))
    .map(([name, type]) => {
      const kind = KINDS.find(([form]) => form.test(type))?.[1];
      if (kind === undefined) throw new Error(`${table}.${name} is ${type}, which no comparison knows yet`);
      return { name, kind };
    });
}
