import type uPlot from 'uplot';
import type { CostReport } from '../shapes.ts';
import { decade, DECADES, LEAST_SECONDS, LOGARITHMIC, paint, sizeOf } from './plot-options.ts';

type Priced = Pick<CostReport['windows'][number], 'bill' | 'billedSeconds'>;

/** What is paid for in a day: US$, or hours where no prices are known. */
function perDay({ days }: CostReport, { bill, billedSeconds }: Priced): number {
  return bill === null ? billedSeconds / 3600 / days : bill.total / days;
}

/** The same in words. */
export function costOf(report: CostReport, one: Priced): string {
  const value = perDay(report, one).toFixed(2);
  return one.bill === null ? `${value} h awake` : `US$ ${value}`;
}

/** The windows with a freshness, by it. */
function drawn(report: CostReport) {
  const windows = report.windows.flatMap((one) =>
    one.freshness ? [{ ...one, p95: Math.max(LEAST_SECONDS, one.freshness.p95) }] : [],
  );
  return windows.sort((a, b) => a.p95 - b.p95);
}

/** The plot's data: p95 of freshness, and what a day costs. */
export function costData(report: CostReport): uPlot.AlignedData {
  const windows = drawn(report);
  return [windows.map(({ p95 }) => p95), windows.map((one) => perDay(report, one))];
}

/** Bill against freshness: a dot for each batch window, named; the one in use and the goal stand out. */
export function costOptions(place: HTMLElement, report: CostReport): uPlot.Options {
  const colour = paint(place);
  const windows = drawn(report);
  const isPriced = report.pricesAsOf !== null;
  const [shortest, longest] = [windows[0]?.p95 ?? 1, windows.at(-1)?.p95 ?? 1];
  const axis = { stroke: colour('--muted'), grid: { stroke: colour('--hair'), width: 1 }, ticks: { show: false } };
  const font = '11px system-ui, sans-serif';
  return {
    ...sizeOf(place),
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, distr: LOGARITHMIC, range: () => [shortest * 0.7, longest * 2] },
      y: { range: (_, __, high) => [0, Math.max(high || 0, 0.01) * 1.2] },
    },
    axes: [
      {
        ...axis,
        font,
        size: 24,
        splits: () => DECADES.filter((one) => one <= longest),
        values: (_, splits) => splits.map(decade),
      },
      {
        ...axis,
        font,
        size: 64,
        values: (_, splits) => splits.map((value) => (isPriced ? `$ ${value.toFixed(2)}` : `${value.toFixed(1)} h`)),
      },
    ],
    series: [{}, { stroke: colour('--fine'), width: 1.5, points: { show: true, size: 6, fill: colour('--fine') } }],
    hooks: {
      draw: [
        (plot) => {
          const { ctx: context, bbox } = plot;
          context.save();
          context.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
          context.textAlign = 'left';
          for (const one of windows) {
            context.fillStyle = colour(one.isCurrent ? '--ink' : '--muted');
            const left = plot.valToPos(one.p95, 'x', true) + 6 * devicePixelRatio;
            const top = plot.valToPos(perDay(report, one), 'y', true) - 6 * devicePixelRatio;
            context.fillText(`${one.windowSeconds} s${one.isCurrent ? ', now' : ''}`, left, top);
          }
          const goal = report.goalSeconds === null ? NaN : plot.valToPos(report.goalSeconds, 'x', true);
          if (goal >= bbox.left && goal <= bbox.left + bbox.width) {
            context.strokeStyle = colour('--muted');
            context.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
            context.beginPath();
            context.moveTo(goal, bbox.top);
            context.lineTo(goal, bbox.top + bbox.height);
            context.stroke();
          }
          context.restore();
        },
      ],
    },
  };
}
