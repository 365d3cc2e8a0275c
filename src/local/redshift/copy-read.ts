import { types } from 'node:util';
import { columnCode, conversion, mayBeInvalidJson } from './copy-conversions.ts';
import { jsonPointer, type JsonPath } from './jsonpaths.ts';
import type { Column, CopyStatement } from './types.ts';

/** A column COPY fills, and where in the JSON it looks; of several paths the first that gives a value counts. */
export type LoadColumn = { column: Column; paths: JsonPath[] };

/** The message by which a row that the strict reading refuses stops it. */
const refusal = 'COPY refuses a row';

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
  return `read_json_objects(${literal(path)}, format = 'newline_delimited')`;
}

/**
 * A relation with, for each load column i: its raw text r<i>, its typed value v<i> and its error code k<i> (NULL when
 * good). `source` is a relation with the column `json`. When the rows are numbered each is {"n": number, "r": document}
 * and the number comes as n. One parse of the JSON serves all columns.
 */
export function convertedRows(source: string, columns: LoadColumn[], copy: CopyStatement, isNumbered: boolean): string {
  const root: JsonPath = isNumbered ? ['r'] : [];
  const pointers = columns.flatMap(({ paths }) => paths.map((path) => literal(jsonPointer([...root, ...path]))));
  const number = isNumbered ? [`CAST(extracted[${pointers.push("'/n'")}] AS BIGINT) AS n`] : [];
  const extracted = `SELECT *, json_extract_string(json, [${pointers.join(', ')}]) AS extracted FROM ${source}`;
  const conversions = columns.map(({ column }) => conversion(column.type, copy));
  let position = 0;
  const raw = columns.map(({ column, paths }, i) => {
    const texts = paths.map((path) => {
      position++;
      // SUPER keeps the JSON itself; a string must stay distinct from a number.
      return column.type.name === 'super'
        ? `CAST(json_extract(json, ${literal(jsonPointer([...root, ...path]))}) AS VARCHAR)`
        : `extracted[${position}]`;
    });
    return `coalesce(${[...texts, 'CAST(NULL AS VARCHAR)'].join(', ')}) AS r${i}`;
  });
  const texts = conversions.map((convert, i) => `${convert.text(`r${i}`)} AS x${i}`);
  const values = conversions.map((convert, i) => `${convert.value(`x${i}`)} AS v${i}`);
  const codes = columns.map(({ column, paths }, i) => {
    const code = columnCode(column, conversions[i] ?? conversion(column.type, copy), `x${i}`, `v${i}`);
    const absent = paths.flatMap((path) => missingElement(root, path));
    return `${absent.length === 0 ? code : `CASE WHEN r${i} IS NULL AND (${absent.join(' OR ')}) THEN 1216 ELSE ${code} END`} AS k${i}`;
  });
  const stages = [[...number, ...raw], texts, values, codes];
  return stages.reduce(
    (inner, stage, depth) => `SELECT ${depth === 0 ? 'json' : '*'}, ${stage.join(', ')} FROM (${inner})`,
    extracted,
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

/** The typed values of all rows of `converted`; the engine raises at the first row that is not beyond doubt. */
export function strictRows(converted: string, columns: LoadColumn[], copy: CopyStatement): string {
  const values = columns.map((_, i) => `v${i}`).join(', ');
  return `SELECT ${values} FROM (${converted}) WHERE CASE WHEN ${doubts(columns, copy)} THEN error('${refusal}') ELSE true END`;
}

/** Of `converted`, numbered: n, the first bad column's position, its error code and raw text (NULL when good), the values. */
export function judgedRows(converted: string, columns: LoadColumn[]): string {
  const first = (result: (i: number) => string): string =>
    `CASE ${columns.map((_, i) => `WHEN k${i} IS NOT NULL THEN ${result(i)}`).join(' ')} END`;
  const values = columns.map((_, i) => `v${i}`).join(', ');
  return `SELECT n, ${first(String)} AS bad, ${first((i) => `k${i}`)} AS code, left(${first((i) => `r${i}`)}, 1024) AS field, ${values}
    FROM (${converted})`;
}

function doubts(columns: LoadColumn[], copy: CopyStatement): string {
  const bad = columns.map((_, i) => `k${i} IS NOT NULL`);
  const notJson = columns.flatMap(({ column }, i) =>
    column.type.name.startsWith('character') ? mayBeInvalidJson(`r${i}`) : [],
  );
  if (copy.json.kind === 'jsonpaths') return [...bad, ...notJson].join(' OR ');
  const allNull = columns.map((_, i) => `r${i} IS NULL`).join(' AND ');
  const notAnObject = `CASE WHEN ${allNull} THEN json_type(json) <> 'OBJECT' ELSE false END`;
  const checks = [...bad, ...notJson, notAnObject];
  if (copy.json.kind === 'auto ignorecase') checks.push(otherSpelling(columns));
  return checks.join(' OR ');
}

// Only a row that lacks a value can hold it under a spelling not known yet, so only such rows are looked at twice.
function otherSpelling(columns: LoadColumn[]): string {
  const anyNull = columns.map((_, i) => `r${i} IS NULL`).join(' OR ');
  const names = columns.map(({ column }) => literal(column.name)).join(', ');
  const known = columns.flatMap(({ paths }) => paths.map((path) => literal(String(path[0])))).join(', ');
  const unknown = `list_contains([${names}], lower(key)) AND NOT list_contains(CAST([${known}] AS VARCHAR[]), key)`;
  return `CASE WHEN ${anyNull} THEN len(list_filter(json_keys(json), lambda key: ${unknown})) > 0 ELSE false END`;
}

/** True for the engine's errors that say the content is not what the strict reading takes. */
export function isContentError(error: unknown): boolean {
  // Not instanceof: the engine's native errors may come from another realm.
  if (!types.isNativeError(error)) return false;
  return (
    error.message.includes(refusal) ||
    /Malformed JSON|maximum_object_size|[Ii]nvalid (unicode|UTF-?8)/.test(error.message)
  );
}
