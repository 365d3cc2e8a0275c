import { OutageWorld } from './outage.ts';
import type { Outage, OutageResult } from './outage-clock.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MESSAGES = 100_000;
/** A Monday morning, at no round time. */
const START = Date.UTC(2026, 10, 23, 9, 7, 13);

/** A fifth of the messages lands at once as the warehouse goes off, the others evenly until ten minutes after it is back. */
async function simulate(kind: Outage['kind'], durationMs: number, tickSecond: number): Promise<OutageResult> {
  const world = new OutageWorld(START, { kind, fromMs: 0, toMs: durationMs }, tickSecond);
  for (let n = 0; n < MESSAGES; n += 1) {
    world.send(n < MESSAGES / 5 ? 0 : ((n - MESSAGES / 5) / (MESSAGES * 0.8)) * (durationMs + 10 * MINUTE));
  }
  return world.run(2 * HOUR);
}

describe.each<[string, number, number]>([
  ['1 minute', MINUTE, 1],
  ['8 hours', 8 * HOUR, 19],
  ['60 hours', 60 * HOUR, 37],
  ['13 days', 13 * DAY, 58],
])('a warehouse that is off for %s, with 100,000 messages', (_, durationMs, tickSecond) => {
  test('is waited for: nothing is lost or given up, it is left in peace, and files load again within a minute', async () => {
    const result = await simulate('paused', durationMs, tickSecond);
    expect(result).toMatchObject({ loaded: MESSAGES, left: 0, lost: 0, deadLetters: 0 });
    expect(result.maxReceives).toBeLessThanOrEqual(6);
    expect(result.questionsAnHour).toBeLessThanOrEqual(12);
    expect((result.firstBeginMs ?? Infinity) - durationMs).toBeLessThanOrEqual(MINUTE);
  });

  test('is waited for when only a question shows that it is at its limit of use, and tried every ten minutes', async () => {
    const result = await simulate('usage limit', durationMs, tickSecond);
    expect(result).toMatchObject({ loaded: MESSAGES, left: 0, lost: 0, deadLetters: 0 });
    expect(result.maxReceives).toBeLessThanOrEqual(6);
    expect(result.questionsAnHour).toBeLessThanOrEqual(12);
    expect((result.firstBeginMs ?? Infinity) - durationMs).toBeLessThanOrEqual(12 * MINUTE);
  });
});
