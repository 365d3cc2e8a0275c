/** A stage as the resume function sees it, on a clock of its own: the state object, the event source, the warehouse. */
import { LoaderError } from '../../src/errors.ts';
import { PACE, type Answer } from '../../src/waiting/resume.ts';
import { asOne, tick, type LoadSwitch, type TickDeps } from '../../src/waiting/tick.ts';
import { failed, parseWaiting, type Waiting } from '../../src/waiting/waiting.ts';

export const MINUTE = 60_000;

/** Lambda ends an invocation after so long: the function's timeout in serverless.yml. */
export const LONGEST_INVOCATION_MS = 115_000;

/** An invocation that died at a call: nothing after it happens. */
class Died extends Error {}

/** Stands before each call of an invocation; may wait, and throws when the invocation has died. */
export type Gate = (call: string) => Promise<void>;

const OFF = new LoaderError('unavailable', 'the warehouse is paused', 'resume it');

export class ResumeWorld {
  nowMs = Date.UTC(2026, 0, 5, 9);
  object: { text: string; etag: string } | undefined;
  /** What feeds the loader: the event source of notifications, and that of replays. */
  readonly on = { loads: true, replays: true };
  works = true;
  /** What a question of the warehouse meets while it does not work. */
  error: LoaderError = OFF;
  controlPlane: Answer | undefined;
  /** How often the warehouse was asked, and when: by probes and by loads. */
  asked: number[] = [];
  changes: string[] = [];
  waited: number[] = [];
  /** The calls of all ticks, in order. */
  calls: string[] = [];
  #version = 0;

  /** Whether all loads are on. */
  get isOn(): boolean {
    return this.on.loads && this.on.replays;
  }

  set isOn(on: boolean) {
    Object.assign(this.on, { loads: on, replays: on });
  }

  get waiting(): Waiting | undefined {
    return this.object && parseWaiting(this.object.text);
  }

  write(text: string): void {
    this.#version += 1;
    this.object = { text, etag: `"${this.#version}"` };
  }

  /** A load that asks the ledger, where any loads are on. */
  load(): void {
    if (!this.on.loads && !this.on.replays) return;
    this.asked.push(this.nowMs);
    if (!this.works) this.write(JSON.stringify(failed(this.waiting, this.error, this.nowMs)));
  }

  /** One tick; each of its calls passes the gate. Resolves when it ended, by itself or not. */
  async tick(gate: Gate = () => Promise.resolve()): Promise<void> {
    const at = async <T>(call: string, act: () => T): Promise<T> => {
      await gate(call);
      this.calls.push(call);
      return act();
    };
    const switchOf = (name: 'loads' | 'replays'): LoadSwitch => ({
      turn: async (on) => {
        if ((await at(`state of ${name}`, () => this.on[name])) === on) return true;
        return await at(`${name} ${on ? 'on' : 'off'}`, () => {
          const before = this.isOn;
          this.on[name] = on;
          if (this.isOn !== before) this.changes.push(on ? 'on' : 'off');
          return true;
        });
      },
    });
    const deps: TickDeps = {
      waiting: {
        read: () => at('read', () => this.object),
        write: (text) =>
          at('write', () => {
            this.write(text);
          }),
        remove: (etag) =>
          at('remove', () => {
            if (this.object?.etag === etag) this.object = undefined;
          }),
      },
      loads: asOne([switchOf('loads'), switchOf('replays')]),
      controlPlane: () => at('control plane', () => this.controlPlane),
      askLoader: () => at('ask', () => this.#answer()),
      pace: PACE,
      clock: { now: () => this.nowMs, sleep: () => Promise.resolve(), random: () => 0.5 },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      meter: {
        count: () => undefined,
        seconds: (_, value) => {
          this.waited.push(value);
        },
      },
    };
    await tick(deps).catch((error: unknown) => {
      if (!(error instanceof Died)) throw error;
    });
  }

  /** A tick that dies before its n-th call, counted from 0. */
  tickUntil(calls: number): Promise<void> {
    let left = calls;
    return this.tick(() => {
      left -= 1;
      return left < 0 ? Promise.reject(new Died()) : Promise.resolve();
    });
  }

  /** Time passes, with a tick and a load each minute. */
  async pass(
    minutes: number,
    load = (): void => {
      this.load();
    },
  ): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      load();
      await this.tick();
      this.nowMs += MINUTE;
    }
  }

  #answer(): string {
    this.asked.push(this.nowMs);
    const { code, message, hint } = this.error;
    return JSON.stringify(this.works ? { works: true } : { works: false, code, message, hint });
  }
}

/** A gate that never opens again once the invocation is too old, and otherwise when it is told to. */
export class Steps {
  readonly #longestMs: number;
  readonly #waiting: { open: () => void; startedMs: number }[] = [];

  constructor(longestMs = LONGEST_INVOCATION_MS) {
    this.#longestMs = longestMs;
  }

  gate(world: ResumeWorld): Gate {
    const startedMs = world.nowMs;
    return () => new Promise((open) => this.#waiting.push({ open, startedMs }));
  }

  /** Lets one waiting call act, of those whose invocation still lives. */
  async one(index: number, nowMs: number): Promise<void> {
    const alive = this.#waiting.filter(({ startedMs }) => nowMs - startedMs <= this.#longestMs);
    const chosen = alive[index % Math.max(1, alive.length)];
    if (chosen === undefined) return;
    this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
    chosen.open();
    // What follows the call within the invocation happens before anything else does.
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }
}
