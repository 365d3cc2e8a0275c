import { gzipSync } from 'node:zlib';
import { bigint, CopyBench, integer, varchar, type Body } from './copy-fixture.ts';

const bad = (line: number, code = 1216, column = ''): { line: number; code: number; column: string } => ({
  line,
  code,
  column,
});

/** What is in a file, its text, the bad rows COPY reports (line, code, column) and the ids of the rows it keeps. */
const files: [what: string, body: Body, errors: ReturnType<typeof bad>[], kept: number[]][] = [
  ['a truncated line at the end', '{"id":1}\n{"id":2,"na', [bad(2)], [1]],
  ['a line truncated after a comma', '{"id":1,\n{"id":2}\n{"id":3}\n', [bad(1)], [2, 3]],
  ['a line truncated after a colon', '{"id":\n{"id":2}\n{"id":3}\n', [bad(1)], [2, 3]],
  ['a line truncated inside an array', '{"id":1,"more":[\n{"id":2}\n{"id":3}', [bad(1)], [2, 3]],
  ['two truncated lines at the end', '{"id":1}\n{"id":2,\n{"id":', [bad(2), bad(3)], [1]],
  ['a malformed line', '{"id":1}\n{"id" 2}\n{"id":3}', [bad(2)], [1, 3]],
  ['a line that is no JSON', '{"id":1}\nhello\n{"id":3}', [bad(2)], [1, 3]],
  ['a bare number', '{"id":1}\n12\n', [bad(2)], [1]],
  ['a bare null', 'null\n{"id":2}\n', [bad(1)], [2]],
  ['a trailing comma', '{"id":1,}\n{"id":2}', [bad(1)], [2]],
  ['a trailing comma and a blank', '{"id":1, }\n{"id":2}', [bad(1)], [2]],
  ['NaN', '{"id":1,"name":NaN}\n{"id":2}', [bad(1)], [2]],
  ['single quotes', '{\'id\':1}\n{"id":2}', [bad(1)], [2]],
  ['a raw control character', '{"id":1,"name":"a\tb"}\n{"id":2}', [bad(1)], [2]],
  ['a comma between objects', '{"id":1},\n{"id":2}', [bad(1)], [1, 2]],
  ['a byte order mark', '\ufeff{"id":1}\n{"id":2}', [bad(1)], [1, 2]],
  ['a root-level array', '[{"id":1},{"id":2}]', [bad(1)], []],
  ['an empty array', '[]', [bad(1)], []],
  ['an array over several lines', '[\n{"id":1},\n{"id":2}\n]\n{"id":3}', [bad(4)], [3]],
  ['a broken object over several lines', '{\n  "id": 1,\n  "name": oops\n}\n{\n  "id": 2\n}', [bad(4)], [2]],
  ['an object over several lines cut short', '{\n  "id": 1,\n{\n  "id": 2\n}', [bad(2)], [2]],
  ['a wrong value', '{"id":1}\n\n{"id":"x"}\n{"id":3}', [bad(3, 1207, 'id')], [1, 3]],
  ['a wrong value in an object over several lines', '{"id":1}\n{\n"id":"x"\n}', [bad(4, 1207, 'id')], [1]],
  ['a value too long', '{"id":1,"name":"toolong"}', [bad(1, 1204, 'name')], []],
  ['two wrong values in one row', '{"name":"toolong","id":"x"}', [bad(1, 1207, 'id')], []],
  ['bytes that are no UTF-8', bytes('{"id":1,"name":"\xa4"}\n{"id":2}'), [bad(1, 1220, 'name')], [2]],
  [
    'bytes that are no UTF-8 in a field not loaded',
    bytes('{"id":1,"x":"\xa4"}\n{"id":"y"}'),
    [bad(1, 1220), bad(2, 1207, 'id')],
    [],
  ],
  ['half a surrogate pair', '{"id":1,"name":"\\ud800"}\n{"id":2}', [bad(1, 1220, 'name')], [2]],
  ['half a surrogate pair in a field not loaded', '{"id":1,"x":"\\ud83d y"}\n{"id":2}', [bad(1, 1220)], [2]],
  ['the halves of a surrogate pair apart', '{"id":1,"x":"\\ud83d \\ude00"}\n{"id":2}', [bad(1, 1220)], [2]],
  ['half a surrogate pair in a repeated member', '{"id":1,"x":"\\udc00","x":"y"}\n{"id":2}', [bad(1, 1220)], [2]],
  ['NUL in a value', '{"id":1,"name":"a\\u0000"}\n{"id":2}', [bad(1, 1218, 'name')], [2]],
  ['NUL in a field not loaded', '{"id":1,"x":["\\u0000"]}\n{"id":2}', [bad(1, 1218)], [2]],
  ['NUL in a key', '{"id":1,"\\u0000":1}\n{"id":2}', [bad(1, 1218)], [2]],
  ['NUL spelled out', '{"id":1,"x":"\\\\u0000"}\n{"id":2}', [], [1, 2]],
  ['NaN in a field not loaded', '{"id":1,"x":NaN}\n{"id":2}', [bad(1)], [2]],
  ['minus infinity in an array', '{"id":1,"x":[ -iNf]}\n{"id":2}', [bad(1)], [2]],
  ['words like NaN in a text', '{"id":1,"x":"no: nan, inf, Nancy"}\n{"id":2}', [], [1, 2]],
  ['a trailing comma and a carriage return', '{"id":1,\r}\n{"id":2}', [bad(1)], [2]],
  ['a vertical tab around an object', '{"id":1}\v\n\f{"id":2}', [bad(1), bad(2)], [1, 2]],
  ['a non-breaking space around an object', '{"id":1}\u00a0\n{"id":2}', [bad(1)], [1, 2]],
  ['a byte order mark before the second object', '{"id":1}\n\ufeff{"id":2}', [bad(2)], [1, 2]],
  ['NUL bytes only', '\0\0', [bad(1)], []],
  ['deep nesting', `{"id":1,"x":${'['.repeat(500)}${']'.repeat(500)}}\n{"id":2}`, [bad(1)], [2]],
  ['nesting that is just deep enough', `{"id":1,"x":${'['.repeat(499)}${']'.repeat(499)}}\n{"id":2}`, [], [1, 2]],
  ['NUL bytes', '\0\0\n{"id":2}', [bad(1)], [2]],

  ['nothing', '', [], []],
  ['blank lines only', '\n \r\n', [], []],
  ['objects over several lines', '{\n"id":1\n}\n{\n"id":\n2}', [], [1, 2]],
  ['several objects on a line', '{"id":1}{"id":2} {"id":3}\n{"id":4}', [], [1, 2, 3, 4]],
  ['an object nested in another over several lines', '{"id":1,"more":\n{"id":2}\n}', [], [1]],
  ['Windows line ends', '{"id":1}\r\n{"id":2}\r\n', [], [1, 2]],
  ['a repeated member, of which the first counts', '{"id":1,"id":2}', [], [1]],
];

