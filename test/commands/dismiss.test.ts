import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
const url = (key: string): string => `s3://sparkify-landing/${key}`;
const bad = [0, 1, 2].map((n) => `song_data/bad${n}.json`);

beforeAll(async () => {
  stack = await startTestStack();
});
beforeEach(async () => {
  await stack.reset();
  for (const key of bad) await stack.put(key, '{"song_id": ');
  await stack.idle();
});
afterAll(async () => {
  await stack.stop();
});

const left = async (): Promise<string[]> => {
  const { objects } = (await stack.json(['quarantine', 'list'])) as { objects: { url: string }[] };
  return objects.map((one) => one.url).sort();
};

test('quarantine dismiss closes the case that is named and no other, says who and why, and says what it did not find', async () => {
  const why = `the producer's "test"; DROP TABLE x`;
  const { out, code } = await stack.run([
    'quarantine',
    'dismiss',
    url(bad[0]!),
    url('song_data/none.json'),
    '--why',
    why,
  ]);
  expect(out).toContain('Dismissed 1 object.');
  expect(out).toContain(`${url('song_data/none.json')} is neither quarantined nor vanished`);
  expect(code).toBe(1);
  expect(await left()).toEqual([url(bad[1]!), url(bad[2]!)]);
  const told = await stack.run(['why', url(bad[0]!)]);
  expect(told.out).toContain(`Dismissed: ann@laptop: ${why}`);
  expect(told.code).toBe(0);
});

test('what was dismissed stays so when its notification comes again, and loads when it is corrected', async () => {
  await stack.run(['quarantine', 'dismiss', url(bad[0]!), '--why', 'no']);
  for (const message of stack.takeMessages()) stack.send(message);
  await stack.idle();
  expect(await left()).toEqual([url(bad[1]!), url(bad[2]!)]);
  await stack.put(bad[0]!, '{"song_id":"SO1","title":"t","artist_id":"AR1"}');
  await stack.idle();
  expect((await stack.run(['why', url(bad[0]!)])).out).toContain('It is loaded, as it is in the bucket now.');
});

test('reconcile has nothing to say of it', async () => {
  await stack.run(['quarantine', 'dismiss', url(bad[1]!), '--why', 'no']);
  const found = (await stack.json(['reconcile', 's3://sparkify-landing/song_data/'])) as {
    findings: { url?: string; key?: string }[];
  };
  expect(JSON.stringify(found)).not.toContain('bad1');
});

test('a deleted object closes its case by reconcile --repair, when its removal was never notified', async () => {
  await stack.aws.store.delete({ bucket: 'sparkify-landing', key: bad[2]! });
  await stack.run(['reconcile', 's3://sparkify-landing/song_data/', '--repair']);
  await stack.idle();
  expect(await left()).toEqual([url(bad[0]!), url(bad[1]!)]);
  expect((await stack.run(['why', url(bad[2]!)])).out).toContain('Its case is closed: Deleted');
});

test.each([
  ['without --why', [url(bad[0]!)], /required option '--why/],
  ['with a blank --why', [url(bad[0]!), '--why', ' '], /Say why/],
  ['of nothing', ['--why', 'x'], /Say what to dismiss/],
  ['of everything and one', ['--all', url(bad[0]!), '--why', 'x'], /only one of them/],
])('quarantine dismiss %s is refused', async (_, argv, message) => {
  const { err, code } = await stack.run(['quarantine', 'dismiss', ...argv]);
  expect(err).toMatch(message);
  expect(code).toBe(2);
});
