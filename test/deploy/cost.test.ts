import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PRICED_REGIONS, pricesOf, watchingCost } from '../../src/catch-up/prices.ts';
import { burstCost, costTables, dayCost, defaultRpuHours, PAGE_REGION, PRICES, resumeCost } from './cost.ts';
import { PROJECT } from '../support/program.ts';

describe('the page on cost', () => {
  test.each(Object.entries(costTables()))(
    'has the table «%s» as computed from the list prices',
    async (heading, rows) => {
      const page = await readFile(join(PROJECT, 'docs/COST.md'), 'utf8');
      expect(page).toContain(`## ${heading}\n`);
      expect(page).toContain(rows);
    },
  );

  const page = (): Promise<string> => readFile(join(PROJECT, 'docs/COST.md'), 'utf8');

  test('says where and when the prices were looked up, and the price of an RPU-hour in each region', async () => {
    const text = await page();
    expect(text).toContain(`${PAGE_REGION} as of ${PRICES.asOf}`);
    for (const region of PRICED_REGIONS) {
      expect(text).toContain(`${String(pricesOf(region)?.redshiftRpuHour)} in ${region}`);
    }
  });

  test('says what CloudWatch costs a month', async () => {
    expect(await page()).toContain(`US$ ${watchingCost(PRICES).toFixed(2)} a month`);
  });

  test('says what the resume function costs a month', async () => {
    expect(await page()).toContain(`US$ ${resumeCost().toFixed(2)} a month`);
  });

  test('the default alarm lets the default case pass, and the limit that is suggested does not stop it', async () => {
    const deploy = await readFile(join(PROJECT, 'docs/DEPLOY.md'), 'utf8');
    const settings = await readFile(join(PROJECT, 'serverless.yml'), 'utf8');
    const suggested = Number(/--period daily --amount (\d+)/.exec(deploy)?.[1]);
    const [alarm, most] = ['dailyRpuHours', 'maxCapacity'].map((name) =>
      Number(new RegExp(`${name}: (\\d+)`).exec(settings)?.[1]),
    );
    expect(alarm).toBe(Math.round(defaultRpuHours()));
    expect(suggested).toBeGreaterThan(defaultRpuHours() * 1.2);
    // Above what the warehouse can use in a day, a limit limits nothing.
    expect(suggested).toBeLessThan(24 * most!);
    expect(await page()).toContain(`RPU-hours a day (${alarm})`);
  });

  test('the wake-up minimum decides: up to a minute the window saves nothing, five minutes save four fifths', () => {
    const dollars = (window: number): number => dayCost(1440, window).warehouse;
    expect(dollars(60)).toBeCloseTo(dollars(1), 6);
    expect(dollars(300)).toBeCloseTo(dollars(1) / 5, 6);
  });

  test('the warehouse is never charged for more than the whole day', () => {
    expect(dayCost(1_000_000, 1).warehouse).toBeCloseTo(24 * 4 * PRICES.redshiftRpuHour, 6);
  });

  test('a burst costs by its files, not by the clock', () => {
    expect(burstCost(2_000_000).warehouse).toBeCloseTo(2 * burstCost(1_000_000).warehouse, 6);
  });
});
