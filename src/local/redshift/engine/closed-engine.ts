import { join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteLiteral } from '../sql/scope.ts';

/**
 * Isolates an engine from the machine for as long as it is open: it reads and writes no file outside `directory` (for COPY's
 * spool and spilled memory), attaches none, loads no extension, and settings are locked. The dialect lets no statement name a
 * file; this is the safety net. Without a directory the engine has no file but its own. Call it last: it applies to everyone.
 * https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
 */
export async function closeEngine(connection: DuckDBConnection, directory?: string): Promise<void> {
  const settings = directory === undefined ? [] : openTo(resolve(directory));
  settings.push('allow_community_extensions = false', 'enable_external_access = false', 'lock_configuration = true');
  for (const setting of settings) await connection.run(`SET GLOBAL ${setting}`);
}

function openTo(directory: string): string[] {
  return [
    `temp_directory = ${quoteLiteral(join(directory, 'spill'))}`,
    // With the slash a neighbour whose name begins alike stays closed.
    `allowed_directories = [${quoteLiteral(join(directory, '/'))}]`,
  ];
}
