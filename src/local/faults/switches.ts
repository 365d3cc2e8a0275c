import { faultSource, type FaultPlan, type FaultSource } from './plan.ts';

/** A fault that a person can switch on while the stack runs. */
export type FaultSwitch = {
  id: string;
  label: string;
  /** What is to be seen of it. */
  effect: string;
  on: boolean;
  /** How many calls it made fail so far. */
  struck: number;
};

type Definition = { id: string; label: string; effect: string; rules: FaultPlan['rules'] };

/**
 * What the Data API says of a cluster that it cannot reach, as the tests of ballerina-platform/module-ballerinax-aws.redshiftdata saw
 * it of one that does not exist; that it says so of a paused one too is believed.
 */
const UNREACHABLE = {
  do: 'error',
  code: 'ValidationException',
  message: "Redshift endpoint doesn't exist in this region.",
  status: 400,
} as const;

const SWITCHES: readonly Definition[] = [
  {
    id: 'pause',
    label: 'Pause the warehouse',
    effect: 'Messages wait, loads are switched off; when it is back they are switched on and everything loads.',
    rules: [
      { service: 'redshift-data', operation: 'BatchExecuteStatement', probability: 1, fault: UNREACHABLE },
      { service: 'redshift-data', operation: 'ExecuteStatement', probability: 1, fault: UNREACHABLE },
      {
        service: 'control-plane',
        operation: 'ListWorkgroups',
        probability: 1,
        fault: { do: 'say state', state: 'MODIFYING' },
      },
    ],
  },
  {
    id: 'lose',
    label: 'Lose 1 in 10 notifications',
    effect: 'The objects stay in the bucket unannounced until reconcile finds them.',
    rules: [{ service: 'notifications', probability: 0.1, fault: { do: 'lose' } }],
  },
  {
    id: 'duplicate',
    label: 'Send 3 in 10 notifications twice',
    effect: 'The ledger knows the object version, so it is loaded once.',
    rules: [{ service: 'notifications', probability: 0.3, fault: { do: 'duplicate' } }],
  },
  {
    id: 'delay',
    label: 'Delay 3 in 10 notifications by 3 s',
    effect: 'They arrive out of order; the newest version still wins.',
    rules: [{ service: 'notifications', probability: 0.3, fault: { do: 'delay', milliseconds: 3000 } }],
  },
  {
    id: 'throttle',
    label: 'Throttle 1 in 5 calls of S3 and the warehouse',
    effect: 'Calls are repeated with growing pauses.',
    rules: [
      { service: 's3', probability: 0.2, fault: { do: 'throttle' } },
      { service: 'redshift-data', probability: 0.2, operation: 'BatchExecuteStatement', fault: { do: 'throttle' } },
    ],
  },
  {
    id: 'kill',
    label: 'Kill the function at 1 in 8 of its transactions',
    effect: 'Its messages come back to the queue and another process loads them.',
    rules: [
      { service: 'redshift-data', operation: 'BatchExecuteStatement', probability: 0.125, fault: { do: 'kill' } },
    ],
  },
  {
    id: 'reply',
    label: 'Lose the reply to 3 in 10 transactions',
    effect: 'The same token is submitted again, and nothing runs twice.',
    rules: [
      { service: 'redshift-data', operation: 'BatchExecuteStatement', probability: 0.3, fault: { do: 'drop reply' } },
    ],
  },
];

/** The switches of one stack, all of them off at first; `base` is the plan it was started with, which comes first. */
export class FaultSwitches {
  readonly #base: FaultSource | undefined;
  readonly #switches: (Omit<Definition, 'rules'> & { source: FaultSource; on: boolean; struck: number })[];

  constructor(base?: FaultSource) {
    this.#base = base;
    this.#switches = SWITCHES.map(({ rules, ...one }, index) => ({
      ...one,
      source: faultSource({ seed: index + 1, rules }),
      on: false,
      struck: 0,
    }));
  }

  /** What goes wrong with a call, by the plan and by the switches that are on. */
  readonly source: FaultSource = (...call) => {
    const planned = this.#base?.(...call);
    if (planned) return planned;
    for (const one of this.#switches) {
      const fault = one.on ? one.source(...call) : undefined;
      if (!fault) continue;
      one.struck += 1;
      return fault;
    }
    return undefined;
  };

  list(): FaultSwitch[] {
    return this.#switches.map(({ id, label, effect, on, struck }) => ({ id, label, effect, on, struck }));
  }

  /** Switches one on or off; an id that there is not changes nothing. */
  set(id: string, on: boolean): void {
    for (const one of this.#switches) if (one.id === id) one.on = on;
  }
}
