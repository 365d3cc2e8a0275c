import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { seededRandom } from '../random.ts';

/** A fault. "After" means that the call took effect and only its reply fails. */
export type Fault =
  | { do: 'error' | 'error after'; code?: string; message?: string; status?: number }
  | { do: 'drop reply' }
  | { do: 'delay'; milliseconds: number }
  /** The function's process dies: before the call acts, or after it. */
  | { do: 'kill' | 'kill after' }
  /** A SQL statement fails with this text (without `ERROR: `), instead of running or when it has run. */
  | { do: 'fail statement' | 'fail statement after'; message: string }
  /** The control plane says that the warehouse is in this state, or that it has no roles. */
  | { do: 'say state'; state: string }
  | { do: 'say no roles' }
  /** The event bus takes all events of a call but the first. */
  | { do: 'refuse entry' }
  /** The session that a call names ends before the call acts. */
  | { do: 'lose session' }
  | { do: 'throttle' | 'forbid' | 'duplicate' | 'reorder' | 'lose' };

/**
 * The places where something can go wrong. Operations have their AWS names; a Lambda function has `Invoke`,
 * notifications have `Deliver`, and each SQL statement of the warehouse counts as one `Statement`. The control plane is that of
 * Lambda and of Redshift Serverless.
 */
export type FaultService = 's3' | 'sqs' | 'redshift-data' | 'notifications' | 'lambda' | 'control-plane' | 'event-bus';

/**
 * Called once per call, before it acts; undefined means no fault. `name` is the name of the statement that a call of the
 * warehouse submits, or that a SQL statement is a part of.
 */
export type FaultSource = (service: FaultService, operation: string, name?: string) => Fault | undefined;

const count = v.pipe(v.number(), v.integer('must be a whole number'), v.minValue(1, 'must be at least 1'));
const failure = v.variant('do', [
  v.strictObject({
    do: v.picklist(['error', 'error after']),
    code: v.optional(v.string()),
    message: v.optional(v.string()),
    status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599))),
  }),
  v.strictObject({ do: v.literal('drop reply') }),
  v.strictObject({ do: v.literal('delay'), milliseconds: v.pipe(v.number(), v.minValue(0), v.maxValue(900_000)) }),
  v.strictObject({ do: v.picklist(['fail statement', 'fail statement after']), message: v.string() }),
  v.strictObject({ do: v.literal('say state'), state: v.string() }),
  v.strictObject({
    do: v.picklist([
      'say no roles',
      'refuse entry',
      'throttle',
      'forbid',
      'kill',
      'kill after',
      'lose session',
      'duplicate',
      'reorder',
      'lose',
    ]),
  }),
]);

const ON_CALLS = ['error', 'error after', 'drop reply', 'delay', 'throttle', 'kill', 'kill after'] as const;
const POSSIBLE: Record<FaultService, readonly Fault['do'][]> = {
  s3: [...ON_CALLS, 'forbid'],
  sqs: ON_CALLS,
  'redshift-data': [...ON_CALLS, 'lose session', 'fail statement', 'fail statement after'],
  notifications: ['duplicate', 'reorder', 'lose', 'delay'],
  lambda: ['kill', 'delay', 'error', 'error after'],
  'control-plane': [...ON_CALLS, 'say state', 'say no roles'],
  'event-bus': [...ON_CALLS, 'refuse entry'],
};

const ruleSchema = v.pipe(
  v.strictObject({
    service: v.picklist(['s3', 'sqs', 'redshift-data', 'notifications', 'lambda', 'control-plane', 'event-bus']),
    /** An operation by its AWS name; left out, every operation of the service. */
    operation: v.optional(v.string()),
    /** What the name of the warehouse's statement begins with; left out, any statement, named or not. */
    name: v.optional(v.string()),
    /** The first matching call that fails, counted from 1. */
    nth: v.optional(count),
    /** How many matching calls fail from the nth on; 1 unless given. */
    times: v.optional(count),
    /** The chance of each matching call to fail, instead of `nth`. */
    probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
    fault: failure,
  }),
  v.check((rule) => (rule.nth === undefined) !== (rule.probability === undefined), 'give either nth or probability'),
  v.check((rule) => rule.name === undefined || rule.service === 'redshift-data', 'name goes with redshift-data'),
  v.check((rule) => rule.times === undefined || rule.nth !== undefined, 'times goes with nth'),
  v.check(
    (rule) => POSSIBLE[rule.service].includes(rule.fault.do),
    ({ input }) => `${(input as Rule).service} can only ${POSSIBLE[(input as Rule).service].join(', ')}`,
  ),
);
type Rule = {
  service: FaultService;
  operation?: string;
  name?: string;
  nth?: number;
  times?: number;
  probability?: number;
  fault: Fault;
};

const planSchema = v.strictObject({
  seed: v.pipe(v.number(), v.integer('must be a whole number'), v.minValue(0), v.maxValue(0xffffffff)),
  rules: v.array(ruleSchema),
});

/** Rules for which calls fail, and the seed of their probabilities. The same plan gives the same faults. */
export type FaultPlan = v.InferOutput<typeof planSchema>;

/** An invalid fault plan; the message lists every problem. */
export class InvalidFaultPlan extends Error {
  override readonly name = 'FaultPlanInvalid';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The fault plan is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Checks a plan. Throws `FaultPlanInvalid` with all problems at once. */
export function parseFaultPlan(value: unknown): FaultPlan {
  const parsed = v.safeParse(planSchema, value);
  if (parsed.success) return parsed.output;
  throw new InvalidFaultPlan(parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'plan'}: ${issue.message}`));
}

/** Reads a plan from a JSON file. Throws `FaultPlanInvalid`, or what reading the file throws. */
export async function readFaultPlan(file: string): Promise<FaultPlan> {
  const text = await readFile(file, 'utf8');
  try {
    return parseFaultPlan(JSON.parse(text));
  } catch (error) {
    throw error instanceof SyntaxError ? new InvalidFaultPlan([`${file}: ${error.message}`]) : error;
  }
}

/** Turns a plan into a fault source. Each rule counts its matching calls; the first rule that applies decides. */
export function faultSource(plan: FaultPlan): FaultSource {
  const random = seededRandom(plan.seed);
  const rules = plan.rules.map((rule) => ({ rule: rule as Rule, calls: 0 }));
  return (service, operation, name) => {
    let struck: Fault | undefined;
    for (const counted of rules) {
      const { rule } = counted;
      if (rule.service !== service || (rule.operation !== undefined && rule.operation !== operation)) continue;
      if (rule.name !== undefined && name?.startsWith(rule.name) !== true) continue;
      counted.calls++;
      const strikes =
        rule.nth === undefined
          ? random() < (rule.probability ?? 0)
          : counted.calls >= rule.nth && counted.calls < rule.nth + (rule.times ?? 1);
      if (strikes) struck ??= rule.fault;
    }
    return struck;
  };
}
