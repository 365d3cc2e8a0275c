import { bigint, CopyBench, integer, varchar } from './copy-fixture.ts';

const bad = (line: number, code = 1216, column = ''): { line: number; code: number; column: string } => ({
  line,
  code,
  column,
});

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
