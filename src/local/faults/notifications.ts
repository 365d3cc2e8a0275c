import type { Fault } from './plan.ts';
import type { Deliver } from '../s3/notifications.ts';

/** For how long a notification waits to be overtaken by another before it is sent anyway. */
const OVERTAKE_MS = 1000;

/** Delivers notifications, and on demand loses them, sends them twice, late, or after their successor. */
export class FaultyDelivery {
  readonly #send: Deliver;
  readonly #nextFault: () => Fault | undefined;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #heldBack = new Set<() => void>();

  constructor(send: Deliver, nextFault: () => Fault | undefined) {
    this.#send = send;
    this.#nextFault = nextFault;
  }

  readonly deliver: Deliver = (queueArn, body) => {
    const fault = this.#nextFault();
    const send = (): void => {
      this.#send(queueArn, body);
    };
    if (fault?.do === 'lose') return;
    if (fault?.do === 'delay') {
      this.#later(send, fault.milliseconds);
      return;
    }
    if (fault?.do === 'reorder') {
      this.#holdBack(send);
      return;
    }
    send();
    if (fault?.do === 'duplicate') send();
    for (const release of this.#heldBack) release();
  };

  /** Forgets what is still to be delivered. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#heldBack.clear();
  }

  #holdBack(send: () => void): void {
    const release = (): void => {
      if (this.#heldBack.delete(release)) send();
    };
    this.#heldBack.add(release);
    this.#later(release, OVERTAKE_MS);
  }

  #later(action: () => void, milliseconds: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, milliseconds);
    this.#timers.add(timer);
  }
}
