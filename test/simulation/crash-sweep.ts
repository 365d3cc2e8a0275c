/** All crash points, one by one: each call of a load and each SQL statement of its transaction, by each way to fail. */
import type { Fault } from '../../src/local/faults/plan.ts';
import { seededRandom } from '../../src/local/random.ts';
import type { CrashBench, LoadKind } from './crash-points.ts';
import { PAST_THE_CLIENT, type Call, type PlannedFault } from '../support/switchboard.ts';
import { statementFaults } from './faults.ts';
import type { InvokeOptions } from '../support/loader.ts';

/** A point of a sweep, in words, and what is struck there: a call of an operation, which fails in some way. */
export type CrashPoint = {
  name: string;
  kind: LoadKind;
  operation: string;
  way: string;
  fault: PlannedFault;
  options?: InvokeOptions;
};

/** The ways a call can fail while its caller lives. The client tries thrice, so some are repeated until it gives up. */
const CALL_FAULTS: readonly { name: string; times: number; fault: Fault }[] = [
  { name: 'error before it acts', times: PAST_THE_CLIENT, fault: { do: 'error' } },
  { name: 'error after it acted', times: 1, fault: { do: 'error after' } },
  { name: 'reply lost', times: PAST_THE_CLIENT, fault: { do: 'drop reply' } },
];

/** The ways a call can fail, in words. */
export const CALL_WAYS = CALL_FAULTS.map(({ name }) => name);

const KILLS: readonly { name: string; times: number; fault: Fault }[] = [
  { name: 'process killed before it acts', times: 1, fault: { do: 'kill' } },
  { name: 'process killed after it acted', times: 1, fault: { do: 'kill after' } },
];

/** The points of a load's calls: for each call those by which it can fail. */
export function callPoints(kind: LoadKind, calls: readonly Call[], faults: 'errors' | 'kills'): CrashPoint[][] {
  const seen = new Map<string, number>();
  return calls
    .filter(({ place }) => place !== 'statement')
    .map(({ place, operation }) => {
      const nth = (seen.get(place) ?? 0) + 1;
      seen.set(place, nth);
      return (faults === 'errors' ? CALL_FAULTS : KILLS).map(({ name: way, times, fault }) => ({
        name: `${kind} load, call ${nth} to ${place} (${operation}): ${way}`,
        kind,
        operation,
        way,
        fault: { place, nth, times, fault },
      }));
    });
}

/** The points of a load's SQL statements, the ledger's question first: for each a conflict before it, and one after it. */
export function statementPoints(calls: readonly Call[]): CrashPoint[][] {
  return calls
    .filter(({ place }) => place === 'statement')
    .map((_, index) =>
      statementFaults.map((fault) => ({
        name: `clean load, statement ${index + 1}: ${fault.do}`,
        kind: 'clean' as const,
        operation: 'Statement',
        way: fault.do,
        fault: { place: 'statement' as const, nth: index + 1, times: 1, fault },
      })),
    );
}

/** One way to fail for each call, in turn among the calls of an operation: every call fails, and an operation in every way. */
export function oneWayEach(calls: readonly (readonly CrashPoint[])[]): CrashPoint[] {
  const turns = new Map<string, number>();
  return calls.flatMap((ways) => {
    const operation = ways[0]?.operation ?? '';
    const turn = turns.get(operation) ?? 0;
    turns.set(operation, turn + 1);
    return ways.slice(turn % ways.length).slice(0, 1);
  });
}

/** Of all points one for each operation and way to fail, drawn by a seed. */
export function oneOfEach(points: readonly CrashPoint[], seed: number): CrashPoint[] {
  const shuffled = shuffle(points, seed).map(({ point }) => point);
  return [...new Map(shuffled.map((point) => [`${point.operation}: ${point.way}`, point])).values()];
}

/** Each point of a load at which its process can be killed, once: before its first call, and after each call. */
export function killPoints(calls: readonly (readonly CrashPoint[])[]): CrashPoint[] {
  const [before] = calls[0] ?? [];
  return [...(before ? [before] : []), ...calls.flatMap((ways) => ways.slice(1))];
}

/** Time enough to get into the transaction, and not to get out. */
const SHORT_MS = 900;
/** Far beyond any deadline here. */
const STUCK: Fault = { do: 'delay', milliseconds: 60_000 };

/** A load whose n-th statement takes longer than the invocation has. */
export function stuckAt(nth: number): CrashPoint {
  return {
    name: `clean load, at the deadline while statement ${nth} runs`,
    kind: 'clean',
    operation: 'Statement',
    way: 'at the deadline',
    fault: { place: 'statement', nth, times: 1, fault: STUCK },
    options: { timeMs: SHORT_MS },
  };
}

/** Some of the points, drawn by a seed, in their order. */
export function share(points: readonly CrashPoint[], count: number, seed: number): CrashPoint[] {
  const kept = shuffle(points, seed).slice(0, count);
  return kept.sort((a, b) => a.index - b.index).map(({ point }) => point);
}

function shuffle(points: readonly CrashPoint[], seed: number): { point: CrashPoint; index: number }[] {
  const random = seededRandom(seed);
  return points.map((point, index) => ({ point, index, lot: random() })).sort((a, b) => a.lot - b.lot);
}

/** Strikes at every point, in one warm process. Throws what the first failing point throws, with the point's name. */
export async function sweep(bench: CrashBench, points: readonly CrashPoint[]): Promise<number> {
  for (const point of points) await named(point, () => bench.strike(point.kind, point.fault, point.options));
  return points.length;
}

/** Strikes at every point of the function in its own process, which is replaced whenever it is killed. */
export async function sweepFunction(bench: CrashBench, points: readonly CrashPoint[]): Promise<number> {
  for (const point of points) await named(point, () => bench.strikeFunction(point.kind, point.fault));
  return points.length;
}

async function named(point: CrashPoint, strike: () => Promise<unknown>): Promise<void> {
  try {
    await strike();
  } catch (error) {
    throw new Error(`${point.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
