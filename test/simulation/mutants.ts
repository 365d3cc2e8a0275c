import type { Warehouse } from '../../src/ports.ts';
import type { Templates } from '../../src/sql/statement.ts';
import type { AroundStep } from '../support/load-steps.ts';
import {
  beginningLate,
  endingEarly,
  MERGE_OF_PLAYS,
  rewriting,
  askedAnew,
  askedLate,
  stagingKept,
  surveyKept,
  withoutLastRange,
} from './step-mutants.ts';

/** Deliberate mistakes in the SQL of a load. The proof is worth something only if it finds every one of them. */

/**
 * One mistake: what is wrong, which property must notice, and how the texts change (file, what stands there, what would), or
 * what goes wrong around each transaction of one load.
 */
export type Mutant = {
  name: string;
  noticedBy: 'convergence' | 'writers';
  changes?: readonly (readonly [file: string, from: string, to: string])[];
  around?: (warehouse: Warehouse) => AroundStep;
};

const LOCK = 'LOCK :"schema".load_lock';
const NOTHING = 'SELECT 1';
const CALENDAR = "BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'";

const RANGE = "BETWEEN TIMESTAMP :'range_from' AND TIMESTAMP :'range_to'";
const AFTER_FROM = "BETWEEN DATEADD(ms, 2, TIMESTAMP :'range_from') AND TIMESTAMP :'range_to'";
const BEFORE_TO = "BETWEEN TIMESTAMP :'range_from' AND DATEADD(ms, -1, TIMESTAMP :'range_to')";

