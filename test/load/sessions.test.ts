import { ListSessionsCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { clientSettings } from '../../src/local/connect.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(() => stack.stop());

test('a load leaves its session for half a minute at most, however much time its function has left', async () => {
  await stack.put('log_data/one.json', event(1), { notify: true });
  await stack.deliver(stack.takeMessages());
  expect(await stack.count('songplays')).toBe(1);
  const client = new RedshiftDataClient(clientSettings(stack.environment, 'AWS_ENDPOINT_URL_REDSHIFT_DATA'));
  const { Sessions = [] } = await client.send(new ListSessionsCommand({ WorkgroupName: 'sparkify' }));
  client.destroy();
  expect(Sessions.map(({ SessionAliveSeconds }) => SessionAliveSeconds)).toEqual([30]);
});
