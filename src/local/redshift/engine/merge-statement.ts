import type { DuckDBConnection } from '@duckdb/node-api';
import { SqlError, type MergePlan } from '../types.ts';

/**
 * The engine's statement for a MERGE as the tables are now. Throws SqlError where several source rows match one row of the
 * target; the engine would let the last one win.
 */
export async function mergeStatement(connection: DuckDBConnection, plan: MergePlan): Promise<string> {
  const gives = async (query: string): Promise<boolean> => (await connection.run(query)).rowCount > 0;
  if (await gives(plan.matches)) {
    if (await gives(plan.duplicates)) throw new SqlError('Found multiple matches to update the same tuple.');
    return plan.merge;
  }
  // The engine's MERGE takes twice as long as its INSERT. What is wrong in the part that is left out must be found all the same.
  (await connection.prepare(plan.merge)).destroySync();
  return plan.insert;
}
