import { DuckDBInstance } from '@duckdb/node-api';
import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { types } from 'node:util';

/** The database file is open in another process, or a second time in this one. */
export class WarehouseLocked extends Error {
  override readonly name = 'WarehouseLocked';
}

/** The database file was written by a newer engine than this one. */
export class WarehouseTooNew extends Error {
  override readonly name = 'WarehouseTooNew';
}

/** The database file is damaged, or is no database. */
export class WarehouseUnreadable extends Error {
  override readonly name = 'WarehouseUnreadable';
}

/** An open database; `close` frees the file for others. */
export type DatabaseFile = { instance: DuckDBInstance; close: () => void };

// The engine's file lock belongs to the process, so it does not stop the same process from opening a file twice.
const OPEN_FILES = new Set<string>();

/** Opens or makes the database. `memoryLimit` is in the engine's words, such as '1GB'. Throws WarehouseLocked, WarehouseTooNew and WarehouseUnreadable. */
export async function openDatabaseFile(file: string, memoryLimit: string): Promise<DatabaseFile> {
  const path = file === ':memory:' ? undefined : resolve(file);
  if (path !== undefined && OPEN_FILES.has(path)) throw locked(file);
  if (path !== undefined) OPEN_FILES.add(path);
  const forget = (): void => {
    if (path !== undefined) OPEN_FILES.delete(path);
  };
  try {
    if (path !== undefined) checkKind(file);
    const instance = await DuckDBInstance.create(file, { memory_limit: memoryLimit });
    const close = (): void => {
      instance.closeSync();
      forget();
    };
    return { instance, close };
  } catch (error) {
    forget();
    throw explained(error, file);
  }
}

/** Refuses what is no DuckDB file, before the engine looks for an extension that could read it. A missing file is made. */
function checkKind(file: string): void {
  const start = Buffer.alloc(12);
  try {
    const descriptor = openSync(file, 'r');
    try {
      readSync(descriptor, start);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const code = types.isNativeError(error) && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return;
    throw code === 'EISDIR' ? unreadable(file, error) : error;
  }
  if (start.toString('latin1', 8) !== 'DUCK') throw unreadable(file);
}

function unreadable(file: string, cause?: unknown): WarehouseUnreadable {
  const said = `The warehouse file ${file} is damaged, or is no DuckDB file. Delete it and load again, or use another home directory.`;
  return new WarehouseUnreadable(said, { cause });
}

function explained(error: unknown, file: string): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('Could not set lock')) return locked(file, error);
  if (/not a valid DuckDB database file|Corrupt database file|Could not read enough bytes/.test(message)) {
    return unreadable(file, error);
  }
  if (!/version number \d+, but we can only read/.test(message)) return error;
  return new WarehouseTooNew(
    `The warehouse file ${file} was written by a newer DuckDB than this one reads. Start it with the version of this project that wrote it, or delete the file and load again.`,
    { cause: error },
  );
}

function locked(file: string, cause?: unknown): WarehouseLocked {
  return new WarehouseLocked(
    `The warehouse file ${file} is already open, perhaps in another process. Stop that one, or start this one with another home directory.`,
    { cause },
  );
}
