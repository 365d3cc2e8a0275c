import { gzipSync } from 'node:zlib';
import { LoaderError } from '../../src/errors.ts';
import type { Connection } from '../../src/ports.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { traceKey, urlOf, type Answer } from './tracing.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
beforeEach(() => stack.reset());
afterAll(() => stack.stop());

const T = 1541105830796;
const play = (more: object = {}): object => ({ ts: T, sessionId: 1, itemInSession: 1, page: 'NextSong', userId: '7', level: 'free', song: 'Aa', artist: 'X', length: 1.5, ...more }); // prettier-ignore
const song = (song_id: string, more: object = {}): object => ({ song_id, title: 'Aa', artist_id: 'AR', artist_name: 'X', duration: 1.5, ...more }); // prettier-ignore
const lines = (...rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

/** Writes files and loads them in one batch. */
async function load(files: Record<string, string | Buffer>): Promise<void> {
  for (const [key, body] of Object.entries(files)) await stack.put(key, body);
  const { failed } = await stack.deliver(stack.takeMessages());
  expect(failed).toEqual([]);
}

const short = ({ winner, losers }: Answer): unknown => [
  winner && `${winner.url.split('/').at(-1)} ${winner.line}.${winner.object}`,
  ...losers.map(({ url, line, why }) => `${url.split('/').at(-1)} ${line} ${why}`),
];

const PLAY = `${T} 1 1`;

describe('who won and who lost', () => {
  test('of a play: copies, what a later batch replaced, and what came back', async () => {
    await load({
      'log_data/a.json': lines(play({ ts: 1, sessionId: 9 }), play()),
      'log_data/b.json': lines(play()) + lines(play({ ts: 2 })),
    });
    expect(short((await traceKey(stack, 'songplays', PLAY)).answer)).toEqual(['a.json 2.1', 'b.json 1 copy in the same batch']); // prettier-ignore
    await load({ 'log_data/c.json': lines(play({ level: 'paid' })) });
    await load({ 'log_data/d.json': lines(play({ level: 'paid' })), 'log_data/e.json': lines(play({ page: 'Home' })) });
    const { answer, code } = await traceKey(stack, 'songplays', PLAY);
    expect(short(answer)).toEqual(['c.json 1.1', ...['a.json 2 replaced later', 'b.json 1 replaced later', 'd.json 1 copy loaded later'].sort((a, b) => order(answer, a) - order(answer, b))]); // prettier-ignore
    expect(answer).toMatchObject({ exact: true, complete: true });
    expect(code).toBe(0);
    await load({ 'log_data/f.json': lines(play()) });
    const losers = (await traceKey(stack, 'songplays', PLAY)).answer.losers;
    expect(losers.map(({ url, why }) => [url.split('/').at(-1), why]).sort()).toEqual([
      ['a.json', 'copy replaced before'],
      ['b.json', 'copy replaced before'],
      ['c.json', 'replaced later'],
      ['d.json', 'replaced later'],
    ]);
  });

  test('of two glued objects that differ in one file, by the rule of the load, and of a user whose older events lose', async () => {
    const files = lines(play({ level: 'paid' })) + lines(play()) + '\n' + lines(play({ ts: T - 1, page: 'Home' }));
    await load({ 'log_data/a.json': files });
    const { answer } = await traceKey(stack, 'songplays', PLAY);
    const [row] = await stack.rows(`SELECT level FROM ${stack.schema}.songplays`);
    expect(answer.winner).toMatchObject({ line: 1, object: row?.level === 'paid' ? 1 : 2 });
    expect(answer.losers).toMatchObject([{ line: 1, why: 'conflict' }]);
    const user = (await traceKey(stack, 'users', '7')).answer;
    expect(user.losers.map(({ line, why }) => [line, why])).toEqual([[1, 'conflict'], [2, 'older']]); // prettier-ignore
  });

  test('of an artist: songs with larger ids, and songs that name another artist now', async () => {
    await load({
      'song_data/b.json': lines(song('SO2')),
      'song_data/a.json': lines(song('SO1', { artist_name: 'x' })),
    });
    await load({ 'song_data/c.json': lines(song('SO0')) });
    await load({ 'song_data/d.json': lines(song('SO0', { artist_id: 'AR2' })) });
    expect(short((await traceKey(stack, 'artists', 'AR')).answer)).toEqual([
      'a.json 1.1',
      'b.json 1 larger song_id',
      'c.json 1 song of another artist now',
    ]);
    expect(short((await traceKey(stack, 'artists', 'AR2')).answer)).toEqual(['d.json 1.1', 'c.json 1 replaced later']);
  });

  test('of a time: the play that brought it; and of a play the song that healed it', async () => {
    await load({ 'log_data/a.json': lines(play()) });
    await load({ 'log_data/b.json': lines(play({ itemInSession: 2 })), 'song_data/s.json': '\n' + lines(song('SO1')) });
    expect(short((await traceKey(stack, 'time', String(T))).answer)).toEqual(['a.json 1.1', 'b.json 1 time was there']);
    const told = async (item: string) => {
      const { out } = await stack.run(['trace', 'songplays', '2018-11-01', '20:57:10.796', '1', item]);
      return out;
    };
    expect(await told('1')).toContain(`Its song SO1 is on line 2 of ${urlOf('song_data/s.json')}`);
    expect(await told('1')).toContain('It came after the play, and healed it.');
    expect(await told('2')).toContain('It came in the same batch as the play.');
    await load({ 'log_data/c.json': lines(play({ itemInSession: 3 })) });
    expect(await told('3')).toContain('It was there before the play.');
    // A correction of what the play does not look at changes nothing of when its song came.
    await load({ 'song_data/t.json': lines(song('SO1', { year: 1999 })) });
    expect(await told('3')).toContain('It was there before the play.');
    await load({ 'song_data/t.json': lines(song('SO1', { year: 2000 })) });
    expect(await told('1')).toContain('unknown');
  });

  test('in every codec', async () => {
    const zstd = (text: string): Buffer => {
      const header = ((text.length << 3) | 1) >>> 0;
      return Buffer.from([
        0x28,
        0xb5,
        0x2f,
        0xfd,
        0x20,
        text.length,
        header & 255,
        header >> 8,
        0,
        ...Buffer.from(text),
      ]);
    };
    const bzip2 = Buffer.from(
      'QlpoOTFBWSZTWcoWeVgAAADfgAAQEAQAEBAAiBCWpYwKIAAxQNNDIyYhEaDIyDTJEwNFIIPWJIorsedZoB4ICcfi7kinChIZQs8rAA==',
      'base64',
    );
    await load({
      'song_data/a.json.gz': gzipSync('\n' + lines(song('SOGZ'))),
      'song_data/a.json.bz2': bzip2,
      'song_data/a.json.zst': zstd('\n' + lines(song('SOZST'))),
    });
    const found = await Promise.all(['SOGZ', 'SOBZ', 'SOZST'].map((id) => traceKey(stack, 'songs', id)));
    expect(found.map(({ answer }) => short(answer))).toEqual([
      ['a.json.gz 2.1'],
      ['a.json.bz2 3.1'],
      ['a.json.zst 2.1'],
    ]);
  });
});

/** Where a loser stands in an answer, whose order among other contents is that of a hash. */
function order({ losers }: Answer, text: string): number {
  return losers.findIndex(({ url }) => url.endsWith(text.split(' ')[0] ?? ''));
}

describe('what cannot be known is said', () => {
  const answerOf = async (connection?: Connection) => traceKey(stack, 'songplays', PLAY, connection);

  test('when another file is gone, may not be read, or was overwritten and not loaded again', async () => {
    await load({ 'log_data/a.json': lines(play()) });
    await load({
      'log_data/b.json': lines(play()),
      'log_data/c.json': lines(play()),
      'log_data/d.json': lines(play()),
    });
    await stack.remove('log_data/b.json');
    stack.forbid('log_data/c.json');
    await stack.put('log_data/d.json', lines(play({ level: 'paid' })));
    stack.takeMessages();
    const { answer, code } = await answerOf();
    // The row names its batch, and that batch's file is as it was.
    expect(answer).toMatchObject({ exact: true, complete: false, winner: { url: urlOf('log_data/a.json'), line: 1 } });
    expect(answer.unread.map(({ url, why }) => [url, why]).sort()).toEqual([
      [urlOf('log_data/b.json'), 'gone'],
      [urlOf('log_data/c.json'), 'forbidden'],
      [urlOf('log_data/d.json'), 'changed'],
    ]);
    expect(code).toBe(1);
    const { out } = await stack.run(['trace', 'users', '7']);
    expect(out).toContain('3 files cannot be read as loaded, so what rows they had is unknown:');
    expect(out).toContain('The row is there, but another file may have brought it before.');
  });

  test('when the file of the row is gone', async () => {
    await load({ 'log_data/a.json': lines(play()) });
    await stack.remove('log_data/a.json');
    const { answer, code } = await answerOf();
    expect([answer.winner, answer.exact, answer.complete, code]).toEqual([null, false, false, 1]);
    expect((await stack.run(['trace', 'time', '2018-11-01T20:57:10.796Z'])).out).toContain('No file that was read explains this row as it is.'); // prettier-ignore
  });

  test('when the file of the row was overwritten by one without it', async () => {
    await load({ 'log_data/a.json': lines(play()) });
    await load({ 'log_data/a.json': lines(play({ ts: 5 })) });
    const { answer, code } = await answerOf();
    expect([answer.winner, answer.exact, code]).toEqual([null, false, 1]);
  });

  test('when the file of the row was overwritten by one that still has it, elsewhere', async () => {
    await load({ 'log_data/a.json': lines(play()) });
    await load({ 'log_data/a.json': lines(play({ ts: 5 }), play()) });
    const { answer } = await answerOf();
    expect(answer).toMatchObject({ exact: false, winner: { line: 2, batchNo: 1 } });
  });

  test('when the row was changed by hand', async () => {
    await load({ 'log_data/a.json': lines(play()) });
    await stack.rows(`UPDATE ${stack.schema}.users SET level = 'gold'`);
    const { out, code } = await stack.run(['trace', 'users', '7']);
    expect(out).toContain('something other than a load wrote this row');
    expect(code).toBe(1);
  });

  test('when a file is archived', async () => {
    await load({ 'log_data/a.json': lines(play()) });
    // The local store has no archive; this is what S3 answers.
    const { objects } = stack.connection;
    const archived: Connection = {
      ...stack.connection,
      objects: {
        put: (...args) => objects.put(...args),
        get: (...args) => objects.get(...args),
        readStart: (...args) => objects.readStart(...args),
        list: (...args) => objects.list(...args),
        read: () => Promise.reject(new LoaderError('unexpected', 'InvalidObjectState', 'Restore it')),
        head: async (...args) => {
          const head = await objects.head(...args);
          return head.kind === 'present' ? { ...head, archived: 'GLACIER' } : head;
        },
      },
    };
    expect((await answerOf(archived)).answer.unread).toMatchObject([{ why: 'archived', detail: 'GLACIER' }]);
  });
});
