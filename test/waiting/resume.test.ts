import fc from '../support/fast-check.ts';
import { LoaderError } from '../../src/errors.ts';
import { describeWaiting, PACE, paceWithin, readAnswer } from '../../src/waiting/resume.ts';
import { failed } from '../../src/waiting/waiting.ts';
import { LONGEST_INVOCATION_MS, MINUTE, ResumeWorld, Steps } from './world.ts';

const HOUR = 60;
const paused = { works: false, by: 'control plane', code: 'unavailable', message: 'it is paused', hint: 'x' } as const;

describe('a warehouse that is off', () => {
  test('switches loads off after two minutes and on again, and the state is gone when they succeed', async () => {
    const world = new ResumeWorld();
    world.works = false;
    await world.pass(8 * HOUR);
    expect(world.changes).toEqual(['off']);
    expect(world.isOn).toBe(false);
    world.works = true;
    await world.pass(15);
    expect(world).toMatchObject({ changes: ['off', 'on'], isOn: true, object: undefined });
  });

  test('is asked at most twelve times in any hour, by loads and probes together', async () => {
    const world = new ResumeWorld();
    world.works = false;
    await world.pass(60 * HOUR);
    const most = Math.max(
      ...world.asked.map((from) => world.asked.filter((at) => at >= from && at < from + HOUR * MINUTE).length),
    );
    expect(most).toBeLessThanOrEqual(12);
    expect(world.asked.length).toBeGreaterThan(60);
  });

  test('is not asked at all while its control plane says that it is off, and then within a minute', async () => {
    const world = new ResumeWorld();
    world.works = false;
    world.controlPlane = paused;
    await world.pass(8 * HOUR);
    expect(world.asked.filter((at) => at > Date.UTC(2026, 0, 5, 9, 5))).toEqual([]);
    expect(world.waiting).toMatchObject({ message: 'it is paused', code: 'unavailable' });
    world.controlPlane = undefined;
    world.works = true;
    await world.pass(2);
    expect(world.isOn).toBe(true);
  });

  test('is asked again at midnight UTC, when limits of use begin anew', async () => {
    const world = new ResumeWorld();
    world.nowMs = Date.UTC(2026, 0, 5, 23, 51);
    world.works = false;
    await world.pass(8);
    expect(world.waiting?.retryAtMs).toBe(Date.UTC(2026, 0, 6));
  });

  test('that lacks tables is asked each four minutes on the first day, and each quarter of an hour later', async () => {
    const world = new ResumeWorld();
    world.works = false;
    world.error = new LoaderError('misconfigured', 'relation does not exist', 'create-tables');
    await world.pass(12 * HOUR);
    const gaps = (): number[] => world.asked.slice(-3).map((at, index, all) => (at - (all[index - 1] ?? at)) / MINUTE);
    expect(gaps().slice(1)).toEqual([4, 4]);
    await world.pass(24 * HOUR);
    expect(gaps().slice(1)).toEqual([15, 15]);
  });

  test('tells each minute for how long it has been waited for, and nothing when it is not', async () => {
    const world = new ResumeWorld();
    await world.pass(5);
    expect(world.waited).toEqual([]);
    world.works = false;
    await world.pass(3);
    expect(world.waited).toEqual([0, 60, 120]);
  });

  test('that fails again while loads are tried goes on being waited for', async () => {
    const world = new ResumeWorld();
    world.works = false;
    await world.pass(20);
    const since = world.waiting!.sinceMs;
    world.works = true;
    while (!world.isOn) await world.pass(1);
    world.works = false;
    await world.pass(3);
    expect(world.waiting).toMatchObject({ sinceMs: since });
    expect(world.waiting).not.toHaveProperty('triedAtMs');
    expect(world.isOn).toBe(false);
  });

  test('of which the loader cannot say anything is waited for', () => {
    expect(readAnswer('{"works":true}')).toEqual({ works: true });
    expect(readAnswer('{"errorType":"Error","errorMessage":"crashed"}')).toMatchObject({
      works: false,
      code: 'unexpected',
    });
    expect(readAnswer('')).toMatchObject({ works: false, code: 'unexpected' });
  });
});

