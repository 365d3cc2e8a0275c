import { DEFAULT_LIMITS } from '../config.ts';
import type { Connection, Row } from '../ports.ts';
import { bytes, number, pluralize } from '../numbers.ts';
import type { Candidate, Unread } from '../trace/candidates.ts';
import type { Judgement } from '../trace/judge.ts';
import type { StarSource } from '../trace/search.ts';
import type { SongRow } from '../trace/song-row.ts';
import { readNewestBatch } from '../ledger/reports.ts';
import type { Io } from './command.ts';
import { ledgerOf } from './connection.ts';
import { readBatch, readCandidates, readSize, type Size } from './trace-ledger.ts';
import { songTarget, type Target } from './trace-row.ts';

/** What is read without a question: as much as one batch holds. */
export const UNASKED: Readonly<Size> = { objects: DEFAULT_LIMITS.maxObjects, bytes: DEFAULT_LIMITS.maxBytes };

/** Where a row of the star came from. */
export type Traced<Result = unknown> = {
  row: Row;
  /** The row that won, the load that brought it, and the rows that lost; undefined when no file that was read explains the row. */
  judgement: Judgement<Result> | undefined;
  /** Rows that lost beside those of the judgement, counted only. */
  dropped: number;
  exact: boolean;
  unread: Unread[];
  /** Objects that were not read because nobody agreed to it. */
  notRead: Size;
  /** Objects that were loaded in other versions than those there are now. */
  overwritten: number;
  read: Size;
  /** Of a play with a song: where the song came from. */
  song?: Traced<SongRow>;
};

/** Whether the row was found in a file, and everything that may hold it was read. */
export function isComplete({ judgement, unread, notRead }: Traced): boolean {
  return judgement !== undefined && unread.length === 0 && notRead.objects === 0;
}

/** Reads the files that may hold a row and judges them. `agreed`: whether much may be read without a question. @throws LoaderError */
export async function trace(target: Target, agreed: boolean, connection: Connection, io: Io): Promise<Traced> {
  const sources: StarSource[] = [
    target.source,
    ...(target.songId === undefined ? [] : (['songs'] satisfies StarSource[])),
  ];
  const ledger = ledgerOf(connection);
  const sizes = await Promise.all(sources.map((source) => readSize(source, ledger)));
  const total = {
    objects: sizes.reduce((sum, { objects }) => sum + objects, 0),
    bytes: sizes.reduce((sum, size) => sum + size.bytes, 0),
  };
  const readsAll = agreed || !isMuch(total) || (await ask(total, target, io));
  const [size = NOTHING, songsSize = NOTHING] = sizes;
  const traced = await traceOne(target, readsAll ? undefined : size, connection, io);
  if (target.songId === undefined) return traced;
  const song = await songTarget(target.songId, connection);
  if (song === undefined) return traced;
  return { ...traced, song: await traceOne(song, readsAll ? undefined : songsSize, connection, io) };
}

const NOTHING: Readonly<Size> = { objects: 0, bytes: 0 };

function isMuch({ objects, bytes: size }: Size): boolean {
  return objects > UNASKED.objects || size > UNASKED.bytes;
}

function ask(total: Size, { batchId }: Target, io: Io): Promise<boolean> {
  const much = `${pluralize(total.objects, 'file')}, ${bytes(total.bytes)}`;
  const less =
    batchId === undefined ? '' : ' The row itself is in a file of its batch; those alone are read without this.';
  io.err(`The ledger does not say which rows a file has: any of ${much}, may hold this one.${less}`);
  return io.confirm(`Read ${number(total.objects)} files?`);
}

/** `source`: the size of the whole source where only part of it may be read. */
async function traceOne<Result>(
  target: Target<Result>,
  source: Size | undefined,
  connection: Connection,
  io: Io,
): Promise<Traced<Result>> {
  const candidates = await candidatesOf(target, source === undefined, connection);
  const { judgement, exact, ...reading } = await target.examine(candidates, connection, io);
  const listed = candidates.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    row: target.row,
    judgement,
    dropped: reading.dropped,
    // A row that names its batch needs no other batch's files to be sure of; of the others any file may have been the one.
    exact: exact && (source === undefined || target.batchId !== undefined),
    unread: reading.unread,
    notRead:
      source === undefined
        ? NOTHING
        : {
            objects: Math.max(0, source.objects - candidates.length),
            bytes: Math.max(0, source.bytes - listed),
          },
    overwritten: reading.overwritten,
    read: { objects: candidates.length, bytes: reading.bytes },
  };
}

async function candidatesOf({ source, batchId }: Target, all: boolean, connection: Connection): Promise<Candidate[]> {
  const ledger = ledgerOf(connection);
  if (all) return readCandidates(source, { first: 0, last: await readNewestBatch(ledger) }, ledger);
  const batch = batchId === undefined ? undefined : await readBatch(batchId, ledger);
  return batch === undefined ? [] : readCandidates(source, { first: batch.batchNo, last: batch.batchNo }, ledger);
}
