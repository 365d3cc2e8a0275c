import { useState } from 'preact/hooks';
import type { QueryResult } from '../shapes.ts';
import { send, useTold } from './store.ts';
import { count, seconds, wordsOf } from './words.ts';

/** Where each table stands in the picture, and by what it is joined to songplays. */
const PLACES: Record<string, { x: number; y: number; key: string | null }> = {
  songplays: { x: 200, y: 108, key: null },
  users: { x: 8, y: 16, key: 'user_id' },
  time: { x: 392, y: 16, key: 'start_time' },
  songs: { x: 8, y: 200, key: 'song_id' },
  artists: { x: 392, y: 200, key: 'artist_id' },
};
const BOX = { width: 160, height: 64 };

/** The star with its counts, and a box for questions. */
export function Star() {
  const setup = useTold((told) => told.setup);
  const tables = useTold((told) => told.overview?.tables) ?? {};
  if (setup === null) return null;
  return (
    <section class="panel star" aria-label="The star">
      <header>
        <h2>The star</h2>
        <p class="small">Facts, dimensions and ledger commit together; readers never see half a batch.</p>
      </header>
      <div class="two">
        <Picture tables={tables} />
        <Query samples={setup.samples} schema={setup.schema} isLocal={setup.isLocal} />
      </div>
    </section>
  );
}

function Picture({ tables }: { tables: Record<string, number> }) {
  const names = Object.keys(PLACES);
  const label = names.map((name) => `${name} ${tables[name] === undefined ? '' : count(tables[name])}`).join(', ');
  const middle = (name: string): { x: number; y: number } => {
    const { x, y } = PLACES[name] ?? { x: 0, y: 0 };
    return { x: x + BOX.width / 2, y: y + BOX.height / 2 };
  };
  const center = middle('songplays');
  return (
    <svg class="picture" viewBox="0 0 560 280" role="img" aria-label={`Rows: ${label}`}>
      {names.map((name) => {
        const at = middle(name);
        const { key } = PLACES[name] ?? { key: null };
        return key === null ? null : (
          <g key={name}>
            <line x1={center.x} y1={center.y} x2={at.x} y2={at.y} />
            <text class="join" x={(center.x + at.x) / 2} y={(center.y + at.y) / 2 - 3} text-anchor="middle">
              {key}
            </text>
          </g>
        );
      })}
      {names.map((name) => {
        const { x, y, key } = PLACES[name] ?? { x: 0, y: 0, key: null };
        return (
          <g key={name} class={key === null ? 'table fact' : 'table'}>
            <rect x={x} y={y} width={BOX.width} height={BOX.height} rx={6} />
            <text class="name" x={x + BOX.width / 2} y={y + 24} text-anchor="middle">
              {name}
            </text>
            <text class="rows" x={x + BOX.width / 2} y={y + 49} text-anchor="middle">
              {tables[name] === undefined ? '–' : count(tables[name])}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

type QueryProps = { samples: { question: string; sql: string }[]; schema: string; isLocal: boolean };

function Query({ samples, schema, isLocal }: QueryProps) {
  const [sql, setSql] = useState(samples[0]?.sql ?? '');
  const [result, setResult] = useState<QueryResult | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = (text: string): void => {
    setSql(text);
    setBusy(true);
    send<QueryResult>('/api/query', { sql: text })
      .then(setResult, (error: unknown) => {
        setResult({ kind: 'refused', reason: wordsOf(error) });
      })
      .finally(() => {
        setBusy(false);
      });
  };
  return (
    <div class="query">
      <div class="samples">
        {samples.map(({ question, sql: sample }) => (
          <button
            type="button"
            class="chip"
            key={question}
            onClick={() => {
              run(sample);
            }}
          >
            {question}
          </button>
        ))}
      </div>
      <textarea
        aria-label={`A query, schema ${schema}`}
        spellcheck={false}
        rows={8}
        value={sql}
        onInput={(event) => {
          setSql(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run(sql);
        }}
      />
      <div class="run">
        <button
          type="button"
          class="action"
          disabled={isBusy}
          onClick={() => {
            run(sql);
          }}
        >
          {isBusy ? 'Running …' : 'Run'}
        </button>
        <span class="small">
          Ctrl + Enter. One SELECT, for at most 30 s
          {isLocal ? '' : ', as the user of this terminal; it wakes the warehouse'}.
        </span>
      </div>
      {result === null ? null : <Result result={result} />}
    </div>
  );
}

function Result({ result }: { result: QueryResult }) {
  if (result.kind === 'refused') return <p class="problem">{result.reason}</p>;
  const { columns, rows, found, seconds: took } = result;
  const numeric = columns.filter((name) => rows.every((row) => typeof row[name] === 'number'));
  const plotted = rows.length > 1 && rows.length <= 60 ? numeric.at(-1) : undefined;
  const most = plotted === undefined ? 0 : Math.max(...rows.map((row) => Math.abs(Number(row[plotted]))));
  return (
    <div class="result" tabIndex={0} role="region" aria-label="Result">
      <table>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col" class={numeric.includes(name) ? 'num' : ''}>
                {name}
              </th>
            ))}
            {plotted === undefined ? null : <th scope="col" aria-label={`${plotted}, as bars`} />}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {columns.map((name) => (
                <td key={name} class={numeric.includes(name) ? 'num' : ''}>
                  {cell(row[name])}
                </td>
              ))}
              {plotted === undefined ? null : (
                <td class="plotted">
                  <span style={{ width: `${most === 0 ? 0 : (100 * Math.abs(Number(row[plotted]))) / most}%` }} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="small">
        {count(found)} {found === 1 ? 'row' : 'rows'} in {seconds(took)}
        {rows.length < found ? `; the first ${count(rows.length)} are shown` : ''}
      </p>
    </div>
  );
}

function cell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'number' && Number.isInteger(value) ? count(value) : String(value);
}
