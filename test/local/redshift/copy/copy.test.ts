import { gzipSync } from 'node:zlib';
import { bigint, CopyBench, integer, timestamp, varchar } from './copy-fixture.ts';

const options = "IAM_ROLE 'arn:aws:iam::123456789012:role/load'";

describe('COPY of clean objects', () => {
  let bench: CopyBench;
  beforeEach(async () => {
    bench = await CopyBench.start();
  });
  afterEach(() => {
    bench.stop();
  });

  test('loads the objects of a manifest and keeps milliseconds', async () => {
    await bench.table('plays', { ts: timestamp, userid: integer, song: varchar(40) });
    const manifest = bench.objects.putManifest('load.manifest', [
      bench.objects.put(
        'a.json',
        '{"ts":1541106106796,"userId":8,"song":"Ça va"}\n{"ts":1541106107000,"USERID":"9","song":null}',
      ),
      bench.objects.put('b.json', '{"ts":1541106108001,"userId":10}\r\n\r\n'),
    ]);
    const rows = await bench.copy(
      `COPY public.plays FROM '${manifest}' ${options} FORMAT AS JSON 'auto ignorecase' MANIFEST TIMEFORMAT 'epochmillisecs' COMPUPDATE OFF STATUPDATE OFF`,
    );
    expect(rows).toBe(3);
    expect(await bench.rows('SELECT * FROM public.plays ORDER BY ts')).toEqual([
      ['2018-11-01 21:01:46.796', 8, 'Ça va'],
      ['2018-11-01 21:01:47', 9, null],
      ['2018-11-01 21:01:48.001', 10, null],
    ]);
    expect(bench.scratchFiles()).toEqual([]);
  });

  test('works inside a transaction that has read and written before, into a temporary table, and rolls back with it', async () => {
    await bench.table('staging', { n: bigint }, true);
    const url = bench.objects.put('n.json.gz', gzipSync('{"n":1}\n{"n":2}\n'));
    await bench.connection.run('BEGIN; INSERT INTO staging VALUES (0); SELECT count(*) FROM staging');
    expect(await bench.copy(`COPY staging FROM '${url}' ${options} JSON 'auto' GZIP`)).toBe(2);
    expect(await bench.copy(`COPY staging FROM '${url}' ${options} JSON 'auto' GZIP`)).toBe(2);
    expect(await bench.rows('SELECT sum(n) FROM staging')).toEqual([['6']]);
    await bench.connection.run('ROLLBACK');
    expect(await bench.rows('SELECT count(*) FROM staging')).toEqual([['0']]);
    expect(await bench.rows('SELECT status, loaded_rows FROM redshift_system.sys_load_history')).toEqual([
      ['completed', '2'],
      ['completed', '2'],
    ]);
  });
});
