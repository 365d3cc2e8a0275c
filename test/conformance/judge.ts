/** Runs beliefs against a warehouse and compares what it does with them. Nothing that a statement changes is kept. */
import { setTimeout as sleep } from 'node:timers/promises';
import { difference, idOf, shown, type Belief, type Body, type Difference, type LoadError, type Outcome } from './belief.ts'; // prettier-ignore
import { exceptionText } from './api.ts';
import type { World } from './world.ts';

/** What came of a belief: what was got, on one line, and the difference if there is one. */
export type Judged = { belief: Belief; got: string; difference?: Difference };

/** Beliefs that run side by side; Redshift's default queue runs five statements at once. */
const SIDE_BY_SIDE = 4;

/** Behind a statement that is judged: it fails, so that nothing before it is kept. */
const UNDO = 'SELECT 1 / 0 AS undone';

/** How long load errors are waited for, and how often they are asked for, in milliseconds. */
const ERRORS_LATE = { limit: 60_000, pause: 2000 };

/** Runs beliefs. Stops before the next one when the signal is aborted, and gives those that have run. */
export async function judge(
  world: World,
  beliefs: readonly Belief[],
  signal: AbortSignal,
  onDone: (done: number) => void = () => undefined,
): Promise<Judged[]> {
  const outcomes = new Map<number, Outcome>();
  const failures: unknown[] = [];
  const queue = [...beliefs.entries()];
  const work = async (): Promise<void> => {
    for (;;) {
      const next = signal.aborted || failures.length > 0 ? undefined : queue.shift();
      if (next === undefined) return;
      const [place, belief] = next;
      outcomes.set(place, await outcomeOf(world, belief, `${place}/`).catch(asRefused));
      onDone(outcomes.size);
    }
  };
  // A failure of the run ends all of it, but not before what is under way has ended: its tables are removed next.
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => work().catch((error: unknown) => failures.push(error))));
  if (failures.length > 0) throw failures[0];
  const expected = beliefs.reduce((sum, { expected: one }, place) => {
    return sum + (outcomes.has(place) && 'errors' in one ? one.errors.length : 0);
  }, 0);
  const errors = beliefs.some(({ files }) => files !== undefined) ? await loadErrors(world, expected, signal) : [];
  const inOrder = [...outcomes].sort(([one], [other]) => one - other);
  return inOrder.map(([place, outcome]) => {
    const belief = beliefs[place];
    if (belief === undefined) throw new Error(`no belief is at ${place}`);
    const got = 'errors' in outcome ? { ...outcome, errors: errorsBelow(world, `${place}/`, errors) } : outcome;
    const differs = difference(belief, got, world.isLocal);
    return { belief, got: shown(got), ...(differs === undefined ? {} : { difference: differs }) };
  });
}

/** A call that the Data API refuses is an outcome; anything else is an error of the run. */
function asRefused(error: unknown): Outcome {
  if (error instanceof Error && '$metadata' in error) return { kind: 'refused', text: exceptionText(error) };
  throw error;
}

async function outcomeOf(world: World, belief: Belief, folder: string): Promise<Outcome> {
  const { api } = world;
  const place = (text: string): string => placed(text, world, folder);
  if (belief.call) {
    const { Status, text } = await api.call({ Sql: place(belief.statement), WaitTimeSeconds: 30, ...belief.call });
    return Status === 'FINISHED' ? { kind: 'accepted' } : { kind: 'refused', text };
  }
  for (const [name, body] of Object.entries(belief.files ?? {}))
    await world.put(`${folder}${name}`, bodyOf(body, world, folder));
  const before = [`SET search_path TO ${world.schema}`, ...(belief.before ?? []).map(place)];
  const { expected } = belief;
  const keeps = expected.kind === 'rows' || expected.kind === 'loaded';
  const behind = belief.after === undefined || !keeps ? (keeps ? [] : [UNDO]) : [place(belief.after)];
  const statements = [...before, place(belief.statement), ...behind];
  const ended = await api.batch(statements);
  const isLoad = 'errors' in expected;
  if (ended.Status === 'FINISHED') {
    if (!keeps) throw new Error(`${idOf(belief)}: the statement that undoes it was accepted: ${UNDO}`);
    const rows = await api.rows(`${ended.id}:${statements.length}`);
    return isLoad ? { kind: 'loaded', rows, errors: [] } : { kind: 'rows', rows };
  }
  if (ended.failed === before.length)
    return isLoad ? { kind: 'load refused', text: ended.text, errors: [] } : { kind: 'refused', text: ended.text };
  if (ended.failed === before.length + 1 && !keeps) return { kind: 'accepted' };
  return { kind: 'refused', text: `${statements[ended.failed] ?? ''}: ${ended.text}` };
}

/** A statement with the scratch's names in it. */
export function placed(text: string, { schema, role, bucket, prefix }: World, folder: string): string {
  return text.replace(/\{(schema|role|url:([^{}]*))\}/g, (_, what: string, name: string | undefined) => {
    if (what === 'schema') return schema;
    if (what === 'role') return role;
    return `s3://${bucket}/${prefix}${folder}${name ?? ''}`.replaceAll("'", "''");
  });
}

function bodyOf(body: Body, { bucket, prefix }: World, folder: string): string | Uint8Array {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  const entries = body.manifest.map((entry) => {
    const { name, mandatory } = typeof entry === 'string' ? { name: entry, mandatory: true } : entry;
    return { url: `s3://${bucket}/${prefix}${folder}${name}`, mandatory };
  });
  return JSON.stringify({ entries });
}

type Listed = { file: string; line: number; column: string; code: number };

/** What the warehouse lists of this run's files. Its list is late, so it is asked for until it is as long as expected. */
export async function loadErrors(world: World, expected: number, signal: AbortSignal): Promise<Listed[]> {
  const sql = `SELECT TRIM(file_name) AS file, line_number AS line, TRIM(column_name) AS named, error_code AS code
    FROM sys_load_error_detail WHERE file_name LIKE 's3://${world.bucket}/${world.prefix}%'`;
  const until = Date.now() + (world.isLocal ? 0 : ERRORS_LATE.limit);
  for (;;) {
    const rows = await world.api.query(sql);
    if (rows.length < expected && Date.now() < until && !signal.aborted) {
      await sleep(ERRORS_LATE.pause);
      continue;
    }
    return rows.map(({ file, line, named, code }) => {
      return { file: String(file), line: Number(line), column: String(named ?? ''), code: Number(code) };
    });
  }
}

function errorsBelow({ bucket, prefix }: World, folder: string, errors: readonly Listed[]): LoadError[] {
  const start = `s3://${bucket}/${prefix}${folder}`;
  return errors
    .filter(({ file }) => file.startsWith(start))
    .map((error) => ({ ...error, file: error.file.slice(start.length) }));
}
