/** A time as the text of a TIMESTAMP literal, `2018-11-01 21:01:46.796`. Epoch milliseconds of the years 1 to 9999. */
export function timestampText(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('T', ' ').replace('Z', '');
}