describe('without a state', () => {
  test('loads that a person switched off stay off', async () => {
    const world = new ResumeWorld();
    world.isOn = false;
    await world.pass(2 * HOUR);
    expect(world).toMatchObject({ isOn: false, changes: [], object: undefined });
    expect(new Set(world.calls)).toEqual(new Set(['read']));
  });
});

describe('a state', () => {
  test.each(['', '{', '[]', '{"sinceMs":"yesterday"}', '{"version":9}'])(
    'that cannot be read (%j) leaves no load off',
    async (text) => {
      const world = new ResumeWorld();
      world.write(text);
      world.isOn = false;
      await world.pass(4);
      expect(world).toMatchObject({ isOn: true, object: undefined });
    },
  );

  test('whose next try is years ahead, by somebody’s clock, is tried all the same', async () => {
    const world = new ResumeWorld();
    const error = new LoaderError('unavailable', 'off', 'wait');
    world.write(JSON.stringify({ ...failed(undefined, error, world.nowMs), retryAtMs: 1e300 }));
    expect(describeWaiting(world.waiting!).text).toContain('next try');
    await world.pass(5);
    expect(world).toMatchObject({ isOn: true, object: undefined });
  });

  test('that a slow loader wrote after the return costs some minutes and ends', async () => {
    const world = new ResumeWorld();
    const error = new LoaderError('connection', 'no answer', 'wait');
    world.write(JSON.stringify(failed(undefined, error, world.nowMs - 10 * MINUTE)));
    await world.pass(4);
    expect(world).toMatchObject({ isOn: true, object: undefined });
  });

  test('says for people since when and until when', () => {
    const waiting = failed(undefined, new LoaderError('unavailable', 'it is paused', 'aws redshift resume-cluster'), 0);
    expect(describeWaiting(waiting)).toEqual({
      text: 'waiting for the warehouse since 1970-01-01 00:00:00 UTC, next try 1970-01-01 00:00:30: it is paused',
      hint: 'aws redshift resume-cluster',
    });
    expect(describeWaiting({ ...waiting, triedAtMs: 60_000 }).text).toContain(
      'loads are tried again since 1970-01-01 00:01:00',
    );
  });
});

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
    for (let calls = 0; calls < 6; calls += 1) {
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
    expect(LONGEST_INVOCATION_MS).toBeLessThan(PACE.settleMs);
  });

  test.each([
    ['ends before that, nothing is left off', LONGEST_INVOCATION_MS, true],
    ['would outlive it, loads would stay off: the reason for the limit', PACE.settleMs + MINUTE, false],
  ])('when one that is about to switch loads off %s', async (_, longestMs, isOn) => {
    const world = new ResumeWorld();
    const off = new LoaderError('unavailable', 'off', 'wait');
    world.write(JSON.stringify(failed(undefined, off, world.nowMs - 5 * MINUTE)));
    world.write(JSON.stringify({ ...world.waiting!, retryAtMs: world.nowMs + 1000 }));
    const steps = new Steps(longestMs);
    void world.tick(steps.gate(world));
    for (let call = 0; call < 2; call += 1) await steps.one(0, world.nowMs);
    expect(world.calls).toEqual(['read', 'state of loads']);
    for (const minutes of [1, PACE.settleMs / MINUTE]) {
      world.nowMs += minutes * MINUTE;
      await world.tick();
    }
    expect(world.object).toBeUndefined();
    await steps.one(0, world.nowMs);
    expect(world.isOn).toBe(isOn);
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
    isOn: fc.boolean(),
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
        world.isOn = begin.isOn;
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
            else if (world.isOn && !world.works)
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

test('a local pace waits for nothing longer than it is told', () => {
  expect(Math.max(...Object.values(paceWithin(2)))).toBe(2000);
  expect(paceWithin(3600)).toEqual(PACE);
});
