import { statSync } from 'node:fs';
import path from 'node:path';
import { parseJsonPaths } from '../../../../src/local/redshift/copy/jsonpaths.ts';
import { bigint, CopyBench, integer, timestamp, varchar } from './copy-fixture.ts';

const role = 'IAM_ROLE default';

describe('COPY', () => {
  let bench: CopyBench;
  beforeEach(async () => {
    bench = await CopyBench.start();
    await bench.table('rows', { id: integer, name: varchar(20) });
  });
  afterEach(() => {
    expect(bench.objects.openReads).toBe(0);
    bench.stop();
  });
  const ids = async (): Promise<unknown[]> => (await bench.rows('SELECT id FROM public.rows ORDER BY id')).flat();
  const manifestCopy = (key: string, options = ''): Promise<number> =>
    bench.copy(`COPY rows FROM 's3://bucket/${key}' ${role} JSON 'auto' MANIFEST ${options}`);

  test('loads a file listed twice in the manifest twice', async () => {
    const url = bench.objects.put('a.json', '{"id":1}');
    bench.objects.putManifest('m', [url, url]);
    expect(await manifestCopy('m')).toBe(2);
  });

  test('skips a missing file without a word unless it is mandatory', async () => {
    const url = bench.objects.put('a.json', '{"id":1}');
    bench.objects.putManifest('optional', [url, { url: 's3://bucket/gone', mandatory: false }]);
    bench.objects.put(
      'unsaid',
      JSON.stringify({ entries: [{ url }, { url: 's3://bucket/gone', meta: { content_length: 1 } }] }),
    );
    bench.objects.putManifest('mandatory', [url, 's3://bucket/gone']);
    expect(await manifestCopy('optional')).toBe(1);
    expect(await manifestCopy('unsaid')).toBe(1);
    await expect(manifestCopy('mandatory')).rejects.toThrow('Mandatory url is not present in manifest file');
    expect(await ids()).toEqual([1, 1]);
  });

  test('fails when no file of the manifest exists, whatever the flags', async () => {
    bench.objects.putManifest('m', [{ url: 's3://bucket/gone', mandatory: false }]);
    await expect(manifestCopy('m')).rejects.toThrow('The specified key does not exist');
    bench.objects.putManifest('empty', []);
    await expect(manifestCopy('empty')).rejects.toThrow('The specified key does not exist');
  });

  test.each([
    [
      'is missing',
      'gone',
      'Problem reading manifest file - S3ServiceException:The specified key does not exist.,Status 404',
    ],
    ['is a prefix', 'folder/', 'COPY with MANIFEST parameter requires full path of an S3 object'],
    ['is forbidden', 'forbidden', 'COPY with MANIFEST parameter requires full path of an S3 object'],
    ['is no JSON', 'text', 'Manifest file is not in correct json format'],
    ['has no entries', 'object', 'Manifest file is not in correct json format'],
    ['has an entry that is no S3 key', 'http', 'Manifest file is not in correct json format'],
  ])('fails when the manifest %s', async (_what, key, message) => {
    bench.objects.put('forbidden', '{}');
    bench.objects.forbidden.add('forbidden');
    bench.objects.put('text', 'entries');
    bench.objects.put('object', '{}');
    bench.objects.putManifest('http', ['http://bucket/key']);
    await expect(manifestCopy(key)).rejects.toThrow(message);
  });

  test('fails with what S3 says when a file is forbidden', async () => {
    bench.objects.putManifest('m', [bench.objects.put('ok', '{"id":1}'), bench.objects.put('secret', '{"id":2}')]);
    bench.objects.forbidden.add('secret');
    await expect(manifestCopy('m')).rejects.toThrow(
      /^S3ServiceException:Access Denied,Status 403[^]*s3:\/\/bucket\/secret/,
    );
    expect(bench.scratchFiles()).toEqual([]);
  });

  test('without MANIFEST loads every key below the prefix', async () => {
    for (const key of ['d/x', 'd/x.bak', 'd/x_2/y', 'e/z']) bench.objects.put(key, '{"id":1}');
    expect(await bench.copy(`COPY rows FROM 's3://bucket/d/x' ${role} JSON 'auto'`)).toBe(3);
    await expect(bench.copy(`COPY rows FROM 's3://bucket/nothing' ${role} JSON 'auto'`)).rejects.toThrow(
      "The specified S3 prefix 'nothing' does not exist",
    );
  });

  test("'auto' matches keys by case, 'auto ignorecase' does not, even when a late row is spelt otherwise", async () => {
    const lines = Array.from({ length: 500 }, (_, i) => (i === 450 ? '{"ID":450}' : `{"Id":${i},"name":null}`));
    const url = bench.objects.put('a.json', lines.join('\n'));
    await bench.copy(`COPY rows FROM '${url}' ${role} JSON 'auto'`);
    expect(await bench.rows('SELECT count(*), count(id) FROM public.rows')).toEqual([['500', '0']]);
    await bench.copy(`COPY rows FROM '${url}' ${role} JSON 'auto ignorecase'`);
    expect(await bench.rows('SELECT count(DISTINCT id) FROM public.rows')).toEqual([['500']]);
  });

  test('reads by the paths of a jsonpaths file, in the order of the column list', async () => {
    bench.objects.put('paths', '{"jsonpaths":["$[\'who\'][\'na/me\']","$[\'ids\'][1]"]}');
    const url = bench.objects.put('a.json', '{"who":{"na/me":"Ann"},"ids":[1,2]}\n{"ids":[3,4]}');
    const copy = `COPY rows (name, id) FROM '${url}' ${role} JSON 's3://bucket/paths'`;
    expect(await bench.copy(copy)).toBe(2);
    expect(await bench.rows('SELECT * FROM public.rows ORDER BY id')).toEqual([
      [2, 'Ann'],
      [4, null],
    ]);
    bench.objects.put('a.json', '{"who":{"na/me":"Ann"},"ids":[1]}\n{"ids":[3,4]}');
    await expect(bench.copy(copy)).rejects.toThrow('Load into table');
    expect(await bench.errors()).toEqual([{ file: url, line: 1, column: 'id', code: 1216 }]);
  });

  test("reads as 'auto' when the one member of a jsonpaths file is misspelt", async () => {
    bench.objects.put('paths', '{"jsonpath":["$.nothing","$.nothing"]}');
    const url = bench.objects.put('a.json', '{"id":1}');
    await bench.copy(`COPY rows FROM '${url}' ${role} JSON 's3://bucket/paths'`);
    expect(await ids()).toEqual([1]);
  });

  test('leaves IDENTITY columns and columns outside the list to the table, and refuses columns that do not exist', async () => {
    const table = await bench.table('numbered', {
      n: bigint,
      id: integer,
      added: { type: timestamp, notNull: false, defaultExpression: "TIMESTAMP '2020-01-01'" },
    });
    table.columns[0]!.identity = { seed: 1, step: 1 };
    const url = bench.objects.put('a.json', '{"n":9,"id":1}');
    await bench.copy(`COPY numbered FROM '${url}' ${role} JSON 'auto'`);
    await bench.copy(`COPY numbered (id) FROM '${url}' ${role} JSON 'auto'`);
    expect(await bench.rows('SELECT * FROM public.numbered ORDER BY added')).toEqual([
      [null, 1, '2020-01-01 00:00:00'],
      [null, 1, null],
    ]);
    await expect(bench.copy(`COPY numbered (n) FROM '${url}' ${role} JSON 'auto'`)).rejects.toThrow(
      'cannot set an identity column to a value',
    );
    await expect(bench.copy(`COPY numbered (x) FROM '${url}' ${role} JSON 'auto'`)).rejects.toThrow(
      'column "x" of relation "numbered" does not exist',
    );
  });

  test.each(['LZOP'])('refuses %s in a clear sentence', async (codec) => {
    const url = bench.objects.put('a.json', '{"id":1}');
    await expect(bench.copy(`COPY rows FROM '${url}' ${role} JSON 'auto' ${codec}`)).rejects.toThrow(
      'the local warehouse does not support',
    );
  });

  test('streams a large object: what is read is on disk before much more is read', async () => {
    const block = Buffer.from(`{"id":1,"name":"x"}\n`.repeat(3000));
    const spooledBytes = (): number =>
      bench
        .scratchFiles()
        .reduce((bytes, name) => bytes + statSync(path.join(bench.scratchDirectory, name, 'spool.json')).size, 0);
    let heldBytesMax = 0;
    const url = bench.objects.put('large.json', async function* () {
      for (let produced = 0; produced < 500; produced++) {
        yield block;
        heldBytesMax = Math.max(heldBytesMax, (produced + 1) * block.length - spooledBytes());
        await Promise.resolve();
      }
    });
    expect(await bench.copy(`COPY rows FROM '${url}' ${role} JSON 'auto'`)).toBe(500 * 3000);
    expect(heldBytesMax).toBeLessThan(4 * 1024 * 1024);
  });

  test('reads many objects at once, but only a bounded number', async () => {
    const urls = Array.from({ length: 1000 }, (_, id) => bench.objects.put(`many/${id}`, `{"id":${id}}`));
    bench.objects.putManifest('m', urls);
    expect(await manifestCopy('m')).toBe(1000);
    expect(await ids()).toEqual(Array.from({ length: 1000 }, (_, id) => id));
    expect(bench.objects.openReadsMax).toBeLessThanOrEqual(16);
  });

  test('stops when its statement is cancelled', async () => {
    const cancel = new AbortController();
    const url = bench.objects.put('a.json', async function* () {
      await Promise.resolve();
      yield Buffer.from('{"id":1}\n');
      cancel.abort();
    });
    bench.objects.putManifest(
      'm',
      Array.from({ length: 100 }, () => url),
    );
    await expect(
      bench.copy(`COPY rows FROM 's3://bucket/m' ${role} JSON 'auto' MANIFEST`, cancel.signal),
    ).rejects.toThrow('aborted');
    expect(await ids()).toEqual([]);
    expect(bench.scratchFiles()).toEqual([]);
  });
});

