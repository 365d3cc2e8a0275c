import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ eventSource: false });
});
afterAll(async () => {
  await stack.stop();
});

const query = (sql: string): Promise<unknown> => stack.connection.warehouse.query('test', sql, {}, Date.now() + 60_000);

/** How status ended, and what it says is to be seen to, or what its questions stumbled over. */
const look = async (): Promise<{ code: number; lines: string[] }> => {
  const { out, err, code } = await stack.run(['status']);
  const lines = [...out.matchAll(/^! (.*)$/gm), ...err.matchAll(/^→ (.*)$/gm)].map(([, line = '']) => line);
  return { code, lines };
};
const FINE = { code: 0, lines: [] };

/** Types what follows the arrow, as a person would into a shell. */
async function typeNext(line: string): Promise<void> {
  const [, next = ''] = line.split(' → ');
  for (const command of next.split(' && ')) {
    const words = (command.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, '$1'));
    expect(words.slice(0, 2)).toEqual(['npx', 'sparkify']);
    expect((await stack.run(words.slice(2))).err).toBe('');
  }
}

describe('status of a schema that was changed by hand', () => {
  test.each([
    [
      'a column that was dropped',
      'ALTER TABLE sparkify.songs DROP COLUMN title',
      'sparkify.songs has no column title (character varying(512))',
    ],
    [
      'a column that was shortened',
      'ALTER TABLE sparkify.users ALTER COLUMN last_name TYPE VARCHAR(64)',
      'sparkify.users has last_name as character varying(64), and this release as character varying(128)',
    ],
    [
      'a column that somebody added',
      `ALTER TABLE sparkify.songplays ADD COLUMN "Mood" VARCHAR(8) NOT NULL DEFAULT 'calm'`,
      'sparkify.songplays has a column mood (character varying(8) NOT NULL) that is not of this release',
    ],
    [
      'a column that must be there',
      'ALTER TABLE sparkify."time" DROP COLUMN hour',
      'sparkify.time has no column hour (smallint NOT NULL)',
    ],
    ['a view that was dropped', 'DROP VIEW sparkify.objects_now', 'sparkify.objects_now is missing'],
    [
      'a view that is another',
      'CREATE OR REPLACE VIEW sparkify.freshness AS SELECT source FROM sparkify.load_objects',
      "sparkify.freshness is another view than this release's",
    ],
    [
      'what status itself asks for',
      'ALTER TABLE sparkify.load_batches DROP COLUMN rows_rejected',
      'sparkify.load_batches has no column rows_rejected (bigint NOT NULL)',
    ],
    ['the lock', 'DROP TABLE sparkify.load_lock', 'sparkify.load_lock is missing'],
  ])('names %s, and what to type mends it', async (_what, sql, said) => {
    await query(sql);
    const { code, lines } = await look();
    expect([code, lines.map((line) => line.split(' → ')[0])]).toEqual([1, [said]]);
    await typeNext(lines[0]!);
    expect(await look()).toEqual(FINE);
  });

  test('of another type keeps its rows under another name, and makes the table anew', async () => {
    await query('ALTER TABLE sparkify.songs DROP COLUMN year');
    await query('ALTER TABLE sparkify.songs ADD COLUMN year BIGINT');
    await query(`INSERT INTO sparkify.songs (song_id) VALUES ('SO1')`);
    const { lines } = await look();
    const [line = ''] = lines;
    expect(line).toContain('sparkify.songs has year as bigint, and this release as integer → ');
    await typeNext(line);
    expect(await look()).toEqual(FINE);
    expect(await stack.json(['query', 'SELECT song_id FROM sparkify.songs_before'])).toEqual([{ song_id: 'SO1' }]);
  });

  test('does not mind tables and views of somebody else, in this schema or another', async () => {
    await query('CREATE TABLE sparkify.mine (k INT)');
    await query('CREATE VIEW sparkify.of_mine AS SELECT k FROM sparkify.mine');
    await query('CREATE SCHEMA other');
    await query('CREATE TABLE other.songs (k INT)');
    expect(await look()).toEqual(FINE);
    expect(await stack.json(['status'])).toMatchObject({ drift: [], attention: [] });
  });

  test('tells five of many, and all of them in JSON', async () => {
    const columns = ['first_name', 'last_name', 'gender', 'level', 'last_event_at', 'last_session_id'];
    for (const column of columns) await query(`ALTER TABLE sparkify.users DROP COLUMN ${column}`);
    const { lines } = await look();
    expect(lines).toHaveLength(6);
    expect(lines[5]).toBe('1 more difference → npx sparkify status --json');
    const { drift } = await stack.json(['status']);
    expect(drift).toMatchObject(columns.map((column) => ({ kind: 'missing column', relation: 'users', column })));
  });

  test('leaves it at the version where that is another', async () => {
    await query('DELETE FROM sparkify.schema_version WHERE version = 3');
    expect(await look()).toEqual({
      code: 1,
      lines: ['schema is at version 2, this release has 3 → npx sparkify create-tables'],
    });
    expect(await stack.json(['status'])).toMatchObject({ drift: [] });
    await query('INSERT INTO sparkify.schema_version (version, applied_at) VALUES (99, GETDATE())');
    expect(await look()).toEqual({
      code: 1,
      lines: ['schema is at version 99, this release knows 3 → use the newer release'],
    });
  });
});
