import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  faultSource,
  parseFaultPlan,
  readFaultPlan,
  type Fault,
  type FaultSource,
} from '../../../src/local/faults/plan.ts';
import { seededRandom } from '../../../src/local/random.ts';
import { warehouseFaults } from '../../../src/local/faults/warehouse.ts';
import { region, startTestEndpoint, type TestEndpoint } from '../endpoint.ts';

describe('a plan', () => {
  test('strikes the nth call of an operation, as many times as it says', () => {
    const next = faultSource(
      parseFaultPlan({
        seed: 1,
        rules: [{ service: 's3', operation: 'GetObject', nth: 2, times: 2, fault: { do: 'throttle' } }],
      }),
    );
    const calls = ['GetObject', 'PutObject', 'GetObject', 'GetObject', 'GetObject'];
    expect(calls.map((operation) => next('s3', operation)?.do)).toEqual([
      undefined,
      undefined,
      'throttle',
      'throttle',
      undefined,
    ]);
    expect(next('sqs', 'GetObject')).toBeUndefined();
  });

  test('strikes by chance the same calls for the same seed', () => {
    const strikes = (seed: number): boolean[] => {
      const next = faultSource(
        parseFaultPlan({ seed, rules: [{ service: 'sqs', probability: 0.5, fault: { do: 'drop reply' } }] }),
      );
      return Array.from({ length: 100 }, () => next('sqs', 'SendMessage') !== undefined);
    };
    expect(strikes(7)).toEqual(strikes(7));
    expect(strikes(7)).not.toEqual(strikes(8));
    expect(strikes(7).filter(Boolean).length).toBeGreaterThan(30);
  });

  test('has chances that are spread evenly', () => {
    const random = seededRandom(42);
    const mean = Array.from({ length: 10_000 }, random).reduce((sum, value) => sum + value, 0) / 10_000;
    expect(mean).toBeCloseTo(0.5, 1);
  });

  test('that cannot be understood names every problem', () => {
    const rules = [
      { service: 'ec2', nth: 1, fault: { do: 'delay', milliseconds: 1 } },
      { service: 's3', nth: 0, fault: { do: 'explode' } },
      { service: 's3', nth: 1, probability: 1, fault: { do: 'throttle' } },
      { service: 's3', nth: 1, fault: { do: 'lose' } },
      { service: 's3', nth: 1, speed: 9, fault: { do: 'throttle' } },
    ];
    let message = '';
    try {
      parseFaultPlan({ seed: -1, rules });
    } catch (error) {
      message = String(error);
    }
    for (const part of [
      'seed',
      'rules.0.service',
      'rules.1.nth',
      'rules.1.fault',
      'rules.2',
      'rules.3',
      'rules.4.speed',
    ]) {
      expect(message).toContain(part);
    }
  });
});

