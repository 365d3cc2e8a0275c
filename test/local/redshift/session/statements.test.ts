import { Statements, type Statement } from '../../../../src/local/redshift/session/statements.ts';

const fields = {
  kind: 'single',
  mode: 'AUTO_COMMIT',
  parameters: [] as { name: string; value: string }[],
  format: 'JSON' as const,
  name: undefined,
  database: 'dev',
  sessionId: undefined,
  pid: 1,
  user: 'awsuser',
} as const;
let now = 0;
let statements: Statements;
beforeEach(() => {
  now = 0;
  statements = new Statements(() => now);
});

function submit(resultBytes = 0): Statement {
  const statement = statements.submit({ ...fields, sqls: ['select 1'] }, undefined);
  statements.start(statement, () => {
    statement.status = 'FINISHED';
    statement.parts[0].result = { columnMetadata: '[]', pages: [], rows: 0, sizeBytes: resultBytes };
    return Promise.resolve();
  });
  return statement;
}
const isKept = (statement: Statement): boolean => statements.list().includes(statement);

test('500 statements may be active, and no more', async () => {
  let end: (() => void) | undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const active = Array.from({ length: 500 }, () => {
    statements.checkRoom();
    const statement = statements.submit({ ...fields, sqls: ['select 1'] }, undefined);
    statements.start(statement, () => ended);
    return statement;
  });
  expect(() => {
    statements.checkRoom();
  }).toThrow('Active statements exceeded the allowed quota (500).');
  end?.();
  await Promise.all(active.map(({ finished }) => finished));
  expect(() => {
    statements.checkRoom();
  }).not.toThrow();
});

test('of more than 2,000 finished statements the oldest are forgotten', () => {
  const first = submit();
  const second = submit();
  for (let count = 2; count < 2000; count++) submit();
  expect(isKept(first)).toBe(true);
  submit();
  expect([isKept(first), isKept(second)]).toEqual([false, true]);
  expect(() => statements.find(first.id)).toThrow('Query does not exist.');
});

test('results beyond 1 GB push out the oldest', async () => {
  const gigabyte = 1024 ** 3;
  const large = submit(gigabyte);
  await large.finished;
  const larger = submit(gigabyte);
  await larger.finished;
  submit();
  expect([isKept(large), isKept(larger)]).toEqual([false, true]);
});

test('a statement that runs is never forgotten, however old', () => {
  const running = statements.submit({ ...fields, sqls: ['select 1'] }, undefined);
  running.status = 'STARTED';
  now = 48 * 3_600_000;
  submit();
  expect(isKept(running)).toBe(true);
});

test('a part is found by its place in a batch, and a single statement has no parts', () => {
  const batch = statements.submit({ ...fields, kind: 'batch', sqls: ['select 1', 'select 2'] }, undefined);
  expect(statements.find(`${batch.id}:2`).part?.sql).toBe('select 2');
  for (const id of [`${batch.id}:0`, `${batch.id}:3`, `${batch.id}:`, `${submit().id}:1`]) {
    expect(() => statements.find(id)).toThrow('Query does not exist.');
  }
});
