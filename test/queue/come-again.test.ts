import { DEFAULT_RETRY_MOST_SECONDS as MOST } from '../../src/config.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { comesAgainAfter, isOver } from '../../src/queue/come-again.ts';
import { deployed } from '../support/deployed.ts';
import fc from '../support/fast-check.ts';

const codes: ErrorCode[] = [
  'conflict',
  'throttled',
  'connection',
  'session',
  'deadline',
  'unavailable',
  'misconfigured',
];
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 28);

/** The times, in seconds, at which a message is received that always fails in the same way, from when it was sent. */
function receives(code: ErrorCode, untilMs: number, random = 0): number[] {
  const times = [0];
  for (let nowMs = START_MS; ;) {
    const returned = { code, receiveCount: times.length, ageMs: nowMs - START_MS };
    nowMs += comesAgainAfter(returned, nowMs, random, MOST) * 1000;
    if (nowMs - START_MS > untilMs) return times;
    times.push((nowMs - START_MS) / 1000);
  }
}

describe('a message that was not loaded', () => {
  test('comes again within seconds after passing trouble, later each time, and not with those it collided with', () => {
    expect(receives('conflict', HOUR_MS).slice(0, 6)).toEqual([0, 2, 6, 14, 30, 62]);
    const delays = Array.from({ length: 50 }, (_, n) =>
      comesAgainAfter({ code: 'conflict', receiveCount: 6, ageMs: 0 }, START_MS, n / 50, MOST),
    );
    expect([Math.min(...delays), Math.max(...delays)]).toEqual([64, 96]);
    expect(new Set(delays).size).toBeGreaterThan(25);
  });

  test('comes again at a common time when the warehouse is off', () => {
    const times = Array.from({ length: 15 }, (_, second) => {
      const nowMs = START_MS + second * 1000;
      return second + comesAgainAfter({ code: 'unavailable', receiveCount: 1, ageMs: 0 }, nowMs, 0.5, MOST);
    });
    expect(new Set(times)).toEqual(new Set([30]));
  });

  test('comes again within five minutes in the first hours of a missing table or right', () => {
    const times = receives('misconfigured', 5 * HOUR_MS);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(300);
  });

  test.each(codes)('%s: is received far less often in 14 days than the queue allows', (code) => {
    const allowed = deployed('src/deploy/queues.yml', 'maxReceiveCount');
    expect(receives(code, 14 * 24 * HOUR_MS).length).toBeLessThan(allowed);
  });

  test('comes again within 1 second and the limit, whatever happened', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<ErrorCode>(...codes, 'unexpected'),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 0, max: 15 * 24 * HOUR_MS }),
        fc.integer({ min: 0, max: 10 * HOUR_MS }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        fc.integer({ min: 1, max: 43_200 }),
        (code, receiveCount, ageMs, sinceMs, random, most) => {
          const seconds = comesAgainAfter({ code, receiveCount, ageMs }, START_MS + sinceMs, random, most);
          expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= most).toBe(true);
        },
      ),
    );
  });

  test('is given up only when nobody foresaw the failure, after an hour of tries', () => {
    for (const code of codes) expect(isOver({ code, receiveCount: 449, ageMs: 13 * 24 * HOUR_MS })).toBe(false);
    const times = receives('unexpected', 3 * HOUR_MS);
    const last = times.findIndex((_, index) => isOver({ code: 'unexpected', receiveCount: index + 1, ageMs: 0 }));
    expect(times[last]).toBe(63 * 60);
  });
});
