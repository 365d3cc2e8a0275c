import { dateConversion, timestampConversion } from './times.ts';
import type { Column, ColumnType, CopyStatement } from '../types.ts';
import type { Conversion } from './conversion.ts';

/** The conversion of one column under the options of one COPY. Throws SqlError for formats not supported here. */
export function conversion(type: ColumnType, copy: CopyStatement): Conversion {
  switch (type.name) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return { text: blankIsNull, value: (text) => `TRY_CAST(${text} AS ${type.name})`, code: integerCode };
    case 'real':
    case 'double precision':
      return {
        text: blankIsNull,
        value: (text) => `TRY_CAST(${text} AS ${type.name === 'real' ? 'FLOAT' : 'DOUBLE'})`,
        code: floatCode,
      };
    case 'numeric':
      return { text: blankIsNull, value: (text) => decimalValue(text, type.precision, type.scale), code: decimalCode };
    case 'boolean':
      return {
        text: blankIsNull,
        value: booleanValue,
        code: (_text, value) => `CASE WHEN ${value} IS NULL THEN 1210 END`,
      };
    case 'date':
      return { text: blankIsNull, ...dateConversion(copy.dateFormat) };
    case 'timestamp without time zone':
      return { text: blankIsNull, ...timestampConversion(copy.timeFormat, false) };
    case 'timestamp with time zone':
      return { text: blankIsNull, ...timestampConversion(copy.timeFormat, true) };
    case 'character varying':
    case 'character':
      return { text: characterText(copy), value: characterValue(type.lengthBytes, copy), code: characterCode(type) };
    case 'super':
      return { text: (raw) => raw, value: (text) => `CAST(${text} AS JSON)`, code: () => 'NULL' };
  }
}

/** The SQL of the code of one column's value, NOT NULL included. */
export function columnCode(column: Column, { code }: Conversion, text: string, value: string): string {
  const missing = column.notNull ? '1213' : 'NULL';
  return `CASE WHEN ${text} IS NULL THEN ${missing} ELSE ${code(text, value)} END`;
}

/**
 * One column as the strict reading takes it, over the raw text and the name of the typed value: the value, and when it is
 * in doubt. Every bad value is in doubt, and few good ones; of the others doubt is NULL or false.
 */
export function strictColumn(
  column: Column,
  copy: CopyStatement,
  raw: string,
  value: string,
): { value: string; doubt: string } {
  const convert = conversion(column.type, copy);
  const text = convert.text(raw);
  const doubt = doubtOf(column.type, raw, value) ?? `${columnCode(column, convert, text, value)} IS NOT NULL`;
  return {
    // Blank text has no value of any other type anyway.
    value: convert.value(convert.text === blankIsNull ? raw : text),
    doubt: column.notNull ? `(${doubt} OR ${value} IS NULL)` : `(${doubt})`,
  };
}

// A fraction of the exact check, whose long expression would take longer to plan than a small file takes to read. Undefined
// where there is nothing cheaper.
function doubtOf(type: ColumnType, raw: string, value: string): string | undefined {
  const isWrittenOtherwise = (written: string): string => `CAST(${written} AS VARCHAR) IS DISTINCT FROM ${raw}`;
  const isNotBlank = `trim(${raw}) <> ''`;
  switch (type.name) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return `${isWrittenOtherwise(value)} AND ${isNotBlank}`;
    case 'real':
    case 'double precision': {
      const isOtherwise = `${isWrittenOtherwise(value)} AND ${isWrittenOtherwise(`TRY_CAST(${value} AS BIGINT)`)}`;
      return `(${isOtherwise} AND ${isNotBlank}) OR NOT isfinite(${value})`;
    }
    case 'boolean':
    case 'date':
    case 'timestamp without time zone':
    case 'timestamp with time zone':
      return `${value} IS NULL AND ${isNotBlank}`;
    case 'character varying':
      return `strlen(${value}) > ${type.lengthBytes}`;
    case 'character':
    case 'numeric':
    case 'super':
      return undefined;
  }
}

// A blank text is NULL for every type but character, whatever the options.
function blankIsNull(raw: string): string {
  return `CASE WHEN trim(${raw}) = '' THEN NULL ELSE ${raw} END`;
}

