import type { Candidate } from '../objects/source.ts';

/** Objects processed at once. */
export const MAX_CONCURRENT = 16;

/** Runs a task for each object, `MAX_CONCURRENT` at a time. */
export async function forEachConcurrently(
  objects: readonly Candidate[],
  task: (object: Candidate) => Promise<void>,
): Promise<void> {
  const waiting = [...objects];
  const work = async (): Promise<void> => {
    for (let object = waiting.pop(); object; object = waiting.pop()) await task(object);
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT }, work));
}
