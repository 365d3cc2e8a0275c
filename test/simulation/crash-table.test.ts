import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { RACE_EXAMPLES } from './race-examples.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const tests = readdirSync(new URL('.', import.meta.url))
  .filter((file) => /^crash-.*\.test\.ts$/.test(file) && file !== 'crash-table.test.ts')
  .map((file) => read(file))
  .join('\n');

/** What the last column of the crash table says: in each row the name of a test or of its file, or several. */
const rows = read('../../docs/ARCHITECTURE.md')
  .replace(/^[^]*## 5\. Crash table/, '')
  .replace(/## 6\.[^]*$/, '')
  .split('\n')
  .filter((line) => /^\| (?!between)/.test(line))
  .map((line) => line.split(' | ').at(-1)?.replace(/ \|$/, '') ?? '');

test('each row of the crash table names tests that there are', () => {
  expect(rows.length).toBeGreaterThan(15);
  const missing = rows
    .flatMap((row) => row.split('; '))
    .filter((name) => !existsSync(new URL(`../${name}.test.ts`, import.meta.url)))
    .filter((name) => !tests.includes(name) && !RACE_EXAMPLES.some((example) => example.name === name));
  expect(missing).toEqual([]);
});
