import { readLoadFiles } from '../../src/sql/files.ts';
import { EXAMPLES, playExample } from './examples.ts';
import { MUTANTS, mutate } from './mutants.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

describe('the rules of the five tables, by example', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false });
  });
  afterAll(() => stack.stop());

  test.each(EXAMPLES)('$name', async (example) => {
    expect(await playExample(stack, example)).toEqual(example.answer);
  });
});

test('every deliberate mistake can still be made in the SQL as it is', () => {
  const load = readLoadFiles();
  expect(MUTANTS.length).toBeGreaterThan(100);
  expect(MUTANTS.flatMap((mutant) => Object.keys(mutate(load, mutant))).length).toBeGreaterThan(0);
});
