import { deployedSettings } from '../../../src/local/lambda/deployed-settings.ts';
import { startTestStack } from '../../support/stack.ts';

const song = (id: string): string => JSON.stringify({ song_id: id, title: 'Title', artist_id: 'AR1', duration: 1 });

/** Long enough for every worker of the event source to receive a message. */
const INVOCATION_MS = 1000;

test('as many deliveries are under way at a time as the deployment allows, and no more', async () => {
  let underWay = 0;
  let most = 0;
  const stack = await startTestStack({
    batchSize: 1,
    observer: {
      deliveryStarted: () => {
        underWay += 1;
        most = Math.max(most, underWay);
      },
      deliveryEnded: () => {
        underWay -= 1;
      },
    },
    faults: (service) => (service === 'lambda' ? { do: 'delay', milliseconds: INVOCATION_MS } : undefined),
  });
  // The bucket's test event is delivered alone.
  await stack.idle();
  expect(most).toBe(1);
  const { maximumConcurrency } = await deployedSettings();
  const keys = Array.from({ length: maximumConcurrency + 1 }, (_, n) => `song_data/${n}.json`);
  for (const key of keys) await stack.put(key, song(key));
  await stack.idle();
  expect(most).toBe(maximumConcurrency);
  expect(await stack.count('songs')).toBe(keys.length);
  await stack.stop();
}, 120_000);
