/** A whole load by the loader's own code: a small sample, late songs, and files that are bad, against the oracle. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { schemaDeps } from '../../../src/commands/create-tables.ts';
import { generateSample } from '../../../src/local/sample/generate.ts';
import type { Connection, Warehouse } from '../../../src/ports.ts';
import { upgradeSchema } from '../../../src/schema/upgrade.ts';
import type { Statement } from '../../../src/sql/statement.ts';
import { linesOfOracle, readStar, rowsOf } from '../../simulation/star.ts';
import { runCommand } from '../../support/commands.ts';
import { invokeLoader } from '../../support/loader.ts';
import { oracle, type SourceObject } from '../../support/oracle.ts';
import { SEED } from '../../support/seed.ts';
import type { World } from '../world.ts';
import { line, type Probe } from './probe.ts';

/**
 * What a load did: how its star differs from the oracle's, what the ledger says, the statements it ran by name, and the texts of
 * everything that was sent.
 */
export type Loaded = {
  differs: string[];
  ledger: string;
  again: string;
  commands: string;
  statements: ReadonlySet<string>;
  texts: ReadonlySet<string>;
};

const SAMPLE = { seed: SEED, songs: 60, events: 600, days: 3, users: 20 };

/** The time of one invocation on a cluster that has to start first, in milliseconds. */
const INVOCATION_MS = 600_000;

type Landed = SourceObject & { late: boolean; isGood: boolean };

/** Every third file is gzipped: two groups of each source. */
function sample(): Landed[] {
  const good = [...generateSample(SAMPLE)].map((object): Landed => ({ ...object, isGood: true }));
  const plays = good.filter(({ key }) => key.startsWith('log_data/'));
  const [first = ''] = (plays[0]?.body ?? '').split('\n');
  const stray: Landed = {
    key: 'log_data/stray.json',
    // A play of another year, so that a merge has two ranges, beside a row without a key.
    body: `${first.replace(/"ts":\d+/, '"ts":1000000000000')}\n{"page":"Home"}`,
    late: false,
    isGood: true,
  };
  const bad = (key: string, body: string): Landed => ({ key, body, late: true, isGood: false });
  return [
    ...good,
    stray,
    bad('log_data/broken.json', `${first}\n{"ts":`),
    bad('log_data/unusable.json', '{"page":"Home"}\n{"page":"Help"}'),
    bad('song_data/unusable.json', '{"title":"none","duration":1.5}'),
  ];
}

/** A warehouse that remembers what it was told to run. */
function remembering(warehouse: Warehouse, names: Set<string>, texts: Set<string>): Warehouse {
  return {
    query: (name, text, ...rest) => {
      texts.add(text);
      return warehouse.query(name, text, ...rest);
    },
    inSession: (...args) => warehouse.inSession(...args),
    systemIds: (id) => warehouse.systemIds(id),
    transaction: (name, statements: readonly Statement[], ...rest) => {
      for (const statement of statements) names.add(statement.name);
      for (const { text } of statements) texts.add(text);
      return warehouse.transaction(name, statements, ...rest);
    },
  };
}

async function land(world: World, { key, body }: Landed, isPacked: boolean, sequence: number): Promise<object> {
  const bytes = isPacked ? gzipSync(body) : Buffer.from(body);
  const name = isPacked ? `${key}.gz` : key;
  await world.put(name, bytes);
  const whole = `${world.prefix}${name}`;
  return {
    eventName: 'ObjectCreated:Put',
    eventTime: new Date().toISOString(),
    s3: {
      bucket: { name: world.bucket },
      object: {
        key: whole.split('/').map(encodeURIComponent).join('/'),
        size: bytes.length,
        eTag: createHash('md5').update(bytes).digest('hex'),
        sequencer: sequence.toString(16).padStart(16, '0'),
      },
    },
  };
}

