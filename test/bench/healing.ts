/** What songs cost that land after their plays: every play of theirs is found and written again. */
import { join } from 'node:path';
import type { SampleOptions } from '../../src/local/sample/generate.ts';
import type { Scale } from './cases.ts';
import type { LoadResult } from './loader.ts';
import { isSong, readObjects, selectObjects, writeObjects } from './objects.ts';
import { startChild } from './parent.ts';
import type { CaseReport } from './report.ts';

/** Loads the songs behind the plays, and in turn into an empty star. */
export async function measureHealing(scale: Scale, sizes: Omit<SampleOptions, 'seed'>): Promise<CaseReport> {
  const all = readObjects(writeObjects(join(scale.directory, 'i'), sizes));
  const songs = selectObjects(join(scale.directory, 'i-songs.list'), all.filter(isSong));
  const plays = selectObjects(
    join(scale.directory, 'i-plays.list'),
    all.filter((object) => !isSong(object)),
  );
  const late: LoadResult[] = [];
  const alone: LoadResult[] = [];
  for (let run = 0; run < scale.runs; run++) {
    late.push(await lastLoad([plays, songs]));
    alone.push(await lastLoad([songs]));
  }
  const seconds = (loads: readonly LoadResult[]): number[] => loads.map((load) => load.seconds);
  const other = { name: 'songs into an empty star', values: seconds(alone) };
  return {
    lines: [{ case: 'i', what: 'songs behind their plays', unit: 's', ours: seconds(late), other }],
    profiles: { i: late.at(-1)?.profile ?? {} },
  };
}

/** Loads one list after the other into a new star; gives what the last one took. */
async function lastLoad(lists: readonly [string, ...string[]]): Promise<LoadResult> {
  const child = startChild();
  await child.ask({ do: 'start' });
  const [first, ...others] = lists;
  let load = await child.ask({ do: 'load', lists: [first], replayMode: 'ifNew' });
  for (const list of others) load = await child.ask({ do: 'load', lists: [list], replayMode: 'ifNew' });
  await child.end();
  return load;
}
