/** `rebuild`, as a person runs it, against the whole local stack. */
import { song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(() => stack.stop());

test('first', async () => {
  await stack.put('song_data/a.json', song(1));
  await stack.deliver(stack.takeMessages());
  await stack.remove('song_data/a.json');
  await stack.put('song_data/b.json', song(2));
  await stack.deliver(stack.takeMessages());
  console.log(await stack.run(['rebuild', 's3://sparkify-landing/', '--check']));
  console.log(await stack.run(['rebuild', 's3://sparkify-landing/', '--yes']));
  console.log(await stack.rows('select song_id from sparkify.songs'));
  console.log(await stack.run(['status']));
  console.log(await stack.run(['rebuild', 's3://sparkify-landing/', '--yes']));
  console.log(await stack.run(['rebuild', '--drop-old', '--yes']));
}, 100000);
