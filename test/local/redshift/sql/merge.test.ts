import { SmallWarehouse } from '../small-warehouse.ts';

test('a MERGE says which permanent tables it reads and writes', async () => {
  const warehouse = await SmallWarehouse.open(`
    CREATE SCHEMA star;
    CREATE TABLE star.users (user_id integer, level varchar(8));
    CREATE TEMP TABLE stage (user_id integer, level varchar(8));`);
  const { reads, writes, verb } = warehouse.translate(
    `MERGE INTO star.users USING stage AS s ON star.users.user_id = s.user_id WHEN MATCHED THEN UPDATE SET level = s.level
     WHEN NOT MATCHED THEN INSERT (user_id, level) VALUES (s.user_id, s.level)`,
  );
  expect({ reads, writes, verb }).toEqual({ reads: [], writes: ['star.users'], verb: 'MERGE' });
  warehouse.close();
});
