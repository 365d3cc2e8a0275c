import type { Fault } from '../../src/local/faults/plan.ts';
import { event } from '../support/files.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const key = 'log_data/2018/11/day.json';

/** The statement of a load that is the COPY of events: five tables of every load, events' staging, objects' copy. */
const ANY_STATEMENT = 8;

type Case = {
  name: string;
  place: 'statement' | 'redshift-data' | 's3';
  nth: number;
  times: number;
  fault: Fault;
  /** How it ends, how often the transaction was submitted, and what the log calls it. */
  ends: 'loaded' | 'returned';
  submissions: number;
  code?: string;
};

const failing = (message: string): Fault => ({ do: 'fail statement', message });

const CASES: Case[] = [
  {
    name: 'error 1023 once: it is staged again, then merged',
    place: 'statement',
    nth: ANY_STATEMENT,
    times: 1,
    fault: failing('1023 DETAIL: Serializable isolation violation on table - 1'),
    ends: 'loaded',
    submissions: 3,
  },
  {
    name: 'a conflict under SNAPSHOT isolation: it is staged again, then merged',
    place: 'statement',
    nth: ANY_STATEMENT,
    times: 1,
    fault: failing('could not complete because of conflict with concurrent transaction'),
    ends: 'loaded',
    submissions: 3,
  },
  {
    name: 'a deadlock: it is staged again, then merged',
    place: 'statement',
    nth: ANY_STATEMENT,
    times: 1,
    fault: failing('deadlock detected'),
    ends: 'loaded',
    submissions: 3,
  },
  {
    name: 'a lost connection to the warehouse: it is staged again, then merged',
    place: 'statement',
    nth: ANY_STATEMENT,
    times: 1,
    fault: failing('terminating connection due to administrator command'),
    ends: 'loaded',
    submissions: 3,
  },
  {
    name: 'a conflict that does not pass: five tries, then the message goes back',
    place: 'statement',
    nth: 1,
    times: 1000,
    fault: failing('1023 DETAIL: Serializable isolation violation on table - 1'),
    ends: 'returned',
    submissions: 5,
    code: 'conflict',
  },
  {
    name: 'a missing permission: one try, nothing quarantined, the message goes back',
    place: 'statement',
    nth: ANY_STATEMENT,
    times: 1000,
    fault: failing('permission denied for relation songplays'),
    ends: 'returned',
    submissions: 1,
    code: 'misconfigured',
  },
  {
    name: 'a manifest the warehouse may not read (8001): one try, nothing quarantined',
    place: 'statement',
    nth: ANY_STATEMENT,
    times: 1000,
    fault: failing('COPY with MANIFEST parameter requires full path of an S3 object. code: 8001'),
    ends: 'returned',
    submissions: 1,
    code: 'misconfigured',
  },
  {
    name: 'a role the warehouse may not assume: one try, nothing quarantined',
    place: 'statement',
    nth: ANY_STATEMENT,
    times: 1000,
    fault: failing('User arn:aws:redshift is not authorized to assume IAM Role'),
    ends: 'returned',
    submissions: 1,
    code: 'misconfigured',
  },
];

describe('what a failure does to the message', () => {
  let stack: TestStack;
  let bodies: string[];
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false });
  });
  beforeEach(async () => {
    await stack.reset();
    await stack.put(key, event(1));
    bodies = stack.takeMessages();
  });
  afterAll(() => stack.stop());

  const submissions = (): number =>
    stack.switchboard.calls.filter(({ operation }) => operation === 'BatchExecuteStatement').length;

  test.each(CASES)('$name', async ({ place, nth, times, fault, ends, submissions: expected, code }) => {
    // The ledger check is the first statement of an invocation; those of the load follow it.
    stack.switchboard.arm({ place, nth: nth + 1, times, fault });
    const { failed, log } = await stack.deliver(bodies);
    expect(submissions()).toBe(expected);
    stack.switchboard.arm();
    expect(failed).toEqual(ends === 'returned' ? bodies : []);
    expect((await stack.ledger()).map((row) => row.status)).toEqual(ends === 'loaded' ? ['loaded'] : []);
    if (code !== undefined) {
      const last = log.filter((line) => line.startsWith('error batch returned')).join('\n');
      expect(last).toContain(`"code":"${code}"`);
      expect(last).toMatch(/"hint":"[^"]{10,}/);
    }
  });

  test('throttling that outlasts the SDK is waited out, and the load commits once', async () => {
    stack.switchboard.arm({ place: 'redshift-data', nth: 3, times: 4, fault: { do: 'throttle' } });
    expect((await stack.deliver(bodies)).failed).toEqual([]);
    stack.switchboard.arm();
    expect(await stack.count('load_batches')).toBe(1);
    expect(await stack.count('load_objects')).toBe(1);
  });

  test('a reply lost after the commit is told by the token: the load is not run twice', async () => {
    stack.switchboard.arm({ place: 'redshift-data', nth: 3, times: 3, fault: { do: 'drop reply' } });
    expect((await stack.deliver(bodies)).failed).toEqual([]);
    stack.switchboard.arm();
    expect(await stack.count('load_batches')).toBe(1);
  });

  test('at the deadline the statement is cancelled, nothing is loaded, and the message goes back', async () => {
    const stuck = { do: 'delay', milliseconds: 60_000 } as const;
    stack.switchboard.arm({ place: 'statement', nth: ANY_STATEMENT + 1, times: 1, fault: stuck });
    const { failed, log } = await stack.deliver(bodies, { timeMs: 2000 });
    expect(failed).toEqual(bodies);
    expect(stack.switchboard.calls.map(({ operation }) => operation)).toContain('CancelStatement');
    expect(log.join('\n')).toContain('"code":"deadline"');
    expect(await stack.count('songplays')).toBe(0);
    expect((await stack.deliver(bodies)).failed).toEqual([]);
    expect(await stack.count('songplays')).toBe(1);
  });

  test('missing tables are a misconfiguration with the command that makes them', async () => {
    await stack.rows('DROP TABLE sparkify.songplays CASCADE');
    const { failed, log } = await stack.deliver(bodies);
    expect(failed).toEqual(bodies);
    expect(log.join('\n')).toContain('npx sparkify create-tables');
    expect(await stack.count('load_objects')).toBe(0);
  });
});
