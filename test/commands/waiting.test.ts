import { LOCAL_NAMES } from '../../src/local/stack.ts';
import type { Connection } from '../../src/ports.ts';
import { LoaderError } from '../../src/errors.ts';
import { failed, waitingKey } from '../../src/waiting/waiting.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
beforeEach(() => stack.reset());
afterAll(() => stack.stop());

const OFF = new LoaderError('unavailable', 'the workgroup sparkify is modifying', 'wait for it');

/** Says that the warehouse is waited for, as the loader does. */
async function wait(): Promise<void> {
  const { objects, config } = stack.connection;
  const state = failed(undefined, OFF, Date.UTC(2026, 0, 5, 9));
  await objects.put(LOCAL_NAMES.controlBucket, waitingKey(config.control.prefix), JSON.stringify(state));
}

/** The stack's connection to a warehouse that answers nothing. */
function away(error = OFF): Connection {
  const { connection } = stack;
  const refuse = (): Promise<never> => Promise.reject(error);
  return { ...connection, warehouse: { query: refuse, transaction: refuse, inSession: refuse, systemIds: refuse } };
}

const LINE =
  'waiting for the warehouse since 2026-01-05 09:00:00 UTC, next try 2026-01-05 09:00:30: the workgroup sparkify is modifying → wait for it';

describe('status', () => {
  test('without the warehouse shows the queues and what is waited for, and exits with 1', async () => {
    await wait();
    stack.send('a message');
    const { out, err, code } = await stack.run(['status'], { connection: away() });
    expect(out).toMatch(/^queue +1 /m);
    expect(out).toContain(`! ${LINE}`);
    expect(err).toBe('the workgroup sparkify is modifying\n→ wait for it\n');
    expect(code).toBe(1);
  });

  test('without the warehouse says what failed when nothing waits yet', async () => {
    const error = new LoaderError('misconfigured', 'relation does not exist', 'npx sparkify create-tables');
    const { out, err, code } = await stack.run(['status'], { connection: away(error) });
    expect(out).toMatch(/^queue +0 /m);
    expect(out).not.toContain('waiting for the warehouse');
    expect(err).toContain('relation does not exist');
    expect(code).toBe(1);
  });

  test('prints the same as JSON', async () => {
    await wait();
    const { out, code } = await stack.run(['status', '--json'], { connection: away() });
    expect(JSON.parse(out)).toMatchObject({
      queue: { waiting: 0 },
      waiting: { hint: 'wait for it' },
      error: { message: OFF.message },
    });
    expect(code).toBe(1);
  });

  test('of a warehouse that works again names it until loads have succeeded', async () => {
    await wait();
    const { out, code } = await stack.run(['status']);
    expect(out).toContain(`! ${LINE}`);
    expect(code).toBe(1);
  });

  test('that may not read the state says so, and needs no attention', async () => {
    const { connection } = stack;
    const get = (): Promise<never> => Promise.reject(new LoaderError('misconfigured', 'AccessDenied', 'allow it'));
    const blind = { ...connection, objects: { ...connection.objects, get } as Connection['objects'] };
    const { out, code } = await stack.run(['status'], { connection: blind });
    expect(out).toContain('Whether the warehouse is waited for is not known: AccessDenied');
    expect(code).toBe(0);
  });
});

describe('why', () => {
  const url = `s3://${LOCAL_NAMES.landingBucket}/log_data/1.json`;

  test('of a file that is not loaded says what it waits for, whether the warehouse answers or not', async () => {
    await wait();
    await stack.put('log_data/1.json', event(1));
    expect((await stack.run(['why', url])).out).toContain(LINE);
    const { out, err, code } = await stack.run(['why', url], { connection: away() });
    expect(out).toContain(LINE);
    expect(err).toContain(OFF.message);
    expect(code).toBe(1);
  });

  test('of a file that is loaded says nothing of it', async () => {
    await stack.put('log_data/1.json', event(1));
    await stack.deliver(stack.takeMessages());
    await wait();
    expect((await stack.run(['why', url])).out).not.toContain('waiting for the warehouse');
  });
});
