import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { quote } from './exact-read.ts';

/** A database of its own (`name`, quoted) on a connection of its own: an error in it leaves the session's transaction alone. */
export type Scratch = {
  name: string;
  work: DuckDBConnection;
  /** Whether its rows are used beyond the COPY, so that the session frees it. */
  isKept: boolean;
  free: () => Promise<void>;
};

/** Runs `use` with a new scratch database and removes it afterwards, unless it is kept. `use` is interrupted when the signal is aborted. */
export async function inScratch<Result>(
  { instance, queryId, signal }: { instance: DuckDBInstance; queryId: number; signal: AbortSignal },
  use: (scratch: Scratch) => Promise<Result>,
): Promise<Result> {
  const work = await instance.connect();
  const name = quote(`copy_scratch_${queryId}`);
  const free = async (): Promise<void> => {
    try {
      await work.run(`DETACH ${name}`);
    } finally {
      work.closeSync();
    }
  };
  const scratch: Scratch = { name, work, isKept: false, free };
  const interrupt = (): void => {
    work.interrupt();
  };
  await work.run(`ATTACH ':memory:' AS ${name}`);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    return await use(scratch);
  } finally {
    signal.removeEventListener('abort', interrupt);
    if (!scratch.isKept) await free();
  }
}
