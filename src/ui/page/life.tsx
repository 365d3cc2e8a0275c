import { useEffect, useRef, useState } from 'preact/hooks';
import type { ObjectLife, ObjectList, PageState } from '../shapes.ts';
import { Command } from './copy.tsx';
import { ask, useTold } from './store.ts';
import { count, STATE_MEANINGS, STATE_WORDS, wordsOf } from './words.ts';

type Shown = { kind: 'list'; state: PageState } | { kind: 'life'; url: string } | null;

let show: (shown: Shown) => void = () => undefined;

/** Lists the objects of a state. */
export function openList(state: PageState): void {
  show({ kind: 'list', state });
}

/** Shows the life of one object. */
export function openLife(url: string): void {
  show({ kind: 'life', url });
}

/** A link to the life of an object. */
export function ObjectLink({ url }: { url: string }) {
  return (
    <button
      type="button"
      class="link"
      title={url}
      onClick={() => {
        openLife(url);
      }}
    >
      {url.replace(/^s3:\/\/[^/]+\//, '')}
    </button>
  );
}

/** The dialog for lists and lives. */
export function LifeDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [shown, setShown] = useState<Shown>(null);
  useEffect(() => {
    show = (next) => {
      setShown(next);
      if (next !== null && dialog.current?.open === false) dialog.current.showModal();
    };
  }, []);
  const close = (): void => {
    dialog.current?.close();
  };
  return (
    <dialog
      ref={dialog}
      aria-label="Objects"
      onClose={() => {
        setShown(null);
      }}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div class="dialog">
        <button type="button" class="quiet close" onClick={close}>
          close
        </button>
        {shown?.kind === 'list' ? <List key={shown.state} state={shown.state} /> : null}
        {shown?.kind === 'life' ? <Life key={shown.url} url={shown.url} /> : null}
      </div>
    </dialog>
  );
}

/** What a question answered, or why it did not; neither while it is under way. */
export type Answered<Answer> = { answer?: Answer; problem?: string };

/** Asks a question when it is first drawn. */
export function useAnswer<Answer>(path: string): Answered<Answer> {
  const [result, setResult] = useState<Answered<Answer>>({});
  useEffect(() => {
    let isWanted = true;
    ask<Answer>(path).then(
      (answer) => {
        if (isWanted) setResult({ answer });
      },
      (error: unknown) => {
        if (isWanted) setResult({ problem: wordsOf(error) });
      },
    );
    return () => {
      isWanted = false;
    };
  }, [path]);
  return result;
}

function List({ state }: { state: PageState }) {
  const { answer, problem } = useAnswer<ObjectList>(`/api/objects?state=${state}`);
  return (
    <>
      <h2>
        {answer === undefined ? '' : `${count(answer.found)} `}
        {STATE_WORDS[state]}
      </h2>
      <p class="small">{STATE_MEANINGS[state]}</p>
      {problem === undefined ? null : <p class="problem">{problem}</p>}
      <ul class="objects">
        {answer?.objects.map(({ url }) => (
          <li key={url}>
            <ObjectLink url={url} />
          </li>
        ))}
      </ul>
      {answer !== undefined && answer.objects.length < answer.found ? (
        <p class="small">The last {count(answer.objects.length)} are shown.</p>
      ) : null}
    </>
  );
}

function Life({ url }: { url: string }) {
  const { answer, problem } = useAnswer<ObjectLife>(`/api/object?url=${encodeURIComponent(url)}`);
  const prefix = useTold((told) => told.setup?.commandPrefix ?? '');
  const [, advice = '', command] = /^([^]*?)(npx sparkify [^]*)?$/.exec(answer?.next ?? '') ?? [];
  return (
    <>
      <h2 class="url">{url}</h2>
      {problem === undefined ? null : <p class="problem">{problem}</p>}
      {answer === undefined ? null : (
        <>
          <p class={answer.loaded ? 'verdict good' : 'verdict bad'}>{answer.status}</p>
          {advice === '' ? null : <p class="small">{advice}</p>}
          {command === undefined ? null : <Command text={`${prefix}${command}`} shown={command} />}
          <h3>In the ledger, newest first</h3>
          {answer.versions.length === 0 ? <p class="small">Nothing; no load has recorded it.</p> : null}
          <ol class="history">
            {answer.versions.map((row) => (
              <li key={`${String(row.batch_no)} ${String(row.sequencer)}`}>
                <b>{row.status}</b> in batch {row.batch_no}, recorded {row.recorded_at} UTC; written {row.event_time}{' '}
                UTC
                <br />
                <span class="small">
                  etag {row.etag} {row.reason === null ? '' : `· ${String(row.code)}: ${String(row.reason)}`}
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}
