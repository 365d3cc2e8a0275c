/** What two functions side by side gain: one stages while the other merges. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Scale } from './cases.ts';
import type { LoadResult } from './loader.ts';
import { isSong, readObjects, selectObjects, writeObjects } from './objects.ts';
import { startChild } from './parent.ts';
import { lockLine, type CaseReport } from './report.ts';
import type { StarChecks } from './star-checks.ts';

const EVENTS = 1_000_000;
const FILES = 1000;

type Run = { loads: LoadResult[]; checks: StarChecks };

/**
 * Loads two halves of the same events, in turn at once and one after the other, each time into a new star. A delivery is one
 * message, so that each half is a delivery and a batch of its own: the most objects that one message can name.
 */
export async function measureSideBySide(scale: Scale): Promise<CaseReport> {
  const size = scale.quick ? 0.02 : 1;
  const sizes = { songs: 2, events: EVENTS * size, eventFiles: FILES * size };
  const all = readObjects(writeObjects(join(scale.directory, 'j'), sizes));
  const files = all.filter((object) => !isSong(object));
  const part = (name: string, objects: typeof all): string =>
    selectObjects(join(scale.directory, `j-${name}.list`), objects);
  const halves = [part('one', files.slice(0, files.length / 2)), part('other', files.slice(files.length / 2))];
  // Two deliveries at once, so that both processes of the function have started.
  const warm = all.filter(isSong).map((song, index) => part(`warm-${index}`, [song]));
  const together: LoadResult[] = [];
  const apart: LoadResult[][] = [];
  for (let run = 0; run < scale.runs; run++) {
    const atOnce = await runLoads(warm, [halves]);
    const inTurn = await runLoads(
      warm,
      halves.map((half) => [half]),
    );
    if (!isDeepStrictEqual(atOnce.checks, inTurn.checks)) {
      throw new Error(`the tables differ: ${JSON.stringify(atOnce.checks)} and ${JSON.stringify(inTurn.checks)}`);
    }
    together.push(...atOnce.loads);
    apart.push(inTurn.loads);
  }
  if (together.some(({ mostAtOnce }) => mostAtOnce !== 2)) throw new Error('the halves were not loaded side by side');
  if (apart.flat().some(({ mostAtOnce }) => mostAtOnce !== 1)) throw new Error('the halves were not loaded in turn');
  const sums = apart.map((loads) => loads.reduce((sum, { seconds }) => sum + seconds, 0));
  const title = `2 × ${(EVENTS * size) / 2} events`;
  const other = { name: 'one after the other', values: sums };
  return {
    lines: [
      {
        case: 'j',
        what: `${title} side by side`,
        unit: 's',
        ours: together.map(({ seconds }) => seconds),
        other,
        target: 1,
      },
      lockLine('j', together, ', side by side'),
      lockLine('j', apart.flat(), ', alone'),
    ],
    profiles: {
      'j, side by side': together.at(-1)?.profile ?? {},
      'j, the second alone': apart.at(-1)?.at(-1)?.profile ?? {},
    },
  };
}

/** Loads into a new star, one step after the other, the lists of a step at once. */
async function runLoads(warm: readonly string[], steps: readonly (readonly string[])[]): Promise<Run> {
  const child = startChild();
  await child.ask({ do: 'start', batchSize: 1 });
  await child.ask({ do: 'load', lists: warm, replayMode: 'ifNew' });
  const loads: LoadResult[] = [];
  for (const lists of steps) loads.push(await child.ask({ do: 'load', lists, replayMode: 'ifNew' }));
  const { checks } = await child.end();
  return { loads, checks };
}
