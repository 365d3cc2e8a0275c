import { gzipSync } from 'node:zlib';
import { CopyBench, integer, varchar } from './copy-fixture.ts';

const load = "IAM_ROLE default JSON 'auto' MAXERROR 100";

/** A row of just so many bytes, whose field that is not loaded fills it up. */
function row(id: number, bytes: number): string {
  const [head, tail] = [`{"id":${id},"x":"`, '"}'];
  return `${head}${'\\u00e9'.repeat((bytes - 50) / 6).padEnd(bytes - head.length - tail.length, 'x')}${tail}`;
}

/** Many small objects, 17 MB of them, that no newline parts. */
const manyObjects = Array.from({ length: 20_000 }, (_, id) => `{"id":${id},"x":"${'y'.repeat(850)}"}`);

describe('COPY', () => {
  let bench: CopyBench;
  beforeAll(async () => {
    bench = await CopyBench.start();
    await bench.table('rows', { id: integer, name: varchar(3) });
  });
  afterEach(async () => {
    await bench.connection.run('DELETE FROM public.rows');
  });
  afterAll(() => {
    bench.stop();
  });
  const counted = async () => (await bench.rows('SELECT count(*), count(DISTINCT id) FROM public.rows'))[0];

  test.each([
    ['plain', '', (text: string) => text],
    ['in gzip', 'GZIP', (text: string) => gzipSync(text)],
  ])('loads a line of any length whose objects are small, %s', async (_name, codec, packed) => {
    const url = bench.objects.put('line.json', packed(manyObjects.join('')));
    expect(await bench.copy(`COPY rows FROM '${url}' ${load} ${codec}`)).toBe(20_000);
    expect(await counted()).toEqual(['20000', '20000']);
  });

  test('finds the one bad object in a line of any length, and stray text once', async () => {
    const text = `${manyObjects.join(' ')}{"id":"y"}${'#'.repeat(20_000_000)}{"id":7}\n{"id":8}`;
    const url = bench.objects.put('line.json', text);
    expect(await bench.copy(`COPY rows FROM '${url}' ${load}`)).toBe(20_002);
    expect(await bench.errors()).toEqual([
      { file: url, line: 1, column: 'id', code: 1207 },
      { file: url, line: 1, column: '', code: 1216 },
    ]);
  });

  test('loads an object of 4 MB, alone and beside a bad one', async () => {
    for (const beside of ['', '}']) {
      const url = bench.objects.put('large.json', `${row(1, 4_000_000)}\n${beside}`);
      expect(await bench.copy(`COPY rows FROM '${url}' ${load}`)).toBe(1);
    }
  });

  test.each([
    ['on a line', `{"id":0}\n${row(1, 4_000_001)}\n{"id":2}`, 2],
    ['over several lines', `{"id":0}\n{"id":\n1,\n${row(1, 4_000_001).slice(1)}`, 4],
    ['larger than anything held', `{"id":0}\n${row(1, 17_000_000)}`, 2],
    ['that never ends', `{"id":0} {"x":[${'1,'.repeat(9_000_000)}`, 1],
    ['in a line without end', `{"id":0}${row(1, 4_000_001)}${'{"id":2}'.repeat(2_000_000)}`, 1],
  ])('refuses an object above 4 MB %s, whatever MAXERROR says, and names file and line', async (_name, body, line) => {
    const manifest = bench.objects.putManifest('m', [
      bench.objects.put('good.json', '{"id":1}'),
      bench.objects.put('large.json', body),
      bench.objects.put('bad.json', 'x'),
    ]);
    await expect(
      bench.copy(`COPY rows FROM '${manifest}' IAM_ROLE default JSON 'auto' MANIFEST IGNOREALLERRORS`),
    ).rejects.toThrow('Load into table');
    expect(await bench.errors()).toEqual([
      { file: 's3://bucket/large.json', line, column: '', code: 1204 },
      { file: 's3://bucket/bad.json', line: 1, column: '', code: 1216 },
    ]);
    expect(await counted()).toEqual(['0', '0']);
  });
});
