import type { LoadColumn } from './exact-read.ts';
import { invalidUtf8, NULL_BYTE } from './load-error-text.ts';
import type { Column } from '../types.ts';

/** What is wrong with the text of a row, and where as far as it is known. */
export type TextFault = { code: number; message: string; column?: Column; value?: string; position?: number };

const ESCAPES = /\\(?:u([0-9a-fA-F]{4})|[^])/g;

/**
 * The first escape in a JSON text that stands for no character a column holds: NUL, at which Redshift refuses a value or
 * cuts it, and half a surrogate pair. Whether the field is loaded makes no difference.
 * https://github.com/estuary/connectors/pull/839
 */
export function escapeFault(json: string): TextFault | undefined {
  // Most texts have none of the escapes that matter, and this tells so faster.
  if (!/\\u(?:0000|[dD][89a-fA-F])/.test(json)) return undefined;
  let halfEnd = -1;
  for (const found of json.matchAll(ESCAPES)) {
    const unit = found[1] === undefined ? -1 : Number.parseInt(found[1], 16);
    const isLow = unit >= 0xdc00 && unit <= 0xdfff;
    if (isLow !== (halfEnd === found.index) || (halfEnd >= 0 && !isLow)) return invalidUtf8('ed', 5);
    halfEnd = unit >= 0xd800 && unit <= 0xdbff ? found.index + found[0].length : -1;
    if (unit === 0) return NULL_BYTE;
  }
  return halfEnd >= 0 ? invalidUtf8('ed', 5) : undefined;
}

/** The column whose value the fault of a row is in, and the value; nothing when it is in a field that is not loaded. */
export function columnOfFault(
  bytes: Buffer,
  columns: LoadColumn[],
  ignoreCase: boolean,
): Pick<TextFault, 'column' | 'value'> {
  const document: unknown = JSON.parse(bytes.toString('utf8'));
  for (const { column, path } of columns) {
    const value = valueAt(document, path, ignoreCase);
    const json = JSON.stringify(value ?? null);
    const text = typeof value === 'string' ? value : json;
    if (json.includes('\ufffd') || escapeFault(json)) return { column, value: text.replaceAll('\0', '\\u0000') };
  }
  return {};
}

function valueAt(document: unknown, path: (string | number)[], ignoreCase: boolean): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    const members = Object.entries(inner);
    return members.find(([name]) => name === String(step) || (ignoreCase && name.toLowerCase() === step))?.[1];
  }, document);
}
