import { readFileSync } from 'node:fs';

/** A number of a deployment file, by the key before it. Throws when there is none. */
export function deployed(path: string, key: string): number {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const [, digits] = new RegExp(`^ *${key}: (\\d+)`, 'm').exec(text) ?? [];
  if (digits === undefined) throw new Error(`${path} has no number ${key}`);
  return Number(digits);
}
