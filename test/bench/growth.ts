/** What batches cost while the tables grow: of events, of songs that no play names, and of songs that heal the plays of a day. */
import { join } from 'node:path';
import type { Scale } from './cases.ts';
import type { LoadResult } from './loader.ts';
import { isSong, readObjects, SEED, selectObjects, writeObjects } from './objects.ts';
import { startChild, type Child } from './parent.ts';
import { lockLine, type CaseReport, type Line } from './report.ts';

const EVENTS = 10_000;
const SONGS = 200;
/** Plays that the tables hold beforehand, in millions. */
const MILLIONS = [0, 1, 5, 20];
const QUICK_MILLIONS = [0, 0.02];

/** One kind of batches: a list for each, of which the first wakes everything up and is not counted. */
type Kind = { what: string; profile: string; target?: number; lists: string[]; heals: boolean };

type Tables = { millions: number; child: Child; loads: Map<Kind, LoadResult[]> };

/** One process per size, and batch after batch in each of them in turn, every batch of what nobody has seen. */
export async function measureGrowth(scale: Scale): Promise<CaseReport> {
  const { kinds, late } = writeBatches(scale);
  const sizes = await Promise.all(
    (scale.quick ? QUICK_MILLIONS : MILLIONS).map(async (millions): Promise<Tables> => {
      const child = startChild();
      await child.ask({ do: 'start', plays: millions * 1_000_000 });
      return { millions, child, loads: new Map(kinds.map((kind) => [kind, []])) };
    }),
  );
  for (const kind of kinds) {
    // The plays that the last kind of songs heals.
    if (kind.heals) for (const { child } of sizes) await child.ask({ do: 'load', lists: [late], replayMode: 'ifNew' });
    for (const [batch, list] of kind.lists.entries()) {
      for (const { child, loads } of sizes) {
        const load = await child.ask({ do: 'load', lists: [list], replayMode: 'ifNew' });
        if (load.healed > 0 !== kind.heals) throw new Error(`${kind.what} healed ${load.healed} plays`);
        if (batch > 0) loads.get(kind)?.push(load);
      }
    }
  }
  for (const { child } of sizes) await child.end();
  return {
    lines: kinds.flatMap((kind) => linesOf(kind, sizes)),
    profiles: Object.fromEntries(
      kinds.flatMap((kind) =>
        sizes.map(({ millions, loads }) => [
          `${kind.profile}, ${millions} million`,
          loads.get(kind)?.at(-1)?.profile ?? {},
        ]),
      ),
    ),
  };
}

function linesOf(kind: Kind, sizes: readonly Tables[]): Line[] {
  const loadsOf = ({ loads }: Tables): LoadResult[] => loads.get(kind) ?? [];
  const secondsOf = (size: Tables): number[] => loadsOf(size).map(({ seconds }) => seconds);
  const [empty] = sizes.map(secondsOf);
  return sizes.flatMap((size) => {
    const isLargest = size.millions === MILLIONS.at(-1);
    const line: Line = {
      case: 'd',
      what: `${kind.what}, into ${size.millions} million plays`,
      unit: 's',
      ours: secondsOf(size),
      ...(size.millions === 0 ? {} : { other: { name: 'into 0', values: empty ?? [] } }),
      ...(isLargest && kind.target !== undefined ? { target: kind.target } : {}),
    };
    return isLargest ? [line, lockLine('d', loadsOf(size), `: ${line.what}`)] : [line];
  });
}

/** Writes the batches: events with songs first, songs of another sample, and songs of plays that fall on one day. */
function writeBatches(scale: Scale): { kinds: [Kind, ...Kind[]]; late: string } {
  const batches = scale.runs + 1;
  const size = scale.quick ? 0.1 : 1;
  const events = EVENTS * size * batches;
  const songs = SONGS * size * batches;
  const write = (name: string, options: Parameters<typeof writeObjects>[1]): ReturnType<typeof readObjects> =>
    readObjects(writeObjects(join(scale.directory, name), options));
  const played = write('d', { songs: 2000, events, eventFiles: 10 * batches });
  const unheard = write('d-unheard', { seed: SEED + 1, songs, events: 0 });
  const oneDay = write('d-day', { seed: SEED + 2, songs, events: EVENTS, eventFiles: 10, days: 1 });
  const files = played.filter((object) => !isSong(object));
  const lists = (name: string, part: (batch: number) => ReturnType<typeof readObjects>): string[] =>
    Array.from({ length: batches }, (_, batch) =>
      selectObjects(join(scale.directory, `${name}-${batch}.list`), part(batch)),
    );
  // Every so many, because the first songs of a sample are the most played.
  const dealt = (objects: typeof played, batch: number): typeof played =>
    objects.filter((_, index) => index % batches === batch);
  const ofEvents = (batch: number): typeof played => [
    ...(batch === 0 ? played.filter(isSong) : []),
    ...files.slice(batch * 10, batch * 10 + 10),
  ];
  return {
    kinds: [
      { what: `${EVENTS * size} events`, profile: 'd', target: 1.5, lists: lists('d', ofEvents), heals: false },
      {
        what: `${SONGS * size} songs that no play names`,
        profile: 'd, unheard songs',
        target: 1.5,
        lists: lists('d-unheard', (batch) => dealt(unheard, batch)),
        heals: false,
      },
      {
        what: `${SONGS * size} songs behind the plays of a day`,
        profile: 'd, songs of a day',
        lists: lists('d-day', (batch) => dealt(oneDay.filter(isSong), batch)),
        heals: true,
      },
    ],
    late: selectObjects(
      join(scale.directory, 'd-day-plays.list'),
      oneDay.filter((object) => !isSong(object)),
    ),
  };
}
