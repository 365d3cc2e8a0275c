/** What is measured. Each case makes its objects, runs both sides in turn, and checks that they agree. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { SampleOptions } from '../../src/local/sample/generate.ts';
import { percentile } from '../../src/local/delivery-stats.ts';
import { measureGrowth } from './growth.ts';
import { measureHealing } from './healing.ts';
import { measureBundle, measureWarmMemory } from './bundle.ts';
import type { LoadResult } from './loader.ts';
import { readObjects, selectObjects, writeObjects, type Spoil } from './objects.ts';
import { startChild } from './parent.ts';
import { measureLive } from './live.ts';
import { measureSideBySide } from './side-by-side.ts';
import { measureStarting } from './starting.ts';
import { callLines, loaderMemoryLines, lockLine, type CaseReport, type Line } from './report.ts';

/** How much is measured: everything, or just enough to see that the bench works. */
export type Scale = { runs: number; directory: string; quick: boolean };

/** A case, by its letter. */
export type BenchCase = { name: string; title: string; run: (scale: Scale) => Promise<CaseReport> };

/** All cases, in their order. */
export const CASES: readonly BenchCase[] = [
  { name: 'a', title: '1,000,000 events in 1,000 objects and 10,000 songs; then all of it again (e)', run: caseA },
  {
    name: 'b',
    title: '10,000 tiny song objects',
    run: (scale) => caseSmall('b', { songs: 10_000, events: 0 }, 4, scale),
  },
  {
    name: 'c',
    title: '100,000 events in 10,000 objects',
    run: (scale) => caseSmall('c', { songs: 0, events: 100_000, eventFiles: 10_000 }, 2.5, scale),
  },
  {
    name: 'd',
    title: 'one batch, of 10,000 events or of 200 songs, into tables of 0, 1, 5 and 20 million plays',
    run: measureGrowth,
  },
  { name: 'f', title: 'one small file at a time, without a batching window', run: caseF },
  { name: 'g', title: 'the bundle: size, cold import, memory while warm', run: caseG },
  { name: 'h', title: '2,000 bad files of 4,000', run: caseH },
  {
    name: 'i',
    title: '10,000 songs that land behind their 1,000,000 events',
    run: (scale) => measureHealing(scale, sized(MILLION, scale)),
  },
  { name: 'j', title: 'two functions side by side, with 500,000 events each', run: measureSideBySide },
  { name: 'k', title: 'files that land during a backfill of 50,000 objects', run: measureLive },
  { name: 's', title: 'starting: commands, and the local stack to its first batch', run: measureStarting },
  { name: 'm', title: 'memory: 1,000,000 events in objects of 100 MB', run: caseM },
];

const QUICK = 50;

const MILLION = { songs: 10_000, events: 1_000_000, eventFiles: 1000 };

const STACK_MEMORY = 'peak memory of warehouse, S3 and SQS';

/** The local warehouse's memory limit, 2 GB, in the units of Linux. */
const WAREHOUSE_MEGABYTES = 1907;

/** A fiftieth of each size, when it is quick. */
function sized(options: Omit<SampleOptions, 'seed'>, { quick }: Scale): Omit<SampleOptions, 'seed'> {
  if (!quick) return options;
  const cut = Object.entries(options).map(([name, value]) => [name, Math.ceil(value / QUICK)]);
  return Object.fromEntries(cut) as Omit<SampleOptions, 'seed'>;
}

type Side = { seconds: number[]; cpuSeconds: number[]; peak: number[] };
type Compared = { ours: Side; floor: Side; loads: LoadResult[]; again: LoadResult[] };

/** Runs loader and floor in turn, each in a new process, on the same objects; `good` are those that can be loaded. */
async function compare(list: string, scale: Scale, good = list): Promise<Compared> {
  const side = (): Side => ({ seconds: [], cpuSeconds: [], peak: [] });
  const compared: Compared = { ours: side(), floor: side(), loads: [], again: [] };
  for (let run = 0; run < scale.runs; run++) {
    const loader = startChild();
    await loader.ask({ do: 'start' });
    const load = await loader.ask({ do: 'load', lists: [list], replayMode: 'ifNew', again: true });
    const again = await loader.ask({ do: 'load', lists: [list], replayMode: 'ifNew' });
    const ours = await loader.end();
    const floor = startChild();
    const bare = await floor.ask({ do: 'floor', list: good });
    const theirs = await floor.end();
    if (!isDeepStrictEqual(ours.checks, theirs.checks)) {
      throw new Error(`the tables differ: ${JSON.stringify(ours.checks)} and ${JSON.stringify(theirs.checks)}`);
    }
    compared.ours.seconds.push(load.seconds);
    compared.ours.cpuSeconds.push(load.cpuSeconds);
    compared.ours.peak.push(ours.peakMegabytes);
    compared.floor.seconds.push(bare.seconds);
    compared.floor.cpuSeconds.push(bare.cpuSeconds);
    compared.floor.peak.push(theirs.peakMegabytes);
    compared.loads.push(load);
    compared.again.push(again);
  }
  return compared;
}

