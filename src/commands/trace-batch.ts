import { runReport } from '../ledger/reports.ts';
import { LoaderError } from '../errors.ts';
import { bytes, pluralize } from '../numbers.ts';
import { s3Url } from '../objects/object-version.ts';
import type { Connection } from '../ports.ts';
import type { Candidate, Unread } from '../trace/candidates.ts';
import { ConflictSearch, conflictsOf, type Identify } from '../trace/conflicts.ts';
import { PLAY_RULE, playIdentity } from '../trace/event-row.ts';
import { comparePlaces, type Found, type Rule } from '../trace/judge.ts';
import { EVERY_PLAY, EVERY_SONG, rejectedSearch, type Search, type StarSource } from '../trace/search.ts';
import { SONG_RULE, songIdentity } from '../trace/song-row.ts';
import type { ExitCode, Io } from './command.ts';
import { ledgerOf } from './connection.ts';
import type { TraceOptions } from './trace-key.ts';
import { UNASKED } from './trace-answer.ts';
import { placeJson } from './trace-json.ts';
import { readBatch, readCandidates } from './trace-ledger.ts';
import { readObjects } from './trace-read.ts';
import { unreadJson, unreadText } from './trace-unread.ts';
import { table } from './table.ts';

type Batch = NonNullable<Awaited<ReturnType<typeof readBatch>>>;
type Files = Readonly<Record<StarSource, Candidate[]>>;
type Asked = { batch: Batch; files: Files; options: TraceOptions; connection: Connection; io: Io };

const STAR_SOURCES = ['events', 'songs'] as const satisfies StarSource[];

/** Characters shown of a rejected row. */
const ROW_SHOWN = 160;

/** `trace rejected_rows BATCH`: the file and line of each row that a batch rejected. @throws LoaderError */
export async function traceRejected(
  name: string,
  options: TraceOptions,
  connection: Connection,
  io: Io,
): Promise<ExitCode> {
  const asked = await ask(name, ({ rejected }) => rejected > 0, options, connection, io);
  if (asked === 'none') return 0;
  if (asked === 'declined') return 1;
  const keywords = { batch_no: String(asked.batch.batchNo) };
  const recorded = await runReport('trace-rejected', {}, ledgerOf(connection), { keywords });
  const rows: Found<{ reason: string; text: string }>[] = [];
  const unread: Unread[] = [];
  let dropped = 0;
  const sources = recorded.map(({ source }) => String(source));
  for (const source of STAR_SOURCES.filter((one) => sources.includes(one))) {
    const reading = await readObjects(asked.files[source], rejectedSearch(source), connection, io);
    rows.push(...reading.found.filter(({ loads }) => loads.length > 0));
    unread.push(...reading.unread);
    dropped += reading.dropped;
  }
  rows.sort(comparePlaces);
  const { rejected, batchId } = asked.batch;
  const found = rows.length + dropped;
  const complete = unread.length === 0 && found === rejected;
  const shown = rows.slice(0, options.show);
  if (options.json) {
    const list = shown.map(({ place, row }) => ({ ...placeJson(place), ...row }));
    io.out(JSON.stringify({ batchId, rejected, found, complete, rows: list, unread: unread.map(unreadJson) }));
    return complete ? 0 : 1;
  }
  io.out(`Batch ${batchId} rejected ${pluralize(rejected, 'row')}; ${found} of them found in its files.`);
  const cells = shown.map(({ place, row }) => [s3Url(place), place.line, place.nth, row.reason, cut(row.text)]);
  if (rows.length > 0) io.out(table(['file', 'line', 'object', 'reason', 'row'], cells) + moreOf(found, options));
  const others = [...new Set(sources)].filter((source) => !STAR_SOURCES.some((one) => one === source));
  if (others.length > 0) io.out(`Rows of ${others.join(', ')} are not looked for: they make no row of the star.`);
  printUnread(unread, others.length > 0 ? 0 : found - rejected, io);
  return complete ? 0 : 1;
}

