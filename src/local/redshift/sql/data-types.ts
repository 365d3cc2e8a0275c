import type { Cursor } from './cursor.ts';
import { POSTGRESQL_ONLY_TYPES, unsupported, UNSUPPORTED_TYPES } from './refusals.ts';
import { SqlError } from '../types.ts';
import type { ColumnType } from '../types.ts';

type SimpleName = Exclude<ColumnType['name'], 'character varying' | 'character' | 'numeric'>;

const SIMPLE_TYPES: Record<string, SimpleName> = {
  smallint: 'smallint',
  int2: 'smallint',
  integer: 'integer',
  int: 'integer',
  int4: 'integer',
  bigint: 'bigint',
  int8: 'bigint',
  real: 'real',
  float4: 'real',
  float8: 'double precision',
  boolean: 'boolean',
  bool: 'boolean',
  date: 'date',
  timestamptz: 'timestamp with time zone',
  super: 'super',
};

const CHARACTER_TYPES: Record<string, { name: 'character varying' | 'character'; defaultBytes: number }> = {
  varchar: { name: 'character varying', defaultBytes: 256 },
  nvarchar: { name: 'character varying', defaultBytes: 256 },
  text: { name: 'character varying', defaultBytes: 256 },
  char: { name: 'character', defaultBytes: 1 },
  character: { name: 'character', defaultBytes: 1 },
  nchar: { name: 'character', defaultBytes: 1 },
  bpchar: { name: 'character', defaultBytes: 256 },
};

const MAX_BYTES = { 'character varying': 65_535, character: 4_096 };

/** A type as written: `lengthGiven` tells `varchar(256)` from `varchar`. */
export type WrittenType = { type: ColumnType; lengthGiven: boolean };

/**
 * Takes a type name with its length or precision. `column` names the column for the error about types Redshift tables
 * cannot have. Lengths are bytes. https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
 */
export function writtenType(cursor: Cursor, column: string | undefined): WrittenType {
  const word = cursor.label();
  const written = typeNamed(cursor, word, column);
  if (cursor.isOperator('[')) throw unsupportedColumnType(column, `${word}[]`);
  return written;
}

function typeNamed(cursor: Cursor, word: string, column: string | undefined): WrittenType {
  const simple = SIMPLE_TYPES[word];
  if (simple) return { type: { name: simple }, lengthGiven: false };
  if (word === 'double') {
    cursor.expect('PRECISION');
    return { type: { name: 'double precision' }, lengthGiven: false };
  }
  if (word === 'float') {
    const bits = cursor.isOperator('(') ? cursor.list(() => cursor.integer())[0] : undefined;
    return { type: { name: bits !== undefined && bits < 25 ? 'real' : 'double precision' }, lengthGiven: false };
  }
  if (word === 'timestamp') {
    if (cursor.isOperator('(')) throw new SqlError('timestamp(p) is not supported by Redshift', '0A000');
    const zoned = cursor.take('WITH', 'TIME', 'ZONE');
    if (!zoned) cursor.take('WITHOUT', 'TIME', 'ZONE');
    return { type: { name: zoned ? 'timestamp with time zone' : 'timestamp without time zone' }, lengthGiven: false };
  }
  if (word === 'decimal' || word === 'numeric') return decimal(cursor);
  const characters = CHARACTER_TYPES[word];
  if (characters) return characterType(cursor, word, characters);
  if (UNSUPPORTED_TYPES.has(word)) throw unsupported(`the type ${word}`);
  if (POSTGRESQL_ONLY_TYPES.has(word)) throw unsupportedColumnType(column, word);
  throw new SqlError(`type "${word}" does not exist`, '42704');
}

function unsupportedColumnType(column: string | undefined, type: string): SqlError {
  return column === undefined
    ? new SqlError(`type "${type}" is not supported by Redshift`, '0A000')
    : new SqlError(`Column "${column}" has unsupported type "${type}".`, '0A000');
}

function decimal(cursor: Cursor): WrittenType {
  const [precision = 18, scale = 0] = cursor.isOperator('(') ? cursor.list(() => cursor.integer()) : [];
  if (precision < 1 || precision > 38) {
    throw new SqlError(`DECIMAL precision ${precision} must be between 1 and 38`, '22023');
  }
  if (scale > Math.min(precision, 37)) {
    throw new SqlError(`DECIMAL scale ${scale} must be between 0 and precision ${precision}`, '22023');
  }
  return { type: { name: 'numeric', precision, scale }, lengthGiven: true };
}

function characterType(
  cursor: Cursor,
  word: string,
  base: { name: 'character varying' | 'character'; defaultBytes: number },
): WrittenType {
  const varying = cursor.take('VARYING');
  const { name, defaultBytes } = varying ? { name: 'character varying' as const, defaultBytes: 256 } : base;
  if (!cursor.isOperator('(')) return { type: { name, lengthBytes: defaultBytes }, lengthGiven: false };
  const [lengthBytes = 0] = cursor.list(() => (cursor.take('MAX') ? MAX_BYTES[name] : cursor.integer()));
  // TEXT(n) and BPCHAR(n) are accepted and mean their default length.
  if (word === 'text' || word === 'bpchar') return { type: { name, lengthBytes: defaultBytes }, lengthGiven: false };
  if (lengthBytes < 1) throw new SqlError(`length for type ${name} must be at least 1`, '22023');
  if (lengthBytes > MAX_BYTES[name]) {
    throw new SqlError(`length for type ${name} cannot exceed ${MAX_BYTES[name]}`, '22023');
  }
  return { type: { name, lengthBytes }, lengthGiven: true };
}

