/** A stage on a clock of its own, around the product's own decisions: when a message comes again, when loads are off and on. */
import { DEFAULT_RETRY_MOST_SECONDS } from '../../src/config.ts';
import { LoaderError } from '../../src/errors.ts';
import type { Clock } from '../../src/ports.ts';
import { comesAgainAfter, isOver } from '../../src/queue/come-again.ts';
import { Pause } from '../../src/waiting/pause.ts';
import { PACE } from '../../src/waiting/resume.ts';
import { keepTicking, type TickDeps } from '../../src/waiting/tick.ts';
import { LONGEST_INVOCATION_MS } from '../waiting/world.ts';
import { failed, parseWaiting } from '../../src/waiting/waiting.ts';
import { deployed } from '../support/deployed.ts';
import { newestFirst } from '../../src/load/batches.ts';
import { candidate } from '../support/wire-shapes.ts';
import { SimulatedTime, worstHour, type Outage, type OutageResult } from './outage-clock.ts';

const write = (): void => undefined;
const SILENT = { log: { info: write, warn: write, error: write }, meter: { count: write, seconds: write } };
const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** What Lambda and the warehouse take, as in docs/ARCHITECTURE.md §9. How long AWS needs to switch an event source is not documented. */
const WINDOW_MS = deployed('serverless.yml', 'windowSeconds') * SECOND;
const MESSAGES_PER_DELIVERY = 3700;
const SWITCHING_MS = 10 * SECOND;
const FAILING_MS = SECOND;
const loadMs = (messages: number): number => 5 * SECOND + (messages / 80) * SECOND;
const RETENTION_MS = 14 * 24 * 60 * MINUTE;
const FUNCTIONS = 2;
/** How long a cluster says that it is resuming before it answers. */
const RESUMING_MS = 3 * MINUTE;

/** Of an object only its age matters here. */
const OBJECT = candidate({ key: 'log_data/any.json' });

type Message = { sentMs: number; visibleMs: number; receives: number };
type Process = { pause: Pause; busyUntilMs: number };

