/** Items processed at once, unless said otherwise. */
export const MAX_CONCURRENT = 16;

/** Does a task for each item, so many at once; gives the results in the order of the items. Rejects as soon as a task does. */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  task: (item: Item) => Promise<Result>,
  atOnce = MAX_CONCURRENT,
): Promise<Result[]> {
  const results: Result[] = [];
  const remaining = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of remaining) results[index] = await task(item);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
