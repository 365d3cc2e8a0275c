import type { ObjectHead } from '../../src/objects/object-version.ts';
import { LOCAL_NAMES } from '../../src/local/stack.ts';
import { readLoadFiles } from '../../src/sql/files.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { SEARCH_BUDGET } from '../../src/load/search.ts';

const key = (name: string): string => `log_data/2018/11/${name}.json`;
/** The load with a statement behind COPY that fails for some rows, or always. */
function failing(when: string) {
  const load = readLoadFiles();
  const step = 'events/36-pick-repeats';
  const text = load[step] ?? '';
  const fails = `CAST(CASE WHEN ${when} THEN 'defect' ELSE '1' END AS INTEGER) = 1`;
  const templates = { ...load, [step]: text.replace("WHERE RTRIM(e.page, ' ') = 'NextSong'", `WHERE ${fails}`) };
  expect(templates[step]).not.toBe(text);
  return { templates };
}

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
beforeEach(() => stack.reset());
afterAll(() => stack.stop());

/** The transactions that were submitted since the last `arm`. */
const transactions = (): number =>
  stack.switchboard.calls.filter(({ operation }) => operation === 'BatchExecuteStatement').length;

describe('content that passes COPY and fails behind it', () => {
  const poison = failing("e.level = 'poison'");

  test('is quarantined with the statement and its words when it fails again and alone', async () => {
    await stack.put(key('far'), event(1, { level: 'poison' }));
    const { failed, counts } = await stack.deliver(stack.takeMessages(), poison);
    expect(failed).toEqual([]);
    const [row] = await stack.ledger();
    expect(row).toMatchObject({ status: 'quarantined', code: 'FailedAfterCopy' });
    expect(row?.reason).toMatch(/^it passed COPY and failed in pick \(events\/36-pick-repeats\): .*"defect"/);
    expect(counts.get('ObjectsFailedAfterCopy')).toBe(1);
  });

  test('is found among many, which load, by a bounded number of transactions', async () => {
    for (let n = 0; n < 40; n += 1) await stack.put(key(`good-${n}`), event(n));
    await stack.put(key('a-poison'), event(100, { level: 'poison' }));
    await stack.put(key('z-poison'), event(101, { level: 'poison' }));
    await stack.put(key('bad'), 'oops');
    stack.switchboard.arm();
    expect((await stack.deliver(stack.takeMessages(), poison)).failed).toEqual([]);
    const states = (await stack.ledger()).filter(({ status }) => status !== 'loaded').map((row) => [row.key, row.code]);
    expect(states.map(([name]) => name)).toEqual([key('a-poison'), key('bad'), key('z-poison')]);
    expect(await stack.count('songplays')).toBe(40);
    expect(transactions()).toBeLessThan(SEARCH_BUDGET);
  });

  test('a statement that fails whatever the files hold quarantines none, and ends within the budget', async () => {
    for (let n = 0; n < 70; n += 1) await stack.put(key(`good-${n}`), event(n));
    const bodies = stack.takeMessages();
    stack.switchboard.arm();
    const templates = {
      ...readLoadFiles(),
      'events/74-merge-resolve-tracks': "SELECT CAST(RTRIM('defect ') AS INTEGER)",
    };
    const { failed } = await stack.deliver(bodies, { templates });
    expect(failed).toHaveLength(70);
    expect(await stack.ledger()).toEqual([]);
    // Each try is staged, then merged.
    expect(transactions()).toBeLessThanOrEqual(2 * SEARCH_BUDGET + 4);
    expect((await stack.deliver(bodies)).failed).toEqual([]);
    expect(await stack.count('songplays')).toBe(70);
  }, 120_000);
});

test.each([
  'S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,Rid 1,ExtRid 2,CanRetry 1',
  'Disk Full DETAIL: error: Disk Full code: 1016',
  'connection limit "500" exceeded for non-bootstrap users',
])(
  'trouble that passes (%s) takes five transactions a delivery, whatever its size, and then all loads',
  async (message) => {
    for (let n = 0; n < 200; n += 1) await stack.put(key(`good-${n}`), event(n));
    const bodies = stack.takeMessages();
    stack.switchboard.arm({ place: 'statement', nth: 2, times: 1e6, fault: { do: 'fail statement', message } });
    expect((await stack.deliver(bodies)).failed).toHaveLength(200);
    expect(transactions()).toBe(5);
    stack.switchboard.arm();
    expect((await stack.deliver(bodies)).failed).toEqual([]);
    expect(await stack.count('songplays')).toBe(200);
  },
);

describe('a file that the warehouse may not read, and that is there', () => {
  /** What S3 says of an object here and there differs only in AWS, so HEAD is answered for it. */
  function answerHead(head: Partial<ObjectHead>): void {
    const { objects } = stack.connection;
    const ask = objects.head.bind(objects);
    objects.head = async (bucket, name) =>
      name === key('odd')
        ? { kind: 'present', etag: 'e', sizeBytes: 10, lastModifiedMs: 0, ...head }
        : ask(bucket, name);
  }

  afterEach(() => {
    Reflect.deleteProperty(stack.connection.objects, 'head');
  });

  test.each<[string, Partial<ObjectHead>, string, RegExp]>([
    ['archived', { archived: 'GLACIER' }, 'InvalidObjectState', /archived \(GLACIER\): restore it/],
    ['encrypted by its owner', { kind: 'sealed' }, 'CustomerKey', /SSE-C/],
    ['of another team’s key', { kmsKey: 'arn:aws:kms:x:1:key/2' }, 'AccessDenied', /key\/2.*Status 403/],
  ])('%s is quarantined with the reason, alone as beside others', async (_, head, code, reason) => {
    await stack.put(key('before'), event(1));
    await stack.deliver(stack.takeMessages());
    answerHead(head);
    await stack.put(key('odd'), event(2));
    stack.forbid(key('odd'));
    const odd = stack.takeMessages();
    for (const others of [[], [key('other')]]) {
      for (const other of others) await stack.put(other, event(3));
      const again = odd.map((body) => body.replace('{"Records"', '{"replay":"reload","Records"'));
      expect((await stack.deliver([...again, ...stack.takeMessages()])).failed).toEqual([]);
      const row = (await stack.ledger()).find((one) => one.key === key('odd'));
      expect(row).toMatchObject({ status: 'quarantined', code });
      expect(row?.reason).toMatch(reason);
    }
    expect(await stack.statusOf(key('other'))).toBe('loaded');
  });

  test('goes back when nothing was ever loaded: then it is the role that may read nothing', async () => {
    answerHead({});
    await stack.put(key('odd'), event(2));
    stack.forbid(key('odd'));
    const { failed, log } = await stack.deliver(stack.takeMessages());
    expect(failed).toHaveLength(1);
    expect(log.join()).toContain('misconfigured');
  });

  test('archived, and then restored, loads by the notification of it', async () => {
    await stack.put(key('before'), event(1));
    await stack.put(key('odd'), event(2));
    const bodies = stack.takeMessages();
    stack.forbid(key('odd'));
    await stack.deliver(bodies);
    expect(await stack.statusOf(key('odd'))).toBe('quarantined');
    stack.aws.store.allow({ bucket: LOCAL_NAMES.landingBucket, key: key('odd') });
    await stack.deliver(bodies);
    expect(await stack.statusOf(key('odd'))).toBe('quarantined');
    await stack.deliver(bodies.map((body) => body.replace('ObjectCreated:Put', 'ObjectRestore:Completed')));
    expect(await stack.statusOf(key('odd'))).toBe('loaded');
  });
});