function integerCode(text: string, value: string): string {
  // Casting back is cheaper than a pattern and decides nearly every value; the engine alone would round 1.5 and read 1e3.
  return `CASE WHEN CAST(${value} AS VARCHAR) = ${text} THEN NULL
    WHEN NOT regexp_full_match(${text}, '[-+]?[0-9]+') THEN 1207
    WHEN ${value} IS NULL THEN 1222 END`;
}

const NUMBER = String.raw`[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?`;

function floatCode(text: string, value: string): string {
  return `CASE WHEN NOT regexp_full_match(${text}, '${NUMBER}') THEN 1208
    WHEN ${value} IS NULL OR isinf(${value}) THEN 1204 END`;
}

// COPY cuts surplus decimal places where INSERT rounds.
function decimalValue(text: string, precision: number, scale: number): string {
  const plain = String.raw`^([-+]?[0-9]*[.]?[0-9]{0,${scale}})[0-9]*$`;
  const type = `DECIMAL(${precision},${scale})`;
  // A number with an exponent is spelled out first; 38 digits are the engine's limit as they are Redshift's.
  const spelledOut = `CAST(TRY_CAST(${text} AS DECIMAL(38,${Math.min(scale + 1, 38)})) AS VARCHAR)`;
  return `TRY_CAST(regexp_extract(CASE WHEN contains(lower(${text}), 'e') THEN ${spelledOut} ELSE ${text} END, '${plain}', 1) AS ${type})`;
}

function decimalCode(text: string, value: string): string {
  return `CASE WHEN NOT regexp_full_match(${text}, '${NUMBER}') THEN 1209 WHEN ${value} IS NULL THEN 1204 END`;
}

function booleanValue(text: string): string {
  return `CASE WHEN lower(${text}) IN ('true', 't', 'yes', 'y', '1') THEN true
    WHEN lower(${text}) IN ('false', 'f', 'no', 'n', '0') THEN false END`;
}

function characterText(copy: CopyStatement): Conversion['text'] {
  return (raw) => {
    const filled = copy.emptyAsNull ? `nullif(${raw}, '')` : raw;
    return copy.blanksAsNull
      ? String.raw`CASE WHEN regexp_full_match(${raw}, '\s+') THEN NULL ELSE ${filled} END`
      : filled;
  };
}

function characterValue(lengthBytes: number, copy: CopyStatement): Conversion['value'] {
  if (!copy.truncateColumns) return (text) => text;
  return (text) => {
    const bytes = `encode(${text})`;
    const continues = (position: number): string =>
      String.raw`${bytes}[${position}:${position}] BETWEEN '\x80'::BLOB AND '\xBF'::BLOB`;
    // A character has at most four bytes; the cut goes before the one that would be split.
    const cuts = [0, 1, 2].map(
      (back) => `WHEN NOT ${continues(lengthBytes + 1 - back)} THEN decode(${bytes}[1:${lengthBytes - back}])`,
    );
    return `CASE WHEN strlen(${text}) <= ${lengthBytes} THEN ${text} ${cuts.join(' ')} ELSE decode(${bytes}[1:${lengthBytes - 3}]) END`;
  };
}

/** True for texts that may be numbers which the quick reading spells with an exponent; NULL or false otherwise. */
export function mayBeReformatted(raw: string): string {
  // Such a number is short and begins before the colon, which most texts do not; each further question would be asked of all rows.
  // Numbers inside of objects and arrays are left as they are: what text those become is not documented.
  return `(strlen(${raw}) < 25 AND ${raw} < ':' AND regexp_matches(${raw}, '[0-9]e[-+][0-9]'))`;
}

function characterCode(type: { name: string; lengthBytes: number }): Conversion['code'] {
  return (text, value) => {
    const tooLong = `WHEN strlen(${value}) > ${type.lengthBytes} THEN 1204`;
    const multibyte = type.name === 'character' ? `WHEN strlen(${text}) <> length(${text}) THEN 1220` : '';
    return `CASE ${multibyte} ${tooLong} END`;
  };
}
