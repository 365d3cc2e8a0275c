import type { Fault } from './faults.ts';
import type { Deliver } from './s3-notifications.ts';

/**
 * Lets notifications be lost, come twice, late, or after their successor. `stop` drops those still held back.
 */
export function faultyDelivery(
  deliver: Deliver,
  nextFault: () => Fault | undefined,
): { deliver: Deliver; stop(): void } {
  const timers = new Set<NodeJS.Timeout>();
  let overtaken: (() => void)[] = [];
  const later = (action: () => void, milliseconds: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, milliseconds);
    timers.add(timer);
  };
  const now: Deliver = (queueArn, body) => {
    const behind = overtaken;
    overtaken = [];
    deliver(queueArn, body);
    for (const release of behind) release();
  };
  return {
    deliver: (queueArn, body) => {
      const fault = nextFault();
      switch (fault?.do) {
        case 'lose':
          return;
        case 'duplicate':
          now(queueArn, body);
          now(queueArn, body);
          return;
        case 'delay':
          later(() => {
            now(queueArn, body);
          }, fault.milliseconds);
          return;
        case 'reorder':
          holdBack(() => {
            deliver(queueArn, body);
          });
          return;
        case undefined:
          now(queueArn, body);
          return;
        case 'error':
        case 'error after':
        case 'drop reply':
        case 'throttle':
        case 'forbid':
        case 'kill':
        case 'kill after':
          throw new Error(`A notification cannot "${fault.do}".`);
      }
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };

  /** Releases after the next notification, or after a second when none follows. */
  function holdBack(action: () => void): void {
    let released = false;
    const once = (): void => {
      if (released) return;
      released = true;
      action();
    };
    overtaken.push(once);
    later(once, 1000);
  }
}