function bytes(latin1: string): Uint8Array {
  return Buffer.from(latin1, 'latin1');
}

const load = "IAM_ROLE default JSON 'auto' MANIFEST";

describe('COPY', () => {
  let bench: CopyBench;
  beforeAll(async () => {
    bench = await CopyBench.start();
    await bench.table('rows', { id: integer, name: varchar(3) });
  });
  afterEach(async () => {
    await bench.connection.run('DELETE FROM public.rows');
    expect(bench.scratchFiles()).toEqual([]);
  });
  afterAll(() => {
    bench.stop();
  });
  const ids = async (): Promise<unknown[]> => (await bench.rows('SELECT id FROM public.rows ORDER BY id')).flat();

  test.each(files)('of a file with %s reports each bad row and keeps the others', async (_what, body, errors, kept) => {
    const manifest = bench.objects.putManifest('m', [
      bench.objects.put('before.json', '{"id":100}\n'),
      bench.objects.put('file.json', body),
      bench.objects.put('after.json', '{"id":200}'),
    ]);
    await bench.copy(`COPY rows FROM '${manifest}' ${load} MAXERROR 10`);
    expect(await bench.errors()).toEqual(errors.map((error) => ({ file: 's3://bucket/file.json', ...error })));
    expect(await ids()).toEqual([...kept, 100, 200]);
  });

  test('that fails loads nothing, reports its first error and leaves the transaction usable', async () => {
    const url = bench.objects.put('f.json', '{"id":1}\n{"id":"x1"}\n{"id":"y1"}');
    const manifest = bench.objects.putManifest('m', [url]);
    await bench.connection.run('BEGIN; INSERT INTO public.rows VALUES (5, NULL)');
    await expect(bench.copy(`COPY rows FROM '${manifest}' ${load}`)).rejects.toThrow(
      "Load into table 'rows' failed.  Check 'sys_load_error_detail' system table for details.",
    );
    expect(await ids()).toEqual([5]);
    await bench.connection.run('ROLLBACK');
    expect(await bench.errors()).toHaveLength(1);
    expect(
      await bench.rows(
        `SELECT err_reason, raw_line, raw_field_value, colname, type, session FROM redshift_system.stl_load_errors ORDER BY query DESC LIMIT 1`,
      ),
    ).toEqual([["Invalid digit, Value 'x', Pos 0, Type: Integer", '{"id":"x1"}', 'x1', 'id', 'int4', 11]]);
    expect(
      await bench.rows(
        'SELECT status, error_count, loaded_rows FROM redshift_system.sys_load_history ORDER BY query_id DESC LIMIT 1',
      ),
    ).toEqual([['aborted', '2', '0']]);
  });

  test.each([
    ['{"id":2003.0}', "Invalid digit, Value '.', Pos 4, Type: Integer", '2003.0'],
    [
      '{"name":"a\\u0000"}',
      'Invalid null byte - field longer than 1 byte (a value with \\u0000 is refused, or cut at it)',
      'a\\u0000',
    ],
    [
      '{"name":"\\ud83d"}',
      'String contains invalid or unsupported UTF-8 codepoints. Bad UTF-8 hex sequence: ed (error 5)',
      '\ufffd',
    ],
    ['{"id":1,"ID":2}', 'Invalid value: two keys match column id, spelled differently', ''],
  ])('says of %s what Redshift would, and why', async (row, reason, value) => {
    const url = bench.objects.put('f.json', row);
    await expect(bench.copy(`COPY rows FROM '${url}' IAM_ROLE default JSON 'auto ignorecase'`)).rejects.toThrow();
    const columns = 'err_reason, raw_field_value, raw_line';
    const found = `SELECT ${columns} FROM redshift_system.stl_load_errors ORDER BY query DESC LIMIT 1`;
    expect(await bench.rows(found)).toEqual([[reason, value, row]]);
  });

  test('fails when the errors reach MAXERROR, and at the first with MAXERROR 0 and 1', async () => {
    const url = bench.objects.put('f.json', '{"id":1}\n{"id":"x"}\n{"id":"y"}');
    const copy = (option: string): Promise<number> =>
      bench.copy(`COPY rows FROM '${url}' IAM_ROLE default JSON 'auto' ${option}`);
    for (const option of ['MAXERROR 0', 'MAXERROR AS 1', 'MAXERROR 2'])
      await expect(copy(option)).rejects.toThrow('Load into');
    expect(await copy('MAXERROR 3')).toBe(1);
    expect(await copy('IGNOREALLERRORS')).toBe(1);
  });

  test('replaces bytes that are no UTF-8 one by one with ACCEPTINVCHARS', async () => {
    const url = bench.objects.put('f.json', bytes('{"id":1,"name":"\xa4\xc3\xa9"}\n{"id":2,"name":"a\xe9\xa4"}'));
    await bench.copy(`COPY rows FROM '${url}' IAM_ROLE default JSON 'auto' ACCEPTINVCHARS '^'`);
    expect(await bench.rows('SELECT name FROM public.rows ORDER BY id')).toEqual([['^é'], ['a^^']]);
  });

  test('reports a gzip file cut short or not compressed, and keeps the others', async () => {
    const whole = gzipSync(Array.from({ length: 1000 }, (_, id) => `{"id":${id}}`).join('\n'));
    const manifest = bench.objects.putManifest('m', [
      bench.objects.put('cut.gz', whole.subarray(0, 500)),
      bench.objects.put('plain.gz', '{"id":1}'),
      bench.objects.put('good.gz', gzipSync('{"id":1}')),
    ]);
    await bench.copy(`COPY rows FROM '${manifest}' ${load} GZIP MAXERROR 10`);
    expect(await bench.errors()).toEqual(
      ['cut.gz', 'plain.gz'].map((key) => ({ file: `s3://bucket/${key}`, ...bad(1) })),
    );
    expect(await ids()).toEqual([1]);
  });

  test('NOLOAD lists every bad row of every file in one pass and loads nothing', async () => {
    const bodies = ['{"id":1}\n{"id":"x"}\n', '{"id":1}', '{"id":1,', '[]', '{"id":9999999999}\n{}\noops'];
    const urls = Array.from({ length: 4000 }, (_, i) =>
      bench.objects.put(`many/${i}.json`, bodies[i % 2 === 0 ? 1 : i % 5] ?? ''),
    );
    const manifest = bench.objects.putManifest('m', urls);
    const rows = await bench.copy(`COPY rows FROM '${manifest}' ${load} NOLOAD MAXERROR 100000`);
    expect(rows).toBe(0);
    expect(await ids()).toEqual([]);
    const errors = await bench.errors();
    expect(new Set(errors.map(({ file }) => file)).size).toBe(1600);
    expect(errors).toHaveLength(2000);
    expect(errors.slice(0, 4)).toEqual([
      { file: 's3://bucket/many/3.json', ...bad(1) },
      { file: 's3://bucket/many/5.json', ...bad(2, 1207, 'id') },
      { file: 's3://bucket/many/7.json', ...bad(1) },
      { file: 's3://bucket/many/9.json', ...bad(1, 1222, 'id') },
    ]);
  });

  test('NOLOAD of clean files reports nothing and loads nothing; of bad ones it fails as COPY does', async () => {
    const good = bench.objects.put('good/1.json', '{"id":1}');
    expect(await bench.copy(`COPY rows FROM '${good}' IAM_ROLE default JSON 'auto' NOLOAD`)).toBe(0);
    expect(await ids()).toEqual([]);
    const broken = bench.objects.put('broken.json', '{"id":"x"}');
    await expect(bench.copy(`COPY rows FROM '${broken}' IAM_ROLE default JSON 'auto' NOLOAD`)).rejects.toThrow(
      'Load into',
    );
  });
});

