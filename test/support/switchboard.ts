/** Faults at chosen moments: every call a load makes passes here, is counted and written down, and may be struck. */
import type { Fault, FaultService, FaultSource } from '../../src/local/faults/plan.ts';

/** What can be struck: a call to a service, an invocation of the function, or one SQL statement inside the warehouse. */
export type Place = Exclude<FaultService, 'notifications'> | 'statement';

/** From the `nth` call of a place on (from 1), `times` calls in a row go wrong. With an operation, only such calls count. */
export type PlannedFault = { place: Place; operation?: string; nth: number; times: number; fault: Fault };

/** A call as the loader made it: its place, and its AWS operation. */
export type Call = { place: Place; operation: string };

/** The clients try a call three times; a fault of three calls in a row is one they cannot hide. */
export const PAST_THE_CLIENT = 3;

/** Stands between the loader and its services. */
export class Switchboard {
  #planned: PlannedFault | undefined;
  #calls: Call[] = [];
  /** Calls since the last `arm` that the plan is about. */
  #matching = 0;
  /** Invocations of the function since the last `arm`. */
  invocations = 0;
  /** Milliseconds each statement waits before it runs; for interleaving two loads. */
  delay: () => number = () => 0;

  /** For `startStack`. Notifications are no call of the loader, and pass. */
  readonly source: FaultSource = (service, operation) => {
    if (service === 'notifications') return undefined;
    return this.strike(service === 'redshift-data' && operation === 'Statement' ? 'statement' : service, operation);
  };

  /** Forgets the calls so far and plans the next fault, or none. */
  arm(planned?: PlannedFault | null): void {
    this.#planned = planned ?? undefined;
    this.#calls = [];
    this.#matching = 0;
    this.invocations = 0;
  }

  /** Ends all faults and delays, and forgets the calls. */
  reset(): void {
    this.arm();
    this.delay = () => 0;
  }

  /** The loader's calls since the last `arm`, in order. */
  get calls(): readonly Call[] {
    return this.#calls;
  }

  /** Counts and records one call, and says what befalls it. */
  strike(place: Place, operation: string): Fault | undefined {
    // What the event source does is no call of the loader; it can be struck all the same.
    if (place !== 'sqs' && place !== 'lambda') this.#calls.push({ place, operation });
    if (place === 'lambda') this.invocations += 1;
    const planned = this.#planned;
    if (planned?.place === place && (planned.operation ?? operation) === operation) {
      this.#matching += 1;
      if (this.#matching >= planned.nth && this.#matching < planned.nth + planned.times) return planned.fault;
    }
    const milliseconds = place === 'statement' ? this.delay() : 0;
    return milliseconds > 0 ? { do: 'delay', milliseconds } : undefined;
  }
}
