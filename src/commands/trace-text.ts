import { bytes, number, pluralize } from '../numbers.ts';
import { s3Url } from '../objects/object-version.ts';
import { songArrival, type Arrival } from '../trace/arrival.ts';
import type { Found, Load, LossReason, Place } from '../trace/judge.ts';
import { escapeControls, table } from './table.ts';
import { isComplete, type Traced } from './trace-answer.ts';
import { unreadText } from './trace-unread.ts';

/** Why a row lost, as a person reads it. */
const LOST: Readonly<Record<LossReason, string>> = {
  'copy in the same batch': 'an equal copy in the same batch; COPY tells them apart no more than this',
  'copy loaded later': 'an equal copy, loaded later: it changed nothing',
  'copy replaced before': 'an equal copy, loaded earlier; something else took its place in between',
  conflict: 'other content of the same key in the same batch; the smallest hash of the content wins',
  'replaced later': 'other content of the same key; a later batch replaced it',
  older: 'an older event',
  'time was there': 'another play of the same time, which was there already',
  'larger song_id': 'a song with a larger song_id; the smallest describes the artist',
  'song of another artist now': 'a version of a song that names another artist now',
};

const ARRIVED: Readonly<Record<Arrival, string>> = {
  'before the play': 'It was there before the play.',
  'in the same batch': 'It came in the same batch as the play.',
  'after the play': 'It came after the play, and healed it.',
  unclear:
    'Whether it came before or after the play is unknown: a version or a file that cannot be read may have had it.',
};

/** The answer for people. At most `show` of the rows that lost are listed. */
export function tracedText(traced: Traced, show: number): string {
  const { judgement, song } = traced;
  const sections = [
    judgement === undefined
      ? 'No file that was read explains this row as it is.'
      : `It is ${placeText(judgement.winner.place)}\n${loadText(judgement.load)}`,
    ...(song === undefined ? [] : [songText(traced, song)]),
    ...lostSections(traced, show),
    ...doubts(traced),
    `Read ${pluralize(traced.read.objects + (song?.read.objects ?? 0), 'file')}, ${bytes(traced.read.bytes + (song?.read.bytes ?? 0))}.`,
  ];
  return sections.join('\n\n');
}

/** `on line 3 of s3://…`. */
export function placeText({ bucket, key, line, nth }: Place): string {
  const object = nth === 1 ? '' : `, object ${nth} of the line,`;
  return `on line ${number(line)}${object} of ${escapeControls(s3Url({ bucket, key }))}`;
}

function loadText({ batchId, batchNo, recordedAt, eventTime }: Load): string {
  return `  batch ${batchId} (number ${batchNo}), committed ${recordedAt}; the file was written ${eventTime} (UTC)`;
}

function songText({ judgement: play }: Traced, song: NonNullable<Traced['song']>): string {
  const id = escapeControls(String(song.row.song_id));
  const { judgement, exact } = song;
  if (judgement === undefined) return `Its song ${id}: no file that was read explains it as it is.`;
  const arrival = play === undefined ? '' : ` ${ARRIVED[songArrival(play.load, judgement, exact)]}`;
  return `Its song ${id} is ${placeText(judgement.winner.place)}\n${loadText(judgement.load)}\n ${arrival}`;
}

function lostSections({ judgement, dropped }: Traced, show: number): string[] {
  if (judgement === undefined || judgement.losers.length === 0) return [];
  const { losers } = judgement;
  const rows = losers.slice(0, show).map(({ found, why }) => {
    const { bucket, key, line, nth } = found.place;
    const where = nth === 1 ? number(line) : `${number(line)}, object ${nth}`;
    return [s3Url({ bucket, key }), where, batchesOf(found), LOST[why]];
  });
  const all = losers.length + dropped;
  const more = all > rows.length ? `\n… and ${number(all - rows.length)} more; to see more: --show ${all}` : '';
  const heading = `${pluralize(all, 'row')} with this key lost:`;
  return [`${heading}\n${table(['file', 'line', 'batches', 'why'], rows)}${more}`];
}

function batchesOf({ loads }: Found<unknown>): string {
  return loads.map(({ batchNo }) => batchNo).join(', ');
}

/** What is not known, and what that means for the answer. */
function doubts(traced: Traced): string[] {
  const both = [traced, ...(traced.song === undefined ? [] : [traced.song])];
  const unread = both.flatMap((one) => one.unread);
  const objects = both.reduce((sum, { notRead }) => sum + notRead.objects, 0);
  const size = both.reduce((sum, { notRead }) => sum + notRead.bytes, 0);
  const found = traced.judgement !== undefined;
  return [
    ...(unread.length === 0 ? [] : [unreadText(unread)]),
    ...(objects === 0
      ? []
      : [
          `${pluralize(objects, 'file')}, ${bytes(size)}, were not read. To read them too: the same command with --yes`,
        ]),
    ...(found && !traced.exact ? [inexactText(traced)] : []),
    ...(found || traced.overwritten === 0 ? [] : [overwrittenText(traced.overwritten)]),
    ...(found || !isExplainable(traced) ? [] : [UNEXPLAINED]),
  ];
}

/** Whether files that are there now were all read, as they were loaded each time. */
function isExplainable({ unread, notRead, overwritten }: Traced): boolean {
  return unread.length === 0 && notRead.objects === 0 && overwritten === 0;
}

const UNEXPLAINED = 'All files are as they were loaded, so something other than a load wrote this row.';

function overwrittenText(files: number): string {
  const versions = `${pluralize(files, 'file')} had other versions that were loaded, too`;
  return `${versions}; one of them may have brought this row, which stays.\n→ What the star would be without: npx sparkify rebuild s3://BUCKET/ --check`;
}

function inexactText(traced: Traced): string {
  const older =
    traced.overwritten === 0
      ? ''
      : ` ${pluralize(traced.overwritten, 'file')} had other versions that were loaded, too.`;
  const claim = isComplete(traced)
    ? 'The row is there, but an earlier version of a file may have brought it before.'
    : 'The row is there, but another file may have brought it before.';
  return `${claim}${older}`;
}
