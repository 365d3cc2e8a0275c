import { EXAMPLES, playExample } from './examples.ts';
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
