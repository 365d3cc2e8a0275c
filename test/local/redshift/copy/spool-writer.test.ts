import { open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileHandle } from 'node:fs/promises';
import { BufferedWriter } from '../../../../src/local/redshift/copy/spool-writer.ts';
import { seededRandom } from '../../../../src/local/random.ts';

const MEGABYTE = 1024 * 1024;
const file = join(tmpdir(), `spool-writer-${process.pid}`);
let handle: FileHandle;

beforeEach(async () => {
  handle = await open(file, 'w');
});

afterEach(async () => {
  await handle.close();
  await rm(file, { force: true });
});

/** So many bytes, other ones for each seed. */
function bytes(length: number, seed: number): Buffer {
  const random = seededRandom(seed);
  const pattern = Buffer.from(Array.from({ length: 997 }, () => Math.floor(random() * 256)));
  return Buffer.alloc(length, pattern);
}

test('writes chunks of all sizes in order, copied or put where they are written from, and shows them all', async () => {
  const shown: Buffer[] = [];
  const writer = new BufferedWriter(handle, (some) => shown.push(Buffer.from(some)));
  const sizes = [0, 1, 1000, 65_535, 65_536, 65_537, 900_000, 3 * MEGABYTE, 7, 1_048_575, 12, 500_000];
  const chunks = Array.from({ length: 120 }, (_, i) => bytes(sizes[i % sizes.length]!, i));
  for (const [i, chunk] of chunks.entries()) {
    if (i % 3 === 0) {
      const place = writer.reserve(chunk.length);
      chunk.copy(place);
      writer.add(place);
    } else if (i % 3 === 1) {
      // A file that has become shorter fills only a part of what was reserved for it.
      const place = writer.reserve(chunk.length + 1000);
      chunk.copy(place);
      writer.add(place.subarray(0, chunk.length));
    } else writer.add(chunk);
    if (writer.isFull) await writer.flush();
  }
  await writer.finish();
  const all = Buffer.concat(chunks);
  expect(writer.positionBytes).toBe(all.length);
  expect((await readFile(file)).equals(all)).toBe(true);
  expect(Buffer.concat(shown).equals(all)).toBe(true);
});

test('the flush after a write that failed throws its error, and so does the end', async () => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const broken = { write: () => Promise.reject(full) } as unknown as FileHandle;
  const writer = new BufferedWriter(broken);
  writer.add(bytes(MEGABYTE, 1));
  await writer.flush();
  writer.add(bytes(10, 2));
  await expect(writer.flush()).rejects.toBe(full);
  const ended = new BufferedWriter(broken);
  ended.add(bytes(10, 3));
  await expect(ended.finish()).rejects.toBe(full);
});
