import { resultTypeOf } from '../sql/data-types.ts';
import { pageOf } from './paging.ts';
import type { Reply } from './replies.ts';
import { required, text, warehouseOf, type Body } from './requests.ts';
import { columnMetadata } from '../session/results.ts';
import { invalid } from '../service-error.ts';
import type { Column, Table, DatabaseCatalog } from '../types.ts';

/** Where the operations on metadata look. */
export type MetadataSource = { warehouse: string; database: string; catalog: DatabaseCatalog };

/** https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-list-schemas.html */
const SYSTEM_SCHEMAS = ['information_schema', 'pg_catalog', 'pg_internal'];
/** Results of one call. https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListTables.html */
const MOST_PER_PAGE = 1000;

/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListDatabases.html */
export function listDatabases(source: MetadataSource, body: Body): Reply {
  checkTarget(source, body);
  const { page, next } = pageOf([source.database], body, 'ListDatabases', MOST_PER_PAGE);
  return { Databases: page, ...next };
}

/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListSchemas.html */
export async function listSchemas(source: MetadataSource, body: Body): Promise<Reply> {
  checkTarget(source, body);
  const matches = pattern(body, 'SchemaPattern');
  const schemas = [...SYSTEM_SCHEMAS, ...(await source.catalog.schemas())].filter(matches).sort();
  const { page, next } = pageOf(schemas, body, 'ListSchemas', MOST_PER_PAGE);
  return { Schemas: page, ...next };
}

/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListTables.html */
export async function listTables(source: MetadataSource, body: Body): Promise<Reply> {
  checkTarget(source, body);
  const inSchema = pattern(body, 'SchemaPattern');
  const named = pattern(body, 'TablePattern');
  const tables = (await tablesInOrder(source)).filter((table) => inSchema(schemaOf(table)) && named(table.name));
  const { page, next } = pageOf(tables, body, 'ListTables', MOST_PER_PAGE);
  const listed = page.map((table) => ({ name: table.name, schema: schemaOf(table), type: table.kind.toUpperCase() }));
  return { Tables: listed, ...next };
}

/**
 * Describes the columns of one table, or of all that the call does not leave out. A table that does not exist has no columns:
 * the Data API asks the driver for the columns of what is named so, and that is no error.
 * https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeTable.html
 */
export async function describeTable(source: MetadataSource, body: Body): Promise<Reply> {
  checkTarget(source, body);
  const schema = text(body, 'Schema', 0, 128);
  const name = text(body, 'Table', 0, 128);
  const tables = (await tablesInOrder(source)).filter(
    (table) => (schema === undefined || schemaOf(table) === schema) && (name === undefined || table.name === name),
  );
  const columns = tables.flatMap((table) =>
    table.columns.map((column, index) => describedColumn(table, column, index)),
  );
  const { page, next } = pageOf(columns, body, 'DescribeTable', MOST_PER_PAGE);
  return { ...(name === undefined ? {} : { TableName: name }), ColumnList: page, ...next };
}

/** Throws ValidationException unless the call names this warehouse and its one database. */
function checkTarget({ warehouse, database }: MetadataSource, body: Body): void {
  if (warehouseOf(body) !== warehouse) throw invalid("Redshift endpoint doesn't exist in this region.");
  for (const named of [required(body, 'Database'), text(body, 'ConnectedDatabase', 1, 128)]) {
    if (named !== undefined && named !== database) throw invalid(`FATAL: database "${named}" does not exist`);
  }
}

async function tablesInOrder({ catalog }: MetadataSource): Promise<Table[]> {
  const key = (table: Table): string => `${schemaOf(table)}.${table.name}`;
  return (await catalog.tables()).sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** System views live in `pg_catalog`, wherever the engine keeps them. */
function schemaOf(table: Table): string {
  return table.kind === 'system view' ? 'pg_catalog' : (table.schema ?? 'public');
}

/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ColumnMetadata.html */
function describedColumn(table: Table, column: Column, index: number): Reply {
  const type = resultTypeOf(column.type);
  return {
    ...columnMetadata(column.name, { ...type, length: type.precision }),
    nullable: column.notNull ? 0 : 1,
    schemaName: schemaOf(table),
    tableName: table.name,
    ...defaultOf(column, index),
  };
}

/** The default as the catalog shows it; identity columns have the call of a function there, whose first argument is the table's number. */
function defaultOf({ identity, defaultText }: Column, index: number): { columnDefault?: string } {
  if (identity) return { columnDefault: `"identity"(0, ${index}, '${identity.seed},${identity.step}'::text)` };
  return defaultText === undefined ? {} : { columnDefault: defaultText };
}

/** An optional SQL pattern, as the question whether a name matches it. Names are lower case, and patterns are not folded. */
function pattern(body: Body, member: string): (name: string) => boolean {
  const written = text(body, member, 0, 1024);
  if (written === undefined) return () => true;
  const parts = written.match(/\\.|./gsu) ?? [];
  return (name) => matchesPattern(Array.from(name), parts);
}

/**
 * Whether a name matches the parts of a LIKE pattern: `%` is any text, `_` any character, `\` takes the next one literally.
 * Going back to the last `%` alone keeps the time within the product of both lengths, whatever a client writes.
 */
function matchesPattern(name: readonly string[], parts: readonly string[]): boolean {
  let at = 0;
  let part = 0;
  let restart: { at: number; part: number } | undefined;
  while (at < name.length) {
    const wanted = parts[part];
    if (wanted === '%') {
      part += 1;
      restart = { at, part };
    } else if (wanted === '_' || wanted?.replace(/^\\/, '') === name[at]) {
      at += 1;
      part += 1;
    } else if (restart) {
      restart.at += 1;
      ({ at, part } = restart);
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === '%');
}
