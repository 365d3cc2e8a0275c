/** Deliveries of a history: when each version is written, and how its notification reaches the loader. */
import fc from '../support/fast-check.ts';
import type { PlannedFault } from '../support/switchboard.ts';
import { plannedFaults } from './faults.ts';

/** How a notification is wrapped. A `listed` one is what a listing can tell: no sequencer, time in whole seconds. */
export type Envelope = 'plain' | 'sns' | 'eventbridge' | 'listed';

/** One invocation: which of the waiting notifications it gets, and in what messages. Numbers count modulo what there is. */
export type Delivery = {
  picks: number[];
  perMessage: number;
  envelope: Envelope;
  keep: boolean;
  fault: PlannedFault | null;
};

/** One thing that happens. `keep` leaves delivered notifications waiting, to be delivered again later, when they are stale. */
export type Step =
  | { do: 'write'; file: number }
  | { do: 'deliver'; delivery: Delivery }
  | { do: 'overlap'; deliveries: [Delivery, Delivery] }
  | { do: 'lose'; pick: number };

const delivery: fc.Arbitrary<Delivery> = fc.record({
  picks: fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }),
  perMessage: fc.integer({ min: 1, max: 3 }),
  envelope: fc.constantFrom('plain', 'plain', 'sns', 'eventbridge', 'listed'),
  keep: fc.constantFrom(false, false, true),
  fault: fc.option(plannedFaults, { freq: 3 }),
});

/** Up to twelve steps. Whatever they leave unwritten or undelivered comes in one last delivery. */
export const schedules: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), file: fc.nat(5) }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('deliver' as const), delivery }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('overlap' as const), deliveries: fc.tuple(delivery, delivery) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), pick: fc.nat(20) }) },
  ),
  { minLength: 4, maxLength: 12, size: 'max' },
);
