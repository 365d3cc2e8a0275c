/** The stages of a load, in order. Logs, errors, metrics and docs use the same words. */
export const STAGES = ['lock', 'stage', 'copy', 'reject', 'merge', 'heal', 'count', 'record'] as const;

export type Stage = (typeof STAGES)[number];

/** The stage a load file belongs to, by its number. */
export function stageOf(file: string): Stage {
  const number = Number.parseInt(file, 10);
  if (number < 2) return 'lock';
  if (number < 20) return 'stage';
  if (number < 30) return 'copy';
  if (number < 40) return 'reject';
  if (number < 60) return 'merge';
  if (number < 70) return 'heal';
  if (number < 80) return 'count';
  return 'record';
}
