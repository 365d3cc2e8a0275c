import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListStatementsCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { seededRandom } from '../../src/local/random.ts';
import type { LocalSummary } from '../../src/commands/local-report.ts';
import { event, song } from '../support/files.ts';
import {
  PROJECT,
  SPARKIFY,
  sparkifyEnvironment,
  startProgram,
  startSparkify,
  type Ended,
  type Started,
} from '../support/program.ts';
import { SEED } from '../support/seed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Ended by the signal itself, before the command began or after its last word, or by the command, which knew what to say. */
function expectGoodEnd(end: Ended, signal: NodeJS.Signals): void {
  expect(end.signal).not.toBe('SIGKILL');
  expect(end.err).not.toMatch(/^ {4}at /m);
  if (end.code === null) expect([end.signal, end.out]).toEqual([signal, expect.stringMatching(/^$|\n$/)]);
  else expect([0, 1, signal === 'SIGINT' ? 130 : 143]).toContain(end.code);
  if ((end.code ?? 0) >= 128) expect(end.err).toMatch(/Stopped|Exited/);
}

describe('a signal to a command', () => {
  let stack: TestStack;
  let client: RedshiftDataClient;
  /** What a command takes here that asks a little. */
  let aCommandMs: number;
  const landing = 's3://sparkify-landing/';
  const long = `SELECT SUM(a.duration * b.duration * c.duration) AS n FROM sparkify.songs AS a CROSS JOIN sparkify.songs AS b
    CROSS JOIN sparkify.songs AS c CROSS JOIN sparkify.songs AS d CROSS JOIN sparkify.songs AS e`;

  beforeAll(async () => {
    stack = await startTestStack();
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    client = new RedshiftDataClient({ region: 'us-east-1', endpoint: stack.warehouse.endpoint, credentials });
    for (let i = 0; i < 400; i += 1) await stack.put(`song_data/${i}.json`, song(i), { notify: false });
    await stack.put('song_data/bad.json', '{', { notify: false });
    await stack.run(['backfill', landing]);
    await stack.idle();
    aCommandMs = (await startSparkify(['status'], stack.environment).ended).milliseconds;
  }, 120_000);
  afterAll(async () => {
    client.destroy();
    await stack.stop();
  });

  /** The names of the statements that are not over. */
  const running = async (): Promise<string[]> => {
    const names: string[] = [];
    for (const Status of ['SUBMITTED', 'PICKED', 'STARTED'] as const) {
      const { Statements = [] } = await client.send(new ListStatementsCommand({ Status, MaxResults: 100 }));
      names.push(...Statements.map(({ StatementName = '' }) => StatementName));
    }
    return names;
  };
  const untilRunning = async ({ child }: Started): Promise<void> => {
    while (child.exitCode === null && !(await running()).includes('sparkify query')) await pause(20);
  };

  test.each([
    ['SIGINT', 1, 130],
    ['SIGTERM', 1, 143],
    ['SIGINT', 3, 130],
  ] as const)(
    '%s, %d times, while a long statement runs: it is cancelled, and the command says so',
    async (signal, times, code) => {
      const command = startSparkify(['query', long], stack.environment);
      await untilRunning(command);
      for (let time = 1; time < times; time += 1) {
        command.child.kill(signal);
        await pause(30);
      }
      const end = await command.stop(signal);
      expect([end.code, end.out]).toEqual([code, '']);
      expect(end.err).toBe('Stopped. What was still running has been cancelled; run the same command again.\n');
      // The engine may need a little longer to give up than the command, which asked it to.
      while ((await running()).length > 0) await pause(20);
    },
    60_000,
  );

  const terminal = process.platform === 'linux' && existsSync('/usr/bin/script') ? test : test.skip;

  terminal.each([
    ['Ctrl-C', '\u0003', 130, 'Stopped.'],
    ['the end of the input', '\u0004', 1, 'Nothing was dropped.'],
    ['no', 'n\r', 1, 'Nothing was dropped.'],
  ])(
    'at a question %s is an answer: nothing is done, and no more is said than that',
    async (_name, typed, code, says) => {
      // Only a terminal hands a key on as a key, and script(1) is one.
      const line = [process.execPath, ...SPARKIFY, 'create-tables', '--drop'].join(' ');
      const { child, ended } = startProgram('script', ['-qec', line, '/dev/null'], {
        cwd: PROJECT,
        env: sparkifyEnvironment(stack.environment),
      });
      let shown = '';
      child.stdout.on('data', (text: Buffer) => {
        const asked = shown.includes('[y/N]');
        shown += text.toString();
        if (!asked && shown.includes('[y/N]')) child.stdin.write(typed);
      });
      expect((await ended).code).toBe(code);
      expect(shown).toContain(says);
      expect(shown).not.toMatch(/^ {4}at |unsettled/m);
      expect(await stack.json(['query', 'SELECT COUNT(*) AS n FROM sparkify.songs'])).toEqual([{ n: 400 }]);
    },
    60_000,
  );

  test('who reads has gone: the statement is cancelled, without a word', async () => {
    const command = startSparkify(['status', '--watch', '1', '--json'], stack.environment);
    await new Promise((resolve) => command.child.stdout.once('data', resolve));
    command.child.stdout.destroy();
    const end = await command.ended;
    expect(end.err).toBe('');
    expect(await running()).toEqual([]);
  }, 60_000);

  test.each([
    ['SIGINT', ['status']],
    ['SIGTERM', ['status', '--watch', '1']],
    ['SIGINT', ['why', `${landing}song_data/bad.json`]],
    ['SIGTERM', ['quarantine', 'list']],
    ['SIGINT', ['quarantine', 'release', '--all']],
    ['SIGTERM', ['reconcile', landing, '--repair']],
    ['SIGINT', ['backfill', landing, '--all', '--rate', '100']],
    ['SIGTERM', ['redrive']],
    ['SIGINT', ['redrive', '--discard', '--why', 'a test', '--yes']],
    ['SIGTERM', ['create-tables']],
  ] as [NodeJS.Signals, string[]][])(
    '%s ends %j at any time, leaves no statement behind, and nothing half done',
    async (signal, args) => {
      const share = seededRandom(SEED + args.join().length)();
      const command = startSparkify(args, stack.environment);
      // Its beginning, where node only reads the program, is left out.
      await Promise.race([pause(aCommandMs * (0.4 + share)), command.ended]);
      expectGoodEnd(await command.stop(signal), signal);
      await stack.idle();
      expect(await running()).toEqual([]);
      expect(await stack.json(['query', 'SELECT COUNT(*) AS n FROM sparkify.songs'])).toEqual([{ n: 400 }]);
    },
    120_000,
  );
});

