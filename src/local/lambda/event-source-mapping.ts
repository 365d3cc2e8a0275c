import { randomUUID } from 'node:crypto';
import type { EventSource } from './event-source.ts';

/** Lambda's names for where a mapping is between on and off. https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html */
export type MappingState = 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled';

/** The mapping is being changed. */
export class MappingInUse extends Error {
  override readonly name = 'MappingInUse';
}

/**
 * An event source that can be switched off and on, as Lambda's mappings can: what is being delivered is finished, what was received
 * and not delivered becomes visible again, and while it is off nothing is received.
 */
export class EventSourceMapping {
  readonly uuid = randomUUID();
  /** The queue that it feeds from. */
  readonly queueArn: string;
  readonly #start: () => Promise<EventSource>;
  readonly #trouble: (error: unknown) => void;
  #source: EventSource | undefined;
  #state: MappingState = 'Disabled';
  #change: Promise<void> = Promise.resolve();
  #isStopped = false;

  /** `trouble` hears of a start or an end that failed. */
  constructor(queueArn: string, start: () => Promise<EventSource>, trouble: (error: unknown) => void) {
    this.queueArn = queueArn;
    this.#start = start;
    this.#trouble = trouble;
  }

  get state(): MappingState {
    return this.#state;
  }

  /** Switches it on for the first time. Throws what starting the event source throws. */
  async start(): Promise<void> {
    this.#source = await this.#start();
    this.#state = 'Enabled';
  }

  /** Begins to switch it off or on. Throws MappingInUse while it is being switched. */
  turn(on: boolean): void {
    if (this.#isStopped || this.#state === (on ? 'Enabled' : 'Disabled')) return;
    if (this.#state !== 'Enabled' && this.#state !== 'Disabled') throw new MappingInUse(`It is ${this.#state}.`);
    this.#state = on ? 'Enabling' : 'Disabling';
    this.#change = (on ? this.#enable() : this.#disable()).catch((error: unknown) => {
      this.#state = 'Disabled';
      this.#trouble(error);
    });
  }

  /** Resolves when nothing is delivered any more or will be within a minute; at once while it is off. */
  async idle(): Promise<void> {
    await this.#change;
    await this.#source?.idle();
  }

  /** Ends it as the event source ends. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#change;
    await this.#source?.stop();
  }

  async #enable(): Promise<void> {
    this.#source = await this.#start();
    this.#state = 'Enabled';
  }

  async #disable(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.drain();
    this.#state = 'Disabled';
  }
}
