import { open, type FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { BadArchive } from '../../../archives/bad-archive.ts';
import { decompressed } from '../../../archives/decompress.ts';
import { SuspiciousJson } from './suspicious-json.ts';
import { accessDenied, type LoadFile } from './manifest-file.ts';
import { BufferedWriter } from './spool-writer.ts';
import type { CopyStatement, ObjectReader, S3Address } from '../types.ts';
import { ObjectForbidden, ObjectMissing, SqlError } from '../types.ts';

/** Where one object's text lies in the spool file. `file` is its position in the list COPY was given. */
export type Segment = { file: number; address: S3Address; startBytes: number; lengthBytes: number };

/** An object whose bytes could not be decompressed. */
export type Unreadable = { file: number; address: S3Address; reason: string };

export type Spool = {
  path: string;
  segments: Segment[];
  unreadable: Unreadable[];
  /** True when the engine may let something pass as JSON that is none. */
  isDoubtful: boolean;
};

/** Objects read at once. More gains nothing on one machine and costs a buffer each. */
const CONCURRENT_READS = 16;
/** Objects up to this size are collected before they take their turn to write; larger ones stream while holding it. */
const BUFFER_BYTES = 1024 * 1024;

/** For how long reading small objects may hold up everything else. */
const TURN_MS = 5;

const NEWLINE = 10;
const LINE_END = Uint8Array.of(NEWLINE);

/**
 * Fetches, decompresses and appends every object to the one file at `path`, a newline after each that lacks one.
 * Memory is bounded by `CONCURRENT_READS` buffers whatever the size of an object; objects land in the order they arrive.
 * A missing object is skipped unless mandatory. Throws SqlError with Redshift's texts for what cannot be read.
 */
export async function spoolObjects(
  files: LoadFile[],
  path: string,
  options: { codec: CopyStatement['codec']; objects: ObjectReader; signal: AbortSignal },
): Promise<Spool> {
  const handle = await open(path, 'w');
  try {
    const writer = new SpoolWriter(handle);
    const spool: Spool = { path, segments: [], unreadable: [], isDoubtful: false };
    const remaining = files.entries();
    let turnStartedAt = performance.now();
    const readRemaining = async (): Promise<void> => {
      for (const [file, entry] of remaining) {
        options.signal.throwIfAborted();
        while (writer.flushing !== undefined) await writer.flushing;
        await readFile(file, entry, writer, spool, options);
        if (writer.isFull) await writer.flush();
        if (performance.now() - turnStartedAt < TURN_MS) continue;
        await setImmediate();
        turnStartedAt = performance.now();
      }
    };
    const readers = await Promise.allSettled(Array.from({ length: CONCURRENT_READS }, readRemaining));
    const failed = readers.find((reader) => reader.status === 'rejected');
    if (failed) throw failed.reason;
    await writer.finish();
    if (spool.segments.length + spool.unreadable.length === 0) {
      throw new SqlError('S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey,CanRetry 1');
    }
    spool.isDoubtful = writer.isDoubtful;
    return spool;
  } finally {
    await handle.close();
  }
}

async function readFile(
  file: number,
  { address, mandatory }: LoadFile,
  writer: SpoolWriter,
  spool: Spool,
  { codec, objects, signal }: { codec: CopyStatement['codec']; objects: ObjectReader; signal: AbortSignal },
): Promise<void> {
  try {
    const content = objects.read(address, codec === 'none' ? writer.allocate : undefined);
    const { body } = content instanceof Promise ? await content : content;
    const whole = body instanceof Uint8Array;
    const chunks = untilAborted(whole ? [body] : body, signal);
    const written =
      codec === 'none'
        ? ((whole ? writer.appendNow(body) : undefined) ?? (await writer.append(chunks)))
        : await writer.append(decompressed(codec, chunks));
    spool.segments.push({ file, address, ...written });
  } catch (error) {
    if (error instanceof ObjectMissing) {
      if (mandatory) throw new SqlError('Mandatory url is not present in manifest file');
    } else if (error instanceof ObjectForbidden) throw accessDenied(address);
    else if (error instanceof BadArchive) spool.unreadable.push({ file, address, reason: error.message });
    else throw error;
  }
}

async function* untilAborted(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    yield chunk;
  }
}

/** Appends objects to a file one after the other, gathering small ones into large writes. */
class SpoolWriter {
  readonly #file: BufferedWriter;
  readonly #doubts = new SuspiciousJson();
  #turn: Promise<unknown> = Promise.resolve();
  /** Objects that have or await their turn to write. */
  #waiting = 0;
  /** While it is flushed. Who would read an object that is whole waits for that, because its bytes then go where they are written from. */
  flushing: Promise<void> | undefined;

  constructor(handle: FileHandle) {
    this.#file = new BufferedWriter(handle, (bytes) => {
      this.#doubts.look(bytes);
    });
  }

  /** Whether it is time to flush. */
  get isFull(): boolean {
    return this.#file.isFull;
  }

  get isDoubtful(): boolean {
    return this.#doubts.found;
  }

  /** Memory for the bytes of an object that is appended at once. */
  readonly allocate = (bytes: number): Uint8Array =>
    this.#waiting > 0 ? Buffer.allocUnsafe(bytes) : this.#file.reserve(bytes);

  /** Appends an object that is whole, unless another one has the turn. */
  appendNow(body: Uint8Array): { startBytes: number; lengthBytes: number } | undefined {
    if (this.#waiting > 0) return undefined;
    const startBytes = this.#file.positionBytes;
    this.#file.add(body);
    if (body.at(-1) !== NEWLINE) this.#file.add(LINE_END);
    return { startBytes, lengthBytes: body.length };
  }

  async append(chunks: AsyncGenerator<Uint8Array>): Promise<{ startBytes: number; lengthBytes: number }> {
    const head: Uint8Array[] = [];
    let headBytes = 0;
    try {
      let next = await chunks.next();
      for (; !next.done && headBytes < BUFFER_BYTES; next = await chunks.next()) {
        head.push(next.value);
        headBytes += next.value.length;
      }
      return await this.#inTurn(async () => {
        const startBytes = this.#file.positionBytes;
        let last = NEWLINE;
        const write = async (chunk: Uint8Array): Promise<void> => {
          last = chunk.at(-1) ?? last;
          await this.#write(chunk);
        };
        for (const chunk of head) await write(chunk);
        for (; !next.done; next = await chunks.next()) await write(next.value);
        const lengthBytes = this.#file.positionBytes - startBytes;
        if (last !== NEWLINE) await this.#write(LINE_END);
        return { startBytes, lengthBytes };
      });
    } finally {
      await chunks.return(undefined);
    }
  }

  async flush(): Promise<void> {
    this.flushing ??= this.#inTurn(() => this.#file.flush()).finally(() => {
      this.flushing = undefined;
    });
    await this.flushing;
  }

  /** Writes what is left, when no object is under way any more. */
  async finish(): Promise<void> {
    await this.#file.finish();
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#waiting++;
    const result = this.#turn.then(work);
    // A failed object must not keep the others from their turn; its own caller hears of the failure.
    this.#turn = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#waiting--;
    }
  }

  async #write(chunk: Uint8Array): Promise<void> {
    this.#file.add(chunk);
    if (this.#file.isFull) await this.#file.flush();
  }
}