const inConvergence: readonly (readonly [name: string, file: string, from: string, to: string])[] = [
  ['songs: the tie-break is dropped', 'songs/35-pick-songs', 'ORDER BY h.text_hash, h.duration', 'ORDER BY h.year, h.duration'],
  ['songs: a winner is forgotten', 'songs/35-pick-songs', 'WHERE ranked.pick_order = 1', ''],
  ['songs: keys are not trimmed', 'songs/35-pick-songs', "SELECT RTRIM(s.song_id, ' ') AS song_id", 'SELECT s.song_id'],
  ['songs: artist keys are not trimmed', 'songs/35-pick-songs', "RTRIM(s.artist_id, ' ') AS artist_id", 's.artist_id'],
  ['songs: a corrected title changes nothing', 'songs/60-merge-select-songs', "OR COALESCE(known.title || '.', '') <> COALESCE(p.title || '.', '')", ''],
  ['songs: a corrected duration changes nothing', 'songs/60-merge-select-songs', 'OR DECODE(known.duration, p.duration, 0, 1) = 1', ''],
  ['songs: NULL and the empty string are alike', 'songs/60-merge-select-songs', "COALESCE(known.title || '.', '') <> COALESCE(p.title || '.', '')", "COALESCE(known.title, '') <> COALESCE(p.title, '')"],
  ['songs: a corrected place changes nothing', 'songs/60-merge-select-songs', "OR COALESCE(known.artist_location || '.', '') <> COALESCE(p.artist_location || '.', '')", ''],
  ['songs: a corrected latitude changes nothing', 'songs/60-merge-select-songs', 'OR DECODE(known.artist_latitude, p.artist_latitude, 0, 1) = 1', ''],
  ['songs: a corrected longitude changes nothing', 'songs/60-merge-select-songs', 'OR DECODE(known.artist_longitude, p.artist_longitude, 0, 1) = 1', ''],
  ['songs: a value against none is no conflict', 'songs/35-pick-songs', 'h.text_hash, h.duration, h.year, h.artist_latitude, h.artist_longitude\n                   )', 'h.text_hash\n                   )'],
  ['artists: the greatest song decides', 'songs/62-merge-select-artists', 'MIN(present.song_id)', 'MAX(present.song_id)'],
  ['artists: of the songs of this batch one decides', 'songs/62-merge-select-artists', 'JOIN :"schema".songs AS present', 'JOIN merge_songs AS present'],
  ['artists: a song that left says what it was', 'songs/62-merge-select-artists', 'SELECT m.old_artist_id FROM', 'SELECT m.artist_id FROM'],
  ['artists: another song changes nothing', 'songs/62-merge-select-artists', 'OR known.source_song_id <> s.song_id', ''],
  ['artists: a corrected place changes nothing', 'songs/62-merge-select-artists', "OR COALESCE(known.location || '.', '') <> COALESCE(s.artist_location || '.', '')", ''],
  ['artists: a corrected latitude changes nothing', 'songs/62-merge-select-artists', 'OR DECODE(known.latitude, s.artist_latitude, 0, 1) = 1', ''],
  ['artists: a blank one is somebody', 'songs/62-merge-select-artists', "WHERE touched.artist_id <> ''", ''],
  ['artists: one of no song stays', 'songs/64-merge-remove-artists', 'm.old_artist_id IS NOT NULL', '1 = 0'],
  ['artists: one that a song left goes', 'songs/64-merge-remove-artists', 'AND present.song_id IS NULL', ''],
  ['users: an old event overwrites a newer one', 'events/72-merge-select-users', 'OR c.last_event_at > known.last_event_at', 'OR c.last_event_at <> known.last_event_at'],
  ['users: equal times are decided by nothing', 'events/38-pick-users', 'ORDER BY h.ts DESC, h.session_id DESC, h.item_in_session DESC', 'ORDER BY h.ts DESC, h.session_id, h.item_in_session'],
  ['users: a later session at the same time is ignored', 'events/72-merge-select-users', 'OR (c.last_event_at = known.last_event_at AND c.last_session_id > known.last_session_id)', ''],
  ['users: a corrected event changes nothing', 'events/72-merge-select-users', "OR COALESCE(known.level || '.', '') <> COALESCE(c.level || '.', '')", ''],
  ['users: only plays count', 'events/38-pick-users', "WHERE COALESCE(RTRIM(e.userid, ' '), '') <> ''", "WHERE RTRIM(e.page, ' ') = 'NextSong' AND COALESCE(RTRIM(e.userid, ' '), '') <> ''"],
  ['users: a blank user is somebody', 'events/38-pick-users', "WHERE COALESCE(RTRIM(e.userid, ' '), '') <> ''", 'WHERE e.userid IS NOT NULL'],
  ['users: keys are not trimmed', 'events/38-pick-users', "SELECT RTRIM(e.userid, ' ') AS user_id", 'SELECT e.userid AS user_id'],
  ['plays: the page is not looked at', 'events/75-merge-select-songplays', "RTRIM(e.page, ' ') = 'NextSong'", '1 = 1'],
  ['plays: the page is not trimmed', 'events/75-merge-select-songplays', "RTRIM(e.page, ' ') = 'NextSong'", "e.page = 'NextSong'"],
  ['plays: the tie-break is dropped', 'events/37-pick-songplays', 'ORDER BY h.text_hash, h.song_duration', 'ORDER BY h.song_duration'],
  ['plays: a winner is forgotten', 'events/37-pick-songplays', 'WHERE ranked.pick_order = 1', ''],
  ['plays: a blank user is not nobody', 'events/75-merge-select-songplays', "NULLIF(RTRIM(e.userid, ' '), '') AS user_id", 'e.userid AS user_id'],
  ['plays: those staged twice are forgotten', 'events/75-merge-select-songplays', 'FROM picked_songplays AS w', 'FROM picked_songplays AS w WHERE 1 = 0'],
  ['plays: those staged twice come with their winner', 'events/75-merge-select-songplays', 'AND repeated.start_time IS NULL', ''],
  ['plays: titles of songs are not trimmed', 'events/74-merge-resolve-tracks', "RTRIM(s.title, ' ') = t.song_title", 's.title = t.song_title'],
  ['plays: names on songs are not trimmed', 'events/74-merge-resolve-tracks', "RTRIM(s.artist_name, ' ') = t.artist_name", 's.artist_name = t.artist_name'],
  ['plays: their titles are not trimmed', 'events/75-merge-select-songplays', "r.song_title = RTRIM(p.song_title, ' ')", 'r.song_title = p.song_title'],
  ['plays: their names are not trimmed', 'events/75-merge-select-songplays', "r.artist_name = RTRIM(p.artist_name, ' ')", 'r.artist_name = p.artist_name'],
  ['plays: the artist is not compared', 'events/74-merge-resolve-tracks', "AND RTRIM(s.artist_name, ' ') = t.artist_name", ''],
  ['plays: the duration is not compared', 'events/74-merge-resolve-tracks', 'AND s.duration = t.song_duration', ''],
  ['plays: the artist of the track is not compared', 'events/75-merge-select-songplays', "AND r.artist_name = RTRIM(p.artist_name, ' ')", ''],
  ['plays: the duration of the track is not compared', 'events/75-merge-select-songplays', 'AND r.song_duration = p.song_duration', ''],
  ['plays: of several songs the greatest is taken', 'events/74-merge-resolve-tracks', 'MIN(s.song_id)', 'MAX(s.song_id)'],
  ['plays: those of no known song are dropped', 'events/75-merge-select-songplays', 'LEFT JOIN resolved_tracks', 'JOIN resolved_tracks'],
  ['plays: a corrected level changes nothing', 'events/75-merge-select-songplays', "OR COALESCE(known.level || '.', '') <> COALESCE(p.level || '.', '')", ''],
  ['plays: a key is only time and session', 'events/78-merge-songplays', 'AND :"schema".songplays.item_in_session = staged.item_in_session', ''],
  ['time: weekday is the day of the month', 'events/76-merge-select-time', 'EXTRACT(dow FROM', 'EXTRACT(day FROM'],
  ['time: a timestamp is written twice', 'events/76-merge-select-time', 'SELECT DISTINCT s.start_time', 'SELECT s.start_time'],
  ['healing: late songs change nothing', 'songs/69-heal-plays', 'WHERE :"schema".songplays.start_time', 'WHERE 1 = 0 AND :"schema".songplays.start_time'],
  ['healing: a song that no longer fits stays', 'songs/65-heal-find-tracks', 'JOIN merge_songs AS m ON m.song_id = k.song_id', 'JOIN merge_songs AS m ON m.song_id = k.song_id AND 1 = 0'],
  ['healing: a song that fits is not looked for', 'songs/65-heal-find-tracks', 'AND m.duration = k.song_duration', 'AND m.duration = k.song_duration AND 1 = 0'],
  ['healing: what fits nothing any more is left alone', 'songs/65-heal-find-tracks', 'LEFT JOIN :"schema".songs AS s', 'JOIN :"schema".songs AS s'],
  ['healing: the last song decides', 'songs/65-heal-find-tracks', 'MIN(s.song_id) AS song_id', 'MAX(s.song_id) AS song_id'],
  ['healing: titles are not trimmed', 'songs/68-heal-find-plays', "t.song_title = RTRIM(p.song_title, ' ')", 't.song_title = p.song_title'],
  ['healing: the duration of the plays is not compared', 'songs/68-heal-find-plays', 'AND t.song_duration = p.song_duration', ''],
  ['healing: only plays without a song are healed', 'songs/68-heal-find-plays', 'WHERE p.start_time', 'WHERE p.song_id IS NULL AND p.start_time'],
  ['healing: a corrected artist changes nothing', 'songs/65-heal-find-tracks', "OR COALESCE(fresh.old_artist_id || '.', '') <> COALESCE(g.artist_id || '.', '')", ''],
  ['healing: the first millisecond of a range is left out', 'songs/68-heal-find-plays', RANGE, AFTER_FROM],
  ['healing: the last millisecond of a range is left out', 'songs/68-heal-find-plays', RANGE, BEFORE_TO],
  ['healing: it is counted twice', 'songs/71-heal-count-plays', 'COUNT(*) AS n', '2 * COUNT(*) AS n'],
  ['tracks: healing leaves them as they were', 'songs/70-heal-tracks', '', NOTHING],
  ['tracks: their days are not widened', 'events/79-merge-widen-tracks', '', NOTHING],
  ['tracks: their days are widened at the end only', 'events/79-merge-widen-tracks', 'AND (r.first_played < r.known_first OR ', 'AND ('],
  ['tracks: their days are widened at the beginning only', 'events/79-merge-widen-tracks', ' OR r.last_played > r.known_last)', ')'],
  ['tracks: new ones are not added', 'events/80-merge-add-tracks', 'WHERE r.known_first IS NULL', 'WHERE 1 = 0'],
  ['tracks: one of another length is taken for known', 'events/74-merge-resolve-tracks', 'AND known.song_duration = found.song_duration', ''],
  ['tracks: the days of one of another length are widened', 'events/79-merge-widen-tracks', 'AND :"schema".tracks.song_duration = r.song_duration', ''],
  ['tracks: those of all lengths get the song of one', 'songs/70-heal-tracks', 'AND :"schema".tracks.song_duration = healed.song_duration', ''],
  ['tracks: their last day ends when it begins', 'events/39-pick-tracks', "DATEADD(ms, 86399999, DATE_TRUNC('day', MAX(e.ts)))", "DATE_TRUNC('day', MAX(e.ts))"],
  ['survey: plays of a song that is corrected away are not looked for', 'songs/47-survey-songs', 'JOIN picked_songs AS p ON p.song_id = t.song_id', 'JOIN picked_songs AS p ON p.song_id = t.song_id AND 1 = 0'],
  ['survey: plays that fit are not looked for', 'songs/47-survey-songs', 'AND p.duration = t.song_duration', 'AND p.duration = t.song_duration AND 1 = 0'],
  ['survey: a smaller song is not looked for', 'songs/47-survey-songs', 'OR p.song_id < t.song_id', ''],
  ['survey: the end of a span is forgotten', 'common/49-survey-report', 'MAX(p.last_at)) AS high', 'MAX(p.first_at)) AS high'],
  ['survey: a gap begins before what overlaps it ends', 'common/49-survey-report', 'MAX(p.last_at) OVER', 'MIN(p.last_at) OVER'],
  ['ranges: the first play of one is left out', 'events/75-merge-select-songplays', 'AND e.ts ' + RANGE, 'AND e.ts ' + AFTER_FROM],
  ['ranges: the last play of one is left out', 'events/75-merge-select-songplays', 'AND e.ts ' + RANGE, 'AND e.ts ' + BEFORE_TO],
  ['ranges: a play staged twice is in none', 'events/75-merge-select-songplays', 'WHERE w.start_time ' + RANGE, 'WHERE w.start_time ' + BEFORE_TO],
  ['ranges: the first play of one is thought to be new', 'events/75-merge-select-songplays', 'known.start_time ' + RANGE, 'known.start_time ' + AFTER_FROM],
  ['ranges: the last play of one is thought to be new', 'events/75-merge-select-songplays', 'known.start_time ' + RANGE, 'known.start_time ' + BEFORE_TO],
  ['the batch is not numbered', 'common/51-lock-number-batch', '', NOTHING],
  ['rows without a key are dropped: songs', 'songs/30-reject-songs', "WHERE COALESCE(RTRIM(s.song_id, ' '), '') = ''", 'WHERE 1 = 0'],
  ['rows without a key are dropped: events', 'events/31-reject-events', 'WHERE e.ts IS NULL OR', 'WHERE e.ts IS NULL AND'],
  ['rows without a key are one row: songs', 'songs/30-reject-songs', 'SELECT t.reason, t.content, COUNT(*) AS copies', 'SELECT t.reason, t.content, 1 AS copies'],
  ['rows without a key are one row: events', 'events/31-reject-events', 'SELECT t.reason, t.content, COUNT(*) AS copies', 'SELECT t.reason, t.content, 1 AS copies'],
  ['rows without a key are told apart by less than all of it', 'events/31-reject-events', `REPLACE(e.song, '"', '""')`, 'e.song'],
  ['calendar: who a user is, is said from beyond it', 'events/38-pick-users', `l.ts ${CALENDAR}`, '1 = 1'],
  ['calendar: plays beyond it are plays', 'events/48-survey-events', `e.ts ${CALENDAR}`, '1 = 1'],
  ['calendar: plays beyond it that came twice are plays', 'events/36-pick-repeats', `e.ts ${CALENDAR}`, '1 = 1'],
  ['calendar: rows beyond it are dropped', 'events/31-reject-events', `OR e.ts NOT ${CALENDAR}`, ''],
  ['calendar: rows beyond it are of other pages', 'events/41-count-events', `WHEN e.ts ${CALENDAR}`, 'WHEN e.ts IS NOT NULL'],
  ['COPY skips bad rows in silence', 'events/22-copy-events', 'COMPUPDATE OFF', 'MAXERROR 1000 COMPUPDATE OFF'],
  ['duplicates are counted one too many', 'events/41-count-events', 'SUM(p.copies - 1)', 'SUM(p.copies)'],
  ['the ledger forgets objects', 'common/91-record-objects', 'FROM staging_objects AS o', "FROM staging_objects AS o WHERE o.source = 'songs'"],
]; // prettier-ignore

