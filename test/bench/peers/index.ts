/** Beside others: the same files loaded by dlt and by a nightly script, each as a person would start it. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PROJECT } from '../../support/program.ts';
import type { Scale } from '../cases.ts';
import { writeSample } from '../objects.ts';
import type { CaseReport, Line } from '../report.ts';
import { childrenCpuSeconds } from './children.ts';
import { requireSame, starOf, type Star } from './compare.ts';
import { runOurs } from './ours.ts';

const PYTHON = join(PROJECT, 'node_modules/.cache/peers/bin/python');

/** How to make the Python environment of the peers. */
export const PEERS_HINT =
  'python3 -m venv node_modules/.cache/peers && node_modules/.cache/peers/bin/pip install -r test/bench/peers/requirements.txt';

const FILES = 200;
const NEXT_FILES = 5;
const EVENTS_PER_FILE = 1000;
const SONGS = 2000;
/** Of the time of dlt. */
const TARGET = 1 / 20;

/** The seconds of the first load and of the next day, and what the tables then hold. */
export type PeerRun = { first: number; next: number; star: Star };

/** Where a run finds its files, and how those of the next day come there, which are so many. */
export type Workload = { data: string; work: string; nextFiles: number; addNextDay: () => void };

type Peer = { name: string; run: (workload: Workload) => Promise<PeerRun>; runs: (PeerRun & { cpu: number })[] };

/** Loads 200,000 events in 200 files and 2,000 songs, then 5,000 events of the next day; the peers in turn, each time anew. */
export async function measurePeers(scale: Scale, say: (text: string) => void): Promise<CaseReport> {
  const peers: Peer[] = [
    { name: 'ours', run: runOurs, runs: [] },
    { name: 'nightly script', run: programPeer(process.execPath, 'nightly.mjs'), runs: [] },
  ];
  if (await hasDlt()) peers.push({ name: 'dlt', run: programPeer(PYTHON, 'dlt_load.py'), runs: [] });
  else say(`dlt is not installed, so it is left out. To install it: ${PEERS_HINT}`);
  // The command line is compiled once after each release, which is no part of a load.
  await promisify(execFile)(process.execPath, [join(PROJECT, 'src/sparkify.mjs'), '--version']);
  for (let run = 0; run < scale.runs; run++) {
    for (const peer of peers) peer.runs.push(await runAnew(peer, scale));
    for (const { name, runs } of peers.slice(1)) requireSame(name, runs[run]?.star, peers[0]?.runs[run]?.star);
  }
  return { lines: linesOf(peers) };
}

/** Whether there is a Python that has dlt; one without it, perhaps of an installation that failed, counts as none. */
async function hasDlt(): Promise<boolean> {
  return promisify(execFile)(PYTHON, ['-c', 'import dlt']).then(
    () => true,
    () => false,
  );
}

async function runAnew(peer: Peer, scale: Scale): Promise<Peer['runs'][number]> {
  const folder = mkdtempSync(join(scale.directory, 'peer-'));
  const [data, work, later] = ['data', 'work', 'later'].map((name) => join(folder, name)) as [string, string, string];
  mkdirSync(work);
  const size = scale.quick ? 0.02 : 1;
  const files = Math.ceil(FILES * size) + NEXT_FILES;
  const events = files * EVENTS_PER_FILE;
  const keys = writeSample(data, { songs: SONGS * size, events, eventFiles: files }).filter((key) =>
    key.startsWith('log_data/'),
  );
  const nextDay = keys.slice(-NEXT_FILES);
  const move = (from: string, to: string): void => {
    for (const key of nextDay) {
      mkdirSync(dirname(join(to, key)), { recursive: true });
      renameSync(join(from, key), join(to, key));
    }
  };
  move(data, later);
  const cpuBefore = childrenCpuSeconds();
  const run = await peer.run({
    data,
    work,
    nextFiles: NEXT_FILES,
    addNextDay: () => {
      move(later, data);
    },
  });
  const cpu = childrenCpuSeconds() - cpuBefore;
  rmSync(folder, { recursive: true });
  return { ...run, cpu };
}

/** A program that is started for each load. Throws what it wrote when it fails. */
function programPeer(program: string, script: string): Peer['run'] {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return async ({ data, work, addNextDay }) => {
    const load = async (): Promise<number> => {
      const startedAt = performance.now();
      await promisify(execFile)(program, [path, data, work]);
      return (performance.now() - startedAt) / 1000;
    };
    const first = await load();
    addNextDay();
    const next = await load();
    return { first, next, star: await starOf(join(work, 'peer.duckdb'), 'star') };
  };
}

/** What is measured of a run. Processor time says more than time where the machine is not quiet. */
const MEASURED = [
  { of: 'first', what: 'everything, from nothing' },
  { of: 'next', what: 'the next day' },
  { of: 'cpu', what: 'processor time of both' },
] as const;

function linesOf([ours, ...others]: readonly Peer[]): Line[] {
  if (ours === undefined) return [];
  return MEASURED.flatMap(({ of, what }) =>
    others.map(({ name, runs }) => ({
      case: 'peers',
      what,
      unit: 's' as const,
      ours: ours.runs.map((run) => run[of]),
      other: { name, values: runs.map((run) => run[of]) },
      ...(name === 'dlt' && of === 'first' ? { target: TARGET } : {}),
    })),
  );
}
