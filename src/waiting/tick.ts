import { LoaderError } from '../errors.ts';
import type { Clock, Log, Meter } from '../ports.ts';
import { afterProbe, readAnswer, stepOf, unreadable, type Answer, type Pace } from './resume.ts';
import { parseWaiting, type Waiting } from './waiting.ts';

/** The object that says that the warehouse is waited for. All methods throw LoaderError. */
export interface WaitingObject {
  /** Its text and what identifies this version of it; undefined when there is none. */
  read(): Promise<{ text: string; etag: string } | undefined>;
  write(text: string): Promise<void>;
  /** Deletes this version; does nothing when somebody wrote another one. */
  remove(etag: string): Promise<void>;
}

/** What feeds the loader. */
export interface LoadSwitch {
  /** Sees to it that loads are on or off. False while AWS is still changing it: then the next tick tries again. @throws LoaderError */
  turn(on: boolean): Promise<boolean>;
}

/**
 * Several switches as one. Each is turned even when another fails, so that what happened to one holds no other back, and all count as
 * turned only when each is: a tick that ends between two of them is finished by the next.
 */
export function asOne(switches: readonly LoadSwitch[]): LoadSwitch {
  return {
    turn: async (on) => {
      const results = await Promise.allSettled(switches.map((one) => one.turn(on)));
      const failed = results.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return results.every((one) => one.status === 'fulfilled' && one.value);
    },
  };
}

/** What a tick needs. */
export type TickDeps = {
  waiting: WaitingObject;
  loads: LoadSwitch;
  /** What the control plane says of the warehouse, or undefined where it has nothing against a question. Wakes nothing. */
  controlPlane: () => Promise<Answer | undefined>;
  /** Lets the loader ask its ledger; gives its answer, JSON. @throws LoaderError */
  askLoader: () => Promise<string>;
  pace: Pace;
  clock: Clock;
  log: Log;
  meter: Meter;
};

/** What a tick may take: the loader is asked for a minute. */
const TICK_MS = 66_000;

/**
 * One invocation of the resume function: a tick, and as long as there is time, another whenever the warehouse is on its way. So loads
 * are on within seconds of it, and not within a minute.
 * @throws LoaderError; the next invocation goes on.
 */
export async function keepTicking(deps: TickDeps, deadlineMs: number): Promise<void> {
  const { clock, pace } = deps;
  while ((await tick(deps)) && clock.now() + pace.soonMs + TICK_MS <= deadlineMs) await clock.sleep(pace.soonMs);
}

/**
 * One tick of the resume function: what the state asks for now. Gives whether the next is worth while within seconds. Without a state it switches nothing, so loads that a person
 * switched off stay off.
 *
 * It can die between any two calls, and run beside another: each step is decided by the state, repeats what was not finished and
 * changes nothing that is as it should be. Loads that are off with no state to switch them on would be lost; that cannot be. A state
 * is deleted only with loads switched on, as the version that was read, and only `watchMs` after they were let through, when
 * every invocation that had seen an older state and could switch them off is long over.
 * @throws LoaderError; the next tick goes on.
 */
export async function tick(deps: TickDeps): Promise<boolean> {
  const { loads, clock, log, meter, pace } = deps;
  const found = await deps.waiting.read();
  if (found === undefined) {
    // A value each minute: alarms know by it that this function runs, and whether others are due to the warehouse.
    meter.seconds('WarehouseWaitingSeconds', 0);
    return false;
  }
  const nowMs = clock.now();
  const known = parseWaiting(found.text);
  const waiting = known ?? unreadable(nowMs);
  if (known === undefined) {
    log.warn('the state of the waiting cannot be read: loads are let through', { text: found.text.slice(0, 200) });
    await deps.waiting.write(JSON.stringify(waiting));
  }
  meter.seconds('WarehouseWaitingSeconds', Math.max(0, nowMs - waiting.sinceMs) / 1000);
  const step = stepOf(waiting, nowMs, pace);
  if (step.kind === 'end') {
    await end(waiting, found.etag, deps);
    return false;
  }
  const answer = step.kind === 'probe' ? await probed(waiting, deps) : undefined;
  if (step.kind === 'try' || answer?.works) await loads.turn(true);
  else if (step.off) await loads.turn(false);
  return answer?.works === false && answer.soon === true;
}

async function end({ sinceMs }: Waiting, etag: string, { loads, waiting, clock, log }: TickDeps): Promise<void> {
  if (!(await loads.turn(true))) return;
  await waiting.remove(etag);
  log.info('the warehouse is back', { waitedSeconds: Math.round((clock.now() - sinceMs) / 1000) });
}

/** Asks whether loads work, the control plane first, and writes the answer down. */
async function probed(waiting: Waiting, deps: TickDeps): Promise<Answer> {
  const { clock, log, pace } = deps;
  const answer = (await deps.controlPlane()) ?? (await askedLoader(deps));
  const next = afterProbe(waiting, answer, clock.now(), pace);
  await deps.waiting.write(JSON.stringify(next));
  if (answer.works) log.info('the warehouse answers: loads are let through');
  else if (next.message === waiting.message) log.info('the warehouse is still waited for', { code: next.code });
  else
    log.warn('the warehouse is waited for', { code: next.code, by: answer.by, error: next.message, hint: next.hint });
  return answer;
}

/** A loader that cannot be asked is one that does not work. */
async function askedLoader({ askLoader }: TickDeps): Promise<Answer> {
  try {
    return readAnswer(await askLoader());
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    const { code, message, hint } = error;
    return { works: false, by: 'warehouse', code, message, hint };
  }
}
