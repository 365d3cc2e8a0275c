import {
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListStatementsCommand,
  type ExecuteStatementCommandInput,
} from '@aws-sdk/client-redshift-data';
import { TestWarehouse } from '../warehouse-client.ts';

const hourMs = 3_600_000;
let now = Date.parse('2018-11-30T12:00:00Z');
let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await TestWarehouse.start({ now: () => now });
  await warehouse.run('create table users (user_id bigint, level varchar(10))');
});
afterAll(() => warehouse.stop());

const execute = (more: Partial<ExecuteStatementCommandInput>) =>
  warehouse.client.send(new ExecuteStatementCommand({ ...warehouse.address, Sql: 'select 1', ...more }));
const refusal = async (call: Promise<unknown>): Promise<{ name: string; message: string }> => {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return { name: error.name, message: error.message };
  }
  throw new Error('The call was not refused');
};

test('a database that does not exist fails the statement, not the call', async () => {
  const failed = await warehouse.run('select 1', { Database: 'elsewhere' });
  expect(failed).toMatchObject({ Status: 'FAILED', Error: 'ERROR: database "elsewhere" does not exist' });
});

describe('parameters', () => {
  test('are values in the WHEN clauses of a MERGE, and nothing in what it reads and matches by', async () => {
    const merge = (on: string, level: string): string =>
      `merge into users using (select 1 as user_id) as s on users.user_id = s.user_id and ${on}
       when matched then update set level = ${level} when not matched then insert values (1, ${level})`;
    const Parameters = [{ name: 'a', value: '1' }];
    expect((await warehouse.run(merge('users.user_id > 0', ':a'), { Parameters })).Error).toBeUndefined();
    expect((await warehouse.run(merge('users.user_id > :a', '1'), { Parameters })).Error).toBe(
      'ERROR: syntax error at or near "$"',
    );
    await warehouse.run('delete from users');
  });

  test('are values: quotes and backslashes in them stay as they are', async () => {
    const value = `it's \\ "here" :b -- /* '`;
    const { Id } = await warehouse.run('select :a as a', { Parameters: [{ name: 'a', value }] });
    const { Records } = await warehouse.client.send(new GetStatementResultCommand({ Id }));
    expect(Records).toEqual([[{ stringValue: value }]]);
  });

  test('are cast to what they are compared with', async () => {
    await warehouse.run("insert into users values (41, 'free')");
    const counted = await warehouse.run('delete from users where user_id = :id', {
      Parameters: [{ name: 'id', value: '41' }],
    });
    expect(counted).toMatchObject({
      Status: 'FINISHED',
      ResultRows: 1,
      QueryParameters: [{ name: 'id', value: '41' }],
    });
  });

  test('are not looked for in literals, names, comments and casts', async () => {
    const Sql = `select ':a' as ":a", '5'::int as n, :a::int as a -- :b\n /* :c */`;
    const { Id, Status } = await warehouse.run(Sql, { Parameters: [{ name: 'a', value: '6' }] });
    expect(Status).toBe('FINISHED');
    const { Records } = await warehouse.client.send(new GetStatementResultCommand({ Id }));
    expect(Records).toEqual([[{ stringValue: ':a' }, { longValue: 5 }, { longValue: 6 }]]);
  });

  test('are not taken by COPY, whose address must be written out', async () => {
    const failed = await warehouse.run("copy users from :from iam_role default json 'auto'", {
      Parameters: [{ name: 'from', value: 's3://drop/users' }],
    });
    expect(failed).toMatchObject({ Status: 'FAILED', Error: 'ERROR: syntax error at or near "$"' });
  });

  test('of a batch are shared by its statements', async () => {
    const Parameters = [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ];
    expect(await warehouse.batch(['select :a', 'select :b'], { Parameters })).toMatchObject({ Status: 'FINISHED' });
  });
});

describe('a ClientToken', () => {
  test('that comes again within 8 hours gives the first statement and runs nothing', async () => {
    const input = { Sql: "insert into users values (51, 'free')", ClientToken: 'load-1', WaitTimeSeconds: 30 };
    const first = await execute(input);
    now += 8 * hourMs - 1;
    expect(await execute(input)).toMatchObject({ Id: first.Id, Status: 'FINISHED' });
    expect(await warehouse.rows('select count(*) from users where user_id = 51')).toEqual([[1]]);
    now += 1;
    expect((await execute(input)).Id).not.toBe(first.Id);
    expect(await warehouse.rows('select count(*) from users where user_id = 51')).toEqual([[2]]);
  });

  test('gives one statement to calls that come at the same time', async () => {
    const replies = await Promise.all([1, 2, 3].map(() => execute({ ClientToken: 'load-2' })));
    expect(new Set(replies.map(({ Id }) => Id)).size).toBe(1);
  });
});

