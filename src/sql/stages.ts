/** The stages of a load, in order. The same words are in the names of load files, logs, errors, metrics and docs. */
export const STAGES = ['lock', 'stage', 'copy', 'reject', 'merge', 'heal', 'count', 'record'] as const;

/** One stage of a load. */
export type Stage = (typeof STAGES)[number];

/** `songs/42-merge-songs`: a folder, a number, a stage, and what the file does. */
const NAME = /^\w+\/(\d+)-([a-z]+)-/;

/** The stage a load file belongs to, by its name. @throws Error for a name that has none: a defect of the release. */
export function stageOf(file: string): Stage {
  const named = NAME.exec(file)?.[2];
  const stage = STAGES.find((one) => one === named);
  if (stage === undefined) throw new Error(`sql/load/${file}.sql names no stage, like 42-merge-songs`);
  return stage;
}

/** Orders load files as they run: by number. @throws Error for a name that has none. */
export function byNumber(a: string, b: string): number {
  return numberOf(a) - numberOf(b);
}

function numberOf(file: string): number {
  const number = NAME.exec(file)?.[1];
  if (number === undefined) throw new Error(`sql/load/${file}.sql has no number, like 42-merge-songs`);
  return Number(number);
}
