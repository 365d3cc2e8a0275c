/** Loads that are under way while the star is swapped. */
import { song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { BUCKET, resetAll, watched } from '../simulation/rebuilding.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
  await resetAll(stack);
});
afterAll(() => stack.stop());

async function load(key: string, body: string): Promise<void> {
  await stack.put(key, body);
  await stack.deliver(stack.takeMessages());
}

test('what was staged before the swap does not overwrite what the rebuild has read since, however often the live star merged meanwhile', async () => {
  await load('song_data/first.json', song(1));
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let flight: ReturnType<TestStack['deliver']> | undefined;
  const { code } = await stack.run(['rebuild', BUCKET, '--yes'], {
    connection: watched(stack.connection, async (name) => {
      if (name !== 'sparkify changed-keys' || flight !== undefined) return;
      // More batches than the next star will have had by the time it reads the file.
      for (let n = 10; n < 16; n += 1) await load(`song_data/${n}.json`, song(n));
      await stack.put('song_data/late.json', song(2, { title: 'older' }));
      await new Promise<void>((staged) => {
        flight = stack.deliver(stack.takeMessages(), {
          around: async (step, submit) => {
            if (step.name === 'merge') {
              staged();
              await released;
            }
            return submit(step.statements);
          },
        });
      });
      await load('song_data/late.json', song(2, { title: 'newer' }));
    }),
  });
  expect(code).toBe(0);
  release();
  const { failed, steps } = await flight!;
  expect({ failed, unchangedHits: steps.unchangedHits }).toEqual({ failed: [], unchangedHits: 1 });
  expect(await stack.rows("SELECT title FROM sparkify.songs WHERE song_id = 'SO2'")).toEqual([{ title: 'newer' }]);
}, 60_000);
