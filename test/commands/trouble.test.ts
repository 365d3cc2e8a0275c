import { Interrupted, LoaderError } from '../../src/errors.ts';
import { song } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
const bad = 'song_data/bad.json';
const badUrl = `s3://sparkify-landing/${bad}`;
const goodUrl = 's3://sparkify-landing/song_data/good.json';

beforeAll(async () => {
  stack = await startTestStack();
  await fill();
});
afterAll(async () => {
  await stack.stop();
});

async function fill(): Promise<void> {
  await stack.reset();
  await stack.put('song_data/good.json', song(1));
  await stack.put(bad, '{"song_id": "SO2", "title": ');
  await stack.put('song_data/other-bad.json', song(3, { year: 'nineteen' }));
  await stack.put('other/notes.json', '{}');
  await stack.idle();
}

describe('status', () => {
  test('tells what was loaded, how fresh, what was not loaded, and that this needs attention', async () => {
    const status = await stack.json(['status']);
    expect(status).toMatchObject({
      queue: { waiting: 0, inFlight: 0 },
      dlq: { waiting: 0 },
      schemaVersion: 3,
      tables: { songplays: 0, users: 0, songs: 1, artists: 1, time: 0, rejected_rows: 0 },
      freshness: { hour: { objects: 1 }, day: { objects: 1 } },
      changedFields: ['songs.year'],
      attention: [
        '2 objects not loaded → npx sparkify quarantine list',
        '1 field changed: songs.year → npx sparkify drift',
      ],
    });
    const { out, code } = await stack.run(['status']);
    expect(out).toMatch(/^queue +0 +0 +0$/m);
    expect(out).toMatch(/^last hour +1 /m);
    expect(code).toBe(1);
  });

  test('looks again and again until Ctrl-C', async () => {
    const stopping = new AbortController();
    let looks = 0;
    const out = (): void => {
      looks += 1;
      if (looks === 2) stopping.abort(new Interrupted('SIGINT'));
    };
    await stack.run(['status', '--watch', '1', '--json'], { out, interrupted: stopping.signal });
    expect(looks).toBe(2);
  });
});

describe('status --watch on a terminal', () => {
  const watch = async (rows: number, columns: number): Promise<string[]> => {
    const stopping = new AbortController();
    let printed = '';
    const out = (text: string): void => {
      printed += text;
      stopping.abort(new Interrupted('SIGINT'));
    };
    const screen = () => ({ rows, columns });
    const { code } = await stack.run(['status', '--watch'], { out, screen, interrupted: stopping.signal });
    expect(code).toBe(1);
    expect(printed.startsWith('\u001b[2J\u001b[H')).toBe(true);
    return printed.slice('\u001b[2J\u001b[H'.length).split('\n');
  };

  test('shows what needs attention and the queue, and no more than fits', async () => {
    const lines = await watch(24, 80);
    expect(lines.length).toBeLessThan(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[0]).toBe('! 2 objects not loaded → npx sparkify quarantine list');
    expect(lines.join('\n')).toMatch(/^queue +0 +0 +0$/m);
    expect(lines.at(-1)).toBe('… all of it: npx sparkify status');
  });

  test('shows all where there is room', async () => {
    expect((await watch(100, 200)).join('\n')).toMatch(/^rejected_rows +0$/m);
  });
});

describe('a hint in a command', () => {
  const failing = (error: LoaderError) => {
    const { connection } = stack;
    const query = () => Promise.reject(error);
    const transaction = () => Promise.reject(error);
    return { ...connection, warehouse: { query, transaction, inSession: query, systemIds: query } };
  };

  test.each(['conflict', 'throttled', 'connection', 'deadline'] as const)(
    'never says of %s that it is retried automatically',
    async (code) => {
      const error = new LoaderError(code, 'some trouble', 'The load is retried automatically');
      for (const argv of [['status'], ['query', 'SELECT 1'], ['create-tables'], ['quarantine', 'list']]) {
        const { err } = await stack.run(argv, { connection: failing(error) });
        expect(err).toContain('run the same command again');
        expect(err).not.toContain('automatically');
      }
    },
  );

  test('of a stack that does not run is how to start it', async () => {
    const error = new LoaderError('connection', 'running it: connect ECONNREFUSED 127.0.0.1:9', 'automatically');
    expect((await stack.run(['status'], { connection: failing(error) })).err).toContain('npm start');
  });

  test('of a statement that was refused is about the statement', async () => {
    const { err, code } = await stack.run(['query', 'SELECT * FROM sparkify.no_such_table']);
    expect(err).toContain('→ The warehouse rejected the statement.');
    expect(code).toBe(1);
  });

  test('shows no control characters of what it cites', async () => {
    const error = new LoaderError('content', 'bad \u001b[2J', 'next');
    expect((await stack.run(['status'], { connection: failing(error) })).err).toBe('bad \\u001b[2J\n→ next\n');
  });
});

