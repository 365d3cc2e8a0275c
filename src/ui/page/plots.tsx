import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Point } from '../shapes.ts';
import { useTold } from './store.ts';
import {
  freshnessData,
  freshnessOptions,
  rangeOf,
  ratesData,
  ratesOptions,
  sizeOf,
  type Drawn,
} from './plot-options.ts';
import { clock, count, seconds } from './words.ts';

/** Two plots on one time axis with one cursor. */
export function Plots() {
  const points = useTold((told) => told.points);
  const setup = useTold((told) => told.setup);
  const upper = useRef<HTMLDivElement>(null);
  const lower = useRef<HTMLDivElement>(null);
  const reading = useRef<HTMLParagraphElement>(null);
  const drawn = useRef<Drawn>({ points, goal: 0 });
  const redraw = useRef<() => void>(() => undefined);
  drawn.current = { points, goal: setup?.goalSeconds ?? 0 };
  useEffect(() => {
    const [above, below] = [upper.current, lower.current];
    if (above === null || below === null || setup === null) return undefined;
    return draw(above, below, drawn, redraw, (text) => {
      if (reading.current) reading.current.textContent = text;
    });
  }, [setup === null]);
  useEffect(() => {
    redraw.current();
  }, [points]);
  return (
    <section class="panel plots" aria-label="Freshness and throughput">
      <header>
        <h2>Freshness</h2>
        <p class="small legend">
          <span class="key p50" /> p50 <span class="key p95" /> p95 <span class="key dot" /> object{' '}
          <span class="key tick" /> batch
        </p>
        <p class="small reading" ref={reading} />
      </header>
      <div class="plot" ref={upper} role="img" aria-label="Seconds from landing to queryable: p50, p95 and the goal" />
      <div class="plot" ref={lower} role="img" aria-label="Objects per second, loaded and not loaded, and batches" />
    </section>
  );
}

/** Draws both plots until the returned function is called; `redraw` is given what draws what is new. */
function draw(
  above: HTMLElement,
  below: HTMLElement,
  drawn: { readonly current: Drawn },
  redraw: { current: () => void },
  tell: (text: string) => void,
): () => void {
  const places = [above, below];
  let plots: uPlot[] = [];
  const read = (index: number | null | undefined): void => {
    tell(readingOf(drawn.current.points, index));
  };
  const build = (): void => {
    for (const plot of plots) plot.destroy();
    plots = [
      new uPlot(freshnessOptions(above, drawn, read), [[]], above),
      new uPlot(ratesOptions(below, drawn, read), [[]], below),
    ];
    redraw.current();
  };
  redraw.current = () => {
    const { points: all } = drawn.current;
    const scale = rangeOf(all);
    for (const [index, plot] of plots.entries()) {
      plot.batch(() => {
        plot.setData(index === 0 ? freshnessData(all) : ratesData(all), false);
        plot.setScale('x', scale);
      });
    }
    if (plots[0]?.cursor.idx == null) read(null);
  };
  build();
  // Time goes on where nothing happens.
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') redraw.current();
  }, 1000);
  const resize = new ResizeObserver(() => {
    for (const [index, plot] of plots.entries()) plot.setSize(sizeOf(places[index] ?? above));
  });
  resize.observe(above);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', build);
  return () => {
    clearInterval(timer);
    resize.disconnect();
    scheme.removeEventListener('change', build);
    for (const plot of plots) plot.destroy();
  };
}

/** What the cursor points at, or the last that happened. */
function readingOf(points: readonly Point[], index: number | null | undefined): string {
  const point = index == null ? points.at(-1) : points[index];
  if (point === undefined) return 'Nothing was loaded since the page is open.';
  const fresh =
    point.p50 === null || point.p95 === null ? '' : `p50 ${seconds(point.p50)}, p95 ${seconds(point.p95)} · `;
  const not = point.notLoaded === 0 ? '' : `, ${count(point.notLoaded)} not loaded`;
  return `${clock(point.atMs)} · ${fresh}${count(point.loaded)} loaded${not}`;
}