describe('a call', () => {
  let endpoint: TestEndpoint;
  let once: Fault | undefined;
  let killed: number;
  let s3: S3Client;
  let sqs: SQSClient;
  const Bucket = 'lake';

  beforeEach(async () => {
    once = undefined;
    killed = 0;
    const faults: FaultSource = (service, operation) => {
      if (service === 'notifications' || operation === 'GetQueueAttributes') return undefined;
      const fault = once;
      once = undefined;
      return fault;
    };
    endpoint = await startTestEndpoint({ faults, killCaller: () => killed++ });
    const settings = {
      region,
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      endpoint: endpoint.url,
      maxAttempts: 1,
    };
    s3 = new S3Client(settings);
    sqs = new SQSClient(settings);
    await s3.send(new CreateBucketCommand({ Bucket }));
  });
  afterEach(async () => {
    s3.destroy();
    sqs.destroy();
    await endpoint.close();
  });

  const nameAndMessage = ({ name, message }: Error): string => `${name}: ${message}`;
  const put = () => s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'b'.repeat(100_000) }));
  const exists = () => endpoint.store.find({ bucket: Bucket, key: 'k' }) !== undefined;

  const cases: [Fault, { thrown: RegExp; tookEffect: boolean; kills: number }][] = [
    [
      { do: 'error', code: 'Oops', status: 500 },
      { thrown: /Oops/, tookEffect: false, kills: 0 },
    ],
    [{ do: 'throttle' }, { thrown: /SlowDown/, tookEffect: false, kills: 0 }],
    [{ do: 'forbid' }, { thrown: /AccessDenied/, tookEffect: false, kills: 0 }],
    [
      { do: 'error after', code: 'Late' },
      { thrown: /Late/, tookEffect: true, kills: 0 },
    ],
    [{ do: 'drop reply' }, { thrown: /ECONNRESET|socket hang up/, tookEffect: true, kills: 0 }],
    [{ do: 'kill' }, { thrown: /ECONNRESET|socket hang up/, tookEffect: false, kills: 1 }],
    [{ do: 'kill after' }, { thrown: /ECONNRESET|socket hang up/, tookEffect: true, kills: 1 }],
  ];
  test.each(cases)('of S3 under the fault %j fails, and takes effect or not', async (fault, expected) => {
    once = fault;
    await expect(put().catch(nameAndMessage)).resolves.toMatch(expected.thrown);
    expect([exists(), killed]).toEqual([expected.tookEffect, expected.kills]);
    await put();
    expect(exists()).toBe(true);
  });

  test('of S3 that reads can lose its reply too', async () => {
    await put();
    once = { do: 'drop reply' };
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))).rejects.toThrow(/ECONNRESET|socket hang up/);
  });

  const sqsCases: [Fault, { thrown: RegExp; sent: string }][] = [
    [{ do: 'throttle' }, { thrown: /RequestThrottled/, sent: '0' }],
    [{ do: 'error' }, { thrown: /InternalFailure/, sent: '0' }],
    [
      { do: 'error after', code: 'Late' },
      { thrown: /Late/, sent: '1' },
    ],
    [{ do: 'drop reply' }, { thrown: /ECONNRESET|socket hang up/, sent: '1' }],
  ];
  test.each(sqsCases)('of SQS under the fault %j fails, and takes effect or not', async (fault, expected) => {
    const { url } = endpoint.queues.create('q', { visibilityTimeoutSeconds: 30 });
    once = fault;
    const sending = sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'm' }));
    await expect(sending.catch(nameAndMessage)).resolves.toMatch(expected.thrown);
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    expect(Attributes).toEqual({ ApproximateNumberOfMessages: expected.sent });
  });

  test('can be delayed', async () => {
    once = { do: 'delay', milliseconds: 200 };
    const startedAt = performance.now();
    await put();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(195);
  });

  test('a plan is read from a file, and a file that is no JSON is told as such', async () => {
    const file = join(endpoint.home, 'plan.json');
    await writeFile(file, JSON.stringify({ seed: 3, rules: [] }));
    expect(await readFaultPlan(file)).toEqual({ seed: 3, rules: [] });
    await writeFile(file, '{');
    await expect(readFaultPlan(file)).rejects.toMatchObject({ name: 'FaultPlanInvalid' });
  });
});

test('the warehouse is told of faults in its own words, calls and statements apart', () => {
  const next = faultSource(
    parseFaultPlan({
      seed: 1,
      rules: [
        { service: 'redshift-data', operation: 'Statement', nth: 2, fault: { do: 'fail statement', message: '1023' } },
        { service: 'redshift-data', operation: 'BatchExecuteStatement', nth: 2, fault: { do: 'kill after' } },
      ],
    }),
  );
  let kills = 0;
  const hook = warehouseFaults(next, () => kills++);
  const operation = 'BatchExecuteStatement';
  expect(hook({ operation, request: {} })).toBeUndefined();
  expect(hook({ operation, request: {}, statementIndex: 0 })).toBeUndefined();
  expect(hook({ operation, request: {}, statementIndex: 1 })).toEqual({ kind: 'statement fails', message: '1023' });
  expect(hook({ operation, request: {} })).toEqual({ kind: 'reply lost' });
  expect(kills).toBe(1);
});

test('a plan chooses calls of the warehouse by the name of their statement', () => {
  const lost = { service: 'redshift-data', operation: 'BatchExecuteStatement', name: 'merge' };
  const hook = warehouseFaults(
    faultSource(
      parseFaultPlan({
        seed: 1,
        rules: [
          { ...lost, nth: 2, fault: { do: 'lose session' } },
          { ...lost, nth: 3, fault: { do: 'drop reply' } },
          { service: 'redshift-data', operation: 'Statement', name: 'stage', nth: 1, fault: { do: 'lose session' } },
        ],
      }),
    ),
    () => undefined,
  );
  const call = (StatementName?: string) => hook({ operation: 'BatchExecuteStatement', request: { StatementName } });
  expect(['merge', 'stage', undefined, 'merge 7', 'merge'].map(call)).toEqual([
    undefined,
    undefined,
    undefined,
    { kind: 'session lost' },
    { kind: 'reply lost' },
  ]);
  const within = { operation: 'BatchExecuteStatement', request: { StatementName: 'stage' }, statementIndex: 0 };
  expect(() => hook(within)).toThrow('between two calls');
  const forS3 = { service: 's3', name: 'merge', nth: 1, fault: { do: 'throttle' } };
  expect(() => parseFaultPlan({ seed: 1, rules: [forS3] })).toThrow('name goes with redshift-data');
});