function comparedLines(name: string, { ours, floor, loads }: Compared, target?: number): Line[] {
  const other = { name: 'floor', values: floor.seconds };
  const goal = target === undefined ? {} : { target };
  return [
    { case: name, what: 'message in the queue → committed', unit: 's', ours: ours.seconds, other, ...goal },
    {
      case: name,
      what: 'processor time, without the function',
      unit: 's',
      ours: ours.cpuSeconds,
      other: { name: 'floor', values: floor.cpuSeconds },
    },
    lockLine(name, loads),
    ...callLines(name, loads),
    ...loaderMemoryLines(name, loads),
    {
      case: name,
      what: STACK_MEMORY,
      unit: 'MB',
      ours: ours.peak,
      other: { name: 'floor', values: floor.peak },
    },
  ];
}

function lastProfile(loads: readonly LoadResult[]): LoadResult['profile'] {
  return loads.at(-1)?.profile ?? {};
}

async function caseA(scale: Scale): Promise<CaseReport> {
  const compared = await compare(writeObjects(join(scale.directory, 'a'), sized(MILLION, scale)), scale);
  const first = { name: 'the first load', values: compared.ours.seconds };
  const again = compared.again.map(({ seconds }) => seconds);
  return {
    lines: [
      ...comparedLines('a', compared, 1.5),
      { case: 'e', what: 'all of it once more', unit: 's', ours: again, other: first },
      ...callLines('e', compared.again).slice(1),
    ],
    profiles: { a: lastProfile(compared.loads), e: lastProfile(compared.again) },
  };
}

async function caseSmall(
  name: string,
  options: Omit<SampleOptions, 'seed'>,
  target: number,
  scale: Scale,
): Promise<CaseReport> {
  const compared = await compare(writeObjects(join(scale.directory, name), sized(options, scale)), scale);
  return { lines: comparedLines(name, compared, target), profiles: { [name]: lastProfile(compared.loads) } };
}

async function caseF(scale: Scale): Promise<CaseReport> {
  const files = scale.quick ? 5 : 100;
  const list = writeObjects(join(scale.directory, 'f'), { songs: 0, events: files * 10, eventFiles: files });
  const child = startChild();
  await child.ask({ do: 'start' });
  const { milliseconds } = await child.ask({ do: 'land one by one', list });
  await child.end();
  return {
    lines: [
      { case: 'f', what: 'landing → queryable, p50', unit: 'ms', ours: [percentile(milliseconds, 0.5)] },
      { case: 'f', what: 'landing → queryable, p95', unit: 'ms', ours: [percentile(milliseconds, 0.95)], target: 1000 },
    ],
  };
}

async function caseG(scale: Scale): Promise<CaseReport> {
  const invocations = scale.quick ? 20 : 1000;
  const list = writeObjects(join(scale.directory, 'g'), { songs: 0, events: invocations, eventFiles: invocations });
  const cost = await measureBundle(join(scale.directory, 'g-bundle'), scale.quick ? 1 : 20);
  const memory = await measureWarmMemory(join(scale.directory, 'g-home'), list);
  const other = { name: 'bare clients', values: cost.bareImportMs };
  const resident: Line[] = Object.entries(memory).flatMap(([when, megabytes]) =>
    megabytes === undefined
      ? []
      : [
          {
            case: 'g',
            what: `resident, ${when} of ${invocations} loads`,
            unit: 'MB' as const,
            ours: [megabytes],
            target: 256,
          },
        ],
  );
  return {
    lines: [
      { case: 'g', what: 'bundle', unit: 'KB', ours: [cost.kilobytes], target: 500 },
      { case: 'g', what: 'cold import', unit: 'ms', ours: cost.importMs, other, target: 1.2 },
      ...resident,
    ],
  };
}

/** Every other file is damaged, in three ways in turn: cut off, a number that is none, a text that is too long. */
const spoilEveryOther: Spoil = (body, index) => {
  if (index % 2 === 0) return body;
  if (index % 3 === 0) return body.slice(0, -20);
  if (index % 3 === 1) return body.replace(/"itemInSession":\d+/, '"itemInSession":"first"');
  return body.replace(/"level":"\w+"/, `"level":"${'free'.repeat(20)}"`);
};

async function caseH(scale: Scale): Promise<CaseReport> {
  const sizes = sized({ songs: 0, events: 40_000, eventFiles: 4000 }, scale);
  const list = writeObjects(join(scale.directory, 'h'), sizes, spoilEveryOther);
  const isGood = (_: unknown, index: number): boolean => index % 2 === 0;
  const good = selectObjects(join(scale.directory, 'h-good.list'), readObjects(list).filter(isGood));
  const compared = await compare(list, scale, good);
  return { lines: comparedLines('h', compared), profiles: { h: lastProfile(compared.loads) } };
}

async function caseM(scale: Scale): Promise<CaseReport> {
  const sizes = sized({ songs: 0, events: 1_000_000, eventFiles: 5 }, scale);
  const list = writeObjects(join(scale.directory, 'm'), { ...sizes, eventFiles: 5 });
  const child = startChild();
  await child.ask({ do: 'start' });
  const load = await child.ask({ do: 'load', lists: [list], replayMode: 'ifNew' });
  const { peakMegabytes } = await child.end();
  return {
    lines: [
      ...loaderMemoryLines('m', [load], 512),
      { case: 'm', what: STACK_MEMORY, unit: 'MB', ours: [peakMegabytes], target: WAREHOUSE_MEGABYTES },
    ],
  };
}
