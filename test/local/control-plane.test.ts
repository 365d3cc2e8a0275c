import {
  GetEventSourceMappingCommand,
  InvokeCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { ListWorkgroupsCommand, RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import { startControlPlane } from '../../src/local/control-plane.ts';
import type { SignedService } from '../../src/local/signed-service.ts';
import { EventSourceMapping } from '../../src/local/lambda/event-source-mapping.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

const QUEUE = 'arn:aws:sqs:eu-central-2:000000000000:queue';

/** An event source that takes a while to end. */
class SlowSource {
  end: () => void = () => undefined;
  readonly source = {
    idle: () => Promise.resolve(),
    drain: () => new Promise<void>((resolve) => (this.end = resolve)),
    stop: () => new Promise<void>((resolve) => (this.end = resolve)),
  };
}

let sources: SlowSource[];
let mapping: EventSourceMapping;
let other: EventSourceMapping;
let plane: SignedService;
let lambda: LambdaClient;

beforeEach(async () => {
  sources = [];
  mapping = new EventSourceMapping(
    QUEUE,
    () => {
      sources.push(new SlowSource());
      return Promise.resolve(sources.at(-1)!.source);
    },
    () => undefined,
  );
  other = new EventSourceMapping(
    `${QUEUE}-of-replays`,
    () => Promise.resolve(new SlowSource().source),
    () => undefined,
  );
  await mapping.start();
  await other.start();
  plane = await startControlPlane({
    region: 'eu-central-2',
    workgroup: 'sparkify',
    roles: [],
    functionName: 'loader',
    mappings: [mapping, other],
    invoke: (event) =>
      (event as { fails?: true }).fails ? Promise.reject(new Error('it crashed')) : Promise.resolve({ got: event }),
    faults: () => undefined,
    killCaller: () => undefined,
  });
  lambda = new LambdaClient({ region: 'eu-central-2', credentials, endpoint: plane.url, maxAttempts: 1 });
});
afterEach(async () => {
  lambda.destroy();
  await plane.stop();
});

const state = async (): Promise<string | undefined> =>
  (await lambda.send(new GetEventSourceMappingCommand({ UUID: mapping.uuid }))).State;
const turn = (Enabled: boolean) => lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping.uuid, Enabled }));

describe('a mapping', () => {
  test('goes off by way of Disabling and on again, and cannot be changed in between', async () => {
    expect(await state()).toBe('Enabled');
    expect((await turn(false)).State).toBe('Disabling');
    await expect(turn(true)).rejects.toMatchObject({ name: 'ResourceInUseException' });
    sources[0]!.end();
    await mapping.idle();
    expect(await state()).toBe('Disabled');
    await turn(true);
    await mapping.idle();
    expect(await state()).toBe('Enabled');
    expect(sources.length).toBe(2);
  });

  test('leaves the other as it is, and each names its queue', async () => {
    await turn(false);
    const answers = await Promise.all(
      [mapping, other].map(({ uuid }) => lambda.send(new GetEventSourceMappingCommand({ UUID: uuid }))),
    );
    expect(answers.map(({ State, EventSourceArn }) => [State, EventSourceArn])).toEqual([
      ['Disabling', QUEUE],
      ['Enabled', `${QUEUE}-of-replays`],
    ]);
  });

  test('that is as it is to be is left alone', async () => {
    expect((await turn(true)).State).toBe('Enabled');
    expect(sources.length).toBe(1);
  });

  test('that there is not is not found', async () => {
    await expect(lambda.send(new GetEventSourceMappingCommand({ UUID: 'other' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('can be changed in nothing else', async () => {
    const command = new UpdateEventSourceMappingCommand({ UUID: mapping.uuid, BatchSize: 1 });
    await expect(lambda.send(command)).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
  });
});

test('a function answers, by name or ARN, and what it throws is an answer with a mark', async () => {
  const invoke = async (FunctionName: string, event: unknown) => {
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    return { error: answer.FunctionError, text: answer.Payload?.transformToString() };
  };
  const arn = 'arn:aws:lambda:eu-central-2:000000000000:function:loader';
  expect(await invoke(arn, { probe: true })).toEqual({ error: undefined, text: '{"got":{"probe":true}}' });
  expect(await invoke('loader', { fails: true })).toEqual({
    error: 'Unhandled',
    text: '{"errorType":"Error","errorMessage":"it crashed"}',
  });
  await expect(invoke('other', {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('the warehouse is listed with its state', async () => {
  const client = new RedshiftServerlessClient({ region: 'eu-central-2', credentials, endpoint: plane.url });
  const { workgroups = [] } = await client.send(new ListWorkgroupsCommand({}));
  client.destroy();
  expect(workgroups).toMatchObject([{ workgroupName: 'sparkify', status: 'AVAILABLE' }]);
});

test.each([
  ['from a page of another origin', { origin: 'http://example.com', authorization: 'x' }, 403],
  ['as a form', { 'content-type': 'text/plain', authorization: 'x' }, 403],
  ['without a signature', {}, 403],
  ['for what is not supported', { authorization: 'x' }, 501],
])('a request %s is refused', async (_, headers, status) => {
  const response = await fetch(`${plane.url}/2015-03-31/functions`, { method: 'POST', headers });
  expect(response.status).toBe(status);
  await response.body?.cancel();
});
