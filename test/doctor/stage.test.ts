import { openControlPlane } from '../../src/doctor/aws/index.ts';
import { CREDENTIALS, LOCAL_NAMES } from '../../src/local/connect.ts';
import type { Connection } from '../../src/ports.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { startStub, type Stub, type World } from './stub.ts';
import { DIRECT, healthy, outputsOf, QUEUE_ARN, RULE_ARN, sending } from './world.ts';

let stack: TestStack;
let stub: Stub;
let world: World;
beforeAll(async () => {
  stub = await startStub(() => world);
  stack = await startTestStack();
  // A manifest of an earlier load, to read again.
  await stack.put('log_data/a.json', event(1));
  await stack.idle();
});
afterAll(async () => {
  await stack.stop();
  await stub.stop();
});
beforeEach(() => {
  world = healthy();
});

const SERVICES = 'STS S3 SQS EVENTBRIDGE REDSHIFT REDSHIFT_SERVERLESS LAMBDA CLOUDWATCH SNS'.split(' ');

/** Looks at the stage `dev`: the stub's control planes, and the warehouse of the local stack. */
async function look(change: Partial<Connection['config']> = {}): Promise<{ lines: string[]; code: number }> {
  const outputs = outputsOf(stub.url);
  const endpoints = Object.fromEntries(SERVICES.map((service) => [`AWS_ENDPOINT_URL_${service}`, stub.url]));
  const plane = openControlPlane({ ...CREDENTIALS, env: { ...stack.environment, ...endpoints } }, () => Date.now());
  const { connection } = stack;
  const queues = { queueUrl: outputs.SparkifyQueueUrl!, dlqUrl: outputs.SparkifyDlqUrl! };
  const { out, err, code } = await stack.run(['doctor', '--stage', 'dev'], {
    outputs,
    controlPlane: () => Promise.resolve(plane),
    connection: { ...connection, config: { ...connection.config, ...queues, ...change } },
  });
  expect(err).toBe('');
  return { lines: out.trimEnd().split('\n'), code };
}

const wrongIn = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('✘'));

test('a healthy stage has nothing wrong', async () => {
  const { lines, code } = await look();
  process.stderr.write(lines.join('\n'));
  expect(wrongIn(lines)).toEqual([]);
  expect(code).toBe(0);
});
