import { createHash } from 'node:crypto';
import { SmallWarehouse } from '../small-warehouse.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
/** The sums of `1` to `count`, as the literals of a list. */
const sums = (count: number): string => Array.from({ length: count }, (_, i) => `'${md5(String(i + 1))}'`).join(', ');

describe('a list of many md5 sums', () => {
  let warehouse: SmallWarehouse;
  beforeAll(async () => {
    warehouse = await SmallWarehouse.open(`
      CREATE TABLE seen (n integer, id char(32));
      INSERT INTO seen VALUES (1, '${md5('1')}'), (200, '${md5('200')}'), (2000, '${md5('2000')}'), (0, NULL);`);
  });
  afterAll(() => {
    warehouse.close();
  });

  const numbers = async (condition: string): Promise<unknown[]> =>
    (await warehouse.run(`SELECT n FROM seen WHERE ${condition} ORDER BY n`)).map((row) => (row as { n: unknown }).n);

  test.each([2, 99, 100, 101, 1000])('of %i finds what is in it', async (count) => {
    expect(await numbers(`id IN (${sums(count)})`)).toEqual(count >= 200 ? [1, 200] : [1]);
    expect(await numbers(`id NOT IN (${sums(count)})`)).toEqual(count >= 200 ? [2000] : [200, 2000]);
    expect(await numbers(`(id IN (${sums(count)})) IS NULL`)).toEqual([0]);
    expect(await numbers(`id IN (${sums(count)}) AND n IN (1, 2) OR n = 2000`)).toEqual([1, 2000]);
  });

  test('is read by the engine as one text, and any other list as it is written', () => {
    const split = (list: string): boolean => {
      const { plan } = warehouse.translate(`SELECT n FROM seen WHERE id IN (${list})`);
      return plan.kind === 'query' && plan.sql.includes('string_split');
    };
    expect(split(sums(100))).toBe(true);
    expect(split(sums(99))).toBe(false);
    expect(split(`${sums(200)}, 'other'`)).toBe(false);
    expect(split(`${sums(200)}, NULL`)).toBe(false);
    expect(split(`${sums(200)} || ''`)).toBe(false);
    expect(split(`'first', ${sums(200)}`)).toBe(false);
  });

  test.each([`${sums(200)},`, `${sums(200)} ${sums(1)}`])('that is not closed is a syntax error', async (list) => {
    await expect(numbers(`id IN (${list})`)).rejects.toThrow('syntax error');
  });
});