describe('results', () => {
  test('come in pages that follow each other', async () => {
    await warehouse.run('create table digits (d int)');
    await warehouse.run('insert into digits values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)');
    const Sql =
      'select a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d as n from digits a, digits b, digits c, digits e, digits f order by 1';
    const { Id } = await warehouse.run(Sql);
    const numbers: (number | undefined)[] = [];
    const tokens: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await warehouse.client.send(
        new GetStatementResultCommand({ Id, ...(NextToken === undefined ? {} : { NextToken }) }),
      );
      expect(page.TotalNumRows).toBe(100_000);
      numbers.push(...(page.Records ?? []).map((record) => record[0]?.longValue));
      NextToken = page.NextToken;
      tokens.push(NextToken);
    } while (NextToken !== undefined);
    expect(numbers).toEqual(Array.from({ length: 100_000 }, (_, index) => index));
    expect(tokens.length).toBeGreaterThan(1);
    const strange = await refusal(
      warehouse.client.send(new GetStatementResultCommand({ Id, NextToken: 'c3RyYW5nZQ' })),
    );
    expect(strange.name).toBe('ValidationException');
  });

  test('with a row above 64 KB fail the statement', async () => {
    const wide = await warehouse.run(`select repeat('x', 40000), repeat('y', 40000)`);
    expect(wide).toMatchObject({ Status: 'FAILED', Error: 'ERROR: Packet for query is too large' });
  });

  test('do not exist for statements that give none', async () => {
    const { Id } = await warehouse.run("insert into users values (61, 'free')");
    const error = await refusal(warehouse.client.send(new GetStatementResultCommand({ Id })));
    expect(error).toEqual({
      name: 'ResourceNotFoundException',
      message: 'Query does not have result. Please check query status with DescribeStatement.',
    });
  });

  test('are gone after 24 hours, and so is the statement', async () => {
    const { Id } = await warehouse.run('select 1');
    now += 24 * hourMs;
    expect(await refusal(warehouse.describe(Id))).toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('waiting', () => {
  const slow =
    'select count(*) from digits a, digits b, digits c, digits d, digits e, digits f, digits g, digits h, digits i, digits j, digits k where a.d < k.d';

  test('ends when its time is over, with the statement still running, and a result that is not there yet', async () => {
    const submitted = await execute({ Sql: slow, WaitTimeSeconds: 1 });
    expect(submitted.Status).toBe('STARTED');
    const error = await refusal(
      warehouse.client.send(new GetStatementResultCommand({ Id: submitted.Id, WaitTimeSeconds: 1 })),
    );
    expect(error.name).toBe('ResourceNotFoundException');
    await warehouse.client.send(new CancelStatementCommand({ Id: submitted.Id }));
    expect(await warehouse.describe(submitted.Id)).toMatchObject({ Status: 'ABORTED' });
    expect((await refusal(warehouse.client.send(new CancelStatementCommand({ Id: submitted.Id })))).message).toContain(
      'already in ABORTED state',
    );
  });

  test('of a client that hangs up leaves nothing behind', async () => {
    const { Id } = await execute({ Sql: slow });
    const hangUp = new AbortController();
    const waiting = warehouse.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }), {
      abortSignal: hangUp.signal,
    });
    setTimeout(() => {
      hangUp.abort();
    }, 50);
    await expect(waiting).rejects.toThrow();
    expect(await warehouse.client.send(new DescribeStatementCommand({ Id }))).toMatchObject({ Status: 'STARTED' });
    await warehouse.client.send(new CancelStatementCommand({ Id }));
    expect(await warehouse.describe(Id)).toMatchObject({ Status: 'ABORTED' });
  });
});

test('statements are listed newest first, by status and by the beginning of their name', async () => {
  const good = await warehouse.run('select 1', { StatementName: 'load-batch-1' });
  const bad = await warehouse.run('select * from nowhere', { StatementName: 'load-batch-2' });
  const list = async (more: object) => {
    const { Statements = [], NextToken } = await warehouse.client.send(
      new ListStatementsCommand({ StatementName: 'load-batch', ...more }),
    );
    return { ids: Statements.map(({ Id }) => Id), NextToken };
  };
  expect((await list({})).ids).toEqual([good.Id]);
  expect((await list({ Status: 'FAILED' })).ids).toEqual([bad.Id]);
  const first = await list({ Status: 'ALL', MaxResults: 1 });
  expect(first.ids).toEqual([bad.Id]);
  expect((await list({ Status: 'ALL', MaxResults: 1, NextToken: first.NextToken })).ids).toEqual([good.Id]);
  expect((await list({ Status: 'ALL', MaxResults: 0 })).ids).toEqual([bad.Id, good.Id]);
  expect((await list({ Status: 'ALL', Database: 'elsewhere' })).ids).toEqual([]);
  await expect(list({ Status: 'DONE' })).rejects.toThrow('enum value set: [SUBMITTED, PICKED,');
  await expect(list({ WorkgroupName: 'other' })).rejects.toThrow("Redshift endpoint doesn't exist in this region.");
  await expect(list({ NextToken: Buffer.from('-1').toString('base64url') })).rejects.toThrow('is not valid');
});
