import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ListStatementsCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import type { LocalSummary } from '../../src/commands/local-report.ts';
import { song, startCommandStack, type CommandStack } from '../commands/harness.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
/** Not a limit that is tested, only what keeps a process that never ends from holding up the tests. */
const SAFETY_MS = 30_000;

type Ended = { code: number | null; signal: string | null; out: string; err: string; milliseconds: number };

/** A command in a process of its own, as a person would run it. `stop` sends a signal, perhaps again and again. */
function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli.ts', ...args], {
    cwd: project,
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
  });
  const startedAt = performance.now();
  const ran = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => (ran.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (ran.err += text.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, ...ran, milliseconds: performance.now() - startedAt });
    });
  });
  const stop = async (signal: NodeJS.Signals): Promise<Ended> => {
    const safety = setTimeout(() => child.kill('SIGKILL'), SAFETY_MS);
    child.kill(signal);
    const end = await ended;
    clearTimeout(safety);
    return end;
  };
  return { child, ended, stop };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The same moments each time: shares of an undisturbed run. */
function* moments(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

/** Ended by the signal itself while it had done nothing yet, or by the command, which knew what to say. */
function expectGoodEnd(end: Ended, signal: NodeJS.Signals): void {
  expect(end.signal).not.toBe('SIGKILL');
  expect(end.err).not.toMatch(/^ {4}at /m);
  if (end.code === null) expect([end.signal, end.out]).toEqual([signal, '']);
  else expect([0, 1, signal === 'SIGINT' ? 130 : 143]).toContain(end.code);
  if ((end.code ?? 0) >= 128) expect(end.err).toMatch(/Stopped|Ended/);
}

describe('a signal to a command', () => {
  let stack: CommandStack;
  let client: RedshiftDataClient;
  const landing = 's3://sparkify-landing/';
  const long = `SELECT SUM(a.duration * b.duration * c.duration) AS n FROM sparkify.songs AS a CROSS JOIN sparkify.songs AS b
    CROSS JOIN sparkify.songs AS c CROSS JOIN sparkify.songs AS d CROSS JOIN sparkify.songs AS e`;

  beforeAll(async () => {
    stack = await startCommandStack();
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    client = new RedshiftDataClient({ region: 'us-east-1', endpoint: stack.warehouse.endpoint, credentials });
    for (let i = 0; i < 400; i += 1) await stack.put(`song_data/${i}.json`, song(i), { notify: false });
    await stack.put('song_data/bad.json', '{', { notify: false });
    await stack.run(['backfill', landing]);
    await stack.idle();
  }, 120_000);
  afterAll(async () => {
    client.destroy();
    await stack.close();
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
  const untilRunning = async ({ child }: ReturnType<typeof start>): Promise<void> => {
    while (child.exitCode === null && !(await running()).includes('sparkify query')) await pause(20);
  };

  test.each([
    ['SIGINT', 1, 130],
    ['SIGTERM', 1, 143],
    ['SIGINT', 3, 130],
  ] as const)(
    '%s, %d times, while a long statement runs: it is cancelled, and the command says so',
    async (signal, times, code) => {
      const command = start(['query', long], stack.environment);
      await untilRunning(command);
      for (let time = 1; time < times; time += 1) {
        command.child.kill(signal);
        await pause(30);
      }
      const end = await command.stop(signal);
      expect([end.code, end.out]).toEqual([code, '']);
      expect(end.err).toBe('Stopped. What was still running was cancelled; run the same command again.\n');
      expect(await running()).toEqual([]);
    },
    60_000,
  );

  const terminal = process.platform === 'linux' && existsSync('/usr/bin/script') ? test : test.skip;

  terminal.each([
    ['Ctrl-C', '\u0003', 130, 'Stopped.'],
    ['the end of the input', '\u0004', 1, 'Nothing was removed.'],
    ['no', 'n\r', 1, 'Nothing was removed.'],
  ])(
    'at a question %s is an answer: nothing is done, and no more is said than that',
    async (_name, typed, code, says) => {
      // Only a terminal hands a key on as a key, and script(1) is one.
      const line = `${process.execPath} --import tsx src/cli.ts create-tables --drop`;
      const child = spawn('script', ['-qec', line, '/dev/null'], {
        cwd: project,
        env: { ...process.env, NODE_OPTIONS: '', ...stack.environment },
      });
      let shown = '';
      child.stdout.on('data', (text: Buffer) => {
        const asked = shown.includes('[y/N]');
        shown += text.toString();
        if (!asked && shown.includes('[y/N]')) child.stdin.write(typed);
      });
      const safety = setTimeout(() => child.kill('SIGKILL'), SAFETY_MS);
      expect(await new Promise((resolve) => child.once('close', resolve))).toBe(code);
      clearTimeout(safety);
      expect(shown).toContain(says);
      expect(shown).not.toMatch(/^ {4}at |unsettled/m);
      expect(await stack.json(['query', 'SELECT COUNT(*) AS n FROM sparkify.songs'])).toEqual([{ n: 400 }]);
    },
    60_000,
  );

  test('who reads has gone: the statement is cancelled, without a word', async () => {
    const command = start(['status', '--watch', '1', '--json'], stack.environment);
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
    '%s ends %j at any moment, leaves no statement behind, and nothing half done',
    async (signal, args) => {
      const undisturbed = start(args, stack.environment);
      if (args.includes('--watch')) await pause(3000).then(() => undisturbed.stop('SIGINT'));
      const { milliseconds } = await undisturbed.ended;
      const [share] = moments(args.join().length);
      const command = start(args, stack.environment);
      // Its beginning, where node only reads the program, is left out.
      await Promise.race([pause(milliseconds * (0.4 + 0.6 * share!)), command.ended]);
      expectGoodEnd(await command.stop(signal), signal);
      await stack.idle();
      expect(await running()).toEqual([]);
      expect(await stack.json(['query', 'SELECT COUNT(*) AS n FROM sparkify.songs'])).toEqual([{ n: 400 }]);
    },
    120_000,
  );
});

describe('a signal to the local stack while it loads', () => {
  const TIMES = 4;
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'interruption-'));
    for (const folder of ['song_data', 'log_data']) await mkdir(join(root, 'data', folder), { recursive: true });
    for (let i = 0; i < 300; i += 1) {
      await writeFile(join(root, `data/song_data/${i}.json`), song(i));
      const event = { page: 'NextSong', ts: 1541000000796 + i, sessionId: i, itemInSession: 0, userId: `${i % 7}` };
      await writeFile(join(root, `data/log_data/${i}.json`), JSON.stringify({ ...event, level: 'free' }));
    }
  });
  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  test('ends it at any moment with what was done so far, and a second start ends with the same tables', async () => {
    const local = (home: string, ...more: string[]) =>
      start(['local', '--data', join(root, 'data'), '--home', join(root, home), ...more]);
    const summaryOf = (end: Ended) => JSON.parse(end.out) as LocalSummary;
    const undisturbed = await local('undisturbed', '--exit', '--json').ended;
    const { tables } = summaryOf(undisturbed);
    expect([tables.songs, tables.songplays]).toEqual([300, 300]);
    const share = moments(11);
    for (let time = 0; time < TIMES; time += 1) {
      const signal = time % 2 === 0 ? 'SIGINT' : 'SIGTERM';
      const first = local(`home-${time}`, '--exit', '--json');
      await Promise.race([pause(undisturbed.milliseconds * (0.3 + 0.7 * share.next().value!)), first.ended]);
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