/** The engine's type that holds a Redshift type. Byte lengths are kept by CHECK constraints, not by the type. */
export function engineType(type: ColumnType): string {
  switch (type.name) {
    case 'numeric':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'character varying':
    case 'character':
      return 'VARCHAR';
    case 'double precision':
      return 'DOUBLE';
    case 'timestamp without time zone':
      return 'TIMESTAMP';
    case 'timestamp with time zone':
      return 'TIMESTAMPTZ';
    case 'super':
      return 'JSON';
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'real':
    case 'boolean':
    case 'date':
      return type.name.toUpperCase();
  }
}

/** The engine's expression for a cast. Casting to a shorter string cuts it without an error, as on Redshift. */
export function castSql(operand: string, { type, lengthGiven }: WrittenType): string {
  if ('lengthBytes' in type && lengthGiven) return `redshift_cut(${operand}, ${type.lengthBytes})`;
  return `CAST(${isIntegral(type) ? `redshift_integral(${operand})` : operand} AS ${engineType(type)})`;
}

function isIntegral({ name }: ColumnType): boolean {
  return name === 'smallint' || name === 'integer' || name === 'bigint';
}

/** The engine's expression for TRY_CAST, which gives NULL where CAST fails. */
export function tryCastSql(operand: string, written: WrittenType): string {
  const { type } = written;
  if ('lengthBytes' in type) return castSql(operand, written);
  return `TRY_CAST(${isIntegral(type) ? `redshift_integral_or_null(${operand})` : operand} AS ${engineType(type)})`;
}

/** How the Data API describes a result column: PostgreSQL's type name, precision and scale. */
export type ResultType = { typeName: string; precision: number; scale: number };

const RESULT_TYPES: Record<string, ResultType> = {
  BOOLEAN: { typeName: 'bool', precision: 1, scale: 0 },
  TINYINT: { typeName: 'int2', precision: 5, scale: 0 },
  SMALLINT: { typeName: 'int2', precision: 5, scale: 0 },
  INTEGER: { typeName: 'int4', precision: 10, scale: 0 },
  BIGINT: { typeName: 'int8', precision: 19, scale: 0 },
  UBIGINT: { typeName: 'int8', precision: 19, scale: 0 },
  // The engine sums integers into 128 bits where Redshift answers BIGINT.
  HUGEINT: { typeName: 'int8', precision: 19, scale: 0 },
  FLOAT: { typeName: 'float4', precision: 8, scale: 8 },
  DOUBLE: { typeName: 'float8', precision: 17, scale: 17 },
  DATE: { typeName: 'date', precision: 13, scale: 0 },
  TIMESTAMP: { typeName: 'timestamp', precision: 29, scale: 6 },
  'TIMESTAMP WITH TIME ZONE': { typeName: 'timestamptz', precision: 35, scale: 6 },
  INTERVAL: { typeName: 'interval', precision: 49, scale: 0 },
};

/** Describes a result column, given the engine's name of its type. What has no counterpart on Redshift reads as text. */
export function resultType(engineTypeName: string): ResultType {
  const sizes = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(engineTypeName);
  if (sizes) return { typeName: 'numeric', precision: Number(sizes[1]), scale: Number(sizes[2]) };
  return RESULT_TYPES[engineTypeName] ?? { typeName: 'varchar', precision: 65_535, scale: 0 };
}

const COLUMN_TYPES: Record<string, SimpleName> = {
  BOOLEAN: 'boolean',
  TINYINT: 'smallint',
  SMALLINT: 'smallint',
  INTEGER: 'integer',
  BIGINT: 'bigint',
  HUGEINT: 'bigint',
  FLOAT: 'real',
  DOUBLE: 'double precision',
  DATE: 'date',
  TIMESTAMP: 'timestamp without time zone',
  'TIMESTAMP WITH TIME ZONE': 'timestamp with time zone',
  JSON: 'super',
};

/**
 * The Redshift type of a column made by a query, given the engine's name of its type. The engine does not know how long
 * such strings may be, so they get the longest VARCHAR.
 */
export function columnTypeOf(engineTypeName: string): ColumnType {
  const simple = COLUMN_TYPES[engineTypeName];
  if (simple) return { name: simple };
  const { typeName, precision, scale } = resultType(engineTypeName);
  if (typeName === 'numeric') return { name: 'numeric', precision, scale };
  return { name: 'character varying', lengthBytes: MAX_BYTES['character varying'] };
}

/** How the Data API describes a column of this type. */
export function resultTypeOf(type: ColumnType): ResultType {
  if ('lengthBytes' in type) {
    return { typeName: type.name === 'character' ? 'bpchar' : 'varchar', precision: type.lengthBytes, scale: 0 };
  }
  if (type.name === 'numeric') return { typeName: 'numeric', precision: type.precision, scale: type.scale };
  if (type.name === 'super') return { typeName: 'super', precision: 0, scale: 0 };
  const [engineTypeName = ''] = Object.entries(COLUMN_TYPES).find(([, name]) => name === type.name) ?? [];
  return resultType(engineTypeName);
}
