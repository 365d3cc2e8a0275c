import { decodeKey } from '../../src/objects/object-version.ts';
import { Interrupted } from '../../src/errors.ts';
import { sendingBy } from '../support/commands.ts';
import { event, song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(async () => {
  await stack.stop();
});

describe('backfill', () => {
  beforeEach(async () => {
    await stack.reset();
    for (let i = 0; i < 600; i += 1) await stack.put(`song_data/A/${i}.json`, song(i), { notify: false });
    await stack.put('song_data/readme.txt', 'no song', { notify: false });
    await stack.put('song_data/empty.json', '', { notify: false });
  });

  test('loads what never notified, and then has nothing more to do', async () => {
    const plan = await stack.json(['backfill', 's3://sparkify-landing/song_data/', '--dry-run']);
    expect(plan).toMatchObject({ listed: 602, ignored: 2, objects: 600, messages: 2, seconds: null });
    expect(plan.batches).toEqual({ low: 1, high: 2 });
    expect(await stack.connection.queue.depth(stack.connection.config.queueUrl!)).toMatchObject({ waiting: 0 });

    const sent = await stack.json(['backfill', 's3://sparkify-landing/song_data/']);
    expect(sent).toMatchObject({ sent: 600, messages: 2, alreadyLoaded: 0 });
    await stack.idle();
    const again = await stack.json(['backfill', 's3://sparkify-landing/song_data/']);
    expect(again).toMatchObject({ sent: 0, messages: 0, alreadyLoaded: 600 });
    const songs = await stack.json(['query', 'SELECT COUNT(*) AS n FROM sparkify.songs']);
    expect(songs).toEqual([{ n: 600 }]);
  });

  test('sends an object again that was written since', async () => {
    await stack.run(['backfill', 's3://sparkify-landing/song_data/A/']);
    await stack.idle();
    await stack.put('song_data/A/7.json', song(7, { title: 'Corrected' }), { notify: false });
    const { out, code } = await stack.run(['backfill', 's3://sparkify-landing/song_data/A/']);
    expect(out).toContain('Sent 1 object in 1 message. 600 listed: 599 already loaded.');
    expect(code).toBe(0);
    await stack.idle();
    const [row] = (await stack.json([
      'query',
      "SELECT title FROM sparkify.songs WHERE song_id = 'SO7'",
    ])) as unknown as { title: string }[];
    expect(row?.title).toBe('Corrected');
  });

  test('takes only what is asked for', async () => {
    const about = (...options: string[]) =>
      stack.json(['backfill', 's3://sparkify-landing/song_data/', '--dry-run', '--all', ...options]);
    expect(await about('--match', '1?.json')).toMatchObject({ objects: 10, notSelected: 590 });
    expect(await about('--limit', '25')).toMatchObject({ objects: 25 });
    expect(await about('--since', '1h')).toMatchObject({ objects: 600 });
    expect(await about('--until', '1h')).toMatchObject({ objects: 0 });
    expect(await about('--start-after', 'song_data/A/98.json')).toMatchObject({ objects: 1 });
  });

  test('keeps to a rate, in messages of at most a second each', async () => {
    const began = Date.now();
    const sent = await stack.json([
      'backfill',
      's3://sparkify-landing/song_data/',
      '--all',
      '--limit',
      '30',
      '--rate',
      '20',
    ]);
    expect(sent).toMatchObject({ sent: 30, messages: 2 });
    expect(Date.now() - began).toBeGreaterThanOrEqual(1000);
    await stack.idle();
  });

  test('stopped by Ctrl-C says how to go on, and has sent what it says', async () => {
    const stopping = new AbortController();
    const { clock } = stack.connection;
    const connection = {
      ...stack.connection,
      clock: {
        ...clock,
        sleep: (milliseconds: number) => {
          stopping.abort(new Interrupted('SIGINT'));
          return clock.sleep(Math.min(milliseconds, 1));
        },
      },
    };
    const argv = ['backfill', 's3://sparkify-landing/song_data/', '--all', '--rate', '5'];
    const { out, err, code } = await stack.run(argv, { connection, interrupted: stopping.signal });
    expect(code).toBe(130);
    const sent = Number(/Sent (\d+) objects/.exec(out)?.[1]);
    expect(sent).toBeLessThan(20);
    const startAfter = /--start-after (\S+)/.exec(err)?.[1];
    const rest = await stack.json([...argv.slice(0, 3), '--dry-run', '--start-after', startAfter!]);
    expect(rest).toMatchObject({ objects: 600 - sent });
    await stack.idle();
  });

  test('sends songs first, whatever the order of keys, and lists nothing twice', async () => {
    const others = ['a.json', 'log_data/1.json', 'log_data/2.json', 'song_data0.json', 'zebra.json'];
    for (const key of others) await stack.put(key, event(1), { notify: false });
    const sent: string[] = [];
    const connection = sendingBy(stack.connection, (_url, messages) => {
      const bodies = messages.map(({ body }) => JSON.parse(body) as { Records: { s3: { object: { key: string } } }[] });
      sent.push(...bodies.flatMap(({ Records }) => Records.map(({ s3 }) => decodeKey(s3.object.key) ?? '')));
      return Promise.resolve([]);
    });
    const argv = ['backfill', 's3://sparkify-landing/', '--all', '--json'];
    const { out } = await stack.run(argv, { connection });
    expect(JSON.parse(out)).toMatchObject({ listed: 607, ignored: 5, sent: 602 });
    expect(sent.slice(0, 600).every((key) => key.startsWith('song_data/A/'))).toBe(true);
    expect(sent.slice(600)).toEqual(['log_data/1.json', 'log_data/2.json']);
    expect(new Set(sent).size).toBe(602);

    sent.length = 0;
    await stack.run([...argv, '--start-after', 'log_data/1.json'], { connection });
    expect(sent).toEqual(['log_data/2.json']);
    await stack.run([...argv, '--start-after', 'song_data/A/99.json'], { connection });
    expect(sent).toEqual(['log_data/2.json', 'log_data/1.json', 'log_data/2.json']);
  });

  test('offers the queue again what it did not take', async () => {
    let calls = 0;
    const connection = sendingBy(stack.connection, async (url, messages) => {
      calls += 1;
      return calls === 1 ? messages.map(({ id }) => id) : stack.connection.queue.send(url, messages);
    });
    const { out } = await stack.run(['backfill', 's3://sparkify-landing/song_data/', '--all', '--limit', '1'], {
      connection,
    });
    expect(calls).toBe(2);
    expect(out).toContain('Sent 1 object in 1 message');
    await stack.idle();
  });
});

describe('backfill that is told wrong', () => {
  test.each([
    [['backfill', 'sparkify-landing/song_data'], 'is not an S3 URL'],
    [['backfill', 's3://elsewhere/song_data/'], 'Bucket elsewhere is not configured'],
    [['backfill', 's3://sparkify-landing/', '--since', 'yesterday'], 'is not a time'],
    [['backfill', 's3://sparkify-landing/', '--since', '1h', '--until', '2h'], '--since is not before --until'],
    [['backfill', 's3://sparkify-landing/', '--limit', '0'], 'It is a whole number from 1.'],
    [['backfill'], "missing required argument 'url'"],
  ])('%j is misuse, and says why', async (argv, message) => {
    const { err, code } = await stack.run(argv);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});
