import { CancelStatementCommand, ExecuteStatementCommand } from '@aws-sdk/client-redshift-data';
import { readFile } from 'node:fs/promises';
import { Slots } from '../../../../src/local/redshift/session/slots.ts';
import { TestWarehouse } from '../warehouse-client.ts';

describe('statements that would never end', () => {
  const endless = 'with recursive t (n) as (select 1 union all select n + 1 from t) select count(*) from t';

  test('leave files to be read, and each is cancelled whether it runs or waits', async () => {
    const warehouse = await TestWarehouse.start();
    const submit = new ExecuteStatementCommand({ ...warehouse.address, Sql: endless });
    const ids: (string | undefined)[] = [];
    for (let count = 0; count < 6; count++) ids.push((await warehouse.client.send(submit)).Id);
    expect(await readFile('package.json', 'utf8')).toContain('sparkify');
    for (const Id of ids) await warehouse.client.send(new CancelStatementCommand({ Id }));
    for (const Id of ids) expect(await warehouse.describe(Id)).toMatchObject({ Status: 'ABORTED' });
    expect(await warehouse.rows('select 1')).toEqual([[1]]);
    await warehouse.stop();
  });
});

describe('slots', () => {
  const never = new AbortController().signal;

  test('are given in the order they are asked for', async () => {
    const slots = new Slots(1);
    const order: number[] = [];
    const free = await slots.take(never);
    const others = [1, 2, 3].map(async (one) => {
      const done = await slots.take(never);
      order.push(one);
      done();
    });
    expect(order).toEqual([]);
    free();
    await Promise.all(others);
    expect(order).toEqual([1, 2, 3]);
  });

  test('are not taken by what was cancelled while it waited', async () => {
    const slots = new Slots(1);
    const cancelled = new AbortController();
    const free = await slots.take(never);
    const waits = slots.take(cancelled.signal);
    cancelled.abort(new Error('cancelled'));
    await expect(waits).rejects.toThrow('cancelled');
    free();
    (await slots.take(never))();
  });
});