/** `trace conflicts BATCH`: the keys whose copies differed in a batch, and which of them won. @throws LoaderError */
export async function traceConflicts(
  name: string,
  options: TraceOptions,
  connection: Connection,
  io: Io,
): Promise<ExitCode> {
  const asked = await ask(name, ({ conflicts }) => conflicts > 0, options, connection, io);
  if (asked === 'none') return 0;
  if (asked === 'declined') return 1;
  const plays = await conflictsIn('songplays', EVERY_PLAY, PLAY_RULE, playIdentity, asked);
  const songs = await conflictsIn('songs', EVERY_SONG, SONG_RULE, songIdentity, asked);
  const conflicts = [...plays.conflicts, ...songs.conflicts];
  const unread = [...plays.unread, ...songs.unread];
  const { conflicts: recorded, batchId } = asked.batch;
  const complete = unread.length === 0 && conflicts.length === recorded;
  const shown = conflicts.slice(0, options.show);
  if (options.json) {
    const list = shown.map(({ of, key, winner, losers }) => ({
      table: of,
      key,
      winner: placeJson(winner.place),
      losers: losers.map(({ place }) => placeJson(place)),
    }));
    io.out(
      JSON.stringify({
        batchId,
        keysInConflict: recorded,
        found: conflicts.length,
        complete,
        conflicts: list,
        unread: unread.map(unreadJson),
      }),
    );
    return complete ? 0 : 1;
  }
  io.out(
    `Batch ${batchId} had ${pluralize(recorded, 'key')} in conflict; ${conflicts.length} of them found in its files.`,
  );
  const cells = shown.flatMap(({ of, key, winner, losers }) => [
    [of, key, 'won', s3Url(winner.place), winner.place.line, winner.place.nth],
    ...losers.map(({ place }) => ['', '', 'lost', s3Url(place), place.line, place.nth]),
  ]);
  if (shown.length > 0)
    io.out(table(['table', 'key', '', 'file', 'line', 'object'], cells) + moreOf(conflicts.length, options));
  printUnread(unread, conflicts.length - recorded, io);
  return complete ? 0 : 1;
}

async function conflictsIn<Row>(
  of: string,
  every: Search<Row>,
  rule: Rule<Row>,
  identify: Identify<Row>,
  { files, connection, io }: Asked,
) {
  const search = new ConflictSearch(every, identify);
  await readObjects(files[every.source], search.suspecting, connection, io);
  const { found, unread } = await readObjects(files[every.source], search.collecting, connection, io);
  const loaded = found.filter(({ loads }) => loads.length > 0);
  return { conflicts: conflictsOf(loaded, rule, identify).map((conflict) => ({ of, ...conflict })), unread };
}

/** Finds the batch and its files, and asks before much is read. */
async function ask(
  name: string,
  hasAny: (batch: Batch) => boolean,
  options: TraceOptions,
  connection: Connection,
  io: Io,
): Promise<Asked | 'none' | 'declined'> {
  const ledger = ledgerOf(connection);
  const batch = await readBatch(name, ledger);
  if (batch === undefined)
    throw new LoaderError(
      'usage',
      `There is no batch ${JSON.stringify(name)}.`,
      'See the last batches: npx sparkify status',
    );
  if (!hasAny(batch)) {
    if (options.json) io.out(JSON.stringify({ batchId: batch.batchId, found: 0, complete: true }));
    else io.out(`Batch ${batch.batchId} has none.`);
    return 'none';
  }
  const span = { first: batch.batchNo, last: batch.batchNo };
  const [events, songs] = await Promise.all([
    readCandidates('events', span, ledger),
    readCandidates('songs', span, ledger),
  ]);
  const all = [...events, ...songs];
  const size = all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const isMuch = all.length > UNASKED.objects || size > UNASKED.bytes;
  if (isMuch && options.yes !== true) {
    io.err(
      `The batch loaded ${pluralize(all.length, 'file')}, ${bytes(size)}; any of them may hold what is asked for.`,
    );
    if (!(await io.confirm('Read them?'))) {
      io.err('Nothing was read. To skip the question: the same command with --yes');
      return 'declined';
    }
  }
  return { batch, files: { events, songs }, options, connection, io };
}

function moreOf(all: number, { show }: TraceOptions): string {
  return all > show ? `\n… and ${all - show} more; to see them: --show ${all}` : '';
}

function printUnread(unread: readonly Unread[], surplus: number, io: Io): void {
  if (unread.length > 0) io.out(unreadText(unread));
  else if (surplus !== 0) io.out('The files of this batch are as they were loaded, and still the numbers differ.');
}

function cut(text: string): string {
  return text.length > ROW_SHOWN ? `${text.slice(0, ROW_SHOWN)}…` : text;
}
