import { render } from 'preact';
import { Batches } from './batches.tsx';
import { Cost } from './cost.tsx';
import { LifeDialog } from './life.tsx';
import { Plots } from './plots.tsx';
import { Quarantine } from './quarantine.tsx';
import { Asking, Sentence } from './sentence.tsx';
import { Star } from './star.tsx';
import { Stations } from './stations.tsx';
import { listen, useTold } from './store.ts';
import { Drops, Faults } from './trouble.tsx';

function App() {
  const setup = useTold((told) => told.setup);
  const connected = useTold((told) => told.connected);
  const trouble = useTold((told) => told.trouble);
  return (
    <>
      <header class="top">
        <h1>
          sparkify <span>{setup?.title ?? ''}</span>
        </h1>
        <p class={connected ? 'live' : 'live lost'} role="status">
          {connected
            ? setup?.asking
              ? 'connected'
              : 'live'
            : setup === null
              ? 'starting …'
              : 'stopped; it connects again by itself'}
        </p>
        {trouble === '' ? null : <p class="problem">{trouble}</p>}
        <Drops />
        <Asking />
      </header>
      <main>
        <Sentence />
        <Stations />
        <div class="middle">
          <Plots />
          <Batches />
        </div>
        <Quarantine />
        <Star />
        <Cost />
        <Faults />
      </main>
      <footer class="small">
        {setup === null ? null : (
          <>
            Buckets {setup.buckets.join(', ')} · schema {setup.schema}
            {setup.folder === null ? '' : ` · watching ${setup.folder}`} · the same data as JSON: /api/overview,
            /api/batches, /api/quarantine
          </>
        )}
      </footer>
      <LifeDialog />
    </>
  );
}

const place = document.getElementById('page');
if (place !== null) {
  place.textContent = '';
  render(<App />, place);
  listen();
}
