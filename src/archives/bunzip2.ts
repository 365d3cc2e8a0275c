import { BadArchive } from './bad-archive.ts';

/** More than the longest encoding of one block: 900,000 symbols of 20 bits, and its tables. */
const MAX_BLOCK_BYTES = 2_500_000;
const OUTPUT_BYTES = 1024 * 1024;
const SYMBOLS_A_GROUP = 50;
const MAX_CODE_BITS = 20;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc;
});

/**
 * Decompresses a bzip2 archive of any number of streams, one block of 900 kB at a time. Throws BadArchive for what is no
 * such archive, with all checksums checked. Written here since the libraries there are run without end on a run length
 * that overflows, and gather all that a short archive expands to.
 * https://en.wikipedia.org/wiki/Bzip2#File_format
 */
export async function* bunzip2(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  try {
    const bits = new Bits();
    do {
      await fill(bits, source);
      if (bits.read(24) !== 0x425a68) throw new BadArchive('no bzip2 stream where one should begin');
      const blockSize = (bits.read(8) - 0x30) * 100_000;
      if (blockSize < 100_000 || blockSize > 900_000) throw new BadArchive('the size of its blocks is none');
      yield* streamText(bits, blockSize, source);
      bits.align();
      await fill(bits, source);
    } while (!bits.isAtEnd);
  } finally {
    await source.return?.();
  }
}

/** Sees to it that a whole block can be read. */
async function fill(bits: Bits, source: AsyncIterator<Uint8Array>): Promise<void> {
  const gathered = [bits.left()];
  let length = bits.left().length;
  while (length < MAX_BLOCK_BYTES) {
    const next = await source.next();
    if (next.done) break;
    gathered.push(next.value);
    length += next.value.length;
  }
  if (gathered.length > 1) bits.refill(Buffer.concat(gathered));
}

async function* streamText(
  bits: Bits,
  blockSize: number,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (let streamCrc = 0; ;) {
    await fill(bits, source);
    const [first, second] = [bits.read(24), bits.read(24)];
    const crc = bits.read(16) * 0x10000 + bits.read(16);
    if (first === 0x177245 && second === 0x385090) {
      if (crc !== streamCrc >>> 0) throw new BadArchive('the checksum of a stream is wrong');
      return;
    }
    if (first !== 0x314159 || second !== 0x265359) throw new BadArchive('no block where one should begin');
    streamCrc = ((streamCrc << 1) | (streamCrc >>> 31)) ^ crc;
    yield* blockText(readBlock(bits, blockSize), crc);
  }
}

/** Reads bits, the highest of a byte first. Throws BadArchive when there are none left. */
class Bits {
  #bytes: Uint8Array = new Uint8Array();
  #position = 0;
  #held = 0;
  #heldBits = 0;

