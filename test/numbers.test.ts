import { pluralize } from '../src/numbers.ts';

test('a noun is in the plural unless there is one of it', () => {
  expect([0, 1, 2, 15_000].map((many) => pluralize(many, 'object'))).toEqual([
    '0 objects',
    '1 object',
    '2 objects',
    '15,000 objects',
  ]);
  expect([1, 2].map((many) => pluralize(many, 'batch', 'batches'))).toEqual(['1 batch', '2 batches']);
});
