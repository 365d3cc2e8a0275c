import * as v from 'valibot';
import type { Waiting } from './waiting.ts';

/** How long the resume function waits for what. Milliseconds. */
export type Pace = {
  /** Loads are switched off when the warehouse has been waited for so long. */
  offAfterMs: number;
  /** Loads that were let through again have succeeded when none has failed for so long. */
  watchMs: number;
  /** When the control plane is asked again. It answers for nothing, and wakes nothing. */
  stateMs: number;
  /** The same, once it says that the warehouse is on its way. */
  soonMs: number;
  /** When the warehouse is asked again, which may wake it. */
  askMs: number;
  /** The same, while a person is likely at it, and later. */
  mendMs: number;
  mendLateMs: number;
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/** The last time that a date can be. */
const LAST_MS = 8.64e15;

/**
 * The pace in AWS. An invocation ends well within `watchMs`, so whatever it decided before loads were let through is done before
 * the state is deleted; see `tick`.
 */
export const PACE: Pace = {
  offAfterMs: 2 * MINUTE,
  watchMs: 2 * MINUTE,
  stateMs: MINUTE,
  soonMs: 15 * SECOND,
  askMs: 10 * MINUTE,
  mendMs: 4 * MINUTE,
  mendLateMs: 15 * MINUTE,
};

/** The same pace, with nothing waited for longer than so many seconds. */
export function paceWithin(mostSeconds: number): Pace {
  const within = Object.entries(PACE).map(([name, ms]) => [name, Math.min(ms, mostSeconds * SECOND)]);
  return Object.fromEntries(within) as Pace;
}

/** What a tick has to do. */
export type Step =
  /** Nothing but to switch loads off, if they have been waited for long enough. */
  | { kind: 'wait'; off: boolean }
  /** Ask whether loads work again. */
  | { kind: 'probe'; off: boolean }
  /** Loads are let through and watched. */
  | { kind: 'try' }
  /** No load has failed since: the waiting is over. */
  | { kind: 'end' };

/** What is to be done now. Depends on nothing but the state and the time, so that a tick repeats what the last one did not finish. */
export function stepOf(waiting: Waiting, nowMs: number, pace: Pace): Step {
  const { sinceMs, failedAtMs, retryAtMs, triedAtMs } = waiting;
  if (triedAtMs !== undefined && failedAtMs <= triedAtMs) {
    return { kind: nowMs - triedAtMs >= pace.watchMs ? 'end' : 'try' };
  }
  // The longest delay counts from the last failure; whatever is further away, either way, is a mistake of somebody's clock.
  const isDue = nowMs >= retryAtMs || Math.abs(nowMs - failedAtMs) >= pace.mendLateMs;
  return { kind: isDue ? 'probe' : 'wait', off: nowMs - sinceMs >= pace.offAfterMs };
}

/** The state in the place of one that cannot be read, perhaps of another release: loads are tried, and what fails says why. */
export function unreadable(nowMs: number): Waiting {
  const times = { sinceMs: nowMs, failedAtMs: nowMs, retryAtMs: nowMs, triedAtMs: nowMs };
  return { ...times, code: 'unexpected', message: 'the reason could not be read', hint: 'npx sparkify doctor' };
}

/**
 * Whether loads work, by what the control plane says or by what the warehouse does. `soon`: it is on its way, and worth another look
 * within seconds.
 */
export type Answer =
  | { works: true }
  | { works: false; by: 'control plane' | 'warehouse'; soon?: true; code: string; message: string; hint: string };

/** The state after a probe: loads are tried, or the reason and the time of the next probe are renewed. */
export function afterProbe(waiting: Waiting, answer: Answer, nowMs: number, pace: Pace): Waiting {
  if (answer.works) return { ...waiting, triedAtMs: nowMs };
  const { code, message, hint } = answer;
  const byControlPlane = answer.soon ? pace.soonMs : pace.stateMs;
  const delayMs = answer.by === 'control plane' ? byControlPlane : delayOf(code, waiting.sinceMs, nowMs, pace);
  const retryAtMs = nowMs + delayMs;
  const { sinceMs } = waiting;
  return { sinceMs, failedAtMs: nowMs, retryAtMs, code, message, hint };
}

function delayOf(code: string, sinceMs: number, nowMs: number, pace: Pace): number {
  if (code === 'misconfigured') return nowMs - sinceMs < DAY ? pace.mendMs : pace.mendLateMs;
  // Usage limits of a day, a week and a month begin anew at midnight UTC.
  // https://docs.aws.amazon.com/redshift/latest/mgmt/managing-cluster-usage-limits.html
  return Math.min(pace.askMs, DAY - (nowMs % DAY));
}

const replySchema = v.variant('works', [
  v.object({ works: v.literal(true) }),
  v.object({ works: v.literal(false), code: v.string(), message: v.string(), hint: v.string() }),
]);

/** What the loader answers to a probe. */
export type ProbeAnswer = v.InferOutput<typeof replySchema>;

/** Reads what the loader answered to a probe. Anything else, such as the report of a crash, counts as loads that do not work. */
export function readAnswer(text: string): Answer {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), replySchema), text);
  if (!parsed.success) {
    const message = `the loader could not say whether the warehouse answers: ${text.slice(0, 300)}`;
    return { works: false, by: 'warehouse', code: 'unexpected', message, hint: 'npx serverless logs -f loader' };
  }
  return parsed.output.works ? { works: true } : { ...parsed.output, by: 'warehouse' };
}

/** Since when the warehouse is waited for, and why: for people. Times are UTC, to the second. */
export function describeWaiting(waiting: Waiting): { text: string; hint: string } {
  const { sinceMs, retryAtMs, failedAtMs, triedAtMs, message, hint } = waiting;
  const at = (ms: number): string => new Date(Math.min(ms, LAST_MS)).toISOString().slice(0, 19).replace('T', ' ');
  const next =
    triedAtMs !== undefined && failedAtMs <= triedAtMs
      ? `loads are tried again since ${at(triedAtMs)}`
      : `next try ${at(retryAtMs)}`;
  return { text: `waiting for the warehouse since ${at(sinceMs)} UTC, ${next}: ${message}`, hint };
}
