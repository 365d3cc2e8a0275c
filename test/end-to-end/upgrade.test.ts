import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { readVersion, upgradeSchema, type Upgrade } from '../../src/schema/upgrade.ts';
import { dyingAt, NAMES, UpgradeWorld } from './upgrade-world.ts';

describe.each(['SNAPSHOT', 'SERIALIZABLE'] as const)('under %s', (isolation) => {
  let world: UpgradeWorld;
  beforeAll(async () => {
    world = await UpgradeWorld.start(isolation);
  });
  afterAll(() => world.stop());

  const twenty = (release: 'this' | 'later'): Promise<Upgrade[]> =>
    Promise.all(Array.from({ length: 20 }, () => upgradeSchema(world.run(release))));

  test('twenty upgrades at once of a warehouse that is empty all succeed', async () => {
    const upgrades = await twenty('this');
    expect(upgrades.flatMap(({ applied }) => applied).sort()).toEqual(['001-star', '002-ledger']);
    expect(new Set(upgrades.map(({ to }) => to))).toEqual(new Set([2]));
    expect(await world.versions()).toEqual([1, 2]);
  });

  test('twenty upgrades at once of tables with rows all succeed, and each migration runs once', async () => {
    await world.fill();
    const upgrades = await twenty('later');
    expect(upgrades.flatMap(({ applied }) => applied).sort()).toEqual(NAMES);
    expect(new Set(upgrades.map(({ to }) => to))).toEqual(new Set([104]));
    await world.expectUpgraded();
  });

  test('an upgrade waits for the load that runs', async () => {
    await world.fill();
    const order: string[] = [];
    const statements = ['LOCK sparkify.load_lock', `UPDATE sparkify.songs SET year = 2010 WHERE song_id = 'SO1'`];
    world.strike.arm('Statement', 2, { do: 'delay', milliseconds: 500 });
    const load = world.warehouse
      .transaction(
        'load',
        statements.map((text) => ({ stage: 'lock', name: text, text })),
        {},
        randomUUID(),
        Date.now() + 60_000,
      )
      .then(({ kind }) => order.push(`load ${kind}`));
    while (world.strike.met < 2) await pause(5);
    world.strike.disarm();
    await upgradeSchema(world.run('later')).then(() => order.push('upgraded'));
    await load;
    expect(order).toEqual(['load committed', 'upgraded']);
    expect(await world.query(`SELECT year, genre FROM sparkify.songs WHERE song_id = 'SO1'`)).toEqual([
      { year: 2011, genre: null },
    ]);
  });
});

describe('an upgrade', () => {
  let world: UpgradeWorld;
  beforeAll(async () => {
    world = await UpgradeWorld.start('SNAPSHOT');
    await upgradeSchema(world.run('this'));
  });
  afterAll(() => world.stop());

  test('that is interrupted at any of its statements, and repeated, ends as if it had not been', async () => {
    let statements = 0;
    for (;;) {
      await world.fill();
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
    // The foundation, five questions for the version, and four migrations with their lock and their record.
    expect(statements).toBe(3 + 5 + 4 * 2 + 8);
  }, 120_000);

  test.each(['drop reply', 'error', 'error after', 'throttle'] as const)(
    'of which any call meets "%s" ends right by itself',
    async (fault) => {
      for (let nth = 1; nth <= 5; nth += 1) {
        await world.fill();
        world.strike.arm('BatchExecuteStatement', nth, { do: fault });
        const { applied } = await upgradeSchema(world.run('later'));
        world.strike.disarm();
        expect(applied).toEqual(NAMES);
        await world.expectUpgraded();
      }
    },
    60_000,
  );

  test.each(['before', 'after'] as const)(
    'whose process dies %s a migration, and one that is begun anew, end right',
    async (when) => {
      for (const name of NAMES) {
        await world.fill();
        const run = world.run('later');
        const dying = upgradeSchema({ ...run, warehouse: dyingAt(name, when, run.warehouse) });
        await expect(dying).rejects.toThrow('killed');
        await upgradeSchema(world.run('later'));
        await world.expectUpgraded();
      }
    },
    60_000,
  );

  test('with a migration that cannot run tells its reason and leaves nothing of it; those before it stand', async () => {
    await world.fill();
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

  test('by an older release is refused, and names both versions', async () => {
    await world.fill();
    await upgradeSchema(world.run('later'));
    await expect(upgradeSchema(world.run('this'))).rejects.toMatchObject({
      code: 'usage',
      message: 'Schema sparkify is at version 104; this release knows 2.',
    });
  });
});
