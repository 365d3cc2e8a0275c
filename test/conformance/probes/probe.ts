import type { Area } from '../belief.ts';
import type { World } from '../world.ts';

/**
 * A question that only a cluster can answer. `believed` is what the product counts on; without it the answer is recorded and shown,
 * and nothing is judged. An answer is one line.
 */
export type Probe = {
  area: Area;
  name: string;
  source: string | undefined;
  believed?: string;
  ask: (world: World) => Promise<string>;
};

/** How long a session is kept that a probe opens, in seconds. */
const KEEP_SECONDS = 60;

/** Opens a session and runs statements in it; gives its id. @throws Error with the warehouse's text */
export async function openSession({ api, schema }: World, ...statements: string[]): Promise<string> {
  const { sessionId, Status, text } = await api.batch([`SET search_path TO ${schema}`, ...statements], {
    SessionKeepAliveSeconds: KEEP_SECONDS,
  });
  if (Status !== 'FINISHED' || sessionId === undefined) throw new Error(`no session was kept: ${text}`);
  return sessionId;
}

/** Ends a session. */
export async function endSession({ api }: World, SessionId: string): Promise<void> {
  await inSession(() => api.run('SELECT 1', { SessionId, SessionKeepAliveSeconds: 0 }));
}

/** How long a session may be busy with its last statement although that has ended, in milliseconds. */
const BUSY_MS = 10_000;

/** Makes a call in a session, again while the session is not free; a session is busy a little longer than its statement. */
export async function inSession<T>(call: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + BUSY_MS; ;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ValidationException' || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** A row on one line. */
export const line = (row: object | undefined): string =>
  Object.entries(row ?? { rows: 0 })
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
