import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { init, parse } from '@guanmingchiu/sqlparser-ts';
import { readLoadFiles } from '../../src/sql/files.ts';
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { AREAS, idOf } from './belief.ts';
import { BELIEFS, doubled } from './beliefs.ts';
import { PROBES, runConformance, select, summary } from './conformance.ts';
import { besideBadRows } from './fixtures/copy-values.ts';
import { readObserved, recordRun, writeObserved } from './observed.ts';
import { loadOf } from './probes/load.ts';
import { main } from './run.ts';
import { worldOf, type World } from './world.ts';

const never = new AbortController().signal;
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
}, 60_000);
afterAll(() => stack.stop());

/** The scratch schemas and objects that are there. */
async function left(): Promise<unknown[]> {
  const tables = await stack.rows(
    `SELECT DISTINCT table_schema FROM svv_columns WHERE table_schema LIKE 'sparkify_conformance%'`,
  );
  const { objects } = stack.aws.store.page(LOCAL_NAMES.controlBucket, { prefix: '', limit: Infinity });
  return [...tables, ...objects.map(({ key }) => key)];
}

/** Whether a second parser reads a statement as one. */
function isRead(text: string): boolean {
  try {
    return parse(text, 'redshift').length === 1;
  } catch {
    return false;
  }
}

describe('the list', () => {
  test('has each belief and probe once, of an area, with a source that is an address or none', () => {
    expect(doubled()).toEqual([]);
    const all = [...BELIEFS, ...PROBES];
    expect(new Set(all.map(idOf)).size).toBe(all.length);
    expect(new Set(all.map(({ area }) => area))).toEqual(new Set(AREAS));
    expect(all.filter(({ source }) => source !== undefined && !source.startsWith('https://'))).toEqual([]);
  });

  test('can be selected from by area and by name', () => {
    expect(select({ area: 'sessions' }).beliefs).toEqual([]);
    expect(select({ area: 'sessions' }).probes.length).toBeGreaterThan(5);
    expect(select({ area: 'merge', name: 'two source rows' }).beliefs).toHaveLength(2);
  });
});

describe('the local warehouse', () => {
  test('does as is believed, also with values beside bad rows, and the run leaves nothing', async () => {
    const world = worldOf(stack.environment);
    const beliefs = [...BELIEFS, ...besideBadRows];
    const report = await runConformance(world, { beliefs, probes: PROBES }, never);
    expect(report.differences).toEqual([]);
    expect(report.notRun).toBe(0);
    expect(summary(report)).toBe(`${report.judged} of ${report.judged} as believed, 0 differ, ${PROBES.length} probes`);
    expect(await left()).toEqual([]);
    // The load has run every statement that a load can run, and every one that was reviewed.
    const { statements, texts } = await loadOf(world);
    const files = new Set([...statements].map((name) => name.split(' ')[0]));
    expect(Object.keys(readLoadFiles()).filter((file) => !files.has(file))).toEqual([]);
    const golden = readFileSync(new URL('../sql/golden/transaction.sql', import.meta.url), 'utf8');
    const reviewed = [...golden.matchAll(/^-- [a-z]+: (.+)$/gm)].map(([, name]) => name ?? '');
    expect(reviewed.length).toBeGreaterThan(40);
    expect(reviewed.filter((name) => !statements.has(name))).toEqual([]);
    // What was sent is SQL to a second parser as well, but for a validation: it does not know NOLOAD.
    await init();
    const unread = [...texts].filter((text) => !isRead(text));
    expect(texts.size).toBeGreaterThan(100);
    expect(unread.filter((text) => !text.includes('NOLOAD MAXERROR'))).toEqual([]);
  }, 240_000);
});

describe('a run that ends early', () => {
  const some = { beliefs: select({ area: 'merge' }).beliefs, probes: PROBES.slice(0, 2) };

  test('because it is interrupted leaves nothing, and says what has not run', async () => {
    const interruption = new AbortController();
    const report = await runConformance(worldOf(stack.environment), some, interruption.signal, (done) => {
      if (done === 5) interruption.abort();
    });
    expect(report.notRun).toBeGreaterThan(some.beliefs.length - 10);
    expect(summary(report)).toContain(`${report.notRun} not run`);
    expect(await left()).toEqual([]);
  });

  test('because it fails leaves nothing, and throws what it failed with', async () => {
    const world: World = worldOf(stack.environment);
    const failing = { ...world, put: () => Promise.reject(new Error('no room')) };
    const beliefs = select({ area: 'copy sources' }).beliefs;
    await expect(runConformance(failing, { beliefs, probes: [] }, never)).rejects.toThrow('no room');
    expect(await left()).toEqual([]);
  });

  test('because a probe fails goes on, and shows why', async () => {
    const probe = {
      area: 'load',
      name: 'fails',
      source: undefined,
      ask: () => Promise.reject(new Error('no right')),
    } as const;
    const report = await runConformance(
      worldOf(stack.environment),
      { beliefs: [], probes: [probe, ...some.probes] },
      never,
    );
    expect(report.answers.map(({ answer }) => answer)).toEqual(['the probe failed: no right', '1', '1']);
  });
});

describe('the command', () => {
  const run = async (...argv: string[]) => {
    const lines = { out: [] as string[], err: [] as string[] };
    const output = { out: (line: string) => lines.out.push(line), err: (line: string) => lines.err.push(line) };
    const code = await main(argv, output, never);
    return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
  };

  test('runs a selection against the local stack and prints the summary last', async () => {
    const { code, out } = await run('--local', '--area', 'expressions', '--name', 'mod(');
    expect({ code, out }).toEqual({ code: 0, out: '1 of 1 as believed, 0 differ, 0 probes' });
    const { out: json } = await run('--local', '--name', 'a failed batch leaves', '--json');
    expect(JSON.parse(json)).toMatchObject({ cluster: 'local', asBelieved: 1, differences: [] });
  }, 60_000);

  test.each([
    [['--area', 'nosuch'], 'There is no area nosuch'],
    [['--local', '--record'], 'the local warehouse is none'],
    [['--local', '--stage', 'dev'], 'Either --local or --stage'],
    [['--nosuch'], 'nosuch'],
    [['--local', '--name', 'nothing has this name'], 'Nothing has such a name'],
  ])('refuses %s', async (argv, message) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test('says what a cluster costs and stops there without --yes', async () => {
    const before = { ...process.env };
    Object.assign(process.env, stack.environment, { AWS_REGION: 'us-east-1' });
    delete process.env.AWS_ENDPOINT_URL_REDSHIFT_DATA;
    const { code, err, out } = await run();
    process.env = before;
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^About \d+ statements, \d+ small objects and \d+ seconds .*: US\$ \d.*\n→ Run it with --yes/);
  });
});

test('what a cluster did is recorded once per version, and whether it was as believed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'observed-'));
  const file = pathToFileURL(join(folder, 'observed.json'));
  const results = { 'merge: a': 'accepted', 'load: b': '3' };
  const one = recordRun(
    readObserved(file),
    results,
    new Set(['merge: a']),
    new Set(['merge: a']),
    'Redshift 1',
    '2026-01-01',
  );
  writeObserved(recordRun(one, { 'load: b': '4' }, new Set(), new Set(), 'Redshift 1', '2026-01-02'), file);
  expect(readObserved(file)).toEqual({
    'load: b': [{ cluster: 'Redshift 1', date: '2026-01-02', result: '4' }],
    'merge: a': [{ cluster: 'Redshift 1', date: '2026-01-01', result: 'accepted', asBelieved: false }],
  });
  rmSync(folder, { recursive: true });
});
