import uPlot from 'uplot';
import type { Point } from '../shapes.ts';
import { clock, count, seconds } from './words.ts';

/** The plots show at least this much time, seconds. */
const LEAST_SPAN = 60;
/** A logarithmic axis has no zero. */
export const LEAST_SECONDS = 0.01;
/** The lines of the logarithmic axis. */
export const DECADES = [0.01, 0.1, 1, 10, 100, 1000, 10_000, 100_000];
const SYNC = 'plots';
/** uPlot's types have this number as an enum that its code does not have. */
export const LOGARITHMIC = 3 as unknown as uPlot.Scale.Distr;

/** What the plots are drawn from: points, and the objective for freshness in seconds. */
export type Drawn = { points: readonly Point[]; goal: number };

/** The time that is shown, epoch seconds: up to now. */
export function rangeOf(points: readonly Point[]): { min: number; max: number } {
  const now = Date.now() / 1000;
  const first = (points[0]?.atMs ?? Date.now()) / 1000;
  return { min: Math.min(first - 2, now - LEAST_SPAN), max: now };
}

const times = (points: readonly Point[]): number[] => points.map(({ atMs }) => atMs / 1000);

/** The upper plot's data. */
export function freshnessData(points: readonly Point[]): uPlot.AlignedData {
  const floor = (value: number | null): number | null => (value === null ? null : Math.max(LEAST_SECONDS, value));
  return [times(points), points.map(({ p50 }) => floor(p50)), points.map(({ p95 }) => floor(p95))];
}

/** The lower plot's data. */
export function ratesData(points: readonly Point[]): uPlot.AlignedData {
  return [times(points), points.map(({ loaded }) => loaded), points.map(({ notLoaded }) => notLoaded || null)];
}

type DrawnRef = { readonly current: Drawn };
type Read = (index: number | null | undefined) => void;

function common(
  place: HTMLElement,
  read: Read,
  isLast: boolean,
): Pick<uPlot.Options, 'width' | 'height' | 'legend' | 'cursor' | 'hooks'> & { x: uPlot.Axis } {
  const colour = paint(place);
  return {
    ...sizeOf(place),
    legend: { show: false },
    cursor: { sync: { key: SYNC }, points: { size: 6 }, drag: { setScale: false } },
    hooks: {
      setCursor: [
        (plot) => {
          read(plot.cursor.idx);
        },
      ],
    },
    x: {
      stroke: colour('--muted'),
      grid: { stroke: colour('--hair'), width: 1 },
      ticks: { show: false },
      size: isLast ? 24 : 6,
      values: (_, splits) => (isLast ? splits.map((at) => clock(at * 1000)) : splits.map(() => '')),
      font: '11px system-ui, sans-serif',
      space: 90,
    },
  };
}

/** A line of the logarithmic axis: `0.1 s`, `10 s`. */
export function decade(value: number): string {
  return value < 1000 ? `${value} s` : seconds(value);
}

function yAxis(place: HTMLElement, label: (value: number) => string): uPlot.Axis {
  const colour = paint(place);
  return {
    stroke: colour('--muted'),
    grid: { stroke: colour('--hair'), width: 1 },
    ticks: { show: false },
    size: 52,
    font: '11px system-ui, sans-serif',
    values: (_, splits) => splits.map((value) => ((value as number | null) === null ? '' : label(value))),
  };
}

/** The upper plot: freshness on a logarithmic axis, the goal, and single objects. */
export function freshnessOptions(place: HTMLElement, drawn: DrawnRef, read: Read): uPlot.Options {
  const colour = paint(place);
  const { x, hooks, ...rest } = common(place, read, false);
  return {
    ...rest,
    scales: {
      x: { time: false, auto: false },
      y: { distr: LOGARITHMIC, range: (_, low, high) => [Math.min(low || 0.1, 0.1), Math.max(high || 1, 10)] },
    },
    axes: [x, { ...yAxis(place, decade), splits: () => DECADES }],
    series: [
      {},
      { stroke: colour('--fine'), width: 1.5, points: { show: true, size: 4, fill: colour('--fine') } },
      { stroke: colour('--p95'), width: 1.5, dash: [4, 3], points: { show: true, size: 4, fill: colour('--p95') } },
    ],
    hooks: {
      ...hooks,
      draw: [
        (plot) => {
          const { ctx: context } = plot;
          const { left, width } = plot.bbox;
          context.save();
          context.globalAlpha = 0.25;
          context.fillStyle = colour('--fine');
          for (const { atMs, samples } of drawn.current.points) {
            const at = plot.valToPos(atMs / 1000, 'x', true);
            if (at < left) continue;
            for (const sample of samples) {
              context.beginPath();
              context.arc(at, plot.valToPos(Math.max(LEAST_SECONDS, sample), 'y', true), 1.5 * devicePixelRatio, 0, 7);
              context.fill();
            }
          }
          context.globalAlpha = 1;
          const goal = plot.valToPos(drawn.current.goal, 'y', true);
          context.strokeStyle = context.fillStyle = colour('--muted');
          context.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
          context.beginPath();
          context.moveTo(left, goal);
          context.lineTo(left + width, goal);
          context.stroke();
          context.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
          context.textAlign = 'right';
          context.fillText(`goal ${seconds(drawn.current.goal)}`, left + width - 4, goal - 4 * devicePixelRatio);
          context.restore();
        },
      ],
    },
  };
}

/** The lower plot: objects by outcome, and a tick for each batch. */
export function ratesOptions(place: HTMLElement, drawn: DrawnRef, read: Read): uPlot.Options {
  const colour = paint(place);
  const { x, hooks, ...rest } = common(place, read, true);
  const bars = uPlot.paths.bars?.({ size: [0.9, 14, 2] });
  return {
    ...rest,
    scales: { x: { time: false, auto: false }, y: { range: (_, __, high) => [0, Math.max(high || 0, 4) * 1.15] } },
    axes: [x, yAxis(place, count)],
    series: [
      {},
      {
        fill: colour('--fine'),
        stroke: colour('--fine'),
        width: 0,
        points: { show: false },
        ...(bars && { paths: bars }),
      },
      {
        fill: colour('--bad'),
        stroke: colour('--bad'),
        width: 0,
        points: { show: false },
        ...(bars && { paths: bars }),
      },
    ],
    hooks: {
      ...hooks,
      draw: [
        (plot) => {
          // A batch is a tick at the top; several in one second stand side by side.
          const { ctx: context, bbox } = plot;
          context.save();
          context.fillStyle = colour('--muted');
          for (const { atMs, batches } of drawn.current.points) {
            const at = plot.valToPos(atMs / 1000, 'x', true);
            for (let i = 0; i < Math.min(batches, 4); i += 1)
              if (at >= bbox.left)
                context.fillRect(at + i * 3 * devicePixelRatio, bbox.top, 1.5 * devicePixelRatio, 6 * devicePixelRatio);
          }
          context.restore();
        },
      ],
    },
  };
}

/** The size of a plot in its place. */
export function sizeOf(place: HTMLElement): { width: number; height: number } {
  return { width: Math.max(200, place.clientWidth), height: place.clientHeight };
}

/** The colours of the style sheet, as they are now. */
export function paint(place: HTMLElement): (name: string) => string {
  const style = getComputedStyle(place);
  return (name) => style.getPropertyValue(name).trim();
}
