import { objectId, type ObjectHead } from '../objects/object-version.ts';
import { compareObject, routeListed } from '../catch-up/compare.ts';
import { readStatus } from '../ledger/entries.ts';
import { parseS3Object, type S3Location } from '../objects/s3-url.ts';
import type { Row, Connection } from '../ports.ts';
import type { ObjectLife } from '../ui/shapes.ts';
import { runReport } from '../ledger/reports.ts';
import type { AddCommand, CommandContext, ExitCode } from './command.ts';
import { ledgerOf } from './connection.ts';
import { sparkifyCommand } from './shell.ts';
import { escapeControls, table } from './table.ts';
import { bytes } from '../numbers.ts';
import { isAway, readWaitingReport, waitingLine } from './waiting.ts';

/** `why s3://bucket/key`: the history of one object. */
export const addWhy: AddCommand = (program, context) => {
  program
    .command('why')
    .summary('the history of one object')
    .description('Shows what happened to each version of an object, when, in which batch and why, and what to do next.')
    .argument('<url>', 's3://bucket/key, the key as S3 stores it')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `\nExits with 1 if the object, as it is in the bucket now, is not loaded.\n
Examples:
  npx sparkify why s3://landing/log_data/2018/11/2018-11-03-events.json
  npx sparkify why 's3://landing/song_data/a key with blanks.json' --json`,
    )
    .action(async (url: string, options: { json?: true }) => {
      context.exit(await run(url, options, context));
    });
};

/** The status of an object as a sentence, and the next command. */
type Verdict = { fine: boolean; text: string; next?: string };

async function run(url: string, options: { json?: true }, { io, connect }: CommandContext): Promise<ExitCode> {
  const connection = connect();
  const life = await readLife(url, connection).catch(async (error: unknown) => {
    const waits = isAway(error) ? waitingLine(await readWaitingReport(connection)) : undefined;
    if (waits !== undefined && !options.json) io.out(escapeControls(waits));
    throw error;
  });
  const { versions } = life;
  if (options.json) {
    io.out(JSON.stringify(life));
    return life.loaded ? 0 : 1;
  }
  io.out(escapeControls(url));
  io.out(`In the bucket: ${describeHead(life.inBucket)}`);
  if (versions.length === 0) io.out('In the ledger: nothing; no load has recorded it.');
  else {
    const rows = versions.map((row) => [
      row.recorded_at,
      row.status,
      row.etag,
      row.event_time,
      row.batch_id,
      explain(row),
    ]);
    io.out(
      `In the ledger, newest first:\n${table(['recorded (UTC)', 'outcome', 'etag', 'event (UTC)', 'batch', 'reason'], rows)}`,
    );
  }
  io.out(life.status);
  if (life.next !== null) io.out(`→ ${life.next}`);
  const waits = life.loaded ? undefined : waitingLine(await readWaitingReport(connection));
  if (waits !== undefined) io.out(escapeControls(waits));
  return life.loaded ? 0 : 1;
}

/** The history of one object, and what to do about it. @throws LoaderError */
export async function readLife(url: string, connection: Connection): Promise<ObjectLife> {
  const place = parseS3Object(url);
  const [versions, head] = await Promise.all([
    runReport('object-history', { object_id: objectId(place) }, ledgerOf(connection)),
    connection.objects.head(place.bucket, place.key),
  ]);
  const { fine, text, next } = judge(url, place, versions, head, connection);
  const inBucket =
    head.kind === 'present' ? { ...head, lastModified: new Date(head.lastModifiedMs).toISOString() } : head;
  return { url, loaded: fine, status: text, next: next ?? null, inBucket, versions };
}

function judge(url: string, place: S3Location, versions: Row[], head: ObjectHead, connection: Connection): Verdict {
  const { buckets, sources } = connection.config.landing;
  if (!buckets.includes(place.bucket)) {
    const next = `Messages that name it go to the DLQ. Configured are: ${buckets.join(', ')} (SPARKIFY_LANDING_BUCKETS)`;
    return { fine: false, text: `Bucket ${place.bucket} is not configured.`, next };
  }
  if (head.kind === 'missing') return judgeGone(versions[0]);
  if (head.kind === 'forbidden') {
    const next = 'Let this role read the bucket: s3:GetObject, and s3:ListBucket to tell missing from forbidden';
    return { fine: false, text: 'S3 denies access, so whether it exists is unknown.', next };
  }
  if (head.kind === 'sealed') {
    const next = 'Upload it again without a customer key, or with SSE-KMS and a key that the COPY role may use';
    return { fine: false, text: 'It is encrypted with a customer-provided key (SSE-C), which COPY cannot use.', next };
  }
  const can = routeListed({ key: place.key, sizeBytes: head.sizeBytes }, sources);
  if (can.kind === 'ignored') return { fine: true, text: `It is ignored: ${can.reason}.` };
  const [newest] = versions;
  const row = newest && {
    key: place.key,
    status: readStatus(newest.status),
    etag: String(newest.etag ?? ''),
    eventTimeMs: Number(newest.event_time_ms),
    readAfterMs: Number(newest.read_after_ms),
  };
  const verdict = compareObject({ ...place, ...head }, row);
  switch (verdict.kind) {
    case 'loaded':
      return { fine: true, text: 'It is loaded, as it is in the bucket now.' };
    case 'dismissed':
      return { fine: true, text: `It was quarantined and dismissed: ${newest ? explain(newest) : ''}.` };
    case 'quarantined':
      return {
        fine: false,
        text: `It is quarantined: ${newest ? explain(newest) : ''}.`,
        next: `Upload a corrected file to the same key; it loads automatically. To retry this one: ${sparkifyCommand('quarantine', 'release', url)}`,
      };
    case 'missing':
    case 'changed':
      return {
        fine: false,
        text: `It is not loaded: ${verdict.reason}. Its notification may be in flight, queued or lost, or its load failed and is tried again.`,
        next: `See the queues: npx sparkify status, or send it now: ${sparkifyCommand('reconcile', url, '--repair')}`,
      };
  }
}

function judgeGone(newest: Row | undefined): Verdict {
  if (!newest) {
    const next = 'Check the spelling: keys are case-sensitive and not URL-encoded';
    return { fine: false, text: 'It is neither in the bucket nor in the ledger.', next };
  }
  if (newest.status === 'dismissed') return { fine: true, text: `It was dismissed: ${explain(newest)}.` };
  if (newest.status === 'loaded') {
    return { fine: true, text: 'It was loaded, then deleted from the bucket; its rows remain.' };
  }
  return {
    fine: false,
    text: `It was ${String(newest.status)}, and is no longer in the bucket.`,
    next: 'Upload it again; it loads automatically',
  };
}

function describeHead(head: ObjectHead): string {
  switch (head.kind) {
    case 'present':
      return `${bytes(head.sizeBytes)}, etag ${head.etag}, last modified ${new Date(head.lastModifiedMs).toISOString()}`;
    case 'missing':
      return 'not found';
    case 'forbidden':
      return 'access denied';
    case 'sealed':
      return 'present, encrypted with a customer-provided key (SSE-C)';
  }
}

/** Code, reason and place of a failure; a dash for a loaded object. */
function explain(row: Row): string {
  if (row.status === 'loaded') return '–';
  const where = [
    ...(row.line === null || row.line === undefined ? [] : [`line ${row.line}`]),
    ...(row.column_name === null || row.column_name === undefined ? [] : [`column ${row.column_name}`]),
  ];
  const reason = [row.code, row.reason].filter((part) => part !== null && part !== undefined).join(': ');
  return where.length === 0 ? reason : `${reason} (${where.join(', ')})`;
}