export class OutageWorld {
  readonly #time: SimulatedTime;
  readonly #outage: Outage;
  readonly #startMs: number;
  #visible: Message[] = [];
  #left = 0;
  readonly #processes: Process[] = Array.from({ length: FUNCTIONS }, () => ({
    pause: new Pause(),
    busyUntilMs: 0,
  }));
  #isOn = true;
  #waiting: { text: string; etag: string } | undefined;
  #versions = 0;
  readonly #questions: number[] = [];
  readonly result: OutageResult = {
    loaded: 0,
    lost: 0,
    deadLetters: 0,
    left: 0,
    maxReceives: 0,
    firstBeginMs: undefined,
    firstCommitMs: undefined,
    questionsAnHour: 0,
    largestDelivery: 0,
  };

  /** The resume function runs every minute, at this second of it. */
  readonly #tickSecond: number;

  constructor(startMs: number, outage: Outage, tickSecond: number) {
    this.#tickSecond = tickSecond;
    this.#time = new SimulatedTime(startMs);
    this.#startMs = startMs;
    this.#outage = outage;
  }

  /** A message is sent so long after the start. */
  send(afterMs: number): void {
    this.#left += 1;
    this.#appear({ sentMs: this.#startMs + afterMs, visibleMs: this.#startMs + afterMs, receives: 0 });
  }

  /** Lets time pass until all is loaded, or for so long after the outage. */
  async run(afterMs: number): Promise<OutageResult> {
    const endMs = this.#startMs + this.#outage.toMs + afterMs;
    this.#nextTick(this.#startMs + this.#tickSecond * SECOND);
    for (let nowMs = this.#startMs; nowMs < endMs && this.#left > 0;) {
      nowMs = Math.min(endMs, nowMs + MINUTE);
      await this.#time.runUntil(nowMs);
    }
    this.result.left = this.#left;
    this.result.questionsAnHour = worstHour(this.#questions);
    return this.result;
  }

  get #isOff(): boolean {
    const sinceMs = this.#time.nowMs - this.#startMs;
    return sinceMs >= this.#outage.fromMs && sinceMs < this.#outage.toMs;
  }

  #appear(message: Message): void {
    this.#time.at(message.visibleMs, () => {
      this.#visible.push(message);
      this.#poll();
    });
  }

  /** Lambda's pollers: a function that is free takes what is there, at once when it fills a delivery. */
  #poll(): void {
    if (!this.#isOn || this.#visible.length === 0) return;
    const free = this.#processes.find(({ busyUntilMs }) => busyUntilMs <= this.#time.nowMs);
    if (free === undefined) return;
    free.busyUntilMs = Infinity;
    const wait = this.#visible.length >= MESSAGES_PER_DELIVERY ? 0 : WINDOW_MS;
    this.#time.at(this.#time.nowMs + wait, () => {
      this.#deliver(free);
    });
  }

  #deliver(process: Process): void {
    const messages = this.#isOn ? this.#visible.splice(0, MESSAGES_PER_DELIVERY) : [];
    const { result } = this;
    const nowMs = this.#time.nowMs;
    result.largestDelivery = Math.max(result.largestDelivery, messages.length);
    const alive = messages.filter(({ sentMs }) => nowMs - sentMs < RETENTION_MS);
    result.lost += messages.length - alive.length;
    this.#left -= messages.length - alive.length;
    for (const one of alive) result.maxReceives = Math.max(result.maxReceives, (one.receives += 1));
    const error = alive.length === 0 ? undefined : this.#errorFor(process, nowMs);
    const batches = error || alive.length === 0 ? [] : this.#batchesOf(alive);
    if (batches.length > 0 && nowMs >= this.#startMs + this.#outage.toMs) {
      result.firstBeginMs ??= nowMs - this.#startMs;
    }
    let endMs = nowMs + (error ? FAILING_MS : 0);
    for (const count of batches) {
      endMs += loadMs(count);
      this.#time.at(endMs, () => {
        this.#loaded(count);
      });
    }
    process.busyUntilMs = endMs;
    this.#time.at(endMs, () => {
      if (error) this.#returnMessages(alive, error);
      this.#poll();
    });
  }

  /** How many objects each batch of a delivery has. */
  #batchesOf(messages: readonly Message[]): number[] {
    const objects = messages.map(({ sentMs }) => ({ ...OBJECT, eventTimeMs: sentMs }));
    return newestFirst(objects, this.#time.nowMs).map(({ length }) => length);
  }

  /** Why the loader loads nothing now, as src/load/receive-delivery.ts finds and records it. */
  #errorFor({ pause }: Process, nowMs: number): LoaderError | undefined {
    const paused = pause.errorAt(nowMs);
    if (paused) return paused;
    const error = this.#ask();
    if (error === undefined) {
      pause.worked();
      return undefined;
    }
    pause.failed(error, nowMs);
    const off = pause.take();
    const before = this.#waiting && parseWaiting(this.#waiting.text);
    if (off) this.#write(JSON.stringify(failed(before, off, nowMs)));
    return error;
  }

  #ask(): LoaderError | undefined {
    if (!this.#isOff) return undefined;
    this.#questions.push(this.#time.nowMs);
    return new LoaderError('unavailable', `the warehouse is off: ${this.#outage.kind}`, 'wait');
  }

  #returnMessages(messages: readonly Message[], { code }: LoaderError): void {
    const nowMs = this.#time.nowMs;
    for (const message of messages) {
      const returned = { code, receiveCount: message.receives, ageMs: nowMs - message.sentMs };
      if (isOver(returned)) this.result.deadLetters += 1;
      else {
        const seconds = comesAgainAfter(returned, nowMs, 0.5, DEFAULT_RETRY_MOST_SECONDS);
        this.#appear({ ...message, visibleMs: nowMs + seconds * SECOND });
      }
    }
  }

  #loaded(messages: number): void {
    this.#left -= messages;
    this.result.loaded += messages;
    const sinceMs = this.#time.nowMs - this.#startMs;
    if (sinceMs >= this.#outage.toMs) this.result.firstCommitMs ??= sinceMs;
  }

  #nextTick(atMs: number): void {
    this.#time.at(atMs, () => {
      this.#nextTick(atMs + MINUTE);
      // It sleeps in the simulated time, so nobody waits for it here.
      void keepTicking(this.#tickDeps(), atMs + LONGEST_INVOCATION_MS);
      return this.#time.rest();
    });
  }

  #tickDeps(): TickDeps {
    const clock: Clock = { now: () => this.#time.nowMs, sleep: (ms) => this.#time.sleep(ms), random: () => 0.5 };
    const state = {
      works: false,
      by: 'control plane',
      code: 'unavailable',
      message: 'paused',
      hint: 'resume',
    } as const;
    const isResuming = this.#time.nowMs - this.#startMs > this.#outage.toMs - RESUMING_MS;
    const paused = isResuming ? ({ ...state, soon: true } as const) : state;
    return {
      waiting: {
        read: () => Promise.resolve(this.#waiting),
        write: (text) => {
          this.#write(text);
          return Promise.resolve();
        },
        remove: () => {
          this.#waiting = undefined;
          return Promise.resolve();
        },
      },
      loads: { turn: (on) => Promise.resolve(this.#turn(on)) },
      controlPlane: () => Promise.resolve(this.#isOff && this.#outage.kind === 'paused' ? paused : undefined),
      askLoader: () => {
        const error = this.#ask();
        const said = error
          ? { works: false, code: error.code, message: error.message, hint: error.hint }
          : { works: true };
        return Promise.resolve(JSON.stringify(said));
      },
      pace: PACE,
      clock,
      ...SILENT,
    };
  }

  #turn(on: boolean): boolean {
    if (this.#isOn === on) return true;
    this.#time.at(this.#time.nowMs + SWITCHING_MS, () => {
      this.#isOn = on;
      for (let n = 0; n < FUNCTIONS; n += 1) this.#poll();
    });
    return true;
  }

  #write(text: string): void {
    this.#waiting = { text, etag: String((this.#versions += 1)) };
  }
}
