import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { types } from 'node:util';
import zlib from 'node:zlib';
import { BadArchive } from './bad-archive.ts';
import { bunzip2 } from './bunzip2.ts';
import { unzstd } from './unzstd.ts';

/** What expands beyond both is treated as a decompression bomb: real rows compress to a hundredth at best. */
const BOMB_BYTES = 1024 ** 3;
const BOMB_FACTOR = 1000;

/** The kinds of archive that COPY reads. */
export type Archive = 'gzip' | 'bzip2' | 'zstd';

type Chunks = AsyncGenerator<Uint8Array>;

const READERS: Record<Archive, (chunks: Chunks) => Chunks> = {
  gzip: gunzip,
  bzip2: bunzip2,
  zstd: unzstd,
};

/**
 * The bytes that compressed chunks stand for, which may be several archives one after the other; in bounded memory.
 * Throws BadArchive for what is no archive, is damaged, cut short or followed by something else, or is a bomb.
 */
export async function* decompressed(codec: Archive, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Chunks {
  const taken = { bytes: 0 };
  let givenBytes = 0;
  for await (const bytes of READERS[codec](counted(chunks, taken))) {
    givenBytes += bytes.length;
    if (givenBytes > BOMB_BYTES && givenBytes > BOMB_FACTOR * taken.bytes)
      throw new BadArchive(`it grows to more than ${BOMB_FACTOR} times its size`);
    yield bytes;
  }
}

/** The same chunks; `taken` says how many bytes have been read of them. */
async function* counted(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, taken: { bytes: number }): Chunks {
  for await (const chunk of chunks) {
    taken.bytes += chunk.length;
    yield chunk;
  }
}

async function* gunzip(chunks: Chunks): Chunks {
  const taken = { bytes: 0 };
  const stream = zlib.createGunzip();
  // What goes wrong comes out of the stream; but the platform ends it without a word where zeros follow an archive.
  pipeline(Readable.from(counted(chunks, taken), { objectMode: false }), stream).catch(() => undefined);
  try {
    for await (const bytes of stream) yield bytes as Uint8Array;
  } catch (error) {
    if (!types.isNativeError(error) || !('code' in error) || !String(error.code).startsWith('Z_')) throw error;
    throw new BadArchive(error.message);
  }
  if (stream.bytesWritten !== taken.bytes) throw new BadArchive('something follows the end of the archive');
}
