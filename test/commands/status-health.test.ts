import { LoaderError } from '../../src/errors.ts';
import type { Connection, Row } from '../../src/ports.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(() => stack.stop());

/** The stack's connection, to a warehouse that answers one report otherwise. */
function answering(report: string, answer: () => Promise<Row[]>): Connection {
  const { connection } = stack;
  const { warehouse } = connection;
  return {
    ...connection,
    warehouse: {
      query: (name, ...rest) => (name === `sparkify ${report}` ? answer() : warehouse.query(name, ...rest)),
      transaction: (...args) => warehouse.transaction(...args),
      inSession: (...args) => warehouse.inSession(...args),
      systemIds: (id) => warehouse.systemIds(id),
    },
  };
}

describe('status, of the large tables', () => {
  // As the Data API gives them: NUMERIC as text.
  const rows = [
    { relation: 'songplays', row_count: '2000000000', unsorted: '12.50', stats_off: '30.00' },
    { relation: 'load_objects', row_count: '100000000', unsorted: '0.00', stats_off: '10.00' },
    { relation: 'time', row_count: '1000000', unsorted: null, stats_off: '10.01' },
  ];

  test('shows how unsorted they are and how far their statistics are off, and what mends it', async () => {
    const { out, code } = await stack.run(['status'], {
      connection: answering('table-health', () => Promise.resolve(rows)),
    });
    expect(out).toMatch(/large tables +rows +unsorted % +stats off %/);
    expect(out).toMatch(/songplays +2,000,000,000 +12\.5 +30/);
    expect(out.match(/→ at a quiet time: .*/g)).toEqual([
      '→ at a quiet time: VACUUM SORT ONLY "sparkify"."songplays";',
      '→ at a quiet time: ANALYZE "sparkify"."songplays" PREDICATE COLUMNS;',
      '→ at a quiet time: ANALYZE "sparkify"."time" PREDICATE COLUMNS;',
    ]);
    expect(code).toBe(0);
  });

  test.each([
    ['ERROR: permission denied for relation svv_table_info'],
    ['ERROR: relation "svv_table_info" does not exist'],
  ])('says in one line that it may not ask: %s', async (message) => {
    const denied = (): Promise<Row[]> => Promise.reject(new LoaderError('misconfigured', message, 'Grant it'));
    const { out, code } = await stack.run(['status'], { connection: answering('table-health', denied) });
    expect(out.match(/.*svv_table_info.*/g)).toHaveLength(1);
    expect(out).toContain('Nothing needs attention.');
    expect(code).toBe(0);
  });

  test('does not take another failure for that', async () => {
    const broken = (): Promise<Row[]> => Promise.reject(new LoaderError('connection', 'the line is dead', 'Try again'));
    const { err, code } = await stack.run(['status'], { connection: answering('table-health', broken) });
    expect(err).toContain('the line is dead');
    expect(code).not.toBe(0);
  });
});

test.each([[['create-tables']], [['create-tables', '--dry-run']]])(
  '%j refuses a database that compares text without regard to case, and says what to do',
  async (argv) => {
    const connection = answering('collation', () => Promise.resolve([{ collation: 'case_insensitive' }]));
    const { err, code } = await stack.run(argv, { connection });
    expect(err).toContain('The database compares text as case_insensitive');
    expect(err).toContain('COLLATE CASE_SENSITIVE');
    expect(code).toBe(2);
  },
);
