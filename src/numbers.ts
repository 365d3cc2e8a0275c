/** A number as a person reads it: `15,000`. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

const PLURAL = new Intl.PluralRules('en-US');

/** A number with its noun, in the plural where it is one: `1 object`, `15,000 objects`, `2 batches` (named as `nouns`). */
export function pluralize(many: number, noun: string, nouns = `${noun}s`): string {
  return `${number(many)} ${PLURAL.select(many) === 'one' ? noun : nouns}`;
}

/** Bytes in a unit a person reads: `3.8 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** Seconds in a unit a person reads: `0.42 s`, `3 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
