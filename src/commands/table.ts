import stringWidth from 'string-width';

/** A cell as it came from the warehouse or was counted. */
export type Cell = string | number | boolean | null | undefined;

/**
 * Rows as an aligned table for people. Numbers are set to the right, and a wide character (東) counts as the two columns it
 * takes. Control characters are shown as escapes, so that no object key can move the cursor.
 */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = rows.map((row) => row.map(show));
  const widths = headings.map((heading, i) =>
    cells.reduce((widest, row) => Math.max(widest, stringWidth(row[i] ?? '')), stringWidth(heading)),
  );
  const numeric = headings.map(
    (_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number' || row[i] === null),
  );
  const aligned = (cell: string, i: number): string => {
    const blanks = ' '.repeat((widths[i] ?? 0) - stringWidth(cell));
    return numeric[i] ? blanks + cell : cell + blanks;
  };
  const line = (row: readonly string[]): string => row.map(aligned).join('  ').trimEnd();
  return [line(headings), line(widths.map((width) => '─'.repeat(width))), ...cells.map(line)].join('\n');
}

function show(cell: Cell): string {
  if (cell === null || cell === undefined) return '–';
  if (typeof cell === 'number') return Number.isInteger(cell) ? cell.toLocaleString('en-US') : String(cell);
  return escapeControls(String(cell));
}

/** Text with its control characters escaped. */
export function escapeControls(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll('\\\\', '\\');
}
