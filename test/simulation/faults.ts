/** What can befall a load, for histories made by chance. */
import fc from '../support/fast-check.ts';
import type { Fault } from '../../src/local/faults/plan.ts';
import { PAST_THE_CLIENT, type PlannedFault } from '../support/switchboard.ts';

const onCalls: Fault[] = [
  { do: 'error' },
  { do: 'error after' },
  { do: 'drop reply' },
  { do: 'throttle' },
  // Nothing runs that could be killed where the loader is called in this process: the request is lost.
  { do: 'kill' },
];

const CONFLICT = '1023 DETAIL: Serializable isolation violation on table - 1, transactions forming the cycle are: 1, 2';

/** What can befall one SQL statement: it does not act, or it acts and its transaction cannot go on. */
export const statementFaults: readonly Fault[] = [
  { do: 'fail statement', message: CONFLICT },
  { do: 'fail statement after', message: CONFLICT },
];

/** Faults anywhere in a load. */
export const plannedFaults: fc.Arbitrary<PlannedFault> = fc.oneof(
  fc.record({
    place: fc.constantFrom('s3' as const, 'redshift-data' as const),
    nth: fc.integer({ min: 1, max: 5 }),
    times: fc.constantFrom(1, PAST_THE_CLIENT),
    fault: fc.constantFrom(...onCalls),
  }),
  fc.record({
    place: fc.constant('statement' as const),
    nth: fc.integer({ min: 1, max: 40 }),
    times: fc.constantFrom(1, 6),
    fault: fc.constantFrom(...statementFaults),
  }),
);
