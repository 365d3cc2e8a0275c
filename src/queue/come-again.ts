import type { ErrorCode, LoaderError } from '../errors.ts';

/** A message that no retry will help, and why. */
export type RefusedMessage = { messageId: string; reason: string };
/** A message that was not loaded, and why. */
export type ReturnedMessage = { messageId: string; error: LoaderError };
/** The messages of a delivery that are not done. */
export type Undone = { refused: readonly RefusedMessage[]; returned: readonly ReturnedMessage[] };

/** A message to be returned: how often it was received, this time included, and how long ago it was first sent. */
export type Returned = { code: ErrorCode; receiveCount: number; ageMs: number };

/** How long a kind of failure is waited out: the first delay, doubled by every further receive up to `most`, if any. Seconds. */
type Delay = { first: number; most?: number };

const FIRST_HOURS_MS = 5 * 3_600_000;

/** Trouble that passes by itself within seconds. */
const PASSING: Delay = { first: 2 };
const UNAVAILABLE: Delay = { first: 30 };
/** A person mends it. In the first hours someone is likely at it, and sees the files load within five minutes. */
const MISCONFIGURED: Delay = { first: 15, most: 200 };
const MISCONFIGURED_FOR_LONG: Delay = { first: 15 };
/** Nobody has foreseen it, so it may be an outage by a new name: tried for an hour before it is taken to a person. */
const UNEXPECTED: Delay = { first: 60 };
const UNEXPECTED_RECEIVES = 7;

/**
 * In how many seconds a message that was not loaded shall come again. Passing trouble is spread by `random` (0 to 1), so that
 * those who collided do not meet again. A warehouse that is off, or not set up, is waited for until a common time, so that what
 * has gathered loads in a few full batches. No delay is longer than `mostSeconds`.
 */
export function comesAgainAfter(
  { code, receiveCount, ageMs }: Returned,
  nowMs: number,
  random: number,
  mostSeconds: number,
): number {
  const { first, most = mostSeconds } = delayOf(code, ageMs);
  const full = Math.min(most, mostSeconds, first * 2 ** Math.min(receiveCount - 1, 20));
  if (code !== 'unavailable' && code !== 'misconfigured') {
    return Math.min(mostSeconds, Math.ceil(full * (1 + random / 2)));
  }
  const time = Math.ceil(nowMs / 1000 / full + 0.25) * full;
  return Math.min(mostSeconds, Math.max(1, Math.ceil(time - nowMs / 1000)));
}

function delayOf(code: ErrorCode, ageMs: number): Delay {
  if (code === 'unavailable') return UNAVAILABLE;
  if (code === 'unexpected') return UNEXPECTED;
  if (code === 'misconfigured') return ageMs < FIRST_HOURS_MS ? MISCONFIGURED : MISCONFIGURED_FOR_LONG;
  return PASSING;
}

/** Whether trying again is over: only what nobody has foreseen ends in the dead-letter queue, and never what is waited for. */
export function isOver({ code, receiveCount }: Returned): boolean {
  return code === 'unexpected' && receiveCount >= UNEXPECTED_RECEIVES;
}
