import type { Templates } from '../../src/sql/statement.ts';

/** Deliberate mistakes in the SQL of a load. The proof is worth something only if it finds every one of them. */

/** One mistake: what is wrong, which property must notice, and how the texts change: file, what stands there, what would. */
export type Mutant = {
  name: string;
  noticedBy: 'convergence' | 'two-writers';
  changes: readonly (readonly [file: string, from: string, to: string])[];
};

const LOCK = 'LOCK :"schema".load_lock';
const NOTHING = 'SELECT 1';
const CALENDAR = "BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'";

const inConvergence: readonly (readonly [name: string, file: string, from: string, to: string])[] = [
  ['songs: the tie-break is dropped', 'songs/40-merge-pick-songs', 'ORDER BY h.text_hash, h.duration', 'ORDER BY h.year, h.duration'],
  ['songs: a winner is forgotten', 'songs/40-merge-pick-songs', 'WHERE ranked.pick_order = 1', ''],
  ['songs: keys are not trimmed', 'songs/40-merge-pick-songs', "SELECT RTRIM(s.song_id, ' ') AS song_id", 'SELECT s.song_id'],
  ['songs: artist keys are not trimmed', 'songs/40-merge-pick-songs', "RTRIM(s.artist_id, ' ') AS artist_id", 's.artist_id'],
  ['songs: a corrected title changes nothing', 'songs/41-merge-select-songs', "OR COALESCE(known.title || '.', '') <> COALESCE(p.title || '.', '')", ''],
  ['songs: a corrected duration changes nothing', 'songs/41-merge-select-songs', 'OR DECODE(known.duration, p.duration, 0, 1) = 1', ''],
  ['songs: NULL and the empty string are alike', 'songs/41-merge-select-songs', "COALESCE(known.title || '.', '') <> COALESCE(p.title || '.', '')", "COALESCE(known.title, '') <> COALESCE(p.title, '')"],
  ['songs: a corrected place changes nothing', 'songs/41-merge-select-songs', "OR COALESCE(known.artist_location || '.', '') <> COALESCE(p.artist_location || '.', '')", ''],
  ['songs: a corrected latitude changes nothing', 'songs/41-merge-select-songs', 'OR DECODE(known.artist_latitude, p.artist_latitude, 0, 1) = 1', ''],
  ['songs: a corrected longitude changes nothing', 'songs/41-merge-select-songs', 'OR DECODE(known.artist_longitude, p.artist_longitude, 0, 1) = 1', ''],
  ['songs: a value against none is no conflict', 'songs/40-merge-pick-songs', 'h.text_hash, h.duration, h.year, h.artist_latitude, h.artist_longitude\n                   )', 'h.text_hash\n                   )'],
  ['artists: the greatest song decides', 'songs/43-merge-select-artists', 'MIN(present.song_id)', 'MAX(present.song_id)'],
  ['artists: of the songs of this batch one decides', 'songs/43-merge-select-artists', 'JOIN :"schema".songs AS present', 'JOIN merge_songs AS present'],
  ['artists: a song that left says what it was', 'songs/43-merge-select-artists', 'SELECT m.old_artist_id FROM', 'SELECT m.artist_id FROM'],
  ['artists: another song changes nothing', 'songs/43-merge-select-artists', 'OR known.source_song_id <> s.song_id', ''],
  ['artists: a corrected place changes nothing', 'songs/43-merge-select-artists', "OR COALESCE(known.location || '.', '') <> COALESCE(s.artist_location || '.', '')", ''],
  ['artists: a corrected latitude changes nothing', 'songs/43-merge-select-artists', 'OR DECODE(known.latitude, s.artist_latitude, 0, 1) = 1', ''],
  ['artists: a blank one is somebody', 'songs/43-merge-select-artists', "WHERE touched.artist_id <> ''", ''],
  ['artists: one of no song stays', 'songs/45-merge-remove-artists', 'm.old_artist_id IS NOT NULL', '1 = 0'],
  ['artists: one that a song left goes', 'songs/45-merge-remove-artists', 'AND present.song_id IS NULL', ''],
  ['users: an old event overwrites a newer one', 'events/50-merge-select-users', 'OR c.ts > known.last_event_at', 'OR c.ts <> known.last_event_at'],
  ['users: equal times are decided by nothing', 'events/50-merge-select-users', 'ORDER BY h.ts DESC, h.session_id DESC, h.item_in_session DESC', 'ORDER BY h.ts DESC, h.session_id, h.item_in_session'],
  ['users: a later session at the same time is ignored', 'events/50-merge-select-users', 'OR (c.ts = known.last_event_at AND c.session_id > known.last_session_id)', ''],
  ['users: a corrected event changes nothing', 'events/50-merge-select-users', "OR COALESCE(known.level || '.', '') <> COALESCE(c.level || '.', '')", ''],
  ['users: only plays count', 'events/50-merge-select-users', "WHERE COALESCE(RTRIM(e.userid, ' '), '') <> ''", "WHERE RTRIM(e.page, ' ') = 'NextSong' AND COALESCE(RTRIM(e.userid, ' '), '') <> ''"],
  ['users: a blank user is somebody', 'events/50-merge-select-users', "WHERE COALESCE(RTRIM(e.userid, ' '), '') <> ''", 'WHERE e.userid IS NOT NULL'],
  ['users: keys are not trimmed', 'events/50-merge-select-users', "SELECT RTRIM(e.userid, ' ') AS user_id", 'SELECT e.userid AS user_id'],
  ['plays: the page is not looked at', 'events/54-merge-select-songplays', "RTRIM(e.page, ' ') = 'NextSong'", '1 = 1'],
  ['plays: the page is not trimmed', 'events/54-merge-select-songplays', "RTRIM(e.page, ' ') = 'NextSong'", "e.page = 'NextSong'"],
  ['plays: the tie-break is dropped', 'events/52-merge-pick-repeats', 'ORDER BY h.text_hash, h.song_duration', 'ORDER BY h.song_duration'],
  ['plays: a winner is forgotten', 'events/52-merge-pick-repeats', 'WHERE ranked.pick_order = 1', ''],
  ['plays: a blank user is not nobody', 'events/54-merge-select-songplays', "NULLIF(RTRIM(e.userid, ' '), '') AS user_id", 'e.userid AS user_id'],
  ['plays: those staged twice are forgotten', 'events/54-merge-select-songplays', 'FROM picked_songplays AS w', 'FROM picked_songplays AS w WHERE 1 = 0'],
  ['plays: those staged twice come with their winner', 'events/54-merge-select-songplays', 'AND repeated.start_time IS NULL', ''],
  ['plays: titles of songs are not trimmed', 'events/53-merge-resolve-songs', "RTRIM(s.title, ' ') = t.song_title", 's.title = t.song_title'],
  ['plays: names on songs are not trimmed', 'events/53-merge-resolve-songs', "RTRIM(s.artist_name, ' ') = t.artist_name", 's.artist_name = t.artist_name'],
  ['plays: their titles are not trimmed', 'events/54-merge-select-songplays', "r.song_title = RTRIM(p.song_title, ' ')", 'r.song_title = p.song_title'],
  ['plays: their names are not trimmed', 'events/54-merge-select-songplays', "r.artist_name = RTRIM(p.artist_name, ' ')", 'r.artist_name = p.artist_name'],
  ['plays: the artist is not compared', 'events/53-merge-resolve-songs', "AND RTRIM(s.artist_name, ' ') = t.artist_name", ''],
  ['plays: the duration is not compared', 'events/53-merge-resolve-songs', 'AND s.duration = t.song_duration', ''],
  ['plays: the artist of the track is not compared', 'events/54-merge-select-songplays', "AND r.artist_name = RTRIM(p.artist_name, ' ')", ''],
  ['plays: the duration of the track is not compared', 'events/54-merge-select-songplays', 'AND r.song_duration = p.song_duration', ''],
  ['plays: of several songs the greatest is taken', 'events/53-merge-resolve-songs', 'MIN(s.song_id)', 'MAX(s.song_id)'],
  ['plays: those of no known song are dropped', 'events/54-merge-select-songplays', 'LEFT JOIN resolved_tracks', 'JOIN resolved_tracks'],
  ['plays: a corrected level changes nothing', 'events/54-merge-select-songplays', "OR COALESCE(known.level || '.', '') <> COALESCE(p.level || '.', '')", ''],
  ['plays: a key is only time and session', 'events/57-merge-songplays', 'AND :"schema".songplays.item_in_session = staged.item_in_session', ''],
  ['time: weekday is the day of the month', 'events/55-merge-select-time', 'EXTRACT(dow FROM', 'EXTRACT(day FROM'],
  ['time: a timestamp is written twice', 'events/55-merge-select-time', 'SELECT DISTINCT s.start_time', 'SELECT s.start_time'],
  ['healing: late songs change nothing', 'songs/62-heal-plays', 'WHERE :"schema".songplays.start_time', 'WHERE 1 = 0 AND :"schema".songplays.start_time'],
  ['healing: a song that no longer fits stays', 'songs/61-heal-find-plays', 'JOIN merge_songs AS m ON m.song_id = p.song_id', 'JOIN merge_songs AS m ON m.song_id = p.song_id AND 1 = 0'],
  ['healing: what fits nothing any more is left alone', 'songs/61-heal-find-plays', 'LEFT JOIN :"schema".songs AS s', 'JOIN :"schema".songs AS s'],
  ['healing: the last song decides', 'songs/60-heal-resolve-tracks', 'MIN(s.song_id) AS song_id', 'MAX(s.song_id) AS song_id'],
  ['healing: the last of two that still fit decides', 'songs/61-heal-find-plays', 'MIN(s.song_id) AS song_id', 'MAX(s.song_id) AS song_id'],
  ['healing: titles are not trimmed', 'songs/61-heal-find-plays', "t.song_title = RTRIM(p.song_title, ' ')", 't.song_title = p.song_title'],
  ['healing: a track is found twice', 'songs/61-heal-find-plays', 'WHERE t.song_id IS NULL', ''],
  ['rows without a key are dropped: songs', 'songs/30-reject-songs', "WHERE COALESCE(RTRIM(s.song_id, ' '), '') = ''", 'WHERE 1 = 0'],
  ['rows without a key are dropped: events', 'events/31-reject-events', 'WHERE e.ts IS NULL OR', 'WHERE e.ts IS NULL AND'],
  ['rows without a key are one row: songs', 'songs/30-reject-songs', 'SELECT t.reason, t.content, COUNT(*) AS copies', 'SELECT t.reason, t.content, 1 AS copies'],
  ['rows without a key are one row: events', 'events/31-reject-events', 'SELECT t.reason, t.content, COUNT(*) AS copies', 'SELECT t.reason, t.content, 1 AS copies'],
  ['rows without a key are told apart by less than all of it', 'events/31-reject-events', `REPLACE(e.song, '"', '""')`, 'e.song'],
  ['calendar: who a user is, is said from beyond it', 'events/50-merge-select-users', `l.ts ${CALENDAR}`, '1 = 1'],
  ['calendar: plays beyond it are plays', 'events/54-merge-select-songplays', `e.ts ${CALENDAR}`, '1 = 1'],
  ['calendar: plays beyond it that came twice are plays', 'events/49-merge-find-repeats', `e.ts ${CALENDAR}`, '1 = 1'],
  ['calendar: rows beyond it are dropped', 'events/31-reject-events', `OR e.ts NOT ${CALENDAR}`, ''],
  ['calendar: rows beyond it are of other pages', 'events/71-count-events', `WHEN e.ts ${CALENDAR}`, 'WHEN e.ts IS NOT NULL'],
  ['COPY skips bad rows in silence', 'events/21-copy-events', 'COMPUPDATE OFF', 'MAXERROR 1000 COMPUPDATE OFF'],
  ['duplicates are counted one too many', 'events/71-count-events', 'SUM(p.copies - 1)', 'SUM(p.copies)'],
  ['the ledger forgets objects', 'common/80-record-objects', 'CROSS JOIN staging_batch AS b', "CROSS JOIN staging_batch AS b WHERE o.source = 'songs'"],
]; // prettier-ignore

/** All mistakes. */
export const MUTANTS: readonly Mutant[] = [
  ...inConvergence.map(([name, ...change]): Mutant => ({ name, noticedBy: 'convergence', changes: [change] })),
  { name: 'the lock is not taken', noticedBy: 'two-writers', changes: [['common/01-lock-load', LOCK, NOTHING]] },
  {
    name: 'the lock is taken after the snapshot',
    noticedBy: 'two-writers',
    changes: [
      ['common/01-lock-load', LOCK, 'SELECT MAX(batch_no) FROM :"schema".load_batches'],
      ['songs/30-reject-songs', '', LOCK],
      ['events/31-reject-events', '', LOCK],
    ],
  },
];

/** The templates with a mistake in them. An empty `from` stands for the whole file. Throws where the text is not there. */
export function mutate(templates: Templates, { name, changes }: Mutant): Templates {
  const mutated: Record<string, string> = { ...templates };
  for (const [file, from, to] of changes) {
    const text = mutated[file];
    if (!text?.includes(from)) throw new Error(`${name}: ${file} does not contain ${from}`);
    mutated[file] = from === '' ? to : text.replaceAll(from, to);
  }
  return mutated;
}