test('COPY finds fifty bad rows among many, with their lines and columns, and loads all the others', async () => {
  const bench = await CopyBench.start();
  try {
    await bench.table('rows', { id: bigint, name: varchar(20) });
    const broken = (i: number): string =>
      [`{"id":${i},`, `{"id":"${i}x"}`, `{"id":${i},"name":"${'n'.repeat(21)}"}`, `{"id":${i},"name":`, 'junk'][
        i % 5
      ] ?? '';
    const lines = Array.from({ length: 50_000 }, (_, i) =>
      i % 1000 < 5 && i % 5000 < 1000 ? broken(i) : `{"id":${i},"name":"name ${i}"}`,
    );
    const url = bench.objects.put('rows.json', lines.join('\n'));
    expect(await bench.copy(`COPY rows FROM '${url}' IAM_ROLE default JSON 'auto' MAXERROR 51`)).toBe(49_950);
    const expected = lines.flatMap((line, i) => {
      const code = [1216, 1207, 1204, 1216, 1216][i % 5];
      return line.includes('name ') ? [] : [{ line: i + 1, code, column: ['', 'id', 'name', '', ''][i % 5] }];
    });
    expect(expected).toHaveLength(50);
    expect(await bench.errors()).toEqual(expected.map((error) => ({ file: url, ...error })));
  } finally {
    bench.stop();
  }
});
