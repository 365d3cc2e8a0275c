import type { Column, ColumnType } from '../types.ts';

/** What is wrong with one value: Redshift's code, a reason in its words, and where in the value. */
export type ValueError = { code: number; message: string; position: number };

/** The reason COPY gives for text that is no JSON. */
export const MALFORMED_JSON = { code: 1216, message: 'Invalid value.' };

/** The reason COPY gives for a root-level array, which is one row and has no members to match with columns. */
export const ROOT_ARRAY = { code: 1216, message: 'Invalid JSONPath format: Member is not an object.' };

/** The reason COPY gives for a NUL in a value, as reported: it refuses the value, or else cuts it there without a word. */
export const NULL_BYTE = {
  code: 1218,
  message: 'Invalid null byte - field longer than 1 byte (a value with \\u0000 is refused, or cut at it)',
};

/** The reason for a JSON value of more bytes than COPY takes. Errors of this kind are not among those MAXERROR allows. */
export function objectTooLarge(bytesMax: number): { code: number; message: string } {
  return { code: 1204, message: `JSON object exceeds the maximum of ${bytesMax} bytes` };
}

/** The reason for an object with two members for one column. Which of them Redshift loads is not documented. */
export function twoMembers({ name }: Column): { code: number; message: string } {
  return { code: 1216, message: `Invalid value: two keys match column ${name}, spelled differently` };
}

const INTEGER_NAMES: Partial<Record<ColumnType['name'], string>> = {
  smallint: 'Short',
  integer: 'Integer',
  bigint: 'Long',
};

/**
 * The reason for an error code found in a column. The codes are Redshift's; the texts are its own where they are known.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html
 */
export function valueError(code: number, { type }: Column, value: string): ValueError {
  switch (code) {
    case 1204:
      return { code, message: rangeMessage(type), position: 0 };
    case 1205:
      return { code, message: 'Invalid Date Format - length must be 10 or more', position: 0 };
    case 1206:
      return { code, message: 'Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]', position: 0 };
    case 1207:
      return digitError(code, INTEGER_NAMES[type.name] ?? type.name, value, /^[-+]?\d*/);
    case 1208:
      return digitError(code, type.name === 'real' ? 'Float' : 'Double', value, /^[-+]?\d*\.?\d*/);
    case 1209:
      return digitError(code, 'Decimal', value, /^[-+]?\d*\.?\d*/);
    case 1210:
      return { code, message: 'Unknown boolean format', position: 0 };
    case 1213:
      return { code, message: 'Missing data for not-null field', position: 0 };
    case 1216:
      return { code, message: 'Invalid JSONPath format: Not an array or index out of range.', position: 0 };
    case 1220:
      return multibyteError(code, value);
    case 1222:
      return {
        code,
        message: `Integer overflow, Value '${value}', Type: ${INTEGER_NAMES[type.name] ?? type.name}`,
        position: 0,
      };
    default:
      return { code, message: 'Unknown parse error', position: 0 };
  }
}

/**
 * The reason for bytes that are no UTF-8; `hex` is the first of them, `error` the number of what is wrong with it.
 * https://docs.aws.amazon.com/redshift/latest/dg/multi-byte-character-load-errors.html
 */
export function invalidUtf8(hex: string, error = 3): { code: number; message: string } {
  return {
    code: 1220,
    message: `String contains invalid or unsupported UTF-8 codepoints. Bad UTF-8 hex sequence: ${hex} (error ${error})`,
  };
}

/** A column's type and length as the load error tables print them: at most ten characters each. */
export function columnTypeText(type: ColumnType): { columnType: string; columnLength: string } {
  if (type.name === 'character varying') return { columnType: 'varchar', columnLength: String(type.lengthBytes) };
  if (type.name === 'character') return { columnType: 'char', columnLength: String(type.lengthBytes) };
  if (type.name === 'numeric') return { columnType: 'numeric', columnLength: `${type.precision}, ${type.scale}` };
  return { columnType: SHORT_NAMES[type.name], columnLength: '0' };
}

const SHORT_NAMES = {
  smallint: 'int2',
  integer: 'int4',
  bigint: 'int8',
  real: 'float4',
  'double precision': 'float8',
  boolean: 'bool',
  date: 'date',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestampt',
  super: 'super',
} as const satisfies Record<Exclude<ColumnType['name'], 'character varying' | 'character' | 'numeric'>, string>;

function rangeMessage(type: ColumnType): string {
  if (type.name === 'character varying') return 'String length exceeds DDL length';
  if (type.name === 'character') return 'Char length exceeds DDL length';
  return type.name === 'numeric'
    ? `Overflow for NUMERIC(${type.precision},${type.scale})`
    : `Overflow for ${type.name}`;
}

function digitError(code: number, typeName: string, value: string, good: RegExp): ValueError {
  const position = good.exec(value)?.[0].length ?? 0;
  return {
    code,
    message: `Invalid digit, Value '${value.charAt(position)}', Pos ${position}, Type: ${typeName}`,
    position,
  };
}

function multibyteError(code: number, value: string): ValueError {
  const position = value.search(/[^\x00-\x7f]/);
  const hex =
    Buffer.from(String.fromCodePoint(value.codePointAt(position) ?? 0))
      .toString('hex')
      .match(/../g) ?? [];
  return {
    code,
    message: `Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: ${hex.join(' ')}`,
    position,
  };
}
