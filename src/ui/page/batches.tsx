import { useState } from 'preact/hooks';
import type { Batch, BatchDetail, RanStatement, StageTime } from '../shapes.ts';
import { ObjectLink, useAnswer } from './life.tsx';
import { useTold } from './store.ts';
import { bytes, count, seconds } from './words.ts';

/** What the bar says where only the ledger's two times are known. */
const WHOLE = 'first statement to commit';

/** The last batches, each with a bar of its seconds; a row opens to what it read and did. */
export function Batches() {
  const batches = useTold((told) => told.batches);
  const [opened, setOpened] = useState<number | null>(null);
  const longest = Math.max(0.001, ...batches.map(secondsOf));
  return (
    <section class="panel batches" aria-label="Last batches">
      <header>
        <h2>Last batches</h2>
        {batches.some(({ stages }) => stages.length > 0) ? (
          <p class="small legend">
            <span class="key" /> staging <span class="key copy" /> its COPY <span class="key merge" /> merging, locked
          </p>
        ) : null}
      </header>
      {batches.length === 0 ? <p class="small empty">No batch was loaded yet.</p> : null}
      <div class="rows">
        {batches.map((batch) => (
          <Row
            key={batch.batchNo}
            batch={batch}
            longest={longest}
            isOpen={opened === batch.batchNo}
            toggle={() => {
              setOpened(opened === batch.batchNo ? null : batch.batchNo);
            }}
          />
        ))}
      </div>
    </section>
  );
}

/** A batch's seconds: of its statements where they are known, or as the ledger has them, in whole seconds. */
function secondsOf({ stages, seconds: whole }: Batch): number {
  return stages.length === 0 ? whole : stages.reduce((sum, stage) => sum + stage.seconds, 0);
}

function Row({
  batch,
  longest,
  isOpen,
  toggle,
}: {
  batch: Batch;
  longest: number;
  isOpen: boolean;
  toggle: () => void;
}) {
  const not = batch.quarantined + batch.vanished;
  return (
    <div class={isOpen ? 'row open' : 'row'}>
      <button type="button" class="head" aria-expanded={isOpen} onClick={toggle}>
        <span class="no">{count(batch.batchNo)}</span>
        <span class="at">{batch.committedAt.slice(11)}</span>
        <span class="many">
          {count(batch.objects)} {batch.objects === 1 ? 'object' : 'objects'}
          {not === 0 ? '' : <em> + {count(not)} not</em>}
        </span>
        <Bar batch={batch} longest={longest} />
        <span class="took">{batch.stages.length === 0 ? `${batch.seconds} s` : seconds(secondsOf(batch))}</span>
      </button>
      {isOpen ? <Detail batchNo={batch.batchNo} /> : null}
    </div>
  );
}

function Bar({ batch, longest }: { batch: Batch; longest: number }) {
  const { stages } = batch;
  const parts: StageTime[] = stages.length > 0 ? stages : [{ phase: 'merging', stage: WHOLE, seconds: batch.seconds }];
  return (
    <span class="bar" aria-hidden="true">
      {parts.map(({ phase, stage, seconds: took }) => (
        <span
          key={`${phase} ${stage}`}
          class={`part ${stage === WHOLE ? 'whole' : `${phase} ${stage}`}`}
          title={stage === WHOLE ? `${stage}: ${took} s` : `${phase}: ${stage} ${seconds(took)}`}
          style={{ width: `${(100 * took) / longest}%` }}
        />
      ))}
    </span>
  );
}

function Detail({ batchNo }: { batchNo: number }) {
  const { answer, problem } = useAnswer<BatchDetail | null>(`/api/batch?no=${batchNo}`);
  if (problem !== undefined) return <p class="problem">{problem}</p>;
  if (answer === undefined) return <p class="small">Asking …</p>;
  if (answer === null) return <p class="small">The ledger does not have it any more.</p>;
  const { batch, files, fileCount, statements } = answer;
  const { staged, merged, duplicate, skipped, rejected } = batch.rows;
  return (
    <div class="detail">
      <p class="equation">
        read <b>{count(staged)}</b> = merged <b>{count(merged)}</b> + duplicates <b>{count(duplicate)}</b> + other pages{' '}
        <b>{count(skipped)}</b> + rejected <b class={rejected > 0 ? 'bad' : ''}>{count(rejected)}</b>
      </p>
      <p class="small">
        {batch.batchId} · {bytes(batch.bytes)} · committed {batch.committedAt} UTC
      </p>
      <details>
        <summary>{count(fileCount)} files</summary>
        <ul class="objects">
          {files.map(({ url, status }) => (
            <li key={url}>
              <ObjectLink url={url} /> {status === 'loaded' ? '' : <em>{status}</em>}
            </li>
          ))}
        </ul>
        {files.length < fileCount ? <p class="small">The first {count(files.length)} are shown.</p> : null}
      </details>
      {statements === null ? (
        <p class="small">The statements are in the warehouse’s own log; their text is in sql/load.</p>
      ) : (
        <Statements statements={statements} />
      )}
    </div>
  );
}

function Statements({ statements }: { statements: readonly RanStatement[] }) {
  if (statements.length === 0)
    return <p class="small">The warehouse has forgotten its statements: it was started again.</p>;
  return (
    <details>
      <summary>{statements.length} SQL statements, as they ran</summary>
      <ol class="statements">
        {statements.map(({ file, stage, sql, seconds: took, rows }, index) => (
          <li key={index}>
            <details>
              <summary>
                <span class={`key ${stage}`} /> {file}{' '}
                <span class="small">
                  {seconds(took)}
                  {rows === null ? '' : ` · ${count(rows)} rows`}
                </span>
              </summary>
              <pre>{sql}</pre>
            </details>
          </li>
        ))}
      </ol>
    </details>
  );
}
