import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { pageAssets } from '../../src/ui/assets.ts';
import type {
  BatchDetail,
  FaultSwitch,
  Overview,
  PageEvent,
  QuarantineList,
  QueryResult,
} from '../../src/ui/shapes.ts';
import { PAGE_STATES } from '../../src/ui/shapes.ts';
import { event } from '../support/files.ts';
import { serve, type Served } from './served.ts';

type Reply = { status: number; text: string; headers: Record<string, unknown> };

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.stop());

/** One request as bytes that no client library has put in order. */
function send(method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { port } = served.page;
    const sent = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };
const get = async <Answer>(path: string): Promise<Answer> => JSON.parse((await send('GET', path)).text) as Answer;
const post = async <Answer>(path: string, body: object): Promise<Answer> =>
  JSON.parse((await send('POST', path, JSON_TYPE, JSON.stringify(body))).text) as Answer;
const sumOf = ({ counts }: Overview): number => Object.values(counts).reduce((sum, many) => sum + many, 0);

describe('the page’s server', () => {
  test('lets run, style and ask nothing but what it sends itself, and says so with every answer', async () => {
    for (const path of ['/', '/page.js', '/style.css', '/favicon.svg', '/api/setup', '/nothing']) {
      const { headers, status } = await send('GET', path);
      expect([path, status]).toEqual([path, path === '/nothing' ? 404 : 200]);
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;/,
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    const { text } = await send('GET', '/');
    expect(text).not.toMatch(/<script(?![^>]*src=)|\son\w+=|style=/);
  });

  test.each<[string, Record<string, string>]>([
    ['another name of this machine', { host: 'evil.example' }],
    ['a page of another origin', { origin: 'https://evil.example' }],
    ['a page of another port', { origin: 'http://127.0.0.1:1' }],
    ['a page of no origin', { origin: 'null' }],
    ['a page of another site, by its browser’s word', { 'sec-fetch-site': 'cross-site' }],
    ['a page of another port, by its browser’s word', { 'sec-fetch-site': 'same-site' }],
  ])('answers nothing to %s', async (_who, headers) => {
    for (const path of ['/', '/page.js', '/api/overview', '/api/events'])
      expect([path, (await send('GET', path, headers)).status]).toEqual([path, 403]);
    for (const path of ['/api/query', '/api/faults', '/api/drop', '/api/ask'])
      expect([path, (await send('POST', path, { ...headers, ...JSON_TYPE }, '{}')).status]).toEqual([path, 403]);
  });

  test('takes no form, no other method, no nonsense', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
      expect((await send('POST', '/api/faults', { 'content-type': type }, '{"id":"lose","on":true}')).status).toBe(415);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH']) expect((await send(method, '/')).status).toBe(405);
    for (const [path, body] of [
      ['/api/query', '{'],
      ['/api/query', '{}'],
      ['/api/faults', '{"id":1}'],
      ['/api/drop', '{"what":"everything"}'],
    ] as const)
      expect([path, (await send('POST', path, JSON_TYPE, body)).status]).toEqual([path, 400]);
    expect((await send('POST', '/api/query', JSON_TYPE, `"${'x'.repeat(200_000)}"`)).status).toBe(413);
    for (const path of ['/api/batch', '/api/objects?state=lost', '/api/object'])
      expect([path, (await send('GET', path)).status]).toEqual([path, 400]);
    expect((await get<{ error: string }>('/../../package.json')).error).toMatch(/no such page/);
    expect(served.switches.list().filter(({ on }) => on)).toEqual([]);
  });

  test('sends less than 60 KB, compressed', async () => {
    const asset = pageAssets();
    const bodies = await Promise.all(['/', '/page.js', '/style.css', '/favicon.svg'].map(asset));
    const bytes = bodies.map((one) => gzipSync(one?.body ?? '').length);
    expect(Math.min(...bytes)).toBeGreaterThan(100);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(60_000);
  });
});

