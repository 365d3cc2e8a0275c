/** What two warehouses must agree on: the rows of the five tables, as one number each. */
import { DuckDBInstance } from '@duckdb/node-api';
import { STAR_TABLES, starColumns } from '../support/star-columns.ts';

/** Rows and the sum of their hashes, by table. */
export type StarChecks = Record<string, { rows: number; hash: string }>;

/** Reads the checks of the star in a DuckDB file. The columns are cast alike, so that only their values count. */
export async function starChecks(file: string, schema: string): Promise<StarChecks> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const checks: StarChecks = {};
  for (const table of STAR_TABLES) {
    const texts = starColumns(table).map(({ name }) => `CAST("${name}" AS VARCHAR)`);
    const found = await connection.runAndReadAll(
      `SELECT CAST(count(*) AS DOUBLE), CAST(coalesce(sum(hash(${texts.join(', ')})), 0) AS VARCHAR) FROM "${schema}"."${table}"`,
    );
    const [rows, hash] = found.getRows()[0] ?? [];
    checks[table] = { rows: Number(rows), hash: String(hash) };
  }
  connection.closeSync();
  instance.closeSync();
  return checks;
}
