import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PRICES } from '../../src/core/prices.ts';
import { burstCost, costTables, dayCost } from './cost.ts';
import { projectDirectory } from './packaging.ts';

describe('the page on cost', () => {
  test.each(Object.entries(costTables()))(
    'has the table «%s» as reckoned from the list prices',
    async (heading, rows) => {
      const page = await readFile(join(projectDirectory, 'docs/COST.md'), 'utf8');
      expect(page).toContain(`## ${heading}\n`);
      expect(page).toContain(rows);
    },
  );

  test('says when the prices were looked up', async () => {
    expect(await readFile(join(projectDirectory, 'docs/COST.md'), 'utf8')).toContain(PRICES.asOf);
  });

  test('the wake-up minimum decides: up to a minute the window saves nothing, five minutes save four fifths', () => {
    const dollars = (window: number): number => dayCost(1440, window).warehouse;
    expect(dollars(60)).toBeCloseTo(dollars(1), 6);
    expect(dollars(300)).toBeCloseTo(dollars(1) / 5, 6);
  });

  test('the warehouse is never charged for more than the whole day', () => {
    expect(dayCost(1_000_000, 1).warehouse).toBeCloseTo(24 * 4 * PRICES.redshiftRpuHour.low, 6);
  });

  test('a burst costs by its files, not by the clock', () => {
    expect(burstCost(2_000_000).warehouse).toBeCloseTo(2 * burstCost(1_000_000).warehouse, 6);
  });
});
