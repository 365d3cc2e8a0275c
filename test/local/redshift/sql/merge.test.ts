import { SmallWarehouse } from '../small-warehouse.ts';

let warehouse: SmallWarehouse;
beforeEach(async () => {
  warehouse = await SmallWarehouse.open(`
    CREATE SCHEMA star;
    CREATE TABLE star.users (user_id integer, level varchar(8));
    CREATE TEMP TABLE stage (user_id integer, level varchar(8));
    INSERT INTO star.users VALUES (1, 'free'), (2, 'free');`);
});
afterEach(() => {
  warehouse.close();
});

const users = () => warehouse.run('SELECT user_id, level FROM star.users ORDER BY user_id, level');
const tail = `WHEN MATCHED THEN UPDATE SET level = s.level WHEN NOT MATCHED THEN INSERT (user_id, level) VALUES (s.user_id, s.level)`;
const merge = `MERGE INTO star.users USING stage AS s ON star.users.user_id = s.user_id ${tail}`;

test('a MERGE updates what matches and inserts what does not', async () => {
  await warehouse.run(`INSERT INTO stage VALUES (2, 'paid'), (3, 'free')`);
  await warehouse.run(merge);
  expect(await users()).toEqual([
    { user_id: 1, level: 'free' },
    { user_id: 2, level: 'paid' },
    { user_id: 3, level: 'free' },
  ]);
});

test('two source rows for one target row fail the MERGE', async () => {
  await warehouse.run(`INSERT INTO stage VALUES (2, 'paid'), (2, 'free')`);
  await expect(warehouse.run(merge)).rejects.toThrow('Found multiple matches to update the same tuple.');
  expect(await users()).toHaveLength(2);
});

test('what is wrong with the update of a MERGE is found where no row matches', async () => {
  await warehouse.run(`INSERT INTO stage VALUES (3, 'paid')`);
  await expect(warehouse.run(merge.replace('= s.level', '= s.grade'))).rejects.toThrow('grade');
  expect(await users()).toHaveLength(2);
});

test('two source rows for one new key are both inserted', async () => {
  await warehouse.run(`INSERT INTO stage VALUES (3, 'paid'), (3, 'free')`);
  await warehouse.run(merge);
  expect(await users()).toHaveLength(4);
});

test('a NULL key matches nothing, so its row is inserted every time', async () => {
  await warehouse.run(`INSERT INTO stage VALUES (NULL, 'paid'), (NULL, 'free')`);
  await warehouse.run(merge);
  await warehouse.run(merge);
  expect(await users()).toHaveLength(6);
});

test('WHEN MATCHED may delete, several columns may match, a query may be the source', async () => {
  await warehouse.run(
    `MERGE INTO star.users USING (SELECT 1 AS user_id, 'free' AS level UNION ALL SELECT 5, 'paid') s
     ON (s.user_id = users.user_id AND users.level = s.level)
     WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.user_id, s.level)`,
  );
  expect(await users()).toEqual([
    { user_id: 2, level: 'free' },
    { user_id: 5, level: 'paid' },
  ]);
});

test('REMOVE DUPLICATES replaces matched rows, duplicates of them included, and keeps the others', async () => {
  await warehouse.run(`INSERT INTO star.users VALUES (2, 'trial'), (9, 'free'), (9, 'free')`);
  await warehouse.run(`INSERT INTO stage VALUES (2, 'paid'), (3, 'free')`);
  await warehouse.run('MERGE INTO star.users USING stage ON users.user_id = stage.user_id REMOVE DUPLICATES');
  expect(await users()).toEqual([
    { user_id: 1, level: 'free' },
    { user_id: 2, level: 'paid' },
    { user_id: 3, level: 'free' },
    { user_id: 9, level: 'free' },
    { user_id: 9, level: 'free' },
  ]);
});

test('a MERGE says which permanent tables it reads and writes', () => {
  const { reads, writes, verb } = warehouse.translate(merge);
  expect({ reads, writes, verb }).toEqual({ reads: [], writes: ['star.users'], verb: 'MERGE' });
});
