import type { StartOptions, ZstdBinding, ZstdDecompressStream } from 'zstd-codec/lib/zstd-codec-binding-wasm.js';
import { BadArchive } from './bad-archive.ts';

/** As much as is given to the decoder at once: it may expand to 30,000 times that, and answers all at once. */
const INPUT_BYTES = 1024;

/** The decoder has 16 MB of memory; what `zstd` writes up to level 19 without --long needs half of it. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024;
const MAX_HEADER_BYTES = 18;

/** A frame of 97 newlines. The decoder does not say whether the archive was whole, but gives these only if it was. */
const END_FRAME = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 97, 0x0b, 0x03, 0x00, 0x0a);
const END_TEXT = Buffer.alloc(97, '\n');

let decoder: Promise<{ binding: ZstdBinding }> | undefined;
/** Resolves when the decoder is free: its memory holds one archive. */
let turn: Promise<void> = Promise.resolve();

/**
 * Decompresses a zstd archive of any number of frames, with all checksums checked, when those before it are done. Throws
 * BadArchive for what is no such archive, and for one that was made to be read with more memory. Must be read to its end or
 * be returned.
 * https://www.rfc-editor.org/rfc/rfc8878
 */
export async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const before = turn;
  let end = (): void => undefined;
  turn = new Promise((resolve) => (end = resolve));
  await before;
  try {
    decoder ??= start();
    yield* decode((await decoder).binding, chunks);
  } finally {
    end();
  }
}

async function start(): Promise<{ binding: ZstdBinding }> {
  // Only who meets such an archive reads the decoder's 700 KB.
  const { default: startDecoder } = await import('zstd-codec/lib/zstd-codec-binding-wasm.js');
  return new Promise((resolve) => {
    const onReady = (): void => {
      // Not by itself: it has a method `then` that a promise would call for ever.
      resolve({ binding: module as ZstdBinding });
    };
    // What it prints when it is out of memory is said by the error.
    const module: Partial<ZstdBinding> & StartOptions = {
      onRuntimeInitialized: onReady,
      print: quiet,
      printErr: quiet,
    };
    startDecoder(module);
  });
}

function quiet(): void {
  return undefined;
}

async function* decode(binding: ZstdBinding, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = new binding.ZstdDecompressStreamBinding();
  const next = (input: Uint8Array): Buffer => {
    const output: Buffer[] = [];
    if (!transform(stream, input, output)) throw new BadArchive('it is no zstd, or damaged');
    return Buffer.concat(output);
  };
  stream.begin();
  let isEmpty = true;
  try {
    for await (const chunk of pieces(chunks)) {
      if (isEmpty && windowBytes(chunk) > MAX_WINDOW_BYTES) throw new BadArchive(NEEDS_MEMORY);
      isEmpty = false;
      yield next(chunk);
    }
    if (isEmpty || !next(END_FRAME).equals(END_TEXT)) throw new BadArchive('it ends too early');
  } finally {
    if (decoder !== undefined) stream.delete();
  }
}

function transform(stream: ZstdDecompressStream, input: Uint8Array, output: Buffer[]): boolean {
  try {
    return stream.transform(input, (bytes) => output.push(Buffer.from(bytes)));
  } catch {
    // Out of memory, after which the decoder is of no use to anybody.
    decoder = undefined;
    throw new BadArchive(NEEDS_MEMORY);
  }
}

const NEEDS_MEMORY = `it was made with a window of more than ${MAX_WINDOW_BYTES} bytes (zstd above level 19, or with --long)`;

/** The same bytes in pieces of `INPUT_BYTES` at most, the first with a whole header if there is one. */
async function* pieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of chunks) {
    const all: Uint8Array = head ? Buffer.concat([head, chunk]) : chunk;
    head = head && all.length < MAX_HEADER_BYTES ? all : undefined;
    if (!head) for (let at = 0; at < all.length; at += INPUT_BYTES) yield all.subarray(at, at + INPUT_BYTES);
  }
  if (head && head.length > 0) yield head;
}

/** The memory the first frame of an archive asks for; 0 when it does not say. */
function windowBytes(header: Uint8Array): number {
  if (!END_FRAME.subarray(0, 4).every((byte, i) => byte === header[i])) return 0;
  const [descriptor = 0, window = 0] = header.subarray(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if (!isSingleSegment) return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
  const size = Buffer.from(header.subarray(5 + ([0, 1, 2, 4][descriptor & 3] ?? 0), MAX_HEADER_BYTES));
  const sizeBytes = [1, 2, 4, 8][descriptor >> 6] ?? 1;
  return size.length < sizeBytes ? 0 : sizeBytes === 8 ? Number(size.readBigUInt64LE()) : size.readUIntLE(0, sizeBytes);
}
