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

  test('fails when the manifest is forbidden as when it is no object at all', async () => {
    bench.objects.put('forbidden', '{}');
    bench.objects.forbidden.add('forbidden');
    await expect(manifestCopy('forbidden')).rejects.toThrow(
      'COPY with MANIFEST parameter requires full path of an S3 object',
    );
  });

  test('fails with what S3 says when a file is forbidden', async () => {
    bench.objects.putManifest('m', [bench.objects.put('ok', '{"id":1}'), bench.objects.put('secret', '{"id":2}')]);
    bench.objects.forbidden.add('secret');
    await expect(manifestCopy('m')).rejects.toThrow(
      /^S3ServiceException:Access Denied,Status 403[^]*s3:\/\/bucket\/secret/,
    );
    expect(bench.scratchFiles()).toEqual([]);
  });

  test("'auto' matches keys by case, 'auto ignorecase' does not, even when a late row is spelt otherwise", async () => {
    const lines = Array.from({ length: 500 }, (_, i) => (i === 450 ? '{"ID":450}' : `{"Id":${i},"name":null}`));
    const url = bench.objects.put('a.json', lines.join('\n'));
    await bench.copy(`COPY rows FROM '${url}' ${role} JSON 'auto'`);
    expect(await bench.rows('SELECT count(*), count(id) FROM public.rows')).toEqual([['500', '0']]);
    await bench.copy(`COPY rows FROM '${url}' ${role} JSON 'auto ignorecase'`);
    expect(await bench.rows('SELECT count(DISTINCT id) FROM public.rows')).toEqual([['500']]);
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

test('JSONPaths come in dot and in bracket notation', () => {
  expect(parseJsonPaths('{"jsonpaths":["$.a.b[2]","$[\\"a\\"][\'b c\'][0]"]}', 2)).toEqual([
    ['a', 'b', 2],
    ['a', 'b c', 0],
  ]);
});
