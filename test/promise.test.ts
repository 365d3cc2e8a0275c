import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The second promise with its exception, as the README states it. */
const PROMISE = /\*\*The warehouse is a function of the objects[^\n]*/;

const promiseIn = (page: string): string | undefined =>
  PROMISE.exec(readFileSync(fileURLToPath(new URL(`../${page}`, import.meta.url)), 'utf8'))?.[0];

test('README and ARCHITECTURE state what the tables depend on, and the one exception, in the same words', () => {
  const promise = promiseIn('README.md');
  expect(promise).toContain('The one exception: ');
  expect(promise).toContain('until `npx sparkify rebuild`');
  expect(promiseIn('docs/ARCHITECTURE.md')).toBe(promise);
});
