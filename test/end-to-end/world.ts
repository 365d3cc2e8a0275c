import { Readable } from 'node:stream';
import { eventRecord } from '../../src/local/s3/notifications.ts';
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import type { Row } from '../../src/ports.ts';
import { World as BareWorld, type InvokeOptions, type Invoked } from '../simulation/world.ts';

/** A bucket, a warehouse and the loader, with notifications kept until the test delivers them. */
export type World = {
  bare: BareWorld;
  put: (key: string, body: string | Buffer) => Promise<void>;
  remove: (key: string) => Promise<void>;
  forbid: (key: string) => void;
  /** The message bodies that the bucket's notifications left since the last call, one object each. */
  takeMessages: () => string[];
  /** One invocation of the loader. */
  deliver: (bodies: readonly string[], options?: InvokeOptions) => Promise<Invoked>;
  rows: (sql: string) => Promise<Row[]>;
  count: (table: string) => Promise<number>;
  /** The state of every key. */
  ledger: () => Promise<Row[]>;
  statusOf: (key: string) => Promise<unknown>;
  /** All rows of the star and the ledger, in order. */
  everything: () => Promise<Row[][]>;
  stop: () => Promise<void>;
};

const TABLES = ['songplays', 'users', 'songs', 'artists', '"time"', 'load_objects', 'load_batches', 'rejected_rows'];
const bucket = LOCAL_NAMES.landingBucket;

/** Starts a world with empty tables. */
export async function createWorld(): Promise<World> {
  const bare = await BareWorld.start();
  const { store } = bare.stack.aws;
  const pending: string[] = [];
  store.onChange((change) => {
    if (change.bucket !== bucket || !change.name.startsWith('ObjectCreated')) return;
    pending.push(JSON.stringify({ Records: [eventRecord(change, LOCAL_NAMES.region, 'landing')] }));
  });
  const rows = (sql: string): Promise<Row[]> =>
    bare.stack.connection.warehouse.query('test', sql, {}, Date.now() + 60_000);
  const ledger = (): Promise<Row[]> => rows('SELECT * FROM sparkify.objects_now ORDER BY key');
  return {
    bare,
    put: async (key, body) => {
      const { file, sizeBytes, md5 } = await store.spool(Readable.from([Buffer.from(body)]));
      const object = { key, file, sizeBytes, etag: md5, owned: true, contentType: '', metadata: {}, at: new Date() };
      await store.put(bucket, object, 'ObjectCreated:Put');
    },
    remove: (key) => store.delete({ bucket, key }),
    forbid: (key) => {
      store.forbid({ bucket, key });
    },
    takeMessages: () => pending.splice(0),
    deliver: (bodies, options) => bare.invoke(bodies, options),
    rows,
    count: async (table) => Number((await rows(`SELECT COUNT(*) AS n FROM sparkify.${table}`))[0]?.n),
    ledger,
    statusOf: async (key) => (await ledger()).find((row) => row.key === key)?.status,
    everything: () => Promise.all(TABLES.map((table) => rows(`SELECT * FROM sparkify.${table} ORDER BY 1, 2, 3`))),
    stop: () => bare.stop(),
  };
}

/** Batches whose account of rows does not close; none, ever. */
export function unclosedBatches(world: World): Promise<Row[]> {
  return world.rows(
    'SELECT * FROM sparkify.load_batches WHERE rows_staged <> rows_merged + rows_duplicate + rows_skipped + rows_rejected',
  );
}
