import { useState } from 'preact/hooks';
import { PAGE_STATES, type Overview, type PageState } from '../shapes.ts';
import { Command } from './copy.tsx';
import { openList } from './life.tsx';
import { send, useTold } from './store.ts';
import { clock, count, seconds, STATE_MEANINGS, STATE_WORDS, wordsOf } from './words.ts';

/** States that the sentence always names; the others only when there is one of them. */
const ALWAYS: readonly PageState[] = ['loaded', 'quarantined', 'vanished', 'ignored', 'waiting'];
const TROUBLED: readonly PageState[] = ['quarantined', 'deadLettered'];

/** The sentence that must add up. */
export function Sentence() {
  const overview = useTold((told) => told.overview);
  const setup = useTold((told) => told.setup);
  if (setup === null) return null;
  if (overview === null) return setup.asking === null ? <p class="sentence">Looking …</p> : <NotAsked />;
  const shown = PAGE_STATES.filter((state) => ALWAYS.includes(state) || overview.counts[state] > 0);
  const isCalm = overview.attention.length === 0;
  return (
    <section class={isCalm ? 'sentence calm' : 'sentence amber'} aria-label="Every object in exactly one state">
      <p>
        <b class="seen">{count(overview.seen)}</b> {setup.isLocal ? 'seen' : 'known'}:{' '}
        {shown.map((state, index) => (
          <span key={state}>
            <StateButton state={state} value={overview.counts[state]} />
            {index < shown.length - 1 ? ', ' : '. '}
          </span>
        ))}
        <Fresh overview={overview} goal={setup.goalSeconds} />
      </p>
      {setup.isLocal ? null : <Messages overview={overview} />}
      <div role="status">
        <ul class="attention">
          {overview.attention.map(({ text, command }) => (
            <li key={text}>
              {text}
              {command === null ? null : <Command text={`${setup.commandPrefix}${command}`} shown={command} />}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function StateButton({ state, value }: { state: PageState; value: number }) {
  const tone = value === 0 ? 'zero' : TROUBLED.includes(state) ? 'bad' : state === 'unannounced' ? 'warn' : 'fine';
  return (
    <button
      type="button"
      class={`number ${tone}`}
      title={STATE_MEANINGS[state]}
      data-state={state}
      data-count={value}
      onClick={() => {
        openList(state);
      }}
    >
      <b>{count(value)}</b> {STATE_WORDS[state]}
    </button>
  );
}

function Fresh({ overview: { freshness }, goal }: { overview: Overview; goal: number }) {
  if (freshness === null) return null;
  const title = `95 of 100 objects of ${freshness.span} were queryable so soon after they landed; the goal is ${goal} s`;
  return (
    <span class={freshness.p95 > goal ? 'fresh late' : 'fresh'} title={title}>
      Fresh to <b>{seconds(freshness.p95)}</b>.
    </span>
  );
}

/** What SQS knows of a deployed queue: messages, approximately. */
function Messages({ overview }: { overview: Overview }) {
  const { queue, batch, deadLetters } = overview.stations;
  return (
    <p class="small">
      About {count(queue + batch)} messages on the way and {count(deadLetters)} dead letters, each of which may name
      many objects. As of {clock(overview.atMs)}.
    </p>
  );
}

function NotAsked() {
  return (
    <section class="sentence">
      <p>Nothing was asked yet: the warehouse may be asleep, and a question wakes it.</p>
      <p class="small">Click “Ask now” above when you want to know.</p>
    </section>
  );
}

/** How a deployed warehouse is asked: by a click, or at a stated pace while the box is ticked. */
export function Asking() {
  const setup = useTold((told) => told.setup);
  const [isBusy, setBusy] = useState(false);
  const [timer, setTimer] = useState<number | null>(null);
  const [problem, setProblem] = useState('');
  if (!setup?.asking) return null;
  const { everySeconds, cost } = setup.asking;
  const askNow = (): void => {
    setBusy(true);
    send('/api/ask', {})
      .then(
        () => {
          setProblem('');
        },
        (error: unknown) => {
          setProblem(wordsOf(error));
        },
      )
      .finally(() => {
        setBusy(false);
      });
  };
  const toggle = (): void => {
    if (timer === null) askNow();
    else clearInterval(timer);
    // Nobody is asked for a page that nobody sees.
    const look = (): void => {
      if (document.visibilityState === 'visible') askNow();
    };
    setTimer(timer === null ? window.setInterval(look, everySeconds * 1000) : null);
  };
  return (
    <div class="asking">
      <button type="button" class="action" disabled={isBusy} onClick={askNow}>
        {isBusy ? 'Asking …' : 'Ask now'}
      </button>
      <label>
        <input type="checkbox" checked={timer !== null} onChange={toggle} /> every {everySeconds} s
      </label>
      <span class="small">{problem === '' ? cost : problem}</span>
    </div>
  );
}
