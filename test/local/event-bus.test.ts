import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { EventBridgeBus } from '../../src/aws/event-bridge.ts';
import { startEventBus } from '../../src/local/event-bus.ts';
import type { Fault } from '../../src/local/faults/plan.ts';
import type { SignedService } from '../../src/local/signed-service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let home: string;
let bus: SignedService;
let client: EventBridgeClient;
let fault: Fault | undefined;
beforeEach(async () => {
  home = await temporaryFolder('bus');
  fault = undefined;
  const file = join(home, 'events.jsonl');
  bus = await startEventBus({ name: 'default', file, region: 'eu-central-2', faults: () => fault, killCaller: () => undefined }); // prettier-ignore
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new EventBridgeClient({ endpoint: bus.url, region: 'eu-central-2', credentials, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await bus.stop();
  await rm(home, { recursive: true });
});

const entry: PutEventsRequestEntry = { EventBusName: 'default', Source: 's', DetailType: 't', Detail: '{"a":1}' };
const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));
const kept = (): { id: string }[] => {
  const file = join(home, 'events.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as { id: string });
};

test('an event is kept as a target would be given it, in the order of the entries', async () => {
  const time = new Date('2018-11-30T21:04:31Z');
  const { FailedEntryCount, Entries = [] } = await put({ ...entry, Time: time }, { ...entry, Detail: '{"a":2}' });
  expect(FailedEntryCount).toBe(0);
  expect(kept()).toMatchObject([
    { id: Entries[0]?.EventId, source: 's', 'detail-type': 't', time: '2018-11-30T21:04:31Z', detail: { a: 1 } },
    { id: Entries[1]?.EventId, detail: { a: 2 } },
  ]);
});

test.each([
  ['without a source', { Source: undefined }, 'InvalidArgument'],
  ['without a type', { DetailType: undefined }, 'InvalidArgument'],
  ['without a detail', { Detail: undefined }, 'InvalidArgument'],
  ['whose detail is no JSON', { Detail: '{' }, 'MalformedDetail'],
  ['whose detail is no object', { Detail: '1' }, 'MalformedDetail'],
  ['in the name of AWS', { Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
])('an event %s is not taken, and the others of its call are', async (_, change, code) => {
  const { FailedEntryCount, Entries } = await put({ ...entry, ...change }, entry);
  expect(FailedEntryCount).toBe(1);
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([code, undefined]);
  expect(kept()).toHaveLength(1);
});

test.each([
  ['no entry', () => put(), 'ValidationException'],
  ['eleven entries', () => put(...Array.from({ length: 11 }, () => entry)), 'ValidationException'],
  ['256 KB', () => put({ ...entry, Detail: JSON.stringify({ a: 'x'.repeat(256 * 1024) }) }), 'ValidationException'],
  ['a bus that is not there', () => put({ ...entry, EventBusName: 'other' }), 'ResourceNotFoundException'],
  ['another operation', () => client.send(new ListRulesCommand({})), 'NotImplemented'],
])('a call with %s is refused', async (_, call, name) => {
  await expect(call()).rejects.toMatchObject({ name });
  expect(kept()).toEqual([]);
});

test('a call that is not signed is refused', async () => {
  const headers = { 'x-amz-target': 'AWSEvents.PutEvents', 'content-type': 'application/x-amz-json-1.1' };
  const { status } = await fetch(bus.url, { method: 'POST', headers, body: JSON.stringify({ Entries: [entry] }) });
  expect([status, kept()]).toEqual([403, []]);
});

describe('the product’s own edge', () => {
  const event = { source: 's', detailType: 't', timeMs: 0, detail: '{}' };
  const send = async (name: string) => {
    const errors = await new EventBridgeBus(client, name).put([event, event], 5000);
    return errors.map((error) => error?.code);
  };

  test('says of each event whether it was taken', async () => {
    expect(await send('default')).toEqual([undefined, undefined]);
    fault = { do: 'refuse entry' };
    expect(await send('default')).toEqual(['connection', undefined]);
  });

  test.each<[string, Fault, string]>([
    ['throttles', { do: 'throttle' }, 'throttled'],
    ['denies', { do: 'error', code: 'AccessDeniedException', status: 400 }, 'misconfigured'],
    ['does not answer', { do: 'drop reply' }, 'connection'],
  ])('says of all events that none may have been taken when the bus %s', async (_, what, code) => {
    fault = what;
    expect(await send('default')).toEqual([code, code]);
  });

  test('says so of a bus that is not there', async () => {
    expect(await send('other')).toEqual(['misconfigured', 'misconfigured']);
  });

  test('waits no longer than it is told', async () => {
    fault = { do: 'delay', milliseconds: 5000 };
    const errors = await new EventBridgeBus(client, 'default').put([event], 100);
    expect(errors[0]?.message).toMatch(/abort/i);
  });
});
