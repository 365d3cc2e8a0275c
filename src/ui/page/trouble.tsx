import { useState } from 'preact/hooks';
import type { Drop, FaultSwitch } from '../shapes.ts';
import { openLife } from './life.tsx';
import { send, useTold } from './store.ts';
import { count, wordsOf } from './words.ts';

/** What each button puts into the bucket. */
const DROPS: readonly { what: Drop; label: string; says: string }[] = [
  { what: 'good', label: 'Drop a file', says: 'Puts one file with one play into the local bucket' },
  { what: 'bad', label: 'a broken one', says: 'Puts one file whose second line is broken into the local bucket' },
  { what: 'many', label: '1,000', says: 'Puts a thousand files with a play each into the local bucket' },
];

/** Files for those who have none at hand; only locally. */
export function Drops() {
  const isLocal = useTold((told) => told.setup?.isLocal ?? false);
  const [problem, setProblem] = useState('');
  const [last, setLast] = useState<string | null>(null);
  if (!isLocal) return null;
  const drop = (what: Drop): void => {
    send<{ url: string }>('/api/drop', { what }).then(
      ({ url }) => {
        setLast(url);
        setProblem('');
      },
      (error: unknown) => {
        setProblem(wordsOf(error));
      },
    );
  };
  return (
    <div class="drops">
      {problem === '' ? null : <span class="problem">{problem}</span>}
      {last === null ? null : (
        <button
          type="button"
          class="link"
          onClick={() => {
            openLife(last);
          }}
        >
          what became of it?
        </button>
      )}
      <span class="group" role="group" aria-label="Put sample files into the local bucket">
        {DROPS.map(({ what, label, says }) => (
          <button
            type="button"
            class="action"
            key={what}
            title={says}
            data-drop={what}
            onClick={() => {
              drop(what);
            }}
          >
            {label}
          </button>
        ))}
      </span>
    </div>
  );
}

/** The switches of the local fault plan. */
export function Faults() {
  const faults = useTold((told) => told.faults);
  if (faults.length === 0) return null;
  return (
    <section class="panel" aria-label="Faults">
      <header>
        <h2>Break it on purpose</h2>
        <p class="small">
          Each switch injects faults into this stack from now on. Drop files, and watch the sentence add up.
        </p>
      </header>
      <div class="faults">
        {faults.map((fault) => (
          <Switch key={fault.id} fault={fault} />
        ))}
      </div>
    </section>
  );
}

function Switch({ fault: { id, label, effect, on, struck } }: { fault: FaultSwitch }) {
  const toggle = (): void => {
    // What the switch shows comes with the events, so a failed click changes nothing on the page either.
    void send('/api/faults', { id, on: !on });
  };
  return (
    <button type="button" class="switch" role="switch" aria-checked={on} data-fault={id} onClick={toggle}>
      <span class="knob" aria-hidden="true" />
      <span>
        <b>{label}</b>
        <br />
        <span class="small">
          {effect}
          {struck > 0 ? ` ${count(struck)} so far.` : ''}
        </span>
      </span>
    </button>
  );
}
