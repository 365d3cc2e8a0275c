import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { LocalSummary } from '../../src/commands/local-report.ts';
import { runCommand } from '../support/commands.ts';
import { event } from '../support/files.ts';
import { PROJECT, sparkify, startSparkify, type Ended } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('npm start, as a person runs it', () => {
  let home: string;
  let data: string;
  beforeEach(async () => {
    const root = await temporaryFolder('local');
    home = join(root, 'home');
    data = join(root, 'data');
    await mkdir(join(data, 'log_data'), { recursive: true });
  });
  afterEach(async () => {
    await rm(join(home, '..'), { recursive: true, force: true });
  });

  test('bad files are listed with their reasons, the exit code is 1, and a corrected file loads the next time', async () => {
    await writeFile(join(data, 'log_data/good.json'), event(1));
    await writeFile(join(data, 'log_data/bad.json'), `${event(2)}\n{"ts": oops}`);
    const first = await sparkify('local', '--data', data, '--home', home, '--exit');
    expect(first.code).toBe(1);
    expect(first.out).toMatch(/s3:\/\/sparkify-landing\/log_data\/bad\.json\s+quarantined\s+2/);

    await writeFile(join(data, 'log_data/bad.json'), `${event(2)}\n${event(3)}`);
    const second = await sparkify('local', '--data', data, '--home', home, '--exit', '--json');
    expect(second.code).toBe(0);
    const summary = JSON.parse(second.out) as LocalSummary;
    expect(summary.objects).toEqual({
      seen: 2,
      loaded: 1,
      alreadyLoaded: 1,
      superseded: 0,
      quarantined: 0,
      vanished: 0,
      ignored: 0,
      deadLettered: 0,
      waiting: 0,
    });
    expect(summary.rows).toEqual({ staged: 2, merged: 2, duplicate: 0, skipped: 0, rejected: 0 });
    expect(summary.tables.songplays).toBe(3);
    expect(summary.warehouse).toBe(join(home, 'warehouse.duckdb'));
    expect(summary.freshnessSeconds.max).toBeGreaterThan(0);
  }, 120_000);

  test('the README shows what the sample gives', async () => {
    const ran = await sparkify('local', '--home', home, '--exit');
    expect([ran.code, ran.err]).toEqual([0, expect.stringContaining('sample')]);
    // Which copies of a row meet in one batch, and so are duplicates there, depends on when the batches are cut.
    const steady = (text: string): string => text.replace(/^(merged|duplicate) +[\d,]+$/gm, '$1');
    const tables = ran.out.slice(0, ran.out.search(/\n\n\d+ batch/));
    expect(steady(await readFile(join(PROJECT, 'README.md'), 'utf8'))).toContain(steady(tables));
  }, 180_000);

  test('a plan of faults goes wrong on purpose, and the tables are the same', async () => {
    for (let n = 0; n < 5; n += 1) await writeFile(join(data, `log_data/${n}.json`), event(n));
    const plan = join(data, '..', 'faults.json');
    const rules = [
      { service: 'redshift-data', operation: 'BatchExecuteStatement', nth: 2, times: 3, fault: { do: 'drop reply' } },
      { service: 'notifications', operation: 'Deliver', probability: 0.5, fault: { do: 'duplicate' } },
      { service: 'redshift-data', operation: 'Statement', nth: 30, fault: { do: 'kill' } },
    ];
    await writeFile(plan, JSON.stringify({ seed: 3, rules }));
    const ran = await sparkify('local', '--data', data, '--home', home, '--exit', '--json', '--faults', plan);
    expect(ran.code).toBe(0);
    expect((JSON.parse(ran.out) as LocalSummary).tables.songplays).toBe(5);
  }, 120_000);

  function expectRefusal({ code, out, err }: Pick<Ended, 'code' | 'out' | 'err'>, message: RegExp): void {
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/ {4}at /);
  }

  test('a folder that is missing is refused in one sentence with exit code 2', async () => {
    const ran = await sparkify('local', '--home', home, '--data', '/no/such/folder');
    expectRefusal(ran, /does not exist.*\n→ .*npm start/s);
  }, 60_000);

  // What a process of its own adds was seen above; the words do not depend on it.
  test.each([
    ['a file for a folder', ['--data', 'package.json'], /is a file, not a folder/],
    ['a folder without a source', ['--data', 'src'], /no \.json file below song_data\/ or log_data\//],
    ['--json without an end', ['--json'], /--json needs --exit/],
    ['a port that is none', ['--port', '70000'], /whole number from 0 to 65535/],
    ['a plan of faults that is missing', ['--faults', '/no/such/plan'], /plan of faults cannot be read/],
    ['an option that does not exist', ['--dta', 'x'], /unknown option/],
  ])('%s is refused in one sentence with exit code 2', async (_name, args, message) => {
    expectRefusal(await runCommand(undefined, ['local', '--home', home, ...args]), message);
  });

  test('an empty folder is refused', async () => {
    await rm(join(data, 'log_data'), { recursive: true });
    const ran = await sparkify('local', '--data', data, '--home', home, '--exit');
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('is empty')]);
  }, 60_000);

  test('a port in use is refused, and nothing is left half-done', async () => {
    await writeFile(join(data, 'log_data/good.json'), event(1));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ran = await sparkify('local', '--data', data, '--home', home, '--exit', '--port', String(port));
    await new Promise((resolve) => server.close(resolve));
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining(`Port ${port} is in use`)]);
    expect((await sparkify('local', '--data', data, '--home', home, '--exit')).code).toBe(0);
  }, 120_000);

  test('a damaged warehouse file is refused and left as it is', async () => {
    await writeFile(join(data, 'log_data/good.json'), event(1));
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'warehouse.duckdb'), 'no database'.repeat(1000));
    const ran = await sparkify('local', '--data', data, '--home', home, '--exit');
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('is damaged, or is no DuckDB file')]);
    expect(await readFile(join(home, 'warehouse.duckdb'), 'utf8')).toContain('no database');
  }, 60_000);

  test('a second stack in the same home is refused while the first goes on', async () => {
    await writeFile(join(data, 'log_data/good.json'), event(1));
    const first = startSparkify(['local', '--data', data, '--home', home]);
    await new Promise<void>((resolve) => {
      first.child.stdout.on('data', (text: Buffer) => {
        if (text.toString().includes('Watching')) resolve();
      });
    });
    const ran = await sparkify('local', '--data', data, '--home', home, '--exit');
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('is already open')]);
    expect((await first.stop('SIGINT')).code).toBe(0);
  }, 120_000);
});
