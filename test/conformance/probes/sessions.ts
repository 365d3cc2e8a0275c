/** Sessions, tokens, temporary tables, locks and snapshots: what a load in two transactions stands on. */
import { randomUUID } from 'node:crypto';
import { exceptionText } from '../api.ts';
import { MGMT, DG } from '../fixtures/tables.ts';
import type { World } from '../world.ts';
import { endSession, inSession, openSession, type Probe } from './probe.ts';

const area = 'sessions';
const API_PAGE = `${MGMT}/data-api.html`;
const MCP = 'https://github.com/awslabs/mcp/issues/4587';
const TEMP = 'CREATE TEMP TABLE probed AS SELECT n FROM one';

/** What a call in a session gives: its one value, the text it failed with, or the exception of the call. */
async function answer({ api }: World, SessionId: string, ...statements: string[]): Promise<string> {
  try {
    const { id, Status, text } = await inSession(() => api.batch(statements, { SessionId }));
    if (Status !== 'FINISHED') return text;
    return String(Object.values((await api.rows(`${id}:${statements.length}`))[0] ?? {})[0]);
  } catch (error) {
    return exceptionText(error);
  }
}

/** Makes a table of its own with the number 1 in it. */
async function tableOf({ api, schema }: World): Promise<string> {
  const table = `${schema}.lock_${randomUUID().replaceAll('-', '')}`;
  const { Status, text } = await api.batch([`CREATE TABLE ${table} (n integer)`, `INSERT INTO ${table} VALUES (1)`]);
  if (Status !== 'FINISHED') throw new Error(text);
  return table;
}

/** Locks a table in a session, lets another wait for it, changes the table, commits; gives what the other one saw. */
async function seenAfterWait(
  world: World,
  wait: (table: string) => Promise<{ ended: () => Promise<string> }>,
): Promise<string> {
  const { api } = world;
  const table = await tableOf(world);
  const holder = await openSession(world, 'SELECT 1');
  for (const sql of ['BEGIN', `LOCK ${table}`]) await inSession(() => api.run(sql, { SessionId: holder }));
  const waiter = await wait(table);
  await new Promise((resolve) => setTimeout(resolve, world.isLocal ? 50 : 3000));
  await inSession(() => api.run(`UPDATE ${table} SET n = 2`, { SessionId: holder }));
  await inSession(() => api.run('COMMIT', { SessionId: holder }));
  const seen = await waiter.ended();
  await endSession(world, holder);
  return seen;
}

/** A session that waits for a lock, so that it is busy until `free`. */
async function busySession(world: World): Promise<{ busy: string; free: () => Promise<void> }> {
  const { api } = world;
  const table = await tableOf(world);
  const holder = await openSession(world, 'SELECT 1');
  for (const sql of ['BEGIN', `LOCK ${table}`]) await inSession(() => api.run(sql, { SessionId: holder }));
  const busy = await openSession(world, 'SELECT 1');
  const { id } = await inSession(() => api.submitBatch([`LOCK ${table}`], { SessionId: busy }));
  return {
    busy,
    free: async () => {
      await inSession(() => api.run('ROLLBACK', { SessionId: holder }));
      await api.ended(id);
      await endSession(world, holder);
      await endSession(world, busy);
    },
  };
}

/** Runs a transaction with a token, brings its session into a state, and repeats the call. */
async function repeated(world: World, change: (session: string) => Promise<void>): Promise<string> {
  const { api } = world;
  const table = await tableOf(world);
  const SessionId = await openSession(world, 'SELECT 1');
  const more = { SessionId, ClientToken: randomUUID(), WaitTimeSeconds: 30 };
  const call = () => api.submitBatch([`UPDATE ${table} SET n = n + 1`], more);
  const first = await inSession(call);
  await api.ended(first.id);
  await change(SessionId);
  const again = await call().then(
    ({ id }) => (id === first.id ? 'the first statement' : 'another statement'),
    exceptionText,
  );
  return `${again}, ran ${Number((await api.query(`SELECT n FROM ${table}`))[0]?.n) - 1} time(s)`;
}

