import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { connectTo } from '../../src/local/connect.ts';
import { readVersion, upgradeSchema, type Upgrade } from '../../src/schema/upgrade.ts';
import { song } from '../support/files.ts';
import { dyingAt, mortal, NAMES, play, UpgradeWorld } from './upgrade-world.ts';

/** Of an upgrade: how text compares, the foundation, five questions for the version, and four migrations with their lock and their record. */
const STATEMENTS = 1 + 4 + 5 + 4 * 2 + 8;

const twenty = (release: 'this' | 'later', world: UpgradeWorld): Promise<Upgrade[]> =>
  Promise.all(Array.from({ length: 20 }, () => upgradeSchema(world.run(release))));

async function twentyOfNothing(world: UpgradeWorld): Promise<void> {
  await world.query(`DROP SCHEMA ${world.schema} CASCADE`);
  const upgrades = await twenty('this', world);
  expect(upgrades.flatMap(({ applied }) => applied).sort()).toEqual(['001-star', '002-ledger', '003-fields']);
  expect(new Set(upgrades.map(({ to }) => to))).toEqual(new Set([3]));
  expect(await world.versions()).toEqual([1, 2, 3]);
}

async function twentyOfLoadedTables(world: UpgradeWorld): Promise<void> {
  const upgrades = await twenty('later', world);
  expect(upgrades.flatMap(({ applied }) => applied).sort()).toEqual(NAMES);
  expect(new Set(upgrades.map(({ to }) => to))).toEqual(new Set([104]));
  await world.expectUpgraded();
  await world.expectTheRestUntouched();
}

async function waitsForALoad(world: UpgradeWorld): Promise<void> {
  await world.setBack();
  const order: string[] = [];
  world.strike.arm('Statement', 2, { do: 'delay', milliseconds: 300 });
  const load = world
    .commit(`LOCK ${world.schema}.load_lock`, `UPDATE ${world.schema}.songs SET year = 2010 WHERE song_id = 'SO1'`)
    .then(() => order.push('loaded'));
  while (world.strike.met < 2) await pause(5);
  world.strike.disarm();
  await upgradeSchema(world.run('later')).then(() => order.push('upgraded'));
  await load;
  expect(order).toEqual(['loaded', 'upgraded']);
  expect(await world.query(`SELECT year, genre FROM ${world.schema}.songs WHERE song_id = 'SO1'`)).toEqual([
    { year: 2011, genre: null },
  ]);
}

describe('under SERIALIZABLE', () => {
  let world: UpgradeWorld;
  beforeAll(async () => {
    world = await UpgradeWorld.start({ isolation: 'SERIALIZABLE', eventSource: false });
  });
  afterAll(() => world.stack.stop());

  test('twenty upgrades at once all succeed, and each migration runs once', async () => {
    await twentyOfNothing(world);
    await world.fillByHand();
    await twentyOfLoadedTables(world);
  });

  test('an upgrade waits for the load that runs', () => waitsForALoad(world));
});

