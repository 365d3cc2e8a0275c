import { gzipSync } from 'node:zlib';
import { BadArchive } from '../../../../src/archives/bad-archive.ts';
import { decompressed } from '../../../../src/archives/decompress.ts';
import { seededRandom } from '../../../../src/local/random.ts';
import { CopyBench, integer, varchar } from './copy-fixture.ts';

const text = '{"id":7,"name":"abc"}\n'.repeat(20_000);

/** The text as `bzip2 -1` writes it, in five blocks. */
const bzip2 = Buffer.from(
  'QlpoMTFBWSZTWRkzL0oAsYZZgAAQEAQAkD4jAAowANgFMAAFMAABSqjEwHqmAVDoCodQKhuBUMgVDeBUOwKhzAqGsCocwJJZAqHYFQ8AqHsCoZ' +
    'AqG0CoawKh8gVDzAKh9AqH8xQVkmU1kZudxbABHA2YAAEBAEAJA+IwAKMADYBTAABTAAAUqkZMB6pkCodAVDqBUN4FQyBUNwKh3AqHIFQ1AqHK' +
    'CSWAVDuBUPIFQ9gVDAKhtAqGoFQ0AqGQKhpAqH8xQVkmU1kh+Ft/ABqg2YAAEBAEAJA+IwAKMADYBTAABTAAAUqkZHqeo3qmAVDcCobAqGtQKh' +
    'gFQ1AqH0CobgVDmBUN0EksgVD2BUPwFQ7AqGQKh0BUOYFQ4gVDAKhwBUP5igrJMprIDeNdeAObHswAAICAIASB8RgAUYAGwCmAACmAAApVIyYD' +
    '1TIFQ6AqHUCobgVDIFQ3AqHcCocwKhrAqHMCSWAVDbsCoeQKh7AqGAVD9AqGoFQ0AqGQKhpAqH8xQVkmU1n7La2IABVY2YAAEBAEAJA+IwAKMA' +
    'CwFMAACaqkYNBoUwABmCo6gqOkKjiCoyhUcIVG/cFRhCo2QqMKJJZgqO4KjyCo9QqMwVGyFRrBUaQVGEKjSCo+F3JFOFCQIUgBUw==',
  'base64',
);

/** The text as `zstd -3` writes it, with a checksum. */
const zstd = Buffer.from(
  'KLUv/aTAtgYA9AAAsHsiaWQiOjcsIm5hbWUiOiJhYmMifQoBAM7/M59NTAAACGMBAPz/ORACTAAACDoBAPz/ORACTQAACGEBALw2HQgBx1x9Tg' +
    '==',
  'base64',
);

/** The beginning of what `zstd --ultra -22` writes of 400 MB. */
const zstdOfLargeWindow = Buffer.from('KLUv/QSITAAACAoBAPz/ORACAgAQCgIAEAoCABAKAgAQCgIAEAoCAA==', 'base64');

const archives = [
  ['GZIP', gzipSync(text)],
  ['BZIP2', bzip2],
  ['ZSTD', zstd],
] as const;

describe.each(archives)('COPY with %s', (option, archive) => {
  let bench: CopyBench;
  beforeAll(async () => {
    bench = await CopyBench.start();
    await bench.table('rows', { id: integer, name: varchar(3) });
  });
  afterEach(() => {
    expect(bench.objects.openReads).toBe(0);
    expect(bench.scratchFiles()).toEqual([]);
  });
  afterAll(() => {
    bench.stop();
  });

  const copy = (urls: string[]): Promise<number> =>
    bench.copy(
      `COPY rows FROM '${bench.objects.putManifest('m', urls)}' IAM_ROLE default JSON 'auto' MANIFEST ${option} MAXERROR 100`,
    );

  test('loads many archives, whole and in small chunks, and several in one object', async () => {
    const inChunks = async function* () {
      await Promise.resolve();
      for (let at = 0; at < archive.length; at += 7) yield archive.subarray(at, at + 7);
    };
    const urls = Array.from({ length: 20 }, (_, i) => bench.objects.put(`${i}`, i % 2 === 0 ? archive : inChunks));
    urls.push(bench.objects.put('twice', Buffer.concat([archive, archive])));
    expect(await copy(urls)).toBe(22 * 20_000);
    expect(await bench.rows('SELECT DISTINCT id, name FROM public.rows')).toEqual([[7, 'abc']]);
  });

  test('names each object that is no archive, is cut, damaged or followed by something, and keeps the others', async () => {
    const damaged = Buffer.from(archive);
    damaged[archive.length - 3]! ^= 0x55;
    const bad = {
      empty: Buffer.alloc(0),
      plain: Buffer.from(text),
      begun: archive.subarray(0, 4),
      cut: archive.subarray(0, -1),
      'cut in the middle': archive.subarray(0, archive.length / 2),
      damaged,
      'followed by zeros': Buffer.concat([archive, Buffer.alloc(9)]),
      'followed by text': Buffer.concat([archive, Buffer.from('{"id":1}')]),
      'followed by a beginning': Buffer.concat([archive, archive.subarray(0, 9)]),
    };
    const urls = Object.entries(bad).map(([key, body]) => bench.objects.put(key, body));
    expect(await copy([...urls, bench.objects.put('good', archive)])).toBe(20_000);
    expect(await bench.errors()).toEqual(urls.map((file) => ({ file, line: 1, column: '', code: 1216 })));
  });

  test('never loads a damaged archive as a good one, nor reads it without end', async () => {
    const random = seededRandom(11);
    for (let i = 0; i < 150; i++) {
      const damaged = Buffer.from(archive);
      damaged[Math.floor(random() * damaged.length)]! ^= 1 + Math.floor(random() * 255);
      const given = await contentOf(option, damaged).catch((error: unknown) => error);
      if (given !== text) expect(given).toBeInstanceOf(BadArchive);
    }
  });
});

async function contentOf(option: string, archive: Buffer): Promise<string> {
  const codec = option.toLowerCase() as 'gzip' | 'bzip2' | 'zstd';
  const chunks: Uint8Array[] = [];
  for await (const chunk of decompressed(codec, [archive])) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('an archive made to be read with much memory is refused with that reason, and the next one is read', async () => {
  await expect(contentOf('ZSTD', zstdOfLargeWindow)).rejects.toThrow('zstd above level 19, or with --long');
  // The second frame is met too late to be known by its header.
  await expect(contentOf('ZSTD', Buffer.concat([zstd, zstdOfLargeWindow]))).rejects.toThrow(BadArchive);
  expect(await contentOf('ZSTD', zstd)).toBe(text);
});

test('an archive is read no further when it turns out to be a bomb', async () => {
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024));
  const bomb = Array.from({ length: 1000 }, () => member);
  let bytes = 0;
  const reading = (async () => {
    for await (const chunk of decompressed('gzip', bomb)) bytes += chunk.length;
  })();
  await expect(reading).rejects.toThrow('it grows to more than 1000 times its size');
  expect(bytes).toBeLessThan(1.1 * 1024 ** 3);
});
