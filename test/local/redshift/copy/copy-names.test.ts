import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CopyBench, integer, varchar } from './copy-fixture.ts';

const role = 'IAM_ROLE default';

test('COPY reads from a scratch directory whose name looks like a pattern', async () => {
  const bench = await CopyBench.start(mkdtempSync(path.join(tmpdir(), 'a[b]*?-')));
  try {
    await bench.table('rows', { id: integer });
    for (const body of ['{"id":1}', '{"id":1}}']) {
      const url = bench.objects.put('a.json', body);
      expect(await bench.copy(`COPY rows FROM '${url}' ${role} JSON 'auto' MAXERROR 2`)).toBe(1);
    }
  } finally {
    bench.stop();
  }
});

test('COPY takes keys and URLs with quotes and newlines as they are', async () => {
  const bench = await CopyBench.start();
  try {
    await bench.table("o'ks", { id: integer, "na'me": varchar(9) });
    const url = bench.objects.put(`it's "a"\n;--.json`, '{"id":1,"na\'me":"x","\'); DROP TABLE x; --":1,"ID\'":2}');
    bench.objects.putManifest('m', [url]);
    for (const json of ['auto', 'auto ignorecase'])
      expect(await bench.copy(`COPY "o'ks" FROM 's3://bucket/m' ${role} JSON '${json}' MANIFEST`)).toBe(1);
    expect(await bench.rows(`SELECT DISTINCT * FROM public."o'ks"`)).toEqual([[1, 'x']]);
    bench.objects.put(`it's "a"\n;--.json`, '{"id":"y"}');
    await expect(bench.copy(`COPY "o'ks" FROM 's3://bucket/m' ${role} JSON 'auto' MANIFEST`)).rejects.toThrow('Load');
    expect(await bench.errors()).toEqual([{ file: url, line: 1, column: 'id', code: 1207 }]);
  } finally {
    bench.stop();
  }
});

test('COPY loads rows whose keys are spelled in many ways, each by its own', async () => {
  const bench = await CopyBench.start();
  try {
    await bench.table('rows', { userid: integer });
    const spelled = (i: number): string =>
      'userid'.replace(/./g, (c, bit: number) => ((i >> bit) & 1 ? c.toUpperCase() : c));
    const rows = Array.from({ length: 64 }, (_, i) => `{"nested":{"userid":-1},"${spelled(i)}":${i}}`);
    const url = bench.objects.put('a.json', rows.join('\n'));
    expect(await bench.copy(`COPY rows FROM '${url}' ${role} JSON 'auto ignorecase'`)).toBe(64);
    expect(await bench.rows('SELECT count(DISTINCT userid), sum(userid) FROM public.rows')).toEqual([['64', '2016']]);
  } finally {
    bench.stop();
  }
});

test('COPY refuses a row with two spellings of a key, however many rows before it have one', async () => {
  const bench = await CopyBench.start();
  try {
    await bench.table('rows', { id: integer });
    const rows = Array.from({ length: 500 }, (_, i) => (i === 450 ? '{"Id":450,"ID":450}' : `{"Id":${i}}`));
    const url = bench.objects.put('a.json', rows.join('\n'));
    await expect(bench.copy(`COPY rows FROM '${url}' ${role} JSON 'auto ignorecase'`)).rejects.toThrow(
      'Load into table',
    );
    expect(await bench.errors()).toEqual([{ file: url, line: 451, column: 'id', code: 1216 }]);
  } finally {
    bench.stop();
  }
});
