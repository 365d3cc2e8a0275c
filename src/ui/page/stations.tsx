import { useEffect, useRef } from 'preact/hooks';
import type { Overview, PageState, Running, Station } from '../shapes.ts';
import { Dots } from './dots.ts';
import { openLife, openList } from './life.tsx';
import { onMoves, useTold } from './store.ts';
import { count, STATION_WORDS } from './words.ts';

/** The state whose objects a click on a station lists. */
const LISTED: Record<Station, PageState> = {
  bucket: 'unannounced',
  queue: 'waiting',
  batch: 'waiting',
  star: 'loaded',
  quarantine: 'quarantined',
  deadLetters: 'deadLettered',
};

/** The way of an object: stations with counts, the stages of the two transactions, and sidings. */
export function Stations() {
  const overview = useTold((told) => told.overview);
  const setup = useTold((told) => told.setup);
  const strip = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (strip.current === null || canvas.current === null) return undefined;
    const dots = new Dots(strip.current, canvas.current);
    const unsubscribe = onMoves((moves) => {
      dots.add(moves);
    });
    return () => {
      unsubscribe();
      dots.stop();
    };
  }, [setup === null]);
  if (setup === null) return null;
  const openDot = (event: MouseEvent): void => {
    const url = Dots.at(event);
    if (url !== undefined) openLife(url);
  };
  return (
    <section class="panel strip" aria-label="Stations" ref={strip} onClick={openDot}>
      <div class="line">
        <Node station="bucket" overview={overview} note="unannounced" />
        <Way />
        <div class="siding">
          <Node station="queue" overview={overview} note={overview?.queueUnit ?? 'objects'} />
          <Node station="deadLetters" overview={overview} />
        </div>
        <Way />
        <div class="siding">
          <Node station="batch" overview={overview} note="being loaded" />
          <Node station="quarantine" overview={overview} />
        </div>
        <Way />
        <Phase name="staging" stages={setup.stages.staging} running={overview?.running ?? []} />
        <Way />
        <Phase name="merging" stages={setup.stages.merging} running={overview?.running ?? []} />
        <Way />
        <Node station="star" overview={overview} note="in the tables" />
      </div>
      <canvas ref={canvas} aria-hidden="true" />
    </section>
  );
}

function Node({ station, overview, note }: { station: Station; overview: Overview | null; note?: string }) {
  const value = overview?.stations[station];
  const tone = note === undefined && (value ?? 0) > 0 ? ' bad' : '';
  return (
    <button
      type="button"
      class={`station${tone}`}
      data-station={station}
      onClick={() => {
        openList(LISTED[station]);
      }}
    >
      <span class="name">{STATION_WORDS[station]}</span>
      <b>{value === undefined ? '–' : count(value)}</b>
      {note === undefined ? null : <span class="note">{note}</span>}
    </button>
  );
}

function Way() {
  return <span class="way" aria-hidden="true" />;
}

/** A transaction with its stages; those at which a load is now are lit. */
function Phase({ name, stages, running }: { name: string; stages: readonly string[]; running: readonly Running[] }) {
  const own = running.filter(({ phase }) => phase === name);
  const progress = own.map(({ done, of }) => `${done} of ${of}`).join(', ');
  return (
    <div class={own.length > 0 ? 'phase busy' : 'phase'} data-phase={name}>
      <span class="name">{name}</span>
      <span class="stages">
        {stages.map((stage) => (
          <span key={stage} class={own.some((one) => one.stage === stage) ? 'stage lit' : 'stage'}>
            {stage}
          </span>
        ))}
      </span>
      <span class="note">
        {own.length > 0 ? `statement ${progress}` : name === 'staging' ? 'COPY, without a lock' : 'one transaction'}
      </span>
    </div>
  );
}
