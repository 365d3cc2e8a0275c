import { InvalidArgumentError } from 'commander';

/** Parses a count. Commander prints the message and exits with 2. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1) throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  return count;
}
