import { useEffect, useState } from 'preact/hooks';
import type { DeadLetterList, Excerpt, QuarantineEntry, QuarantineList } from '../shapes.ts';
import { Command } from './copy.tsx';
import { ObjectLink } from './life.tsx';
import { ask, useTold } from './store.ts';
import { count, wordsOf } from './words.ts';

/** What could not be loaded, with its place and the command that releases it; and the dead letters. */
export function Quarantine() {
  const setup = useTold((told) => told.setup);
  const overview = useTold((told) => told.overview);
  const [list, setList] = useState<QuarantineList | null>(null);
  const [letters, setLetters] = useState<DeadLetterList | null>(null);
  const [problem, setProblem] = useState('');
  const { quarantined = 0, vanished = 0 } = overview?.counts ?? {};
  const dead = overview?.stations.deadLetters ?? 0;
  const isAsked = overview !== null;
  useEffect(() => {
    if (!isAsked) return;
    Promise.all([ask<QuarantineList>('/api/quarantine'), ask<DeadLetterList>('/api/dead-letters')]).then(
      ([found, dlq]) => {
        setList(found);
        setLetters(dlq);
        setProblem('');
      },
      (error: unknown) => {
        setProblem(wordsOf(error));
      },
    );
  }, [isAsked, quarantined, vanished, dead]);
  const isEmpty = (list?.found ?? 0) === 0 && (letters?.count ?? 0) === 0;
  return (
    <section class="panel" aria-label="Quarantine and dead letters">
      <header>
        <h2>Quarantine and dead letters</h2>
        <p class="small">One bad file never stops the others: it waits here, with its reason.</p>
      </header>
      {problem === '' ? null : <p class="problem">{problem}</p>}
      {isAsked && isEmpty && problem === '' ? (
        <p class="small empty">Nothing is quarantined, and there are no dead letters.</p>
      ) : null}
      {list?.entries.map((entry) => (
        <Entry key={entry.url} entry={entry} prefix={setup?.commandPrefix ?? ''} />
      ))}
      {letters === null || letters.count === 0 ? null : (
        <Letters letters={letters} prefix={setup?.commandPrefix ?? ''} />
      )}
    </section>
  );
}

function Entry({ entry, prefix }: { entry: QuarantineEntry; prefix: string }) {
  const { url, status, reason, line, column, excerpt, release } = entry;
  return (
    <article class="entry">
      <p>
        <ObjectLink url={url} /> <em>{status}</em>
        {line === null ? '' : `, line ${count(line)}`}
        {column === null ? '' : `, column ${column}`}
      </p>
      <p class="reason">{reason}</p>
      {excerpt === null ? null : <Offending excerpt={excerpt} />}
      <Command text={`${prefix}${release}`} shown={release} />
    </article>
  );
}

/** The offending line with a caret below the place. */
function Offending({ excerpt: { text, caret } }: { excerpt: Excerpt }) {
  return (
    <pre class="offending" tabIndex={0}>
      {text}
      {caret === null ? null : (
        <>
          {'\n'}
          <b>{' '.repeat(caret.from) + '^'.repeat(caret.length)}</b>
        </>
      )}
    </pre>
  );
}

function Letters({ letters: { entries, count: found, command }, prefix }: { letters: DeadLetterList; prefix: string }) {
  return (
    <article class="entry">
      <p>
        <b>{count(found)}</b> {found === 1 ? 'dead letter' : 'dead letters'}
      </p>
      {entries === null ? (
        <p class="small">They are not read here, because that would count as a receive.</p>
      ) : (
        <ul class="objects">
          {entries.map(({ url, reason }, index) => (
            <li key={index}>
              {url === null ? 'no object' : <ObjectLink url={url} />} <span class="reason">{reason}</span>
            </li>
          ))}
        </ul>
      )}
      <Command text={`${prefix}${command}`} shown={command} />
    </article>
  );
}