test('--version tells the release', async () => {
  expect(await stack.run(['--version'])).toEqual({ out: '0.0.0\n', err: '', code: 0 });
});

describe('why', () => {
  test('a loaded object is loaded, with its batch', async () => {
    const { out, code } = await stack.run(['why', goodUrl]);
    expect(out).toContain('It is loaded, as it is in the bucket now.');
    expect(code).toBe(0);
    const [version] = (await stack.json(['why', goodUrl])).versions as Record<string, unknown>[];
    expect(version).toMatchObject({ status: 'loaded', source: 'songs' });
  });

  test('a bad object is quarantined, with its line and what to do', async () => {
    const { out, code } = await stack.run(['why', badUrl]);
    expect(out).toMatch(/It is quarantined: \d+: .* \(line 1/);
    expect(out).toContain(`npx sparkify quarantine release ${badUrl}`);
    expect(code).toBe(1);
  });

  test('an object of no source is ignored, and that is fine', async () => {
    const { out, code } = await stack.run(['why', 's3://sparkify-landing/other/notes.json']);
    expect(out).toContain('It is ignored: its prefix belongs to no source.');
    expect(code).toBe(0);
  });

  test('an object never seen is said to be there, or not to be', async () => {
    await stack.put('song_data/unseen.json', song(9), { notify: false });
    const unseen = await stack.run(['why', 's3://sparkify-landing/song_data/unseen.json']);
    expect(unseen.out).toContain('It is not loaded: it is not in the ledger.');
    expect(unseen.code).toBe(1);
    const nowhere = await stack.run(['why', 's3://sparkify-landing/song_data/nowhere.json']);
    expect(nowhere.out).toContain('It is neither in the bucket nor in the ledger.');
    await stack.aws.store.delete({ bucket: 'sparkify-landing', key: 'song_data/unseen.json' });
  });

  test.each([
    [['why', 'song_data/a.json'], 'is not an S3 URL'],
    [['why', 's3://sparkify-landing'], 'names a bucket and no object'],
  ])('%j is misuse, and says why', async (argv, message) => {
    const { err, code } = await stack.run(argv);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});

describe('quarantine', () => {
  test('lists what is not loaded with line and reason', async () => {
    const { out, code } = await stack.run(['quarantine', 'list']);
    expect(out).toContain(badUrl);
    expect(out).toContain('song_data/other-bad.json');
    expect(code).toBe(1);
    const year = await stack.json(['quarantine', 'list', '--reason', 'digit']);
    expect(year).toMatchObject({ found: 1, objects: [{ column: 'year', line: 1, status: 'quarantined' }] });
  });

  test('says of what is neither quarantined nor vanished that it is not', async () => {
    const { out, code } = await stack.run(['quarantine', 'release', goodUrl]);
    expect(out).toContain(`${goodUrl} is neither quarantined nor vanished → npx sparkify why ${goodUrl}`);
    expect(code).toBe(1);
  });

  test.each([
    [['quarantine', 'release'], 'Say what to release'],
    [['quarantine', 'release', badUrl, '--all'], 'Say what to release'],
    [['quarantine', 'release', 'bad.json'], 'is not an S3 URL'],
  ])('%j is misuse, and says why', async (argv, message) => {
    const { err, code } = await stack.run(argv);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});

describe('quarantine release', () => {
  afterAll(fill);

  test('releases one that was corrected unnoticed, and another that is as bad as before', async () => {
    await stack.put(bad, song(2), { notify: false });
    const released = await stack.json(['quarantine', 'release', badUrl]);
    expect(released).toEqual({ released: 1, gone: 0, notQuarantined: [], messages: 1 });
    await stack.idle();
    expect((await stack.run(['why', badUrl])).code).toBe(0);

    await stack.run(['quarantine', 'release', '--reason', 'digit']);
    await stack.idle();
    expect(await stack.json(['quarantine', 'list'])).toMatchObject({ found: 1 });
  });
});
