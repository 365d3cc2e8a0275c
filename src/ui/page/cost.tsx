import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { CostReport } from '../shapes.ts';
import { Command } from './copy.tsx';
import { costData, costOptions, costOf } from './cost-plot.ts';
import { sizeOf } from './plot-options.ts';
import { ask } from './store.ts';
import { count, seconds, wordsOf } from './words.ts';

/** What loading costs, and would with other batch windows. Asked by a click: a question wakes a warehouse that sleeps. */
export function Cost() {
  const [report, setReport] = useState<CostReport | null>(null);
  const [state, setState] = useState('');
  const reckon = (): void => {
    setState('Asking …');
    ask<CostReport>('/api/cost')
      .then((answer) => {
        setReport(answer);
        setState('');
      })
      .catch((error: unknown) => {
        setState(wordsOf(error));
      });
  };
  return (
    <section class="panel" aria-label="Cost">
      <header>
        <h2>Cost</h2>
        <button type="button" class="action" data-cost onClick={reckon}>
          Reckon the last days
        </button>
        <p class="small" role="status">
          {state}
        </p>
      </header>
      {report === null ? (
        <p class="small">What loading cost, and what it would have cost with another batch window.</p>
      ) : report.actual.loads === 0 ? (
        <p class="small">No batch was loaded in the last {report.days} days.</p>
      ) : (
        <Reckoned report={report} />
      )}
    </section>
  );
}

function Reckoned({ report }: { report: CostReport }) {
  const { actual, days, cheapest, goalSeconds, notes } = report;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    let plot: uPlot | undefined;
    const build = (): void => {
      plot?.destroy();
      plot = new uPlot(costOptions(current, report), costData(report), current);
    };
    build();
    const resize = new ResizeObserver(() => plot?.setSize(sizeOf(current)));
    resize.observe(current);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', build);
    return () => {
      resize.disconnect();
      scheme.removeEventListener('change', build);
      plot?.destroy();
    };
  }, [report]);
  return (
    <div class="cost">
      <p class="reckoned">
        The last {days} days: {count(actual.objects)} objects in {count(actual.loads)} loads, {costOf(report, actual)} a
        day.
      </p>
      <div class="plot" ref={place} role="img" aria-label={plotText(report)} />
      {goalSeconds === null ? null : cheapest === null ? (
        <p class="small">No window makes 95 % of the objects queryable within {seconds(goalSeconds)}.</p>
      ) : (
        <p>
          Cheapest within {seconds(goalSeconds)}: a window of {cheapest.windowSeconds} s{' '}
          <Command text={cheapest.command} />
        </p>
      )}
      <ul class="objects small">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </div>
  );
}

/** The plot for who cannot see it. */
function plotText(report: CostReport): string {
  const windows = report.windows.flatMap((one) =>
    one.freshness === null
      ? []
      : [`${one.windowSeconds} s: ${costOf(report, one)} a day, p95 ${seconds(one.freshness.p95)}`],
  );
  return `Cost against freshness by batch window. ${windows.join('; ')}`;
}
