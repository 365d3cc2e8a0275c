import { LoaderError } from '../errors.ts';

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A date, or a date and time; without a zone it is UTC, like all times in sparkify. */
const ABSOLUTE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * Reads a timestamp as a person writes it: `2024-11-03`, `2024-11-03T14:00Z`, or `90m`, `36h`, `7d` before now.
 * Returns epoch milliseconds.
 * @throws LoaderError (`usage`)
 */
export function parseTimestamp(text: string, nowMs: number): number {
  const ago = /^(\d+)([mhd])$/.exec(text);
  if (ago) return nowMs - Number(ago[1]) * (UNIT_MS[ago[2] ?? ''] ?? 0);
  if (ABSOLUTE.test(text)) {
    const zoned = text.length > 10 && !/(Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text;
    const timestamp = Date.parse(zoned);
    if (!Number.isNaN(timestamp)) return timestamp;
  }
  throw new LoaderError(
    'usage',
    `${JSON.stringify(text)} is not a time.`,
    'Write a UTC time like 2024-11-03 or 2024-11-03T14:00Z, or an age like 90m, 36h or 7d',
  );
}
