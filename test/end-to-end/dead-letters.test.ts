import type { Fault, FaultSource } from '../../src/local/faults/plan.ts';
import { PAST_THE_CLIENT } from '../support/switchboard.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

type Strike = { operation: string; fault: Fault; times: number };

let stack: TestStack;
let strikes: Strike[] = [];
/** The next so many calls of an operation go wrong. */
const strike = (operation: string, fault: Fault, times = 1): void => void strikes.push({ operation, fault, times });

beforeAll(async () => {
  const faults: FaultSource = (_, operation) => {
    const planned = strikes.find((one) => one.operation === operation && one.times > 0);
    if (planned) planned.times -= 1;
    return planned?.fault;
  };
  stack = await startTestStack({ faults });
});
afterEach(() => {
  expect(strikes.filter(({ times }) => times > 0)).toEqual([]);
  strikes = [];
});
afterAll(() => stack.stop());

const foreign = JSON.stringify({
  Records: [
    {
      eventName: 'ObjectCreated:Put',
      eventTime: '2018-11-01T00:00:00.000Z',
      s3: { bucket: { name: 'someone-else' }, object: { key: 'log_data/x.json', size: 1 } },
    },
  ],
});

describe('messages that need a person', () => {
  test('are dead letters after one delivery, with the reason and the time, and their neighbours load', async () => {
    const before = Date.now();
    stack.send('not a notification');
    stack.send(foreign);
    await stack.put('log_data/good.json', event(1));
    await stack.idle();
    expect(await stack.count('songplays')).toBe(1);
    const bodies = stack.deadLetters().map(({ body }) => body);
    expect(bodies.sort()).toEqual(['not a notification', foreign].sort());
    expect(stack.waiting()).toEqual([]);

    const { out, code } = await stack.run(['redrive', '--dry-run', '--json']);
    const { messages } = JSON.parse(out) as { messages: { cause: string; sentAt: string }[] };
    expect(messages.map(({ cause }) => cause).sort()).toEqual([
      'bucket someone-else is not configured',
      'malformed: the body is not JSON',
    ]);
    for (const { sentAt } of messages) expect(Date.parse(sentAt)).toBeGreaterThanOrEqual(before);
    expect(code).toBe(1);
  });

  test('come back as their sender wrote them, and are refused again for the same reason', async () => {
    await stack.run(['redrive']);
    await stack.idle();
    const letters = await stack.run(['redrive', '--dry-run']);
    expect(letters.out).toContain('malformed: the body is not JSON');
    expect(stack.deadLetters()).toHaveLength(2);
  });
});

describe('a function that dies while it returns messages', () => {
  test.each([
    ['before it sent a dead letter', 'SendMessageBatch', 'kill', 1],
    ['after it sent a dead letter, which then is there twice', 'SendMessageBatch', 'kill after', 2],
  ] as const)('%s', async (_, operation, fault, letters) => {
    await stack.reset();
    strike(operation, { do: fault });
    stack.send('not a notification');
    await stack.idle();
    expect(stack.deadLetters().map(({ body }) => body)).toEqual(Array(letters).fill('not a notification'));
    expect(stack.waiting()).toEqual([]);
  });

  test.each(['kill', 'kill after'] as const)('%s: a message that waits comes again and loads', async (fault) => {
    await stack.reset();
    strike('ExecuteStatement', { do: 'throttle' }, PAST_THE_CLIENT);
    strike('ChangeMessageVisibilityBatch', { do: fault });
    await stack.put('log_data/waits.json', event(1));
    await stack.idle();
    expect(await stack.count('songplays')).toBe(1);
    expect([...stack.deadLetters(), ...stack.waiting()]).toEqual([]);
  });
});
