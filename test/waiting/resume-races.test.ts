import fc from '../support/fast-check.ts';
import { LoaderError } from '../../src/errors.ts';
import { PACE } from '../../src/waiting/resume.ts';
import { failed } from '../../src/waiting/waiting.ts';
import { LONGEST_INVOCATION_MS, MINUTE, ResumeWorld, Steps } from './world.ts';

describe('an invocation that dies', () => {
  /** The situations a tick can meet, and how many calls each takes at most. */
  const situations: [string, (world: ResumeWorld) => Promise<void>][] = [
    [
      'in which loads are to be switched off',
      async (world) => {
        world.works = false;
        await world.pass(2);
      },
    ],
    [
      'in which the warehouse works again',
      async (world) => {
        world.works = false;
        await world.pass(12);
        world.works = true;
        world.nowMs += 10 * MINUTE;
      },
    ],
    [
      'in which it still does not',
      async (world) => {
        world.works = false;
        await world.pass(12);
        world.nowMs += 10 * MINUTE;
      },
    ],
    [
      'in which the waiting ends',
      async (world) => {
        world.works = false;
        await world.pass(12);
        world.works = true;
        while (!world.isOn) await world.pass(1);
        world.nowMs += 2 * MINUTE;
      },
    ],
  ];

  test.each(situations)('at any call, %s, is finished by the ticks that follow', async (_, prepare) => {
    const ends = new Set<number>();
    for (let calls = 0; calls < 9; calls += 1) {
      const world = new ResumeWorld();
      await prepare(world);
      const before = world.calls.length;
      await world.tickUntil(calls);
      ends.add(world.calls.length - before);
      expect(world.isOn || world.object !== undefined).toBe(true);
      world.works = true;
      await world.pass(25);
      expect(world).toMatchObject({ isOn: true, object: undefined });
    }
    expect(ends.size).toBeGreaterThan(2);
  });
});

describe('invocations side by side', () => {
  test('take less time than loads are watched, so an old one cannot switch them off once they are', () => {
    expect(LONGEST_INVOCATION_MS).toBeLessThan(PACE.watchMs);
  });

  test.each([
    ['ends before that, nothing is left off', LONGEST_INVOCATION_MS, true],
    ['would outlive it, loads would stay off: the reason for the limit', PACE.watchMs + MINUTE, false],
  ])('when one that is about to switch loads off %s', async (_, longestMs, isOn) => {
    const world = new ResumeWorld();
    const off = new LoaderError('unavailable', 'off', 'wait');
    world.write(JSON.stringify(failed(undefined, off, world.nowMs - 5 * MINUTE)));
    world.write(JSON.stringify({ ...world.waiting!, retryAtMs: world.nowMs + 1000 }));
    const steps = new Steps(longestMs);
    void world.tick(steps.gate(world));
    for (let call = 0; call < 3; call += 1) await steps.one(0, world.nowMs);
    expect(world.calls).toEqual(['read', 'state of loads', 'state of replays']);
    for (const minutes of [1, PACE.watchMs / MINUTE]) {
      world.nowMs += minutes * MINUTE;
      await world.tick();
    }
    expect(world.object).toBeUndefined();
    for (let call = 0; call < 2; call += 1) await steps.one(0, world.nowMs);
    expect(world.on).toEqual({ loads: isOn, replays: isOn });
  });

  type Event = {
    kind: 'tick' | 'step' | 'load' | 'slow load' | 'break' | 'mend' | 'unreadable' | 'time';
    value: number;
  };
  const often = (weight: number, kind: Event['kind']) => ({ weight, arbitrary: fc.constant(kind) });
  const event: fc.Arbitrary<Event> = fc.record({
    kind: fc.oneof(
      often(20, 'step'),
      often(6, 'tick'),
      often(3, 'load'),
      often(2, 'slow load'),
      often(2, 'break'),
      often(2, 'mend'),
      often(1, 'unreadable'),
      often(4, 'time'),
    ),
    value: fc.nat(1000),
  });
  /** A state in the middle of its life: minutes since it began, until the next try, and since loads are tried. */
  const begun = fc.record({
    loads: fc.boolean(),
    replays: fc.boolean(),
    since: fc.integer({ min: 0, max: 20 }),
    until: fc.integer({ min: -3, max: 9 }),
    tried: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  });

  test('never leave loads off without a state, in any order of their calls, and all end well', async () => {
    await fc.assert(
      fc.asyncProperty(begun, fc.array(event, { minLength: 5, maxLength: 60 }), async (begin, events) => {
        const world = new ResumeWorld();
        const ago = (minutes: number): number => world.nowMs - minutes * MINUTE;
        world.write(
          JSON.stringify({
            ...failed(undefined, world.error, ago(begin.since + 5)),
            retryAtMs: ago(-begin.until),
            ...(begin.tried === undefined ? {} : { triedAtMs: ago(begin.tried) }),
          }),
        );
        Object.assign(world.on, { loads: begin.loads, replays: begin.replays });
        const steps = new Steps();
        /** What a loader has read and not written yet. */
        const late: (() => void)[] = [];
        const acts: Record<Event['kind'], (value: number) => void | Promise<void>> = {
          tick: () => void world.tick(steps.gate(world)),
          step: (value) => steps.one(value, world.nowMs),
          load: () => {
            world.load();
          },
          'slow load': (value) => {
            const { waiting, nowMs } = world;
            const write = late.splice(0, value % 2)[0];
            if (write) write();
            else if ((world.on.loads || world.on.replays) && !world.works)
              late.push(() => {
                world.write(JSON.stringify(failed(waiting, world.error, nowMs)));
              });
          },
          break: () => void (world.works = false),
          mend: () => void (world.works = true),
          unreadable: () => {
            world.write('{"of": "another release"}');
          },
          time: (value) => void (world.nowMs += value * 100),
        };
        for (const { kind, value } of events) {
          await acts[kind](value);
          if (!world.isOn && world.object === undefined) return false;
        }
        world.works = true;
        // Whatever was under way has ended, by itself or by Lambda.
        world.nowMs += LONGEST_INVOCATION_MS + 1;
        await world.pass(25);
        return world.isOn && world.object === undefined;
      }),
      { numRuns: 5000 },
    );
  });
});
