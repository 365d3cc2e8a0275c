import type { DuckDBConnection } from '@duckdb/node-api';
import { SqlError, type Catalog, type CatalogChange, type Table, type TableName, type Translation } from './types.ts';
import type { ResultType } from './results.ts';

/** pass-through until the dialect exists */
export async function prepareEngine(_connection: DuckDBConnection): Promise<void> {
  await Promise.resolve();
}
export class SessionCatalog implements Catalog {
  find(_name: TableName): Table | undefined {
    return undefined;
  }
  apply(_changes: CatalogChange[]): void {
    /* none */
  }
}
export function engineError(error: unknown): SqlError {
  return error instanceof SqlError ? error : new SqlError(String((error as Error).message));
}
export function resultType(type: string): ResultType {
  const names: Record<string, string> = {
    INTEGER: 'int4',
    BIGINT: 'int8',
    DOUBLE: 'float8',
    BOOLEAN: 'bool',
    TIMESTAMP: 'timestamp',
  };
  return { typeName: names[type] ?? (type.startsWith('DECIMAL') ? 'numeric' : 'varchar') };
}
export function translate(sql: string, _catalog: Catalog, _options: { inTransaction: boolean }): Translation {
  const words = sql
    .trim()
    .replace(/[();,]/g, ' ')
    .split(/\s+/);
  const verb = (words[0] ?? '').toUpperCase();
  const base = { reads: [] as string[], writes: [] as string[], locks: [] as string[] };
  const table = (word: string): string[] =>
    words.flatMap((w, i) => (w.toUpperCase() === word && words[i + 1] ? [`public.${words[i + 1]}`] : []));
  switch (verb) {
    case 'SELECT':
      return { ...base, verb, plan: { kind: 'query', sql }, reads: table('FROM') };
    case 'INSERT':
      return {
        ...base,
        verb,
        plan: { kind: 'write', checks: [], statements: [sql] },
        writes: table('INTO'),
        reads: table('FROM'),
      };
    case 'MERGE':
      return {
        ...base,
        verb,
        plan: { kind: 'write', checks: [], statements: [sql] },
        writes: table('INTO'),
        reads: table('USING'),
      };
    case 'UPDATE':
      return { ...base, verb, plan: { kind: 'write', checks: [], statements: [sql] }, writes: table('UPDATE') };
    case 'DELETE':
      return { ...base, verb, plan: { kind: 'write', checks: [], statements: [sql] }, writes: table('FROM') };
    case 'TRUNCATE':
      return { ...base, verb, plan: { kind: 'truncate', statement: sql }, writes: table('TRUNCATE') };
    case 'LOCK':
      return { ...base, verb, plan: { kind: 'lock' }, locks: table('LOCK') };
    case 'BEGIN':
      return { ...base, verb, plan: { kind: 'transaction', verb: 'begin' } };
    case 'COMMIT':
      return { ...base, verb, plan: { kind: 'transaction', verb: 'commit' } };
    case 'ROLLBACK':
      return { ...base, verb, plan: { kind: 'transaction', verb: 'rollback' } };
    default:
      return {
        ...base,
        verb: `${verb} ${words[1] ?? ''}`.toUpperCase(),
        plan: { kind: 'define', statements: [sql], changes: [] },
        writes: words[1] === 'table' ? table('table') : [],
      };
  }
}
