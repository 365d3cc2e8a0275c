/** How old an object was when its rows were committed, as the ledger has it. */
import { DuckDBInstance } from '@duckdb/node-api';

/** Of the batches that were committed in one minute; seconds. */
export type MinuteFreshness = {
  minute: number;
  objects: number;
  batches: number;
  p50: number;
  p95: number;
  p99: number;
};

/** Asks the warehouse file of a stack that has ended, by minutes since the first commit. */
export async function freshnessByMinute(warehouseFile: string): Promise<MinuteFreshness[]> {
  const instance = await DuckDBInstance.create(warehouseFile, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const found = await connection.runAndReadAll(
    `SELECT CAST(minute AS DOUBLE), CAST(count(*) AS DOUBLE), CAST(count(DISTINCT batch_no) AS DOUBLE),
       quantile_cont(seconds, 0.5), quantile_cont(seconds, 0.95), quantile_cont(seconds, 0.99)
     FROM (
       SELECT (epoch_ms(b.committed_at) - min(epoch_ms(b.committed_at)) OVER ()) // 60000 AS minute, b.batch_no,
         (epoch_ms(b.committed_at) - epoch_ms(o.event_time)) / 1000 AS seconds
       FROM sparkify.load_objects AS o JOIN sparkify.load_batches AS b ON b.batch_no = o.batch_no
       WHERE o.status = 'loaded' AND NOT o.replayed)
     GROUP BY minute ORDER BY minute`,
  );
  connection.closeSync();
  instance.closeSync();
  return found.getRows().map((row) => {
    const [minute = 0, objects = 0, batches = 0, p50 = 0, p95 = 0, p99 = 0] = row.map(Number);
    return { minute, objects, batches, p50, p95, p99 };
  });
}
