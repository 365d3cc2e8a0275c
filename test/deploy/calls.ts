import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildBundle } from '../../src/local/lambda/bundle.ts';
import type { Fault, FaultService } from '../../src/local/faults/plan.ts';
import { LambdaFunction } from '../../src/local/lambda/function.ts';
import { environmentAs } from '../../src/local/connect.ts';
import { LoaderError } from '../../src/errors.ts';
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import { failed, waitingKey } from '../../src/waiting/waiting.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import type { Package } from './packaging.ts';
import { permissions } from './policies.ts';
import { variants } from './variants.ts';

/** Calls whose permission has another name than the call. */
const PERMISSION_OF: Readonly<Record<string, string>> = {
  's3:HeadObject': 's3:GetObject',
  's3:ListObjectsV2': 's3:ListBucket',
  'sqs:ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
  'event-bus:PutEvents': 'events:PutEvents',
  'control-plane:GetEventSourceMapping': 'lambda:GetEventSourceMapping',
  'control-plane:UpdateEventSourceMapping': 'lambda:UpdateEventSourceMapping',
  'control-plane:Invoke': 'lambda:InvokeFunction',
  'control-plane:ListWorkgroups': 'redshift-serverless:ListWorkgroups',
  'control-plane:GetNamespace': 'redshift-serverless:GetNamespace',
};

/** Permissions that no call of the code shows, and who needs them. */
const NEEDED_BY_OTHERS = {
  all: {
    'logs:CreateLogStream': 'Lambda writes the log',
    'logs:PutLogEvents': 'Lambda writes the log',
  },
  resume: {
    's3:ListBucket': 'S3 says 404 of a missing object only to who may list',
  },
  both: {
    'redshift-serverless:GetCredentials': 'the Data API logs in with it',
  },
  loader: {
    'sqs:ReceiveMessage': "Lambda's poller reads the queue in the name of the role",
    'sqs:DeleteMessage': "Lambda's poller deletes what the loader did not return",
    's3:ListBucket': 'S3 says 404 of a missing object only to who may list',
  },
};

const CALLS_OF_THE_EVENT_SOURCE = ['sqs:ReceiveMessage', 'sqs:DeleteMessageBatch'];

/** Seconds. A statement that hangs for longer than an invocation, less its reserve, is cancelled. */
const TIMEOUT = 6;
const RESERVE = 3;
const HANGS_MS = 5000;

/** Whether the roles allow what the code calls, neither less nor more, by the calls it was seen to make. */
export function describeCalls(thePackage: () => Package): void {
  let stack: TestStack | undefined;
  const calls = new Set<string>();
  const faults = { hang: false, off: false };

  const record = (service: FaultService, operation: string): Fault | undefined => {
    if (service === 'notifications' || service === 'lambda') return undefined;
    if (operation !== 'Statement') calls.add(`${service}:${operation}`);
    else if (faults.hang) {
      faults.hang = false;
      return { do: 'delay', milliseconds: HANGS_MS };
    }
    if (faults.off && operation === 'ListWorkgroups') return { do: 'say state', state: 'MODIFYING' };
    return undefined;
  };

  const start = async (eventSource: boolean): Promise<TestStack> => {
    stack = await startTestStack({
      eventSource,
      events: true,
      windowSeconds: 1,
      timeoutSeconds: TIMEOUT,
      environment: { SPARKIFY_RESERVE_SECONDS: String(RESERVE) },
      faults: record,
    });
    await stack.idle();
    calls.clear();
    return stack;
  };

  afterEach(() => stack?.stop());

  test('the loader calls exactly what its role allows', async () => {
    const running = await start(true);
    await running.put('log_data/good.json', event(1));
    await running.put('log_data/bad.json', '{"ts": ');
    await running.put('log_data/deleted.json', event(1));
    await running.remove('log_data/deleted.json');
    await running.idle();
    faults.hang = true;
    await running.put('log_data/slow.json', event(1));
    running.send('not a notification');
    await running.idle();
    // A replay asks whether live messages wait.
    await running.run(['backfill', 's3://sparkify-landing/log_data/', '--all']);
    await running.idle();
    // The event source's calls are Lambda's in AWS.
    const own = new Set([...calls].filter((call) => !CALLS_OF_THE_EVENT_SOURCE.includes(call)));
    const role = permissions(variants['an account with an event bus'](thePackage().template), 'LoaderRole');
    const needed = { ...NEEDED_BY_OTHERS.all, ...NEEDED_BY_OTHERS.both, ...NEEDED_BY_OTHERS.loader };
    expect(allowedBy(role)).toEqual(neededFor(own, needed));
    // Without a bus it announces nothing, and may not.
    own.delete('event-bus:PutEvents');
    const without = permissions(variants['an empty account'](thePackage().template), 'LoaderRole');
    expect(allowedBy(without)).toEqual(neededFor(own, needed));
  }, 60_000);

  test('the reconcile calls exactly what its role allows', async () => {
    const running = await start(false);
    const entry = fileURLToPath(new URL('../../src/reconcile-handler.ts', import.meta.url));
    const reconcile = new LambdaFunction({
      ...(await buildBundle({ home: join(running.home, 'reconcile'), entry })),
      functionName: 'reconcile',
      memoryMegabytes: 512,
      region: LOCAL_NAMES.region,
      environment: environmentAs('reconcile', running.environment),
      timeoutSeconds: TIMEOUT,
      warmProcesses: 0,
    });
    await running.put('log_data/unseen.json', event(1), { at: new Date(Date.now() - 3_600_000) });
    await reconcile.invoke({});
    faults.hang = true;
    await reconcile.invoke({});
    await reconcile.stop();
    const role = permissions(variants['an empty account'](thePackage().template), 'ReconcileRole');
    expect(allowedBy(role)).toEqual(neededFor(calls, { ...NEEDED_BY_OTHERS.all, ...NEEDED_BY_OTHERS.both }));
  }, 60_000);

  test('the resume function calls exactly what its role allows', async () => {
    const running = await start(true);
    const { objects, config } = running.connection;
    faults.off = true;
    const off = new LoaderError('unavailable', 'off', 'wait');
    await objects.put(
      config.control.bucket,
      waitingKey(config.control.prefix),
      JSON.stringify(failed(undefined, off, Date.now() - 60_000)),
    );
    while (!calls.has('control-plane:UpdateEventSourceMapping')) await sleep(50);
    faults.off = false;
    await running.idle();
    // What the loader asks of the warehouse is its own.
    const own = new Set([...calls].filter((call) => /^(s3|control-plane):/.test(call)));
    const needed = { ...NEEDED_BY_OTHERS.all, ...NEEDED_BY_OTHERS.resume };
    expect(allowedBy(permissions(variants['an empty account'](thePackage().template), 'ResumeRole'))).toEqual(
      neededFor(own, needed),
    );
  }, 60_000);
}

function allowedBy(role: readonly { action: string }[]): string[] {
  return [...new Set(role.map(({ action }) => action))].sort();
}

function neededFor(calls: ReadonlySet<string>, byOthers: Readonly<Record<string, string>>): string[] {
  const byCode = [...calls].map((call) => PERMISSION_OF[call] ?? call);
  return [...new Set([...byCode, ...Object.keys(byOthers)])].sort();
}
