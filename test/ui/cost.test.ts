import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { connectionSource } from '../../src/commands/ui-source.ts';
import type { CostReport } from '../../src/ui/shapes.ts';
import { event } from '../support/files.ts';
import { BROWSER, launch, open } from './chromium.ts';
import { serve, type Served } from './served.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let served: Served;
beforeAll(async () => {
  served = await serve({ windowSeconds: 1, batchSize: 100 });
}, 60_000);
afterAll(() => served.stop());

test('the page of a stage reckons with what its stack says, and says what is not known without one', async () => {
  const { stack } = served;
  await stack.put('log_data/stage.json', event(100));
  await stack.idle();
  const options = { title: 'stage dev', everySeconds: 60, goalSeconds: 300, shell: ' --stage dev' };
  const outputs = { WindowSeconds: '60', BaseCapacity: '8' };
  const report = await connectionSource(stack.connection, { ...options, stage: 'dev', outputs }).cost();
  expect(report).toMatchObject({ rpus: 8, goalSeconds: 300, actual: { loads: 1 } });
  expect(report.windows.filter(({ isCurrent }) => isCurrent).map(({ windowSeconds }) => windowSeconds)).toEqual([60]);
  expect(report.cheapest!.command).toContain('--stage dev');
  const unknown = await connectionSource(stack.connection, options).cost();
  expect(unknown.notes.join()).toContain('The batch window in force is not known here');
});

(BROWSER === undefined ? describe.skip : describe)('what loading costs, in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  }, 60_000);
  afterAll(() => browser.close());

  test.each([
    [1280, 800, 'light'],
    [390, 844, 'dark'],
  ] as const)(
    'is asked by a click, and drawn at %i × %i, %s, with a dot for each window',
    async (width, height, colorScheme) => {
      const { stack, page: own } = served;
      await stack.put(`log_data/${width}.json`, event(width));
      await stack.idle();
      const { page, complaints } = await open(browser, own.url, { viewport: { width, height }, colorScheme });
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.reload();
      await page.waitForSelector('.sentence .number');
      expect(asked.filter((url) => url.endsWith('/api/cost'))).toEqual([]);
      await page.click('[data-cost]');
      await page.waitForSelector('.cost canvas');
      const report = (await (await fetch(`${own.url}/api/cost`)).json()) as CostReport;
      expect(await page.locator('.reckoned').innerText()).toContain(`${report.actual.objects} objects`);
      const label = (await page.locator('.cost .plot').getAttribute('aria-label'))!;
      for (const { windowSeconds, bill } of report.windows)
        expect(label).toContain(`${windowSeconds} s: US$ ${(bill!.total / report.days).toFixed(2)} a day`);
      // Something is drawn: a canvas that stays empty has one colour.
      const colours = await page.evaluate<number>(`(() => {
        const canvas = document.querySelector('.cost canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      })()`);
      expect(colours).toBeGreaterThan(10);
      expect(await page.evaluate(`document.documentElement.scrollWidth <= innerWidth`)).toBe(true);
      await page.evaluate(AXE);
      const found = await page.evaluate<{ id: string; impact: string }[]>(
        `axe.run().then(({ violations }) => violations.map(({ id, impact }) => ({ id, impact })))`,
      );
      expect(found.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    60_000,
  );
});