describe('what the page is told', () => {
  const bad = `${event(2)}\n{"page": "NextSong", "ts": oops}`;
  const events: PageEvent[] = [];

  beforeAll(async () => {
    const unsubscribe = served.source.subscribe((one) => events.push(one));
    await served.stack.put('log_data/good.json', event(1));
    await served.stack.put('log_data/bad.json', bad);
    await served.stack.put('elsewhere/ignored.txt', 'x');
    await served.stack.idle();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    unsubscribe();
  });

  test('is every object in one state, at any time', async () => {
    const overview = await get<Overview>('/api/overview');
    expect(overview).toMatchObject({ seen: 3, counts: { loaded: 1, quarantined: 1, ignored: 1, waiting: 0 } });
    expect(Object.keys(overview.counts)).toEqual([...PAGE_STATES]);
    const told = events.flatMap((one) => (one.name === 'overview' ? [one.data] : []));
    expect(told.length).toBeGreaterThan(0);
    for (const one of told) expect(sumOf(one)).toBe(one.seen);
    expect(overview.attention).toEqual([
      { text: expect.stringContaining('1 object quarantined') as string, command: 'npx sparkify quarantine list' },
      // Test events have few of the fields that genuine ones have.
      { text: expect.stringMatching(/^\d+ fields of files changed$/) as string, command: 'npx sparkify drift' },
    ]);
    expect(overview.tables).toMatchObject({ songplays: 1 });
  });

  test('comes as events: what is there, each move, points and batches', () => {
    const names = new Set(events.map(({ name }) => name));
    expect([...names].sort()).toEqual(['batches', 'faults', 'moves', 'overview', 'points', 'setup', 'trouble']);
    const moves = events.flatMap((one) => (one.name === 'moves' ? one.data : []));
    expect(moves).toContainEqual(
      expect.objectContaining({ to: 'star', count: 1, urls: ['s3://sparkify-landing/log_data/good.json'] }),
    );
    expect(moves).toContainEqual(expect.objectContaining({ to: 'quarantine', count: 1 }));
  });

  test('has the offending line with its place, and the command that releases the file', async () => {
    const { entries } = await get<QuarantineList>('/api/quarantine');
    expect(entries).toMatchObject([
      {
        url: 's3://sparkify-landing/log_data/bad.json',
        line: 2,
        excerpt: { text: '{"page": "NextSong", "ts": oops}', caret: { from: 27, length: 1 } },
        release: 'npx sparkify quarantine release s3://sparkify-landing/log_data/bad.json',
      },
    ]);
  });

  test('has a batch’s rows, files and statements, each with the file it was rendered from', async () => {
    const { statements, files, batch } = (await get<BatchDetail | null>('/api/batch?no=1'))!;
    const { staged, merged, duplicate, skipped, rejected } = batch.rows;
    expect(staged).toBe(merged + duplicate + skipped + rejected);
    expect(files.map(({ url }) => url)).toContain('s3://sparkify-landing/log_data/good.json');
    expect(statements!.map(({ file }) => file)).toContain('common/92-record-batch');
    expect(statements!.filter(({ file }) => file === 'unknown')).toEqual([]);
    expect(batch.stages.map(({ stage }) => stage)).toEqual(
      expect.arrayContaining(['stage', 'copy', 'pick', 'survey', 'lock', 'merge', 'record']),
    );
    expect(await get('/api/batch?no=999')).toBeNull();
  });

  test('answers questions, and refuses what is none', async () => {
    const sql = 'SELECT COUNT(*) AS plays FROM sparkify.songplays';
    expect(await post<QueryResult>('/api/query', { sql })).toMatchObject({
      kind: 'rows',
      columns: ['plays'],
      rows: [{ plays: 1 }],
    });
    expect(await post<QueryResult>('/api/query', { sql: 'DELETE FROM sparkify.songplays' })).toMatchObject({
      kind: 'refused',
    });
    expect(await post<QueryResult>('/api/query', { sql: 'SELECT nothing' })).toMatchObject({ kind: 'refused' });
    for (const { sql: sample } of served.source.setup().samples)
      expect(await post<QueryResult>('/api/query', { sql: sample })).toMatchObject({ kind: 'rows' });
    expect(await served.stack.count('songplays')).toBe(1);
  });

  test('shows the life of an object, as the command does', async () => {
    const url = 's3://sparkify-landing/log_data/good.json';
    expect(await get(`/api/object?url=${encodeURIComponent(url)}`)).toEqual(await served.stack.json(['why', url]));
    expect(await get('/api/object?url=nonsense')).toMatchObject({
      error: expect.stringContaining('nonsense') as string,
    });
  });

  test('does not use up a fault plan: what the page asks is not a call of the loader', async () => {
    const { switchboard } = served.stack;
    switchboard.arm();
    await get('/api/batches');
    await post('/api/query', { sql: 'SELECT 1 AS one' });
    expect(switchboard.calls.filter(({ place }) => place === 'redshift-data' || place === 'statement')).toEqual([]);
    await served.stack.count('songplays');
    expect(switchboard.calls.map(({ place }) => place)).toContain('statement');
  });

  test('switches faults on and off', async () => {
    const on = await post<FaultSwitch[]>('/api/faults', { id: 'lose', on: true });
    expect(on.find(({ id }) => id === 'lose')).toMatchObject({ on: true });
    const off = await post<FaultSwitch[]>('/api/faults', { id: 'lose', on: false });
    expect(off.filter((one) => one.on)).toEqual([]);
  });
});