describe('under SNAPSHOT', () => {
  let world: UpgradeWorld;
  beforeAll(async () => {
    world = await UpgradeWorld.start({ isolation: 'SNAPSHOT', maxReceiveCount: 100 });
  });
  afterAll(() => world.stack.stop());

  test('twenty upgrades at once of a warehouse that is empty all succeed', () => twentyOfNothing(world));

  test('twenty upgrades at once of tables with rows all succeed, and each migration runs once', async () => {
    await world.fill();
    await twentyOfLoadedTables(world);
  });

  test('an upgrade waits for the load that runs', () => waitsForALoad(world));

  test('an upgrade that fails at any of its statements, and is repeated, ends as if it had not failed', async () => {
    let statements = 0;
    for (;;) {
      await world.setBack();
      world.strike.arm('Statement', statements + 1, { do: 'fail statement', message: 'the power went' });
      const ended = await upgradeSchema(world.run('later')).catch((error: unknown) => error);
      world.strike.disarm();
      if (world.strike.met <= statements) break;
      statements += 1;
      if (ended instanceof Error)
        expect(ended).toMatchObject({ name: 'LoaderError', message: 'ERROR: the power went' });
      await upgradeSchema(world.run('later'));
      await world.expectUpgraded();
    }
    expect(statements).toBe(STATEMENTS);
    await world.expectTheRestUntouched();
  }, 60_000);

  test('an upgrade whose process dies while any statement runs, and one begun before that has ended, end right', async () => {
    for (let nth = 1; nth <= STATEMENTS; nth += 1) {
      await world.setBack();
      let dead = false;
      const run = world.run('later');
      const died = new Promise<void>((resolve) => {
        world.strike.onStrike = () => {
          dead = true;
          resolve();
        };
      });
      world.strike.arm('Statement', nth, { do: 'delay', milliseconds: 20 });
      void upgradeSchema({ ...run, warehouse: mortal(() => dead, run.warehouse) });
      await died;
      world.strike.disarm();
      await upgradeSchema(world.run('later'));
      await world.expectUpgraded();
    }
    await world.expectTheRestUntouched();
  }, 60_000);

  test.each(['before', 'after'] as const)(
    'an upgrade whose process dies %s a migration, and one that is begun anew, end right',
    async (when) => {
      for (const name of NAMES) {
        await world.setBack();
        const run = world.run('later');
        const dying = upgradeSchema({ ...run, warehouse: dyingAt(name, when, run.warehouse) });
        await expect(dying).rejects.toThrow('killed');
        await upgradeSchema(world.run('later'));
        await world.expectUpgraded();
      }
    },
  );

  // The client waits long after it was throttled, so that is tried once.
  test.each([
    ['drop reply', 'BatchExecuteStatement', [1, 2, 3, 4, 5]],
    ['error', 'BatchExecuteStatement', [1, 2, 3, 4, 5]],
    ['error after', 'BatchExecuteStatement', [1, 2, 3, 4, 5]],
    ['throttle', 'BatchExecuteStatement', [3]],
    ['drop reply', 'ExecuteStatement', [1, 2]],
    ['drop reply', 'GetStatementResult', [1, 2]],
  ] as const)('an upgrade that meets "%s" at a call of %s ends right by itself', async (fault, operation, calls) => {
    for (const nth of calls) {
      await world.setBack();
      world.strike.arm(operation, nth, { do: fault });
      const { applied } = await upgradeSchema(world.run('later'));
      expect(world.strike.met).toBeGreaterThanOrEqual(nth);
      world.strike.disarm();
      expect(applied).toEqual(NAMES);
      await world.expectUpgraded();
    }
  });

  test('a command that is killed between two statements, and typed again, makes the schema', async () => {
    const environment = { ...world.stack.environment, SPARKIFY_SCHEMA: 'killed' };
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'create-tables'], {
      env: { ...process.env, ...environment },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    world.strike.onStrike = () => child.kill('SIGKILL');
    world.strike.arm('Statement', 10, { do: 'delay', milliseconds: 100 });
    expect(await ended).toEqual([null, 'SIGKILL']);
    world.strike.disarm();
    const connection = connectTo(environment);
    const { code, out } = await world.stack.run(['create-tables'], { connection });
    expect([code, out]).toEqual([0, expect.stringContaining('Schema killed is at version 3; ')]);
    expect((await world.stack.run(['status'], { connection })).code).toBe(0);
  });

  test('a migration that cannot run tells its reason and leaves nothing of it; those before it stand', async () => {
    await world.setBack();
    const run = world.run('later');
    const wrong = `UPDATE :"schema".songs SET title = 'x';
      ALTER TABLE :"schema".songs ALTER COLUMN title TYPE VARCHAR(2048);`;
    const schema = { ...run.templates.schema, '103-next-year': wrong };
    await expect(upgradeSchema({ ...run, templates: { ...run.templates, schema } })).rejects.toThrow(
      'ALTER COLUMN cannot run inside a transaction block',
    );
    expect(await readVersion(run)).toBe(102);
    await upgradeSchema(world.run('later'));
    await world.expectUpgraded();
  });

  test('an upgrade by an older release is refused, and names both versions', async () => {
    await expect(upgradeSchema(world.run('this'))).rejects.toMatchObject({
      code: 'usage',
      message: 'Schema sparkify is at version 104; this release knows 3.',
    });
  });

  test('the loader of before goes on with the tables of after: new rows, corrected ones, and the same again', async () => {
    await world.expectUpgraded();
    await world.land({
      'song_data/3.json': song(3),
      'song_data/2.json': song(2, { title: 'Corrected', year: null, artist_name: 'Known at last' }),
      'log_data/2.json': play(7, 3),
    });
    await world.expectAllLoadedAgain();
    expect(await world.query(`SELECT DISTINCT genre FROM ${world.schema}.songs`)).toEqual([{ genre: null }]);
    expect(await world.query(`SELECT DISTINCT plan FROM ${world.schema}.users`)).toEqual([{ plan: 'free' }]);
  });

  test('the loader of after waits for tables of before; then old rows hold NULL until they are loaded again', async () => {
    await world.setBack();
    const locations = (): Promise<unknown[]> =>
      world.query(`SELECT song_id, artist_location FROM ${world.schema}.songs ORDER BY 1`);
    await world.query(`ALTER TABLE ${world.schema}.songs DROP COLUMN artist_location`);
    const landed = world.land({ 'song_data/4.json': song(4, { artist_location: 'Lima' }) });
    while (world.stack.waiting().every(({ receiveCount }) => receiveCount < 2)) await pause(20);
    const quarantined = JSON.stringify(await world.stack.json(['quarantine', 'list']));
    expect(quarantined).toContain('log_data/bad.json');
    expect(quarantined).not.toContain('song_data/4.json');

    await world.query(`ALTER TABLE ${world.schema}.songs ADD COLUMN artist_location VARCHAR(1024)`);
    await landed;
    expect(await locations()).toEqual([
      { song_id: 'SO1', artist_location: null },
      { song_id: 'SO2', artist_location: null },
      { song_id: 'SO4', artist_location: 'Lima' },
    ]);
    await world.expectAllLoadedAgain();
    expect(await locations()).toMatchObject([
      { song_id: 'SO1', artist_location: '' },
      { song_id: 'SO2', artist_location: '' },
      { song_id: 'SO3', artist_location: '' },
      { song_id: 'SO4', artist_location: 'Lima' },
    ]);
  });
});
