import { setTimeout as pause } from 'node:timers/promises';
import { TestWarehouse } from '../warehouse-client.ts';

test('an INSERT that waited for a lock sees what it would have seen before the wait', async () => {
  const warehouse = await TestWarehouse.start();
  await warehouse.run('create table users (user_id bigint)');
  const { SessionId = '' } = await warehouse.run('begin', { SessionKeepAliveSeconds: 60 });
  await warehouse.run('lock users', { SessionId });
  const insert = 'insert into users select 7 where not exists (select 1 from users where user_id = 7)';
  const waiting = warehouse.run(insert);
  await pause(200);
  await warehouse.run('insert into users values (7)', { SessionId });
  await warehouse.run('commit', { SessionId });
  expect(await waiting).toMatchObject({ Status: 'FINISHED', ResultRows: 1 });
  expect(await warehouse.rows('select count(*) from users where user_id = 7')).toEqual([[2]]);
  await warehouse.stop();
});

test('a transaction reads the same from its first look to its end, whatever others commit', async () => {
  const warehouse = await TestWarehouse.start();
  await warehouse.run('create table users (user_id bigint)');
  const { SessionId = '' } = await warehouse.run('begin', { SessionKeepAliveSeconds: 60 });
  const count = 'insert into counted select count(*) from users';
  await warehouse.run('create temp table counted (n bigint)', { SessionId });
  await warehouse.run(count, { SessionId });
  await warehouse.run('insert into users values (1)');
  await warehouse.run(count, { SessionId });
  const zeros = await warehouse.run('delete from counted where n = 0', { SessionId });
  expect(zeros).toMatchObject({ ResultRows: 2 });
  await warehouse.stop();
});
