/**
 * The stages of a load. The same words are in the names of load files, logs, errors, metrics and docs. The first ones fill and
 * examine temporary tables and take no lock; the others change the tables, under the lock, in a transaction of their own.
 */
export const STAGES = {
  staging: ['stage', 'copy', 'reject', 'pick', 'count', 'survey'],
  merging: ['lock', 'merge', 'heal', 'record'],
} as const;

/** One of the two transactions of a load. */
export type Phase = keyof typeof STAGES;

/** One stage of a load. */
export type Stage = (typeof STAGES)[Phase][number];

/** The transaction that a stage belongs to. */
export function phaseOf(stage: Stage): Phase {
  return STAGES.merging.some((one) => one === stage) ? 'merging' : 'staging';
}

/** `songs/61-merge-songs`: a folder, a number, a stage, and what the file does. */
const NAME = /^\w+\/(\d+)-([a-z]+)-/;

/** The stage a load file belongs to, by its name. @throws Error for a name that has none, which is a bug of the release. */
export function stageOf(file: string): Stage {
  const named = NAME.exec(file)?.[2];
  const stage = [...STAGES.staging, ...STAGES.merging].find((one) => one === named);
  if (stage === undefined) throw new Error(`sql/load/${file}.sql names no stage, like 61-merge-songs`);
  return stage;
}

/** Orders load files as they run: by number. @throws Error for a name that has none. */
export function byNumber(a: string, b: string): number {
  return numberOf(a) - numberOf(b);
}

function numberOf(file: string): number {
  const number = NAME.exec(file)?.[1];
  if (number === undefined) throw new Error(`sql/load/${file}.sql has no number, like 61-merge-songs`);
  return Number(number);
}