test.each([
  ['not JSON', 'Invalid JSONPath format'],
  ['[]', 'not a single JSON object'],
  ['{"jsonpaths":["$.a"]}', 'Number of jsonpaths and the number of columns should match. JSONPath size: 1'],
  ['{"jsonpaths":["$.a",""]}', 'every element must be a string that is not empty'],
  ['{"jsonpaths":["$.a",1]}', 'every element must be a string that is not empty'],
  ['{"jsonpaths":["$.a","$.b[\'c\']"]}', "Invalid JSONPath format: $.b['c']"],
  ['{"jsonpaths":["$.a","$[\'b\'].c"]}', "Invalid JSONPath format: $['b'].c"],
  ['{"jsonpaths":["$.a","$.b[*]"]}', 'Invalid JSONPath format: $.b[*]'],
  ['{"jsonpaths":["$.a","$..b"]}', 'Invalid JSONPath format: $..b'],
  ['{"jsonpaths":["$.a","$[-1]"]}', 'Invalid JSONPath format: $[-1]'],
  ['{"jsonpaths":["$.a","b"]}', 'Invalid JSONPath format: b'],
  ['{"jsonpaths":["$.a","$[\'\\u0000\']"]}', "Invalid JSONPath format: $['\0']"],
])('a jsonpaths file %s is refused: %s', (text, message) => {
  expect(() => parseJsonPaths(text, 2)).toThrow(message);
});

test('JSONPaths come in dot and in bracket notation', () => {
  expect(parseJsonPaths('{"jsonpaths":["$.a.b[2]","$[\\"a\\"][\'b c\'][0]"]}', 2)).toEqual([
    ['a', 'b', 2],
    ['a', 'b c', 0],
  ]);
});
