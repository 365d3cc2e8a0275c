import { startTestStack, type TestStack } from '../support/stack.ts';
import { RACE_EXAMPLES } from './race-examples.ts';
import { playRace } from './races.ts';

describe('races, by example', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ eventSource: false });
  });
  afterAll(() => stack.stop());

  test.each(RACE_EXAMPLES)('$name', async (example) => {
    const { answer, steps } = await playRace(stack, example);
    expect(answer).toEqual(example.answer);
    expect(steps).toMatchObject(example.hits);
  });
});
