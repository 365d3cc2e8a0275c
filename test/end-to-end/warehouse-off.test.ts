import { GetEventSourceMappingCommand, LambdaClient, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { setTimeout as sleep } from 'node:timers/promises';
import { schemaDeps } from '../../src/commands/create-tables.ts';
import { grantLocalUsers, makeLocalTables } from '../../src/commands/local-tables.ts';
import { clientSettings } from '../../src/local/connect.ts';
import { FaultSwitches } from '../../src/local/faults/switches.ts';
import type { Fault, FaultSource } from '../../src/local/faults/plan.ts';
import { LOCAL_NAMES, LOCAL_USERS } from '../../src/local/stack.ts';
import { readWaiting } from '../../src/waiting/waiting.ts';
import { dropSchema } from '../../src/schema/upgrade.ts';
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
  /** What befalls the next call of this operation of the control plane. */
  planned: { operation: string; fault: Fault } | undefined;
  /** Whether the control plane says that the COPY role is not attached. */
  lacksRole: boolean;
};

let world: World;
let lambda: LambdaClient;

beforeAll(async () => {
  const switches = new FaultSwitches();
  const lines: string[] = [];
  const counted: Omit<World, 'stack' | 'switches' | 'lines'> = {
    questions: 0,
    turned: 0,
    planned: undefined,
    lacksRole: false,
  };
  const faults: FaultSource = (service, operation, name) => {
    if (service === 'redshift-data' && operation.endsWith('ExecuteStatement')) counted.questions += 1;
    if (operation === 'UpdateEventSourceMapping') counted.turned += 1;
    if (service === 'control-plane' && counted.planned?.operation === operation) {
      const { fault } = counted.planned;
      counted.planned = undefined;
      return fault;
    }
    if (operation === 'GetNamespace' && counted.lacksRole) return { do: 'say no roles' };
    return switches.source(service, operation, name);
  };
  const stack = await startTestStack({ faults, windowSeconds: 1, batchSize: 200, onLine: (line) => lines.push(line) });
  world = Object.assign(counted, { stack, switches, lines });
  lambda = new LambdaClient(clientSettings(stack.environment, 'AWS_ENDPOINT_URL_LAMBDA'));
});
beforeEach(async () => {
  await world.stack.reset();
  Object.assign(world, { questions: 0, turned: 0, planned: undefined, lacksRole: false });
});
afterAll(async () => {
  lambda.destroy();
  await world.stack.stop();
});

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

/** The state of an event source mapping. */
async function stateOf(UUID: string): Promise<string | undefined> {
  return (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State;
}

/** Waits until loads are off, of both queues: what was under way is finished, and nothing is received. */
async function untilOff(): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const states = await Promise.all((world.stack.eventSources ?? []).map(stateOf));
    if (states.every((state) => state === 'Disabled')) return;
    await sleep(100);
  }
  throw new Error(`Loads are still on after half a minute:\n${world.lines.slice(-30).join('\n')}`);
}

test('200 objects land while the warehouse is paused: loads go off and on again, and all of them load', async () => {
  const { stack, switches } = world;
  await stack.put(key(0), event(0));
  await stack.idle();
  switches.set('pause', true);
  for (let n = 1; n < 100; n += 1) await stack.put(key(n), event(n));
  await untilOff();
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
  // Each of two event sources, off and on.
  expect(world.turned).toBe(4);
  expect(waitingObject()).toBe(false);
}, 120_000);

/** What the warehouse is waited for. */
async function reason(): Promise<string> {
  const { config, objects } = world.stack.connection;
  return (await readWaiting(config.control, objects))?.message ?? 'nothing';
}

/** Lets ten files land, waits until loads are off, lets ten more land, and mends what is wrong. Everything is to be loaded then. */
async function mendsWhileFilesWait(wrong: RegExp, mend: () => Promise<void>): Promise<void> {
  const { stack } = world;
  for (let n = 0; n < 10; n += 1) await stack.put(key(n), event(n));
  await untilOff();
  for (let n = 10; n < 20; n += 1) await stack.put(key(n), event(n));
  expect(await reason()).toMatch(wrong);
  await mend();
  await stack.idle();
  expect(stack.deadLetters()).toEqual([]);
  expect(await stack.count('songplays')).toBe(20);
  expect(world.turned).toBe(4);
}

test('a first day without tables waits, and loads when they are made', async () => {
  await dropSchema(schemaDeps(world.stack.connection));
  await mendsWhileFilesWait(/does not exist/, () => makeLocalTables(world.stack.connection));
}, 120_000);

test('a loader without grants waits, and loads when it has them', async () => {
  const { stack } = world;
  const revoke = `REVOKE SELECT ON ${stack.schema}.load_objects FROM "${LOCAL_USERS.loader}"`;
  expect((await stack.run(['query', revoke])).err).toBe('');
  await mendsWhileFilesWait(/permission denied/, () => grantLocalUsers(stack.connection));
}, 120_000);

test('a warehouse that lacks the COPY role is not asked until it is attached', async () => {
  const { switches } = world;
  world.lacksRole = true;
  switches.set('pause', true);
  let asked = 0;
  await mendsWhileFilesWait(/MODIFYING|modifying|endpoint/, async () => {
    switches.set('pause', false);
    await until(() => world.lines.some((line) => line.includes('is not attached to')));
    expect(await reason()).toMatch(/is not attached to/);
    asked = world.questions;
    await sleep(2000);
    expect(world.questions).toBe(asked);
    world.lacksRole = false;
  });
}, 120_000);

test.each<[string, Fault]>([
  ['before it switches loads off', { do: 'kill' }],
  ['after it switched loads off', { do: 'kill after' }],
])(
  'a resume function that dies %s is followed by another',
  async (_, fault) => {
    const { stack, switches } = world;
    switches.set('pause', true);
    world.planned = { operation: 'UpdateEventSourceMapping', fault };
    for (let n = 0; n < 5; n += 1) await stack.put(key(n), event(n));
    await until(() => world.planned === undefined && world.turned >= (fault.do === 'kill' ? 2 : 1));
    world.planned = { operation: 'UpdateEventSourceMapping', fault };
    switches.set('pause', false);
    await stack.idle();
    expect(world.planned).toBeUndefined();
    expect(await stack.count('songplays')).toBe(5);
    expect(waitingObject()).toBe(false);
  },
  120_000,
);

test('loads that a person switched off stay off, and everything loads when they are on', async () => {
  const { stack } = world;
  const turn = (Enabled: boolean) =>
    Promise.all(
      (stack.eventSources ?? []).map((UUID) => lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }))),
    );
  await turn(false);
  await untilOff();
  await stack.put(key(1), event(1));
  await sleep(3000);
  expect(stack.waiting().length).toBe(1);
  await turn(true);
  await stack.idle();
  expect(await stack.count('songplays')).toBe(1);
}, 60_000);