const inRaces: readonly Mutant[] = [
  {
    name: 'guard: what was recorded since is not looked at',
    noticedBy: 'writers',
    changes: [['common/52-lock-check-unchanged', '', NOTHING]],
  },
  {
    name: 'guard: whether the ranges cover the plays is not looked at',
    noticedBy: 'writers',
    changes: [['songs/67-heal-check-covered', '', NOTHING]],
  },
  {
    name: 'guard: the ledger is taken to have been asked when the lock is held',
    noticedBy: 'writers',
    changes: [['common/52-lock-check-unchanged', 'o.batch_no > :asked', 'o.batch_no > (SELECT MAX(b.batch_no) FROM :"schema".load_batches AS b)']],
  },
  { name: 'neither the lock is taken nor the batch numbered', noticedBy: 'writers', changes: [['common/50-lock-load', LOCK, NOTHING], ['common/51-lock-number-batch', '', NOTHING]] },
  { name: 'guard: the ledger is taken to have been asked after COPY', noticedBy: 'writers', around: askedLate },
  { name: 'guard: the ledger is taken to have been asked with each survey', noticedBy: 'writers', around: askedAnew },
  { name: 'the first survey is taken for the later ones', noticedBy: 'writers', around: surveyKept },
  { name: 'what was staged in a lost session is taken to be there', noticedBy: 'writers', around: stagingKept },
  { name: 'the last range is lost', noticedBy: 'writers', around: () => rewriting(withoutLastRange) },
  { name: 'ranges: all begin late', noticedBy: 'writers', around: () => rewriting((some) => beginningLate(some)) },
  { name: 'ranges: all end early', noticedBy: 'writers', around: () => rewriting((some) => endingEarly(some)) },
  { name: 'ranges: MERGE leaves out the first play', noticedBy: 'writers', around: () => rewriting((some) => beginningLate(some, MERGE_OF_PLAYS)) },
  { name: 'ranges: MERGE leaves out the last play', noticedBy: 'writers', around: () => rewriting((some) => endingEarly(some, MERGE_OF_PLAYS)) },
]; // prettier-ignore

/** All mistakes. */
export const MUTANTS: readonly Mutant[] = [
  ...inConvergence.map(([name, ...change]): Mutant => ({ name, noticedBy: 'convergence', changes: [change] })),
  ...inRaces,
];

/** The templates with a mistake in them. An empty `from` stands for the whole file. Throws where the text is not there. */
export function mutate(templates: Templates, { name, changes = [] }: Mutant): Templates {
  const mutated: Record<string, string> = { ...templates };
  for (const [file, from, to] of changes) {
    const text = mutated[file];
    if (!text?.includes(from)) throw new Error(`${name}: ${file} does not contain ${from}`);
    mutated[file] = from === '' ? to : text.replaceAll(from, to);
  }
  return mutated;
}
