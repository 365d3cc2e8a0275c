import { EXAMPLES, playExample } from './examples.ts';
import { World } from './world.ts';

describe('the rules of the five tables, by example', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.stop());

  test.each(EXAMPLES)('$name', async (example) => {
    expect(await playExample(world, example)).toEqual(example.answer);
  });
});
