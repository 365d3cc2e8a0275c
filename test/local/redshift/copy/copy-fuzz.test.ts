import { freshSeed } from '../../../simulation/properties.ts';
import { compareReaders } from './copy-readers.ts';

test('the quick reading of COPY and the exact one agree about any bytes', async () => {
  const seed = freshSeed();
  const { failure, files, readQuickly } = await compareReaders({ seed, runs: 10_000 });
  expect({ seed, failure }).toEqual({ seed, failure: undefined });
  expect(files).toBe(10_000);
  // Files that the quick reader leaves to the other prove nothing.
  expect(readQuickly).toBeGreaterThan(2_000);
}, 240_000);
