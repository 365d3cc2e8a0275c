import { types } from 'node:util';
import { columnCode, conversion, mayBeReformatted, strictColumn } from './conversions.ts';
import { jsonPointer, type JsonPath } from './jsonpaths.ts';
import type { Column, CopyStatement } from '../types.ts';

/** A column COPY fills, and where in the JSON it looks. */
export type LoadColumn = { column: Column; path: JsonPath };

/** The message by which a row that the strict reading refuses stops it. */
const REFUSAL = 'COPY refuses a row';

/** A literal of the engine's SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A quoted name of the engine's SQL. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The text of newline-delimited JSON in a file, one value per row, as a relation with the column `json`. */
export function jsonLines(path: string): string {
  return `read_json_objects(${filePattern(path)}, format = 'newline_delimited')`;
}

/** A path is taken for a pattern, in which brackets make any character stand for itself. */
function filePattern(path: string): string {
  return literal(path.replace(/[*?[]/g, '[$&]'));
}

/**
 * The same as rawRows of documents that are not numbered, in two thirds of the time, except for numbers that are very small or
 * very large: those come with an exponent (see `mayBeRespelled`). Undefined where only reading by paths can do it.
 */
function quickRows(source: string, columns: LoadColumn[]): string | undefined {
  const members = plainMembers(columns);
  if (members === undefined) return undefined;
  const structure = JSON.stringify(Object.fromEntries(members.map((member) => [member, 'VARCHAR'])));
  const raw = members.map((member, i) => `struct_extract(document, ${literal(member)}) AS r${i}`);
  return `SELECT json, ${raw.join(', ')} FROM (SELECT json, json_transform(json, ${literal(structure)}) AS document FROM ${source})`;
}

/** The lists of keys that rows have, as an expression of the engine and as they are. */
export type Layouts = { sql: string; keys: readonly (readonly string[])[] };

/**
 * The same as quickRows of rows whose keys are one of `layouts`, with those as the column `keys`: one parse gives keys and texts,
 * and where among the texts each column's lies is known. Undefined where quickRows is.
 */
function layoutRows(path: string, columns: LoadColumn[], { sql, keys }: Layouts): string | undefined {
  const members = plainMembers(columns);
  if (members === undefined) return undefined;
  // Nearly always there is one list, and then nothing has to be looked up for each row.
  const isOne = keys.length === 1;
  const raw = members.map((member, i) => {
    const places = keys.map((layout) => layout.indexOf(member) + 1 || 'NULL');
    return `texts[${isOne ? places.join('') : `[${places.join(', ')}][layout]`}] AS r${i}`;
  });
  const layout = isOne ? `CASE WHEN keys = ${sql}[1] THEN 1 END` : `list_position(${sql}, keys)`;
  const documents = `read_json(${filePattern(path)}, format = 'newline_delimited', records = false, columns = {document: 'MAP(VARCHAR, VARCHAR)'})`;
  return `SELECT *, ${raw.join(', ')} FROM (SELECT *, ${layout} AS layout FROM (
    SELECT map_keys(document) AS keys, map_values(document) AS texts FROM ${documents}))`;
}

/** The first-level member each column is filled from. Undefined where that is not all there is to say. */
function plainMembers(columns: LoadColumn[]): string[] | undefined {
  const members: string[] = [];
  for (const { column, path } of columns) {
    const [member, ...below] = path;
    if (below.length > 0 || typeof member !== 'string') return undefined;
    // SUPER is no text, and a DECIMAL must be cut where it is written.
    if (column.type.name === 'super' || column.type.name === 'numeric') return undefined;
    members.push(member);
  }
  // The members of the engine's structures differ by more than their case.
  return new Set(members.map((member) => member.toLowerCase())).size === members.length ? members : undefined;
}

/**
 * A relation with the column `json` of `source` and, for each load column i, its raw text r<i>. When the rows are numbered
 * each is {"n": number, "r": document} and the number comes as n. One parse of the JSON serves all columns.
 */
function rawRows(source: string, columns: LoadColumn[], isNumbered: boolean): string {
  const root = rootOf(isNumbered);
  const pointers = columns.map(({ path }) => literal(jsonPointer([...root, ...path])));
  const number = isNumbered ? [`CAST(extracted[${pointers.push("'/n'")}] AS BIGINT) AS n`] : [];
  const extracted = `SELECT *, json_extract_string(json, [${pointers.join(', ')}]) AS extracted FROM ${source}`;
  const raw = columns.map(({ column }, i) =>
    // SUPER keeps the JSON itself; a string must stay distinct from a number.
    column.type.name === 'super'
      ? `CAST(json_extract(json, ${pointers[i] ?? ''}) AS VARCHAR) AS r${i}`
      : `extracted[${i + 1}] AS r${i}`,
  );
  return `SELECT json, ${[...number, ...raw].join(', ')} FROM (${extracted})`;
}

function rootOf(isNumbered: boolean): JsonPath {
  return isNumbered ? ['r'] : [];
}

/**
 * A relation over numbered documents with n and, for each load column i: its raw text r<i>, its typed value v<i> and its
 * error code k<i> (NULL when good).
 */
export function convertedRows(source: string, columns: LoadColumn[], copy: CopyStatement): string {
  const conversions = columns.map(({ column }) => conversion(column.type, copy));
  const texts = conversions.map((convert, i) => `${convert.text(`r${i}`)} AS x${i}`);
  const values = conversions.map((convert, i) => `${convert.value(`x${i}`)} AS v${i}`);
  const codes = columns.map(({ column, path }, i) => {
    const code = columnCode(column, conversions[i] ?? conversion(column.type, copy), `x${i}`, `v${i}`);
    const absent = missingElement(rootOf(true), path);
    return `${absent.length === 0 ? code : `CASE WHEN r${i} IS NULL AND (${absent.join(' OR ')}) THEN 1216 ELSE ${code} END`} AS k${i}`;
  });
  return [texts, values, codes].reduce(
    (inner, stage) => `SELECT *, ${stage.join(', ')} FROM (${inner})`,
    rawRows(source, columns, true),
  );
}

// A path to an element its array does not have fails the row, where a missing member is NULL.
function missingElement(root: JsonPath, path: JsonPath): string[] {
  return path.flatMap((step, i) => {
    if (typeof step !== 'number') return [];
    const array = literal(jsonPointer([...root, ...path.slice(0, i)]));
    return `coalesce(json_array_length(json, ${array}), 0) <= ${step}`;
  });
}

/**
 * The typed values of all rows of `source`, a relation with the column `json`; the engine raises at the first row that is
 * not beyond doubt. `layouts` is an expression for lists of keys whose spellings the columns' paths are known to have.
 */
export function strictRows(source: string, columns: LoadColumn[], copy: CopyStatement, layouts: string): string {
  const raw = quickRows(source, columns) ?? rawRows(source, columns, false);
  return typedRows(raw, columns, copy, rowDoubts(columns, copy, layouts));
}

/** The same of rows whose keys are one of `layouts`, in that order; the engine raises at any other. See `layoutRows`. */
export function strictLayoutRows(
  path: string,
  columns: LoadColumn[],
  copy: CopyStatement,
  layouts: Layouts,
): string | undefined {
  const raw = layoutRows(path, columns, layouts);
  return raw === undefined ? undefined : typedRows(raw, columns, copy, ['layout IS NULL']);
}

function typedRows(raw: string, columns: LoadColumn[], copy: CopyStatement, doubts: string[]): string {
  const strict = columns.map(({ column }, i) => strictColumn(column, copy, `r${i}`, `v${i}`));
  const typed = strict.map(({ value }, i) => `${value} AS v${i}`).join(', ');
  const values = columns.map((_, i) => `v${i}`).join(', ');
  const respelled = columns.flatMap(({ column }, i) =>
    column.type.name.startsWith('character') ? [mayBeReformatted(`r${i}`)] : [],
  );
  const all = [...strict.map(({ doubt }) => doubt), ...respelled, ...doubts].join(' OR ');
  return `SELECT ${values} FROM (SELECT *, ${typed} FROM (${raw}))
    WHERE CASE WHEN ${all} THEN error('${REFUSAL}') ELSE true END`;
}

/** Of `converted`, numbered: n, the first bad column's position, its error code and raw text (NULL when good), the values. */
export function judgedRows(converted: string, columns: LoadColumn[]): string {
  const first = (result: (i: number) => string): string =>
    `CASE ${columns.map((_, i) => `WHEN k${i} IS NOT NULL THEN ${result(i)}`).join(' ')} END`;
  const values = columns.map((_, i) => `v${i}`).join(', ');
  return `SELECT n, ${first(String)} AS bad, ${first((i) => `k${i}`)} AS code, left(${first((i) => `r${i}`)}, 1024) AS field, ${values}
    FROM (${converted})`;
}

/** When a row as a whole is in doubt, whatever its values. */
function rowDoubts(columns: LoadColumn[], copy: CopyStatement, layouts: string): string[] {
  const allNull = columns.map((_, i) => `r${i} IS NULL`).join(' AND ');
  const kinds = copy.json.kind === 'jsonpaths' ? `('OBJECT', 'ARRAY')` : `('OBJECT')`;
  const noRow = `(${allNull} AND json_type(json) NOT IN ${kinds})`;
  const absent = columns.flatMap(({ path }, i) =>
    missingElement(rootOf(false), path).map((missing) => `(r${i} IS NULL AND ${missing})`),
  );
  const spelling = copy.json.kind === 'auto ignorecase' ? [otherSpelling(columns, layouts)] : [];
  return [...absent, noRow, ...spelling];
}

// Most rows have a list of keys that is known; only the others are looked at twice. Unlike AND, CASE keeps to that order.
function otherSpelling(columns: LoadColumn[], layouts: string): string {
  const names = columns.map(({ column }) => literal(column.name)).join(', ');
  const known = columns.map(({ path }) => literal(String(path[0]))).join(', ');
  const unknown = `list_contains(list_transform([${names}], lambda name: lower(name)), lower(key)) AND NOT list_contains([${known}], key)`;
  const isUnknown = `len(list_filter(json_keys(json), lambda key: ${unknown})) > 0`;
  return `CASE WHEN list_contains(${layouts}, json_keys(json)) THEN false ELSE ${isUnknown} END`;
}

/** True for the engine's errors that say the content is not what the strict reading takes. */
export function isContentError(error: unknown): boolean {
  // Not instanceof: the engine's native errors may come from another realm.
  if (!types.isNativeError(error)) return false;
  return (
    error.message.includes(REFUSAL) ||
    /Malformed JSON|JSON transform error|maximum_object_size|[Ii]nvalid (unicode|UTF-?8)/.test(error.message)
  );
}
