import { SEED } from '../../../support/seed.ts';
import { compareReaders } from './copy-readers.ts';

/** So many files meet each flaw often; `npm run prove` looks as long as it is told. */
const FILES = 2_500;

test('the quick reading of COPY and the exact one agree about any bytes', async () => {
  const { failure, files, readQuickly } = await compareReaders({ seed: SEED, runs: FILES });
  expect({ failure, files }).toEqual({ failure: undefined, files: FILES });
  // Files that the quick reader leaves to the other prove nothing.
  expect(readQuickly).toBeGreaterThan(FILES / 5);
}, 240_000);
