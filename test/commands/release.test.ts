import { decodeKey } from '../../src/objects/object-version.ts';
import { sendingBy } from '../support/commands.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
const HOSTILE = [`song_data/it's "odd" + 100% 🎵.json`, 'song_data/a b.json', 'song_data/new\nline \u001b[2J.json'];
const keys = [...Array.from({ length: 6 }, (_, i) => `song_data/bad${i}.json`), ...HOSTILE];
const url = (key: string): string => `s3://sparkify-landing/${key}`;

beforeAll(async () => {
  stack = await startTestStack();
  for (const key of keys) await stack.put(key, '{"song_id": ');
  await stack.idle();
});
afterAll(async () => {
  await stack.stop();
});

/** Runs a release whose messages are looked at and not sent; gives the keys in them, too. */
async function release(...argv: string[]) {
  const sent: string[] = [];
  const connection = sendingBy(stack.connection, (_url, messages) => {
    const bodies = messages.map(({ body }) => JSON.parse(body) as { Records: { s3: { object: { key: string } } }[] });
    sent.push(...bodies.flatMap(({ Records }) => Records.map(({ s3 }) => decodeKey(s3.object.key) ?? '')));
    return Promise.resolve([]);
  });
  return { sent, ...(await stack.run(['quarantine', 'release', ...argv], { connection })) };
}

describe('quarantine release', () => {
  test.each(keys)('releases %j and nothing else', async (key) => {
    const { sent, out, code } = await release(url(key));
    expect(sent).toEqual([key]);
    expect(out).toContain('Released 1 object in 1 message.');
    expect(code).toBe(0);
  });

  test.each([
    ['several', [0, 3, 5]],
    ['the last by id and the first', [5, 0]],
    ['one that is named twice', [2, 2]],
    ['all of them', [...keys.keys()]],
  ])('releases %s, and nothing else', async (_name, numbers) => {
    const asked = numbers.map((n) => keys[n]!);
    const { sent, code } = await release(...asked.map(url));
    expect(sent.sort()).toEqual([...new Set(asked)].sort());
    expect(code).toBe(0);
  });

  test('by reason and by --all takes each once', async () => {
    expect((await release('--all')).sent.sort()).toEqual([...keys].sort());
    expect((await release('--reason', 'no such reason')).sent).toEqual([]);
  });

  test.each([
    ['a prefix', 'song_data/'],
    ['the beginning of a key', 'song_data/bad'],
    ['a key in other letters', 'song_data/BAD0.json'],
    ['a key as events write it', 'song_data/a+b.json'],
    ['a key that would be SQL', "song_data/x' OR '1'='1.json"],
  ])('of %s releases nothing, names it and exits with 1, whatever else it releases', async (_name, key) => {
    const { sent, out, code } = await release(url(keys[1]!), url(key));
    expect(sent).toEqual([keys[1]]);
    expect(out).toContain(`${url(key)} is neither quarantined nor vanished`);
    expect(code).toBe(1);
  });

  test('prints commands that a shell takes as they are, and no control characters', async () => {
    const { out } = await release(url("song_data/it's not there.json"), url('song_data/\u001b[2J.json'));
    expect(out).toContain(`→ npx sparkify why 's3://sparkify-landing/song_data/it'\\''s not there.json'`);
    expect(out).toContain(`→ npx sparkify why $'s3://sparkify-landing/song_data/\\x1b[2J.json'`);
    expect(out).not.toContain('\u001b');
  });
});
