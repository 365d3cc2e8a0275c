/** What a long run has shown: a table of what should be flat, and the curves. */
import type { Footprint } from './footprint.ts';
import type { MinuteFreshness } from './freshness.ts';
import { median } from '../report.ts';
import { plotSvg, type Curve } from './plot.ts';

/** A footprint, when it was taken and how many objects had landed. */
export type Sample = { minute: number; landed: number } & Footprint;

type Quantity = { name: keyof Footprint; what: string; unit: string };

const QUANTITIES: readonly Quantity[] = [
  { name: 'stackMB', what: 'memory of the stack', unit: 'MB' },
  { name: 'heapMB', what: 'of that, heap of JavaScript', unit: 'MB' },
  { name: 'liveMB', what: 'of that, in use after a collection (grows with objects)', unit: 'MB' },
  { name: 'engineMB', what: "of the stack's, all but heap and buffers", unit: 'MB' },
  { name: 'functionsMB', what: 'memory of the functions', unit: 'MB' },
  { name: 'othersMB', what: 'memory of other processes', unit: 'MB' },
  { name: 'stackFiles', what: 'open files of the stack', unit: '' },
  { name: 'functionFiles', what: 'open files of the functions', unit: '' },
  { name: 'functions', what: 'processes of functions', unit: '' },
  { name: 'controlFiles', what: 'control files', unit: '' },
  { name: 'scratchMB', what: 'scratch', unit: 'MB' },
  { name: 'queuesMB', what: 'journal of the queues', unit: 'MB' },
  { name: 'objectsJournalMB', what: 'journal of the objects (grows with them)', unit: 'MB' },
  { name: 'warehouseMB', what: 'warehouse (grows with rows)', unit: 'MB' },
  { name: 'walMB', what: "the warehouse's log", unit: 'MB' },
];

/** The medians of the second and of the last quarter of the run, side by side, as a Markdown table. */
export function flatnessTable(samples: readonly Sample[], minutes: readonly MinuteFreshness[]): string {
  const rows = QUANTITIES.map(({ name, what, unit }) => row(what, unit, samples, (sample) => sample[name]));
  // The last minute has few objects in it.
  const whole = minutes.length > 1 ? minutes.slice(0, -1) : minutes;
  const fresh = (['p50', 'p95', 'p99'] as const).map((name) =>
    row(`freshness, ${name}`, 's', whole, (one) => one[name]),
  );
  return ['| what | second quarter | last quarter | most |', '|---|---:|---:|---:|', ...rows, ...fresh].join('\n');
}

function row<Of>(what: string, unit: string, of: readonly Of[], value: (one: Of) => number): string {
  const quarter = Math.max(1, Math.floor(of.length / 4));
  const shown = (values: readonly Of[], pick: (all: number[]) => number): string =>
    `${Number(pick(values.map(value)).toFixed(unit === '' ? 0 : 1))} ${unit}`.trim();
  const most = (all: readonly number[]): number => Math.max(...all);
  return `| ${[what, shown(of.slice(quarter, 2 * quarter), median), shown(of.slice(-quarter), median), shown(of, most)].join(' | ')} |`;
}

/** The curves of a run. */
export function plotOf(samples: readonly Sample[], minutes: readonly MinuteFreshness[]): string {
  const at = samples.map(({ minute }) => minute);
  const curve = (name: string, value: (sample: Sample) => number): Curve => ({
    name,
    minutes: at,
    values: samples.map(value),
  });
  const fresh = (name: 'p50' | 'p95' | 'p99'): Curve => ({
    name,
    minutes: minutes.map(({ minute }) => minute),
    values: minutes.map((one) => one[name]),
  });
  return plotSvg([
    { title: 'Objects landed', unit: 'thousands', curves: [curve('landed', ({ landed }) => landed / 1000)] },
    { title: 'Freshness', unit: 'seconds', curves: [fresh('p50'), fresh('p95'), fresh('p99')] },
    {
      title: 'Memory',
      unit: 'MB',
      curves: [
        curve('stack', ({ stackMB }) => stackMB),
        curve('without its heap', ({ engineMB }) => engineMB),
        curve('heap in use', ({ liveMB }) => liveMB),
        curve('functions', ({ functionsMB }) => functionsMB),
      ],
    },
    {
      title: 'Open files',
      unit: 'number',
      curves: [
        curve('stack', ({ stackFiles }) => stackFiles),
        curve('functions', ({ functionFiles }) => functionFiles),
      ],
    },
    {
      title: 'Disk',
      unit: 'MB',
      curves: [
        curve('warehouse', ({ warehouseMB }) => warehouseMB),
        curve('its log', ({ walMB }) => walMB),
        curve('queues', ({ queuesMB }) => queuesMB),
        curve('objects’ journal', ({ objectsJournalMB }) => objectsJournalMB),
      ],
    },
    { title: 'Control files', unit: 'number', curves: [curve('control files', ({ controlFiles }) => controlFiles)] },
  ]);
}
