/** What the tests of `trace` share: rows of a star to trace, what each batch loaded, and bodies that are read once. */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Connection } from '../../src/ports.ts';
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import type { LoadedBatch, Origins } from '../support/oracle-places.ts';
import type { TestStack } from '../support/stack.ts';

export type Table = keyof Origins;

/** What `trace --json` says of a row's origin. */
export type Answer = {
  found: boolean;
  exact: boolean;
  complete: boolean;
  winner: { url: string; line: number; object: number; batchNo: number } | null;
  losers: { url: string; line: number; why: string }[];
  unread: { url: string; why: string }[];
};

/** The questions that give the keys of each table, as the oracle spells them. */
const KEYS: Readonly<Record<Table, string>> = {
  songplays:
    "SELECT DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', start_time) || ' ' || session_id || ' ' || item_in_session AS k",
  users: 'SELECT user_id AS k',
  songs: 'SELECT song_id AS k',
  artists: 'SELECT artist_id AS k',
  time: "SELECT CAST(DATEDIFF(ms, TIMESTAMP '1970-01-01 00:00:00', start_time) AS VARCHAR(20)) AS k",
};

/** All keys of a table, in order. */
export async function keysOf(stack: TestStack, table: Table): Promise<string[]> {
  const rows = await stack.rows(`${KEYS[table]} FROM ${stack.schema}."${table}" ORDER BY 1`);
  return rows.map(({ k }) => String(k));
}

/** Runs the command on a key of the oracle's spelling. */
export async function traceKey(
  stack: TestStack,
  table: Table,
  key: string,
  connection: Connection = stack.connection,
): Promise<{ answer: Answer; code: number }> {
  const words = table === 'songplays' ? key.split(' ') : [key];
  // Behind `--` a time before 1970 is no option.
  const { out, err, code } = await stack.run(['trace', '--json', '--yes', '--', table, ...words], { connection });
  if (out === '') throw new Error(`nothing was printed; exit ${code}: ${err}`);
  return { answer: JSON.parse(out) as Answer, code };
}

/** The same connection, which reads each content of an object once and remembers it. */
export function remembering(connection: Connection): Connection {
  const known = new Map<string, Promise<{ etag: string; chunks: Uint8Array[] }>>();
  const { objects } = connection;
  const fetch = async (bucket: string, key: string) => {
    const { etag, body } = await objects.read(bucket, key);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return { etag, chunks };
  };
  return {
    ...connection,
    objects: {
      put: (...args) => objects.put(...args),
      get: (...args) => objects.get(...args),
      head: (...args) => objects.head(...args),
      readStart: (...args) => objects.readStart(...args),
      list: (...args) => objects.list(...args),
      read: async (bucket, key) => {
        const reading = known.get(`${bucket}/${key}`) ?? fetch(bucket, key);
        known.set(`${bucket}/${key}`, reading);
        const { etag, chunks } = await reading;
        return { etag, body: stream(chunks) };
      },
    },
  };
}

async function* stream(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield* chunks;
}

/** The contents that were written, by etag. */
export class Contents {
  readonly #bodies = new Map<string, string>();

  /** Writes an object, compressed if its key says so. */
  async put(stack: TestStack, key: string, body: string): Promise<void> {
    const bytes = key.endsWith('.gz') && body !== '' ? gzipSync(body) : Buffer.from(body);
    this.#bodies.set(createHash('md5').update(bytes).digest('hex'), body);
    await stack.put(key, bytes);
  }

  /** What each batch loaded, by the ledger's own rows. */
  async batches(stack: TestStack): Promise<LoadedBatch[]> {
    const rows = await stack.rows(
      `SELECT batch_no, key, etag FROM ${stack.schema}.load_objects WHERE status = 'loaded' ORDER BY batch_no, key`,
    );
    const batches = new Map<number, LoadedBatch>();
    for (const { batch_no, key, etag } of rows) {
      const batchNo = Number(batch_no);
      const body = this.#bodies.get(String(etag));
      if (body === undefined) throw new Error(`${String(key)} was loaded with a content that nobody wrote`);
      const batch = batches.get(batchNo) ?? { batchNo, files: [] };
      batch.files.push({ key: String(key), body });
      batches.set(batchNo, batch);
    }
    return [...batches.values()];
  }
}

/** The text that an object holds now. */
export async function bodyNow(stack: TestStack, key: string): Promise<string> {
  const { body } = await stack.connection.objects.read(LOCAL_NAMES.landingBucket, key);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return (key.endsWith('.gz') && bytes.length > 0 ? gunzipSync(bytes) : bytes).toString();
}

/** The URL of an object of the landing bucket. */
export function urlOf(key: string): string {
  return `s3://${LOCAL_NAMES.landingBucket}/${key}`;
}
