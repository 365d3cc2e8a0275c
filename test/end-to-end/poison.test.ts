import { objectId } from '../../src/objects/object-version.ts';
import type { LoadDeps } from '../../src/load/deps.ts';
import { receiveDelivery } from '../../src/load/receive-delivery.ts';
import type { ReceivedMessage, Row } from '../../src/ports.ts';
import { Pause } from '../../src/waiting/pause.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
const log: string[] = [];
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(() => stack.stop());

const key = (n: number): string => `log_data/${n}.json`;

/** The loader with a bug that one object meets: its ledger question throws what nobody has foreseen. */
function withBug(poison: string): LoadDeps {
  const { config, templates, warehouse, objects, clock } = stack.connection;
  const id = objectId({ bucket: config.landing.buckets[0]!, key: poison });
  const write = (message: string): void => void log.push(message);
  return {
    config,
    templates,
    warehouse: {
      query: (name, text, parameters, deadlineMs): Promise<Row[]> =>
        text.includes(id)
          ? Promise.reject(new TypeError('undefined is not a function'))
          : warehouse.query(name, text, parameters, deadlineMs),
      transaction: (...args) => warehouse.transaction(...args),
      systemIds: (transactionId) => warehouse.systemIds(transactionId),
      inSession: (...args) => warehouse.inSession(...args),
    },
    objects,
    log: { info: write, warn: write, error: write },
    meter: { count: () => undefined, seconds: () => undefined },
    clock,
    pause: new Pause(),
  };
}

async function receiveAll(count: number): Promise<ReceivedMessage[]> {
  const { queue, config } = stack.connection;
  const messages: ReceivedMessage[] = [];
  while (messages.length < count) {
    messages.push(...(await queue.receive(config.queueUrl!, { waitSeconds: 1, visibilityTimeoutSeconds: 600 })));
  }
  return messages;
}

test('a message that meets a bug of the loader costs its neighbours nothing, and comes again before it is given up', async () => {
  for (let n = 0; n < 9; n += 1) await stack.put(key(n), event(n));
  for (const body of stack.takeMessages()) stack.send(body);
  const messages = await receiveAll(9);
  const { queue, config } = stack.connection;
  const deps = { ...withBug(key(4)), queue, queueUrl: config.queueUrl!, dlqUrl: config.dlqUrl! };
  const invocation = (): Parameters<typeof receiveDelivery>[2] => ({
    requestId: '0d9f6e1c',
    part: '',
    deadlineMs: Date.now() + 60_000,
  });

  const failed = await receiveDelivery(messages, deps, invocation());
  const poisoned = messages.filter(({ body }) => body.includes(key(4)));
  expect(failed).toEqual(poisoned.map(({ messageId }) => messageId));
  expect((await stack.ledger()).map((row) => row.key)).toEqual([0, 1, 2, 3, 5, 6, 7, 8].map(key));
  expect(new Set(log)).toContain('the delivery failed unexpectedly');
  const hidden = stack.waiting().find(({ body }) => body.includes(key(4)))!;
  expect(hidden.hiddenForSeconds).toBeGreaterThan(50);
  expect(hidden.hiddenForSeconds).toBeLessThan(95);

  const seventh = poisoned.map((one) => ({ ...one, attributes: { ...one.attributes, ApproximateReceiveCount: '7' } }));
  expect(await receiveDelivery(seventh, deps, invocation())).toEqual([]);
  expect(stack.deadLetters().map(({ body }) => body)).toEqual(seventh.map(({ body }) => body));
});
