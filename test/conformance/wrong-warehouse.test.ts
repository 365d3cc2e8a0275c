import { startTestStack, type TestStack } from '../support/stack.ts';
import { idOf, type Belief } from './belief.ts';
import { BELIEFS } from './beliefs.ts';
import { PROBES, runConformance, type Report } from './conformance.ts';
import { placed } from './judge.ts';
import { worldOf, type World } from './world.ts';
import { startWrongWarehouse, type Wrong, type WrongWarehouse } from './wrong-warehouse.ts';

let stack: TestStack;
let standIn: WrongWarehouse;
/** How late load errors are, in milliseconds. */
const late = { ms: 0 };
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false, loadErrorsLateMs: () => late.ms });
  standIn = await startWrongWarehouse(stack.environment.AWS_ENDPOINT_URL_REDSHIFT_DATA ?? '');
}, 60_000);
afterAll(async () => {
  await standIn.stop();
  await stack.stop();
});

const world = (): World => worldOf({ ...stack.environment, AWS_ENDPOINT_URL_REDSHIFT_DATA: standIn.endpoint });

async function runWrongly(
  wrong: (world: World) => Wrong,
  selected: Partial<Parameters<typeof runConformance>[1]>,
): Promise<Report> {
  const one = world();
  standIn.wrong = wrong(one);
  try {
    return await runConformance(one, { beliefs: [], probes: [], ...selected }, new AbortController().signal);
  } finally {
    standIn.wrong = {};
  }
}

const found = ({ differences }: Report): string[] => differences.map(idOf);
const named = (...parts: string[]): Belief[] =>
  parts.map((part) => {
    const [belief, ...others] = BELIEFS.filter((one) => idOf(one).includes(part));
    if (belief === undefined || others.length > 0) throw new Error(`${part} names ${others.length + 1} beliefs`);
    return belief;
  });
const probesNamed = (part: string) => PROBES.filter(({ name }) => name.includes(part));

/** Replaces statements in what is submitted. */
const replacing =
  (replace: (sql: string) => string): NonNullable<Wrong['request']> =>
  ({ input }) => ({
    ...input,
    ...(Array.isArray(input.Sqls) ? { Sqls: input.Sqls.map((sql) => replace(String(sql))) } : {}),
    ...(typeof input.Sql === 'string' ? { Sql: replace(input.Sql) } : {}),
  });

test('where everything is accepted that must be refused, and refused what must be accepted, every belief differs', async () => {
  // What the local warehouse does otherwise than Redshift is judged the other way round.
  const beliefs = BELIEFS.filter(({ localDiffers }) => localDiffers === undefined);
  const report = await runWrongly(
    (one) => {
      const wrongs = new Map(
        beliefs.map((belief, place) => [
          placed(belief.statement, one, `${place}/`),
          belief.expected.kind.endsWith('refused') ? 'SELECT 1' : 'SELECT frobnicated',
        ]),
      );
      const replace = replacing((sql) => wrongs.get(sql) ?? sql);
      return {
        request: (call) => {
          const { Database, WorkgroupName } = { ...call.input, Database: 'dev', WorkgroupName: 'sparkify' };
          const isOurs = String(call.input.Sql).startsWith('SELECT TRIM(file_name)');
          if (call.operation === 'ExecuteStatement' && !isOurs) return { Sql: 'SELECT 1', Database, WorkgroupName };
          return replace(call);
        },
      };
    },
    { beliefs },
  );
  const differing = new Set(found(report));
  expect(beliefs.map(idOf).filter((id) => !differing.has(id))).toEqual([]);
  expect(report).toMatchObject({ judged: beliefs.length, asBelieved: 0, notRun: 0 });
}, 180_000);

test('another text is found where the text is known, and on a cluster not where only the local warehouse gives it', async () => {
  const beliefs = named(
    'UPDATE users u SET level = NULL',
    'two source rows for one target row',
    'SELECT (SELECT x.level)',
  );
  const wrong: Wrong = { reply: (_, reply) => reply.replace(/ERROR: [^"\\]+/g, 'ERROR: something is wrong') };
  expect(found(await runWrongly(() => wrong, { beliefs }))).toEqual(beliefs.map(idOf));
  const [ours] = named("COPY one FROM 's3://bucket/m' IAM_ROLE '{role}' JSON 'auto' MAXERROR 100001");
  const onCluster = { ...world(), isLocal: false };
  standIn.wrong = wrong;
  const report = await runConformance(
    onCluster,
    { beliefs: [ours!, ...beliefs], probes: [] },
    new AbortController().signal,
  );
  standIn.wrong = {};
  expect(found(report)).toEqual(beliefs.map(idOf));
});

test('another value, another type and another row are found', async () => {
  const beliefs = named('expressions: 7 / 2 is', 'it gives a BOOLEAN', 'SELECT id FROM plays ORDER BY at DESC');
  const wrong: Wrong = {
    request: replacing((sql) =>
      sql.replace('SELECT 7 / 2 AS', 'SELECT 7 / 2.0 AS').replace('n = 1 AS', 'n AS').replace('at DESC', 'at'),
    ),
  };
  expect(found(await runWrongly(() => wrong, { beliefs }))).toEqual(beliefs.map(idOf));
});

test('load errors that are late, incomplete or have another code are found', async () => {
  const beliefs = named('a file with a wrong value in an object', 'two bad rows and MAXERROR 3');
  const changed = (replace: (sql: string) => string): Wrong => ({ request: replacing(replace) });
  const codes = changed((sql) => sql.replace('error_code AS code', 'error_code + 1 AS code'));
  const fewer = changed((sql) =>
    sql.replace('FROM sys_load_error_detail WHERE', 'FROM sys_load_error_detail WHERE line_number > 9 AND'),
  );
  for (const wrong of [codes, fewer]) {
    expect(found(await runWrongly(() => wrong, { beliefs }))).toEqual(beliefs.map(idOf));
  }
  late.ms = 60_000;
  expect(found(await runWrongly(() => ({}), { beliefs }))).toEqual(beliefs.map(idOf));
  late.ms = 0;
});

test.each<[string, string, (sql: string) => string]>([
  ['is there in the next call', 'FROM probed', (sql) => sql.replace('FROM probed', 'FROM nosuch')],
  ['LOCK at the head of a batch', 'LOCK', (sql) => sql.replace(/^LOCK .*/, 'SELECT n FROM one WHERE n = 2')],
  ['NOLOAD lists every bad file', 'NOLOAD', (sql) => sql.replace('NOLOAD MAXERROR 100000', 'NOLOAD')],
])('a belief of a probe that does not hold is found: %s', async (name, _what, replace) => {
  const probes = probesNamed(name);
  expect(probes).toHaveLength(1);
  expect(found(await runWrongly(() => ({ request: replacing(replace) }), { probes }))).toEqual(probes.map(idOf));
});

test('a token that runs its transaction again is found', async () => {
  const probes = probesNamed('a ClientToken again, in its session');
  let number = 0;
  const wrong: Wrong = { request: ({ input }) => ({ ...input, ClientToken: `token-${(number += 1)}` }) };
  expect(found(await runWrongly(() => wrong, { probes }))).toEqual(probes.map(idOf));
});

test('a load whose MERGE does nothing differs from the oracle', async () => {
  const probes = probesNamed('gives the star of the oracle');
  const wrong: Wrong = {
    request: replacing((sql) => (/MERGE INTO "?\w+"?\.users/.test(sql) ? 'SELECT 1' : sql)),
  };
  expect(found(await runWrongly(() => wrong, { probes }))).toEqual(probes.map(idOf));
}, 60_000);