describe('a signal to the local stack while it loads', () => {
  /** Of each source. */
  const FILES = 150;
  /** Once by each signal. */
  const TIMES = 2;
  let root: string;
  beforeAll(async () => {
    root = await temporaryFolder('interruption');
    for (const folder of ['song_data', 'log_data']) await mkdir(join(root, 'data', folder), { recursive: true });
    for (let i = 0; i < FILES; i += 1) {
      await writeFile(join(root, `data/song_data/${i}.json`), song(i));
      await writeFile(join(root, `data/log_data/${i}.json`), event(i, { userId: `${i % 7}` }));
    }
  });
  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  test('ends it at any time with what was done so far, and a second start ends with the same tables', async () => {
    const local = (home: string, ...more: string[]) =>
      startSparkify(['local', '--data', join(root, 'data'), '--home', join(root, home), ...more]);
    const summaryOf = (end: Ended) => JSON.parse(end.out) as LocalSummary;
    const undisturbed = await local('undisturbed', '--exit', '--json').ended;
    const { tables } = summaryOf(undisturbed);
    expect([tables.songs, tables.songplays]).toEqual([FILES, FILES]);
    const random = seededRandom(SEED);
    for (let time = 0; time < TIMES; time += 1) {
      const signal = time % 2 === 0 ? 'SIGINT' : 'SIGTERM';
      const first = local(`home-${time}`, '--exit', '--json');
      await Promise.race([pause(undisturbed.milliseconds * (0.3 + 0.7 * random())), first.ended]);
      const end = await first.stop(signal);
      expectGoodEnd(end, signal);
      if (end.out !== '') {
        const soFar = summaryOf(end);
        expect(soFar.objects.loaded).toBeLessThanOrEqual(soFar.tables.songs! + soFar.tables.songplays!);
      }
      const second = await local(`home-${time}`, '--exit', '--json').ended;
      expect([second.code, summaryOf(second).tables]).toEqual([0, tables]);
    }
  }, 600_000);
});
