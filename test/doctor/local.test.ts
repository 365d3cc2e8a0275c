import { openControlPlane } from '../../src/doctor/aws/index.ts';
import { CREDENTIALS } from '../../src/local/connect.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import type { Ran } from '../support/commands.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: true });
});
afterAll(() => stack.stop());

function doctor(...options: string[]): Promise<Ran> {
  const { environment } = stack;
  const plane = openControlPlane({ ...CREDENTIALS, env: environment }, () => Date.now());
  return stack.run(['doctor', ...options], { controlPlane: () => Promise.resolve(plane) });
}

test('a local stack has nothing wrong', async () => {
  await stack.put('log_data/a.json', event(1));
  await stack.idle();
  const ran = await doctor('--canary');
  process.stderr.write(ran.out + ran.err);
  expect(ran.code).toBe(0);
});