  read(count: number): number {
    while (this.#heldBits < count) {
      const byte = this.#bytes[this.#position++];
      if (byte === undefined) throw new BadArchive('it ends too early');
      this.#held = ((this.#held << 8) | byte) & 0xffffffff;
      this.#heldBits += 8;
    }
    this.#heldBits -= count;
    return (this.#held >>> this.#heldBits) & ((1 << count) - 1);
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  align(): void {
    this.#heldBits = 0;
  }

  left(): Uint8Array {
    return this.#bytes.subarray(this.#position);
  }

  refill(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#position = 0;
  }
}

type Code = { minBits: number; limits: Int32Array; offsets: Int32Array; symbols: Uint16Array };

/** A block before its transform is undone: the bytes in the low 8 bits, and where the text begins. */
type Block = { cells: Uint32Array; start: number };

function readBlock(bits: Bits, blockSize: number): Block {
  if (bits.read(1) === 1) throw new BadArchive('it is of an obsolete version');
  const start = bits.read(24);
  const used = usedBytes(bits);
  const groups = bits.read(3);
  if (groups < 2 || groups > 6) throw new BadArchive('a number of tables is none');
  const selectors = readSelectors(bits, groups);
  const codes = Array.from({ length: groups }, () => readCode(bits, used.length + 2));
  const cells = new Uint32Array(blockSize);
  let [length, run, weight] = [0, 0, 1];
  for (let count = 0; ; count++) {
    const code = codes[selectors[Math.floor(count / SYMBOLS_A_GROUP)] ?? -1];
    if (!code) throw new BadArchive('a block goes on behind its end');
    const symbol = readSymbol(bits, code);
    if (symbol < 2) {
      run += weight << symbol;
      weight *= 2;
      if (length + run > blockSize) throw new BadArchive('a block is longer than its size');
      continue;
    }
    cells.fill(used[0] ?? 0, length, length + run);
    length += run;
    [run, weight] = [0, 1];
    if (symbol === used.length + 1) break;
    if (length === blockSize) throw new BadArchive('a block is longer than its size');
    const byte = toFront(used, symbol - 1);
    cells[length++] = byte;
  }
  if (start >= length) throw new BadArchive('a block begins behind its end');
  return { cells: cells.subarray(0, length), start };
}

function usedBytes(bits: Bits): Uint8Array {
  const ranges = bits.read(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const members = bits.read(16);
    for (let i = 0; i < 16; i++) if ((members & (0x8000 >> i)) !== 0) used.push(range * 16 + i);
  }
  if (used.length === 0) throw new BadArchive('a block is of no bytes');
  return Uint8Array.from(used);
}

function readSelectors(bits: Bits, groups: number): Uint8Array {
  const order = Uint8Array.from({ length: groups }, (_, i) => i);
  return Uint8Array.from({ length: bits.read(15) }, () => {
    let place = 0;
    while (bits.read(1) === 1) if (++place >= groups) throw new BadArchive('a table is named that is not there');
    return toFront(order, place);
  });
}

function toFront(order: Uint8Array, place: number): number {
  const moved = order[place] ?? 0;
  order.copyWithin(1, 0, place);
  order[0] = moved;
  return moved;
}

function readCode(bits: Bits, symbolCount: number): Code {
  let length = bits.read(5);
  const lengths = Uint8Array.from({ length: symbolCount }, () => {
    for (;;) {
      if (length < 1 || length > MAX_CODE_BITS) throw new BadArchive('the length of a code is none');
      if (bits.read(1) === 0) return length;
      length += bits.read(1) === 0 ? 1 : -1;
    }
  });
  const bySymbol = [...lengths.keys()].sort((one, other) => (lengths[one] ?? 0) - (lengths[other] ?? 0) || one - other);
  const [limits, offsets] = [new Int32Array(MAX_CODE_BITS + 1), new Int32Array(MAX_CODE_BITS + 1)];
  const minBits = Math.min(...lengths);
  let [code, index] = [0, 0];
  for (let size = minBits; size <= MAX_CODE_BITS; size++) {
    const count = lengths.reduce((sum, one) => sum + (one === size ? 1 : 0), 0);
    offsets[size] = index - code;
    code += count;
    index += count;
    limits[size] = code - 1;
    code *= 2;
  }
  return { minBits, limits, offsets, symbols: Uint16Array.from(bySymbol) };
}

function readSymbol(bits: Bits, { minBits, limits, offsets, symbols }: Code): number {
  let code = bits.read(minBits);
  for (let size = minBits; size <= MAX_CODE_BITS; size++) {
    if (code <= (limits[size] ?? -1)) {
      const symbol = symbols[code + (offsets[size] ?? 0)];
      if (symbol !== undefined) return symbol;
    }
    code = (code << 1) | bits.read(1);
  }
  throw new BadArchive('a code is none');
}

/** Undoes the transform of a block, and the runs within its text: after four equal bytes comes how often it goes on. */
function* blockText({ cells, start }: Block, expectedCrc: number): Generator<Uint8Array> {
  const places = new Uint32Array(257);
  for (const byte of cells) places[byte + 1] = (places[byte + 1] ?? 0) + 1;
  for (let byte = 0; byte < 256; byte++) places[byte + 1] = (places[byte + 1] ?? 0) + (places[byte] ?? 0);
  for (let i = 0; i < cells.length; i++) {
    const byte = (cells[i] ?? 0) & 0xff;
    const place = places[byte] ?? 0;
    places[byte] = place + 1;
    cells[place] = ((cells[place] ?? 0) | (i << 8)) >>> 0;
  }
  let cell = (cells[start] ?? 0) >>> 8;
  let [crc, previous, equal, length] = [0xffffffff, -1, 0, 0];
  let output = new Uint8Array(OUTPUT_BYTES + 256);
  for (let left = cells.length; left > 0; left--) {
    const value = cells[cell] ?? 0;
    cell = value >>> 8;
    const byte = value & 0xff;
    const isCount = equal === 4;
    const times = isCount ? byte : 1;
    if (!isCount) equal = byte === previous ? equal + 1 : 1;
    else equal = 0;
    if (!isCount) previous = byte;
    for (let i = 0; i < times; i++) {
      output[length++] = previous;
      crc = (crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ previous) & 0xff] ?? 0);
    }
    if (isCount) previous = -1;
    if (length < OUTPUT_BYTES) continue;
    yield output.subarray(0, length);
    output = new Uint8Array(OUTPUT_BYTES + 256);
    length = 0;
  }
  if (~crc >>> 0 !== expectedCrc) throw new BadArchive('the checksum of a block is wrong');
  yield output.subarray(0, length);
}
