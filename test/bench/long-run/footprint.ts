/** What a running stack holds of its machine: memory and open files of its processes, and the parts of its home. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { residentMegabytes } from '../memory.ts';

const MEGABYTE = 1024 ** 2;

/** One look; memory and disk in MB. What one landed file adds by nature, its object and its line in a journal, is told apart. */
export type Footprint = {
  /** The process that is warehouse, S3, SQS, event source and page. */
  stackMB: number;
  /** Of that, the heap of its JavaScript with what is garbage or free in it. */
  heapMB: number;
  /** Of the stack's, what is neither in the heap nor in buffers of JavaScript: the engine's, and the program itself. */
  engineMB: number;
  /** What of the heap was in use after the last collection of garbage. */
  liveMB: number;
  stackFiles: number;
  /** The processes of the functions, together. */
  functions: number;
  functionsMB: number;
  functionFiles: number;
  /** Any other process the stack has started. */
  othersMB: number;
  warehouseMB: number;
  /** What the warehouse has not yet written into its file. */
  walMB: number;
  queuesMB: number;
  objectsJournalMB: number;
  /** Files of the object store beside the landed ones: control files. */
  controlFiles: number;
  scratchMB: number;
};

/**
 * Looks at the stack whose process is `pid` and whose home is `home`; `landed` objects have been put there, and `tell-memory.mjs`
 * writes to `memoryFile`. Linux only.
 */
export function footprintOf(pid: number, home: string, memoryFile: string, landed: number): Footprint {
  const children = descendants(pid);
  const isFunction = (child: number): boolean => commandOf(child).includes('lambda-runtime');
  const functions = children.filter(isFunction);
  const others = children.filter((child) => !isFunction(child));
  const objects = entries(join(home, 'objects')).length - 1;
  const told = JSON.parse(readFileSync(memoryFile, 'utf8')) as NodeJS.MemoryUsage & { liveBytes: number };
  return {
    stackMB: told.rss / MEGABYTE,
    heapMB: told.heapTotal / MEGABYTE,
    engineMB: (told.rss - told.heapTotal - told.external) / MEGABYTE,
    liveMB: told.liveBytes / MEGABYTE,
    stackFiles: openFilesOf([pid]),
    functions: functions.length,
    functionsMB: memoryOf(functions),
    functionFiles: openFilesOf(functions),
    othersMB: memoryOf(others),
    warehouseMB: megabytes(join(home, 'warehouse.duckdb')),
    walMB: megabytes(join(home, 'warehouse.duckdb.wal')),
    queuesMB: megabytes(join(home, 'queues.jsonl')),
    objectsJournalMB: megabytes(join(home, 'objects/journal.jsonl')),
    controlFiles: objects - landed,
    scratchMB: sum(entries(join(home, 'scratch')).map((name) => megabytes(join(home, 'scratch', name)))),
  };
}

function descendants(pid: number): number[] {
  const found = entries(`/proc/${pid}/task`).map((task) => read(`/proc/${pid}/task/${task}/children`));
  const children = found.join(' ').split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`);
}

function memoryOf(pids: readonly number[]): number {
  return sum(pids.map((pid) => residentMegabytes(pid, 'now') ?? 0));
}

function openFilesOf(pids: readonly number[]): number {
  return sum(pids.map((pid) => entries(`/proc/${pid}/fd`).length));
}

function megabytes(file: string): number {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) / MEGABYTE;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Processes end and files go while they are looked at. */
function entries(directory: string): string[] {
  return unlessGone(() => readdirSync(directory), []);
}

function read(file: string): string {
  return unlessGone(() => readFileSync(file, 'utf8'), '');
}

function unlessGone<Value>(look: () => Value, otherwise: Value): Value {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(String((error as NodeJS.ErrnoException).code))) return otherwise;
    throw error;
  }
}
