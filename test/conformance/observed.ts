/** What clusters have done, as runs with --record have written it down. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { World } from './world.ts';

/** One observation: which cluster, when, and what it did. */
export type Observation = { cluster: string; date: string; result: string; asBelieved?: boolean };
/** Observations by the identity of a belief or a probe. */
export type Observed = Record<string, Observation[]>;

const FILE = new URL('./observed.json', import.meta.url);

/** Everything that was observed. */
export function readObserved(file: URL = FILE): Observed {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Observed) : {};
}

/** The version a cluster gives of itself. */
export async function clusterVersion({ api }: World): Promise<string> {
  const [row] = await api.query('SELECT version() AS version');
  return /Redshift [\d.]+/.exec(String(row?.version))?.[0] ?? String(row?.version);
}

/** Adds a run to what was observed; an observation of the same cluster version is replaced. Gives what is written. */
export function recordRun(
  observed: Observed,
  results: Readonly<Record<string, string>>,
  differing: ReadonlySet<string>,
  judged: ReadonlySet<string>,
  cluster: string,
  date: string,
): Observed {
  const next: Observed = { ...observed };
  for (const [id, result] of Object.entries(results)) {
    const others = (next[id] ?? []).filter((one) => one.cluster !== cluster);
    next[id] = [...others, { cluster, date, result, ...(judged.has(id) ? { asBelieved: !differing.has(id) } : {}) }];
  }
  return Object.fromEntries(Object.entries(next).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Writes what was observed. */
export function writeObserved(observed: Observed, file: URL = FILE): void {
  writeFileSync(file, `${JSON.stringify(observed, null, 2)}\n`);
}
