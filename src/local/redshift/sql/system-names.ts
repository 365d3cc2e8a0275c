import { unsupported } from './refusals.ts';
import { SqlError, type TableName } from '../types.ts';

/** The error for an unknown name: Redshift's own system tables are reported as unsupported instead of missing. */
export function missingRelation({ schema, name }: TableName): SqlError {
  const shown = schema === undefined ? name : `${schema}.${name}`;
  return isSystemName({ schema, name })
    ? unsupported(`the system table ${shown}; ListTables and DescribeTable tell what there is`)
    : new SqlError(`relation "${shown}" does not exist`, '42P01');
}

/** https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_system-tables.html */
function isSystemName({ schema, name }: TableName): boolean {
  if (schema === 'information_schema' || schema === 'pg_catalog') return true;
  return schema === undefined && /^(?:pg|stl|stv|svl|svv|svcs|sys)_/.test(name);
}
