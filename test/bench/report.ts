/** Numbers as they are printed: medians with their spread, and ratios beside their targets. */
import type { LoadResult } from './loader.ts';
import { WAITING, type Profile } from './profile.ts';

/** One thing measured: ours, beside what it is compared with, run by run. */
export type Line = {
  case: string;
  what: string;
  unit: 's' | 'ms' | 'KB' | 'MB' | 'calls';
  ours: number[];
  /** Of the same runs; the ratio is the median of theirs. */
  other?: { name: string; values: number[] };
  /** At most so much: of the ratio where there is another side, else of the value. */
  target?: number;
};

/** Where the time of a case went, in the last of its runs. */
export type CaseReport = { lines: Line[]; profiles?: Record<string, Profile> };

/** The middle value; of an even number, the mean of the two in the middle. 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2;
}

/** The median ratio of runs that belong together; undefined where there is nothing to compare with. */
export function ratioOf({ ours, other }: Line): number | undefined {
  return other && median(ours.map((value, run) => value / (other.values[run] ?? Number.NaN)));
}

/** The calls of a load, per batch and per 1,000 objects, as lines. */
export function callLines(name: string, loads: readonly LoadResult[]): Line[] {
  const total = ({ calls }: LoadResult): number => Object.values(calls).reduce((sum, count) => sum + count, 0);
  const batches = loads.map((load) => total(load) / Math.max(load.batches, 1));
  const objects = loads.map(
    (load) => (total(load) / Math.max(load.loaded + load.skipped + load.quarantined, 1)) * 1000,
  );
  // Quarantining files takes calls of its own, a constant number of them too.
  const isClean = loads.every(({ quarantined }) => quarantined === 0);
  return [
    { case: name, what: 'AWS calls per batch', unit: 'calls', ours: batches, ...(isClean ? { target: 12 } : {}) },
    { case: name, what: 'AWS calls per 1,000 objects', unit: 'calls', ours: objects },
  ];
}

/** How long the lock was held beside how long the load took; the ratio is the share of the load that no other load can share. */
export function lockLine(name: string, loads: readonly LoadResult[], of = ''): Line {
  const other = { name: 'the load', values: loads.map(({ seconds }) => seconds) };
  return { case: name, what: `under the lock${of}`, unit: 's', ours: loads.map((load) => load.lockSeconds), other };
}

/** The peak memory of the loader's processes, as a line; none where the system does not tell. */
export function loaderMemoryLines(name: string, loads: readonly LoadResult[], target?: number): Line[] {
  const ours = loads.flatMap(({ loaderPeakMegabytes: peak }) => (peak === undefined ? [] : [peak]));
  const what = 'peak memory of the loader';
  return ours.length === 0 ? [] : [{ case: name, what, unit: 'MB', ours, ...(target === undefined ? {} : { target }) }];
}

/** All lines as a Markdown table, which is also how the README shows them. */
export function tableOf(lines: readonly Line[]): string {
  const header = [
    '| case | what | ours | spread | beside | ratio | target |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ];
  const rows = lines.map((line) => {
    const { ours, other, unit, target } = line;
    const beside = other ? `${other.name}: ${shown(median(other.values), unit)}` : '';
    const ratio = ratioOf(line);
    const goal = target === undefined ? '' : `≤ ${target}${other ? '' : ` ${unit}`}${verdict(line, target)}`;
    const cells = [line.case, line.what, shown(median(ours), unit), spread(ours, unit), beside];
    return `| ${[...cells, ratio === undefined ? '' : ratio.toFixed(2), goal].join(' | ')} |`;
  });
  return [...header, ...rows].join('\n');
}

function verdict(line: Line, target: number): string {
  return (ratioOf(line) ?? median(line.ours)) <= target ? ' (met)' : ' (missed)';
}

function spread(values: readonly number[], unit: Line['unit']): string {
  return values.length < 2 ? '' : `${shown(Math.min(...values), unit)} – ${shown(Math.max(...values), unit)}`;
}

function shown(value: number, unit: Line['unit']): string {
  const digits = unit === 's' ? 2 : unit === 'calls' ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}

/**
 * A profile, the largest shares first; what is below one part in a hundred is summed up. While one loader waits for the lock
 * another works, so that is told apart and is no share.
 */
export function profileText(title: string, profile: Profile): string {
  const { [WAITING]: waiting = 0, ...working } = profile;
  const total = Object.values(working).reduce((sum, seconds) => sum + seconds, 0);
  const sorted = Object.entries(working).sort(([, one], [, other]) => other - one);
  const shownRows = sorted.filter(([, seconds]) => seconds >= total / 100);
  const rest = total - shownRows.reduce((sum, [, seconds]) => sum + seconds, 0);
  const rows = [...shownRows, ['everything else', rest] as const].map(
    ([name, seconds]) =>
      `  ${seconds.toFixed(3).padStart(9)} s  ${((seconds / total) * 100).toFixed(0).padStart(3)} %  ${name}`,
  );
  const beside = waiting === 0 ? [] : [`  ${waiting.toFixed(3).padStart(9)} s         beside that, ${WAITING}`];
  return [title, ...rows, ...beside].join('\n');
}
