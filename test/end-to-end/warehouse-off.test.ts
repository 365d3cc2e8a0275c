import { setTimeout as sleep } from 'node:timers/promises';
import { FaultSwitches } from '../../src/local/faults/switches.ts';
import type { FaultSource } from '../../src/local/faults/plan.ts';
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** A stack whose warehouse can be paused, with the real functions: what is switched, what is called, and what is logged. */
type World = {
  stack: TestStack;
  switches: FaultSwitches;
  /** Calls of the warehouse that submit something, and the changes of the event source, since the last `forget`. */
  questions: number;
  turned: number;
  lines: string[];
};

let world: World;

beforeAll(async () => {
  const switches = new FaultSwitches();
  const lines: string[] = [];
  const counted = { questions: 0, turned: 0 };
  const faults: FaultSource = (service, operation, name) => {
    if (service === 'redshift-data' && /ExecuteStatement$/.test(operation)) counted.questions += 1;
    if (operation === 'UpdateEventSourceMapping') counted.turned += 1;
    return switches.source(service, operation, name);
  };
  const stack = await startTestStack({ faults, windowSeconds: 1, batchSize: 200, onLine: (line) => lines.push(line) });
  world = Object.assign(counted, { stack, switches, lines });
});
afterAll(() => world.stack.stop());

const key = (n: number): string => `log_data/2018/11/${String(n).padStart(4, '0')}.json`;
const waitingObject = (): boolean =>
  world.stack.aws.store.page(LOCAL_NAMES.controlBucket, { prefix: 'loads/waiting.json', limit: 1 }).objects.length > 0;

/** Waits until something is so. */
async function until(what: () => boolean, seconds = 30): Promise<void> {
  for (let tries = 0; !what(); tries += 1) {
    if (tries > seconds * 20)
      throw new Error(
        `It did not become so within ${seconds} seconds: ${what.toString()}\n${world.lines.slice(-30).join('\n')}`,
      );
    await sleep(50);
  }
}

test('200 objects land while the warehouse is paused: loads go off and on again, and all of them load', async () => {
  const { stack, switches } = world;
  await stack.put(key(0), event(0));
  await stack.idle();
  switches.set('pause', true);
  for (let n = 1; n < 100; n += 1) await stack.put(key(n), event(n));
  await until(() => world.turned === 1);
  // What is under way when loads are switched off is the last question.
  await sleep(1500);
  world.questions = 0;
  for (let n = 100; n < 200; n += 1) await stack.put(key(n), event(n));
  await sleep(4000);
  expect(world.questions).toBe(0);
  expect(waitingObject()).toBe(true);
  expect(stack.waiting().length).toBe(199);
  switches.set('pause', false);
  await stack.idle();
  expect(stack.deadLetters()).toEqual([]);
  expect(stack.waiting()).toEqual([]);
  expect(await stack.count('songplays')).toBe(200);
  expect(world.turned).toBe(2);
  expect(waitingObject()).toBe(false);
}, 120_000);
