import { billOf } from '../../../src/cost/bill.ts';
import { pricesOf } from '../../../src/catch-up/prices.ts';
import type { Arrival } from '../../../src/cost/arrivals.ts';
import { leastSeconds } from './least.ts';
import { DAYS, PATTERNS } from './patterns.ts';
import { deadlineOnly, fixedWindow, governor, run, type MinuteOf, type Month, type Policy } from './run.ts';

/** The windows that are shown, seconds. */
const SHOWN = [1, 20, 60, 120, 300] as const;
/** The windows among which the best is looked for, seconds: every fifth, and each one in the last ten. */
const TRIED = [...Array.from({ length: 58 }, (_, n) => 5 * (n + 1)), ...Array.from({ length: 10 }, (_, n) => 291 + n)];
/** Goals for freshness, seconds; the second is the product's default. */
const GOALS = [60, 300, 900] as const;
const READINGS: readonly MinuteOf[] = ['each wake-up', 'each load'];
const PRICES = pricesOf('us-east-1')!;

/** A month of one pattern, for one goal and one reading of the price list: bills in US$. */
export type Outcome = {
  pattern: string;
  goal: number;
  minuteOf: MinuteOf;
  windows: { seconds: number; dollars: number; p95: number }[];
  /** The cheapest window with which every file meets the goal. */
  best: { seconds: number; dollars: number; p95: number };
  governor: { dollars: number; p95: number; oldest: number };
  deadlineOnly: { dollars: number; p95: number; oldest: number };
  least: number;
};

/** Runs some of the patterns, by name. @throws TypeError for a name that is none. */
export function outcomes(patterns: readonly string[] = Object.keys(PATTERNS)): Outcome[] {
  return patterns.flatMap((pattern) => {
    const arrivals = PATTERNS[pattern]!();
    const tried = [...new Set([...TRIED, ...SHOWN])].map((seconds) => ({
      seconds,
      month: run(arrivals, fixedWindow(seconds)),
    }));
    return GOALS.flatMap((goal) =>
      READINGS.map((minuteOf): Outcome => {
        const windows = tried.map(({ seconds, month }) => ({ seconds, ...priced(month, minuteOf) }));
        const fit = windows.filter(({ oldest }) => oldest <= goal).sort((a, b) => a.dollars - b.dollars);
        return {
          pattern,
          goal,
          minuteOf,
          windows: windows
            .filter(({ seconds }) => SHOWN.some((shown) => shown === seconds))
            .sort((a, b) => a.seconds - b.seconds),
          best: fit[0]!,
          governor: withPolicy(arrivals, governor(goal), minuteOf),
          deadlineOnly: withPolicy(arrivals, deadlineOnly(goal), minuteOf),
          least: leastDollars(arrivals, leastSeconds(arrivals, goal, minuteOf)),
        };
      }),
    );
  });
}

function withPolicy(arrivals: readonly Arrival[], policy: Policy, minuteOf: MinuteOf) {
  return priced(run(arrivals, policy, minuteOf), minuteOf);
}

function priced({ billedSeconds, p95, oldest, ...usage }: Month, minuteOf: MinuteOf) {
  const taken = { ...usage, billedSeconds: billedSeconds[minuteOf], wakeUps: 0 };
  return { dollars: billOf(taken, DAYS, { kind: 'serverless', rpus: 4 }, PRICES).total, p95, oldest };
}

function leastDollars(arrivals: readonly Arrival[], billedSeconds: number): number {
  const objects = arrivals.reduce((sum, one) => sum + one.objects, 0);
  const usage = { loads: 0, objects, busySeconds: 0, billedSeconds, wakeUps: 0 };
  return billOf(usage, DAYS, { kind: 'serverless', rpus: 4 }, PRICES).total;
}

/** The share of the bill that something saves over the best window. */
export function saved({ best }: Outcome, { dollars }: { dollars: number }): number {
  return 1 - dollars / best.dollars;
}

/** The tables of docs/COST.md, by what stands above them. */
export function governorTables(all: readonly Outcome[]): Record<string, string> {
  const bills = READINGS.map((minuteOf) => {
    const rows = all.filter((one) => one.goal === 300 && one.minuteOf === minuteOf).map(billRow);
    const headings = ['arrivals', ...SHOWN.map((seconds) => `${seconds} s`), 'best window', 'governor', 'least'];
    return [`The minute is that of ${minuteOf}`, table(headings, rows)] as const;
  });
  const goals = GOALS.flatMap((goal) => READINGS.map((minuteOf) => [goal, minuteOf] as const));
  const share = (policy: 'governor' | 'deadlineOnly') => {
    const rows = [...new Set(all.map(({ pattern }) => pattern))].map((pattern) => [
      pattern,
      ...goals.map(([goal, minuteOf]) => {
        const one = all.find(
          (other) => other.pattern === pattern && other.goal === goal && other.minuteOf === minuteOf,
        )!;
        return percent(saved(one, one[policy]));
      }),
    ]);
    return table(['arrivals', ...goals.map(([goal, minuteOf]) => `${goal} s, ${minuteOf}`)], rows);
  };
  return {
    ...Object.fromEntries(bills),
    'What the governor saves': share('governor'),
    'What holding alone saves': share('deadlineOnly'),
  };
}

function billRow({ pattern, windows, best, governor: governed, least }: Outcome): string[] {
  const cell = ({ dollars, p95 }: { dollars: number; p95: number }): string =>
    `${dollars.toFixed(0)} · ${p95.toFixed(0)} s`;
  return [pattern, ...windows.map(cell), `${cell(best)} (${best.seconds} s)`, cell(governed), least.toFixed(0)];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`.replace('-0 %', '0 %').replace('-', '−');
}

function table(headings: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(headings), `|---|${'---:|'.repeat(headings.length - 1)}`, ...rows.map(line)].join('\n');
}