async function load(world: World): Promise<Loaded> {
  const statements = new Set<string>();
  const texts = new Set<string>();
  const connection: Connection = {
    ...world.connection,
    warehouse: remembering(world.connection.warehouse, statements, texts),
  };
  await upgradeSchema(schemaDeps(connection));
  const objects = sample();
  const records = { early: [] as object[], late: [] as object[] };
  for (const [n, object] of objects.entries())
    records[object.late ? 'late' : 'early'].push(await land(world, object, object.isGood && n % 3 === 0, n + 1));
  const deliver = async (id: string, list: object[]): Promise<string> => {
    const options = { timeMs: INVOCATION_MS, ...(world.isLocal ? {} : { sleep: (ms: number) => sleep(ms) }) };
    const { failed, log } = await invokeLoader(connection, id, [JSON.stringify({ Records: list })], options);
    return failed.length === 0
      ? ''
      : `the message came back: ${log.filter((one) => !one.startsWith('info')).join(' | ')}`;
  };
  const failures = [await deliver('early', records.early), await deliver('late', records.late)].filter(Boolean);
  const read = async () => readStar(connection.warehouse, world.starSchema);
  const star = await read();
  const expected = linesOfOracle(oracle(objects.filter(({ isGood }) => isGood)));
  const differs = Object.entries(expected).flatMap(([table, lines]) => differences(table, lines, star[table] ?? []));
  const states = `SELECT status, COUNT(*) AS n FROM ${world.starSchema}.objects_now GROUP BY status ORDER BY status`;
  const ledger = (await rowsOf(connection.warehouse, states)).map(line).join('; ');
  failures.push(await deliver('again', [...records.early, ...records.late]));
  const again = JSON.stringify(await read()) === JSON.stringify(star) ? 'nothing' : 'the star';
  const below = `s3://${world.bucket}/${world.prefix}`;
  const commands = await readingCommands(connection, below, `${below}${objects[0]?.key ?? ''}.gz`);
  return { differs: [...failures.filter(Boolean), ...differs], ledger, again, commands, statements, texts };
}

/** Runs the commands that only read; gives what those that fail have said. They exit with 1 as well where files are quarantined. */
async function readingCommands(connection: Connection, below: string, url: string): Promise<string> {
  const failures: string[] = [];
  for (const argv of [
    ['status'],
    ['why', url],
    ['quarantine', 'list'],
    ['reconcile', below],
    ['query', 'SELECT 1 AS n'],
  ]) {
    const { out, err, code } = await runCommand(connection, argv);
    if (out === '' || code > 1) failures.push(`${argv[0] ?? ''} exits with ${code}: ${err.trim()}`);
  }
  return failures.length === 0 ? 'answers' : failures.join('; ');
}

function differences(table: string, expected: readonly string[], got: readonly string[]): string[] {
  const [missing] = expected.filter((one) => !got.includes(one));
  const [more] = got.filter((one) => !expected.includes(one));
  return [
    ...(missing === undefined ? [] : [`${table} lacks ${missing}`]),
    ...(more === undefined ? [] : [`${table} has ${more}`]),
    ...(expected.length === got.length ? [] : [`${table} has ${got.length} rows, not ${expected.length}`]),
  ];
}

const loads = new WeakMap<World, Promise<Loaded>>();

/** The load of a world, which happens once. */
export function loadOf(world: World): Promise<Loaded> {
  const known = loads.get(world) ?? load(world);
  loads.set(world, known);
  return known;
}

const states = sample();
const good = states.filter(({ isGood }) => isGood).length;

export const probes: Probe[] = [
  {
    area: 'load',
    name: 'a load of a small sample gives the star of the oracle',
    source: undefined,
    believed: 'the same five tables',
    ask: async (world) => {
      const { differs } = await loadOf(world);
      return differs.length === 0 ? 'the same five tables' : differs.join('; ');
    },
  },
  {
    area: 'load',
    name: 'its ledger knows every file',
    source: undefined,
    believed: `status loaded, n ${good}; status quarantined, n ${states.length - good}`,
    ask: async (world) => (await loadOf(world)).ledger,
  },
  {
    area: 'load',
    name: 'what a second delivery of everything changes',
    source: undefined,
    believed: 'nothing',
    ask: async (world) => (await loadOf(world)).again,
  },
  {
    area: 'load',
    name: 'each command that only reads',
    source: undefined,
    believed: 'answers',
    ask: async (world) => (await loadOf(world)).commands,
  },
];
