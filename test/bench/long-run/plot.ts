/** Curves over time as an SVG: one panel below the other, each with its own scale from zero. */

/** A panel; every curve has one value per time. */
export type Panel = { title: string; unit: string; curves: Curve[] };

/** A curve; `minutes` are its times. */
export type Curve = { name: string; minutes: readonly number[]; values: readonly number[] };

const WIDTH = 420;
const HEIGHT = 170;
const COLUMNS = 2;
const MARGIN = { left: 52, right: 12, top: 34, bottom: 24 };
const COLOURS = ['#1b6ca8', '#c8553d', '#4a7c3a', '#7a5195'];

/** Draws the panels, two beside each other. All share one axis of minutes. */
export function plotSvg(panels: readonly Panel[]): string {
  const minutes = Math.max(1, ...panels.flatMap(({ curves }) => curves.flatMap((curve) => curve.minutes)));
  const width = WIDTH * COLUMNS;
  const height = HEIGHT * Math.ceil(panels.length / COLUMNS);
  const drawn = panels.map((panel, index) => {
    const place = `translate(${(index % COLUMNS) * WIDTH} ${Math.floor(index / COLUMNS) * HEIGHT})`;
    return `<g transform="${place}">${drawPanel(panel, minutes)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, unit, curves }: Panel, minutes: number): string {
  const most = roundUp(Math.max(...curves.flatMap(({ values }) => values)));
  const x = (minute: number): number => MARGIN.left + (minute / minutes) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number): number => HEIGHT - MARGIN.bottom - (value / most) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const gridLines = [0, 0.5, 1].map((share) => {
    const at = y(share * most).toFixed(1);
    return `<path d="M${MARGIN.left} ${at}H${WIDTH - MARGIN.right}" stroke="#ddd"/><text x="${MARGIN.left - 5}" y="${at}" dy="4" text-anchor="end">${shown(share * most)}</text>`;
  });
  const times = [0, minutes / 2, minutes].map(
    (minute) =>
      `<text x="${x(minute).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="${minute === minutes ? 'end' : 'middle'}">${shown(minute)} min</text>`,
  );
  const lines = curves.map(({ minutes: at, values }, index) => {
    const points = values.map((value, place) => `${x(at[place] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`);
    return `<path d="M${points.join('L')}" fill="none" stroke="${colourOf(index)}" stroke-width="1.5"/>`;
  });
  const names = curves.map(({ name }, index) => `<tspan fill="${colourOf(index)}"> ${name}</tspan>`);
  const heading = `<text x="${MARGIN.left}" y="18"><tspan font-weight="bold">${title}, ${unit}</tspan>${curves.length > 1 ? names.join('') : ''}</text>`;
  return [heading, ...gridLines, ...times, ...lines].join('');
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '#000';
}

/** The next of 1, 2, 5, 10, 20, 50 … that is not less. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-3)));
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power;
}

function shown(value: number): string {
  return String(Number(value.toPrecision(2)));
}
