import type { ErrorCode } from '../errors.ts';

/** A message to be given back: how often it was received, this time included, and how long ago it was first sent. */
export type Returned = { code: ErrorCode; receiveCount: number; ageMs: number };

/** How long a kind of failure is waited out: the first delay, doubled by every further receive up to `most`. Seconds. */
type Delay = { first: number; most: number };

/**
 * The most a message is hidden. Received once in half an hour for the 14 days that a queue keeps it, it stays below a thousand
 * receives, which is the largest `maxReceiveCount`.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 */
const MOST_SECONDS = 1800;
const DAY_MS = 86_400_000;

/** Trouble that passes by itself within moments. */
const PASSING: Delay = { first: 2, most: MOST_SECONDS };
const UNAVAILABLE: Delay = { first: 30, most: MOST_SECONDS };
/** A person mends it. On the first day someone is likely at it, and sees the files load within five minutes. */
const MISCONFIGURED: Delay = { first: 15, most: 200 };
const MISCONFIGURED_FOR_LONG: Delay = { first: 15, most: MOST_SECONDS };

/**
 * In how many seconds a message that was not loaded shall come again. Passing trouble is spread by `random` (0 to 1), so that
 * those who collided do not meet again. A warehouse that is off, or not set up, is waited for until a common moment, so that what
 * has gathered loads in a few full batches. `mostSeconds` shortens every delay.
 */
export function comesAgainAfter(
  { code, receiveCount, ageMs }: Returned,
  nowMs: number,
  random: number,
  mostSeconds: number,
): number {
  const { first, most } = delayOf(code, ageMs);
  const full = Math.min(most, first * 2 ** Math.min(receiveCount - 1, 20));
  if (code !== 'unavailable' && code !== 'misconfigured') {
    return Math.min(mostSeconds, Math.ceil(full * (0.5 + random / 2)));
  }
  const moment = Math.ceil(nowMs / 1000 / full + 0.25) * full;
  return Math.min(mostSeconds, Math.max(1, Math.ceil(moment - nowMs / 1000)));
}

function delayOf(code: ErrorCode, ageMs: number): Delay {
  if (code === 'unavailable') return UNAVAILABLE;
  if (code === 'misconfigured') return ageMs < DAY_MS ? MISCONFIGURED : MISCONFIGURED_FOR_LONG;
  return PASSING;
}

/** After so many receives a failure of an unknown kind needs a person. */
const UNEXPECTED_RECEIVES = 5;

/** Whether trying again is over: only what nobody has foreseen ends in the dead-letter queue, and never what is waited for. */
export function isOver({ code, receiveCount }: Returned): boolean {
  return code === 'unexpected' && receiveCount >= UNEXPECTED_RECEIVES;
}
