/** `npm run long-run`: many small objects, one by one, into a stack that runs by itself; what it then holds of its machine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from '../machine.ts';
import { writeSample } from '../objects.ts';
import { startRunningStack } from '../running-stack.ts';
import { footprintOf } from './footprint.ts';
import { freshnessByMinute } from './freshness.ts';
import { landObjects } from './land.ts';
import { flatnessTable, plotOf, type Sample } from './report.ts';

const HELP = `npm run long-run -- [--objects 200000] [--minutes 30] [--json FILE] [--svg FILE]

  --objects  how many land, 2,000 songs and files of one event
  --minutes  how long at most
  --json     write every sample to this file
  --svg      draw them into this file

Needs Linux, where /proc tells of memory and open files.
`;

const SAMPLE_MS = 5000;
const MINUTE_MS = 60_000;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '200000' },
    minutes: { type: 'string', default: '30' },
    json: { type: 'string' },
    svg: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) say(HELP);
else await run();

async function run(): Promise<void> {
  say(machine());
  const home = mkdtempSync(join(tmpdir(), 'sparkify-long-run-'));
  const ending = new AbortController();
  const data = join(home, 'files');
  writeSample(data, { songs: 1, events: 0 });
  const onExit = (code: number | null): never => {
    throw new Error(`the stack ended with ${code} in ${home}`);
  };
  const memoryFile = join(home, 'memory.json');
  const preload = {
    module: new URL('tell-memory.mjs', import.meta.url).href,
    environment: { MEMORY_FILE: memoryFile },
  };
  const stack = await startRunningStack({ home, data, onExit, preload });
  const startedAt = performance.now();
  const samples: Sample[] = [];
  let landed = 0;
  const look = (): void => {
    const minute = (performance.now() - startedAt) / MINUTE_MS;
    samples.push({ minute, landed, ...footprintOf(stack.pid, home, memoryFile, landed) });
  };
  const timer = setInterval(() => {
    look();
    if (samples.length % (MINUTE_MS / SAMPLE_MS) === 0) say(progress(samples.at(-1)));
  }, SAMPLE_MS);
  const end = setTimeout(
    () => {
      ending.abort();
    },
    Number(values.minutes) * MINUTE_MS,
  );
  await landObjects(stack.environment, Number(values.objects), ending.signal, (count) => {
    landed = count;
  });
  clearTimeout(end);
  clearInterval(timer);
  look();
  await stack.stop();
  const minutes = await freshnessByMinute(join(home, 'warehouse.duckdb'));
  const loaded = minutes.reduce((sum, { objects }) => sum + objects, 0);
  // The stack started with a file of its own.
  if (loaded !== landed + 1) throw new Error(`${landed} objects landed and ${loaded} were loaded; see ${home}`);
  say(`\n${landed} objects in ${(samples.at(-1)?.minute ?? 0).toFixed(1)} minutes\n${flatnessTable(samples, minutes)}`);
  const date = new Date().toISOString();
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ date, machine: machine(), samples, minutes }, undefined, 2)}\n`);
  if (values.svg !== undefined) writeFileSync(values.svg, plotOf(samples, minutes));
  rmSync(home, { recursive: true });
}

function progress(sample: Sample | undefined): string {
  if (sample === undefined) return '';
  const { minute, landed, stackMB, heapMB, liveMB, functionsMB, stackFiles, controlFiles } = sample;
  const load = loadavg()[0]?.toFixed(1);
  return `${minute.toFixed(0)} min: ${landed} landed, stack ${stackMB.toFixed(0)} MB (heap ${heapMB.toFixed(0)}, in use ${liveMB.toFixed(0)}), functions ${functionsMB.toFixed(0)} MB, ${stackFiles} open files, ${controlFiles} control files; load average ${load}`;
}
