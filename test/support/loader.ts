import type { ErrorCode } from '../../src/errors.ts';
import { loadDelivery } from '../../src/load/load-delivery.ts';
import type { LoadDeps } from '../../src/load/deps.ts';
import type { Connection, EventBus, MetricName } from '../../src/ports.ts';
import type { Templates } from '../../src/sql/statement.ts';
import { Pause } from '../../src/waiting/pause.ts';
import { noSteps, WatchedWarehouse, type AroundStep, type StepCounts } from './load-steps.ts';

/** What one invocation did: the bodies that must come again, why each of them, its metrics, its transactions, and its log, a line each. */
export type Invoked = {
  failed: string[];
  codes: ErrorCode[];
  counts: Map<MetricName, number>;
  steps: StepCounts;
  log: string[];
};

/**
 * How an invocation differs from a normal one. `timeMs` is the time the loader may use, without its reserve; `sleep` is what its
 * pauses do, nothing by default; `around` stands around each of its transactions.
 */
export type InvokeOptions = {
  templates?: Templates;
  timeMs?: number;
  sleep?: (milliseconds: number) => Promise<void>;
  around?: AroundStep;
  /** How often the messages were received, this time included, and when first; by default once. */
  received?: { times: number; firstMs: number };
  /** Where what is committed is announced; by default on the bus of the stack, if it has one. */
  bus?: EventBus;
  /** The part of a delivery that the messages are. */
  part?: string;
};

/** One minute for an invocation, unless it is about deadlines. */
const INVOCATION_MS = 60_000;

/** Runs one invocation of the loader in this process on some message bodies, over the wire and with the product's own edges. */
export async function invokeLoader(
  connection: Connection,
  requestId: string,
  bodies: readonly string[],
  options: InvokeOptions = {},
): Promise<Invoked> {
  const counts = new Map<MetricName, number>();
  const steps = noSteps();
  const log: string[] = [];
  const { times, firstMs } = options.received ?? { times: 1, firstMs: Date.now() };
  const attributes = { ApproximateReceiveCount: String(times), ApproximateFirstReceiveTimestamp: String(firstMs) };
  const messages = bodies.map((body, index) => ({ messageId: `${requestId}-${index}`, body, attributes }));
  const deadlineMs = Date.now() + (options.timeMs ?? INVOCATION_MS);
  const deps = depsOf(connection, options, counts, steps, log);
  const { refused, returned } = await loadDelivery(messages, deps, { requestId, part: options.part ?? '', deadlineMs });
  const failedIds = new Set([...refused, ...returned].map(({ messageId }) => messageId));
  const failed = messages.filter(({ messageId }) => failedIds.has(messageId)).map(({ body }) => body);
  const codes = returned.map(({ error }) => error.code);
  return { failed, codes, counts, steps, log };
}

function depsOf(
  { config, templates, warehouse, objects, clock }: Connection,
  options: InvokeOptions,
  counts: Map<MetricName, number>,
  steps: StepCounts,
  log: string[],
): LoadDeps {
  const write =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}): void => {
      log.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  return {
    config,
    templates: { load: options.templates ?? templates.load, report: templates.report },
    warehouse: new WatchedWarehouse(warehouse, steps, options.around),
    objects,
    log: { info: write('info'), warn: write('warn'), error: write('error') },
    meter: {
      count: (name, value) => {
        counts.set(name, (counts.get(name) ?? 0) + value);
      },
      seconds: () => undefined,
    },
    // Pauses are for other people's sake; here nobody else is served by waiting.
    clock: {
      now: () => clock.now(),
      sleep: options.sleep ?? (() => Promise.resolve()),
      random: () => clock.random(),
    },
    // Each invocation is a process of its own here.
    pause: new Pause(),
    ...(options.bus === undefined ? {} : { bus: options.bus }),
  };
}
