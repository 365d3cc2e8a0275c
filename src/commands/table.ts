import stringWidth from 'string-width';

/** A value from the warehouse, or a count. */
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

/** What JSON does not escape and a terminal obeys: DEL, the C1 controls, line separators, and marks that reverse what follows. */
const OBEYED = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text with everything escaped that moves the cursor, or makes text look like another. */
export function escapeControls(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll('\\\\', '\\');
  return escaped.replace(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
