import { parseJsonPaths, type JsonPath } from './jsonpaths.ts';
import { accessDenied, readText, s3Url } from './manifest-file.ts';
import type { Column, CopyStatement, ObjectReader, Table } from '../types.ts';
import { ObjectForbidden, ObjectMissing, SqlError } from '../types.ts';

/**
 * The columns a COPY fills, in order: those listed, or all but the IDENTITY columns. Throws SqlError for columns that do
 * not exist or cannot be filled, and for views.
 */
export function targetColumns(copy: CopyStatement, table: Table): Column[] {
  if (table.kind !== 'table') throw new SqlError(`Cannot COPY into ${table.kind} ${table.name}`);
  if (!copy.columns) return table.columns.filter((column) => !column.identity);
  return copy.columns.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (!column) throw new SqlError(`column "${name}" of relation "${table.name}" does not exist`, '42703');
    if (column.identity) throw new SqlError('cannot set an identity column to a value');
    return column;
  });
}

/**
 * The paths of a jsonpaths file, one per column; undefined when the COPY names none or Redshift would ignore it.
 * Throws SqlError when the file is missing, forbidden or malformed.
 */
export async function columnPaths(
  copy: CopyStatement,
  columns: Column[],
  objects: ObjectReader,
): Promise<JsonPath[] | undefined> {
  if (copy.json.kind !== 'jsonpaths') return undefined;
  const { address } = copy.json;
  try {
    return parseJsonPaths(await readText(objects, address), columns.length);
  } catch (error) {
    if (error instanceof ObjectForbidden) throw accessDenied(address);
    if (error instanceof ObjectMissing)
      throw new SqlError(`The specified JSONPath file does not exist: ${s3Url(address)}`);
    throw error;
  }
}
