import { LoaderError } from '../../src/errors.ts';
import { describeWaiting, PACE, paceWithin, readAnswer } from '../../src/waiting/resume.ts';
import { asOne, type LoadSwitch } from '../../src/waiting/tick.ts';
import { failed } from '../../src/waiting/waiting.ts';
import { MINUTE, ResumeWorld } from './world.ts';

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

  test('tells each minute for how long it has been waited for, which is 0 when it is not', async () => {
    const world = new ResumeWorld();
    await world.pass(2);
    expect(world.waited).toEqual([0, 0]);
    world.works = false;
    await world.pass(3);
    expect(world.waited).toEqual([0, 0, 0, 60, 120]);
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

  test('replays that a person switched off stay off, while what lands is loaded', async () => {
    const world = new ResumeWorld();
    world.on.replays = false;
    await world.pass(2 * HOUR);
    expect(world).toMatchObject({ on: { loads: true, replays: false }, changes: [] });
  });
});

describe('several switches as one', () => {
  const turned: string[] = [];
  const switchOf = (name: string, answer: boolean | Error): LoadSwitch => ({
    turn: (on) => {
      turned.push(`${name} ${on ? 'on' : 'off'}`);
      return typeof answer === 'boolean' ? Promise.resolve(answer) : Promise.reject(answer);
    },
  });
  beforeEach(() => turned.splice(0));

  test.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
  ])('have turned when each has: %s and %s are %s', async (one, other, all) => {
    expect(await asOne([switchOf('one', one), switchOf('other', other)]).turn(true)).toBe(all);
    expect(turned).toEqual(['one on', 'other on']);
  });

  test.each([true, false])(
    'fail when one fails, whatever the other answers (%s), which is turned all the same',
    async (answer) => {
      const failing = new Error('throttled');
      await expect(asOne([switchOf('one', failing), switchOf('other', answer)]).turn(false)).rejects.toBe(failing);
      await expect(asOne([switchOf('one', answer), switchOf('other', failing)]).turn(false)).rejects.toBe(failing);
      expect(turned).toEqual(['one off', 'other off', 'one off', 'other off']);
    },
  );
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
    await world.pass(20);
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

test('a local pace waits for nothing longer than it is told', () => {
  expect(Math.max(...Object.values(paceWithin(2)))).toBe(2000);
  expect(paceWithin(3600)).toEqual(PACE);
});