export const probes: Probe[] = [
  {
    area,
    name: 'a temporary table is there in the next call of its session',
    source: API_PAGE,
    believed: '1',
    ask: async (world) => answer(world, await openSession(world, TEMP), 'SELECT COUNT(*) FROM probed'),
  },
  {
    area,
    name: 'a failed batch leaves a temporary table as it was before it',
    source: undefined,
    believed: '1',
    ask: async (world) => {
      const session = await openSession(world, TEMP);
      await answer(world, session, 'DELETE FROM probed', 'SELECT 1 / 0');
      return answer(world, session, 'SELECT COUNT(*) FROM probed');
    },
  },
  {
    area,
    name: 'a temporary table of a failed batch is gone',
    source: undefined,
    believed: 'relation "probed" does not exist',
    ask: async (world) => {
      const session = await openSession(world, 'SELECT 1');
      await answer(world, session, TEMP, 'SELECT 1 / 0');
      return answer(world, session, 'SELECT COUNT(*) FROM probed');
    },
  },
  {
    area,
    name: 'LOCK in a session sees what was committed while it waited',
    source: `${DG}/c_serial_isolation.html`,
    believed: '2',
    ask: (world) =>
      seenAfterWait(world, async (table) => {
        const SessionId = await openSession(world, 'SELECT 1');
        await inSession(() => world.api.run('BEGIN', { SessionId }));
        const { id } = await inSession(() => world.api.submit(`LOCK ${table}`, { SessionId }));
        return {
          ended: async () => {
            await world.api.ended(id);
            const select = await inSession(() => world.api.run(`SELECT n FROM ${table}`, { SessionId }));
            const seen = select.Status === 'FINISHED' ? String((await world.api.rows(select.id))[0]?.n) : select.text;
            await inSession(() => world.api.run('ROLLBACK', { SessionId }));
            await endSession(world, SessionId);
            return seen;
          },
        };
      }),
  },
  {
    area,
    name: 'LOCK at the head of a batch sees what was committed while it waited, and may change it',
    source: 'https://github.com/estuary/connectors/pull/5220',
    believed: '3',
    ask: (world) =>
      seenAfterWait(world, async (table) => {
        const { id } = await world.api.submitBatch([
          `LOCK ${table}`,
          `UPDATE ${table} SET n = n + 1`,
          `SELECT n FROM ${table}`,
        ]);
        return {
          ended: async () => {
            const { Status, text } = await world.api.ended(id);
            return Status === 'FINISHED' ? String((await world.api.rows(`${id}:3`))[0]?.n) : text;
          },
        };
      }),
  },
  {
    area,
    name: 'CREATE TEMP TABLE before LOCK takes the snapshot, so that an UPDATE after a wait is refused',
    source: `${DG}/c_serial_isolation.html`,
    ask: (world) =>
      seenAfterWait(world, async (table) => {
        const statements = ['CREATE TEMP TABLE early (n integer)', `LOCK ${table}`, `UPDATE ${table} SET n = n + 1`];
        const { id } = await world.api.submitBatch([...statements, `SELECT n FROM ${table}`]);
        return {
          ended: async () => {
            const { Status, text } = await world.api.ended(id);
            return Status === 'FINISHED' ? `it saw ${String((await world.api.rows(`${id}:4`))[0]?.n)}` : text;
          },
        };
      }),
  },
  {
    area,
    name: 'a call in a session that is busy',
    source: undefined,
    ask: async (world) => {
      const { busy, free } = await busySession(world);
      const text = await world.api.run('SELECT 1', { SessionId: busy }).then(() => 'it waited, or ran', exceptionText);
      await free();
      return text;
    },
  },
  {
    area,
    name: 'a call in a session that has ended',
    source: MCP,
    believed: 'ValidationException: Session is not available',
    ask: async (world) => {
      const session = await openSession(world, 'SELECT 1');
      await endSession(world, session);
      await new Promise((resolve) => setTimeout(resolve, world.isLocal ? 10 : 5000));
      return world.api.run('SELECT 1', { SessionId: session }).then(() => 'it ran', exceptionText);
    },
  },
  {
    area,
    name: 'a ClientToken again, in its session',
    source: `${MGMT}/data-api-calling-considerations-idempotency.html`,
    believed: 'the first statement, ran 1 time(s)',
    ask: (world) => repeated(world, () => Promise.resolve()),
  },
  {
    area,
    name: 'a ClientToken again, after its session has ended',
    source: undefined,
    believed: 'the first statement, ran 1 time(s)',
    ask: (world) => repeated(world, (session) => endSession(world, session)),
  },
  {
    area,
    name: 'a ClientToken again, while its session is busy',
    source: undefined,
    believed: 'the first statement, ran 1 time(s)',
    ask: async (world) => {
      const table = await tableOf(world);
      const holder = await openSession(world, 'SELECT 1');
      for (const sql of ['BEGIN', `LOCK ${table}`]) await inSession(() => world.api.run(sql, { SessionId: holder }));
      const waiting: string[] = [];
      const result = await repeated(world, async (SessionId) => {
        waiting.push((await inSession(() => world.api.submitBatch([`LOCK ${table}`], { SessionId }))).id);
      });
      await inSession(() => world.api.run('ROLLBACK', { SessionId: holder }));
      for (const id of waiting) await world.api.ended(id);
      return result;
    },
  },
  {
    area,
    name: 'how soon a session takes its next call',
    source: 'https://github.com/ballerina-platform/module-ballerinax-aws.redshiftdata',
    ask: async (world) => {
      const SessionId = await openSession(world, 'SELECT 1');
      const from = Date.now();
      await inSession(() => world.api.run('SELECT 1', { SessionId }));
      return `after ${Date.now() - from} ms, with the call`;
    },
  },
  {
    area,
    name: 'how a batch says which of its statements failed',
    source: undefined,
    ask: async ({ api }) => {
      const { Error: whole = '', SubStatements = [] } = await api.batch(['SELECT 1', 'SELECT 1 / 0', 'SELECT 2']);
      return `${whole} (${SubStatements.map(({ Status }) => Status).join(', ')})`;
    },
  },
];
