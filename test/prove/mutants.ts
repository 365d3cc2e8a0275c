/** Deliberate mistakes in the SQL of a load. The proof is worth something only if it finds every one of them. */
import type { Templates } from '../../src/core/transaction.ts';

/** One mistake: what is wrong, which property must notice, and how the texts change: file, what stands there, what would. */
export type Mutant = {
  name: string;
  noticedBy: 'convergence' | 'two-writers';
  changes: readonly (readonly [file: string, from: string, to: string])[];
};

const LOCK = 'LOCK :"schema".load_lock';
const NOTHING = 'SELECT 1';

const inConvergence: readonly (readonly [name: string, file: string, from: string, to: string])[] = [
  ['songs: the tie-break is dropped', '40-songs-pick', 'ORDER BY h.text_hash, h.duration', 'ORDER BY h.year, h.duration'],
  ['songs: a winner is forgotten', '40-songs-pick', 'WHERE ranked.pick_order = 1', ''],
  ['songs: keys are not trimmed', '40-songs-pick', "SELECT RTRIM(s.song_id, ' ') AS song_id", 'SELECT s.song_id'],
  ['songs: artist keys are not trimmed', '40-songs-pick', "RTRIM(s.artist_id, ' ') AS artist_id", 's.artist_id'],
  ['songs: a corrected title changes nothing', '41-songs-select', "OR COALESCE(known.title || '.', '') <> COALESCE(p.title || '.', '')", ''],
  ['songs: a corrected duration changes nothing', '41-songs-select', 'OR DECODE(known.duration, p.duration, 0, 1) = 1', ''],
  ['songs: NULL and the empty string are alike', '41-songs-select', "COALESCE(known.title || '.', '') <> COALESCE(p.title || '.', '')", "COALESCE(known.title, '') <> COALESCE(p.title, '')"],
  ['artists: the greatest song decides in a batch', '43-songs-select-artists', 'ORDER BY p.song_id', 'ORDER BY p.song_id DESC'],
  ['artists: the last loaded song decides', '43-songs-select-artists', 'OR c.song_id < known.source_song_id', 'OR c.song_id <> known.source_song_id'],
  ['artists: a smaller song comes too late', '43-songs-select-artists', 'OR c.song_id < known.source_song_id', ''],
  ['artists: a corrected song changes nothing', '43-songs-select-artists', 'OR (c.song_id = known.source_song_id', 'OR (1 = 0'],
  ['users: an old event overwrites a newer one', '50-events-select-users', 'OR c.ts > known.last_event_at', 'OR c.ts <> known.last_event_at'],
  ['users: equal times are decided by nothing', '50-events-select-users', 'ORDER BY h.ts DESC, h.session_id DESC, h.item_in_session DESC', 'ORDER BY h.ts DESC, h.session_id, h.item_in_session'],
  ['users: a later session at the same time is ignored', '50-events-select-users', 'OR (c.ts = known.last_event_at AND c.session_id > known.last_session_id)', ''],
  ['users: a corrected event changes nothing', '50-events-select-users', "OR COALESCE(known.level || '.', '') <> COALESCE(c.level || '.', '')", ''],
  ['users: only plays count', '50-events-select-users', "WHERE COALESCE(RTRIM(e.userid, ' '), '') <> ''", "WHERE RTRIM(e.page, ' ') = 'NextSong' AND COALESCE(RTRIM(e.userid, ' '), '') <> ''"],
  ['users: a blank user is somebody', '50-events-select-users', "WHERE COALESCE(RTRIM(e.userid, ' '), '') <> ''", 'WHERE e.userid IS NOT NULL'],
  ['users: keys are not trimmed', '50-events-select-users', "SELECT RTRIM(e.userid, ' ') AS user_id", 'SELECT e.userid AS user_id'],
  ['plays: the page is not looked at', '54-events-select-songplays', "RTRIM(e.page, ' ') = 'NextSong'", '1 = 1'],
  ['plays: the page is not trimmed', '54-events-select-songplays', "RTRIM(e.page, ' ') = 'NextSong'", "e.page = 'NextSong'"],
  ['plays: the tie-break is dropped', '52-events-pick-repeats', 'ORDER BY h.text_hash, h.song_duration', 'ORDER BY h.song_duration'],
  ['plays: a winner is forgotten', '52-events-pick-repeats', 'WHERE ranked.pick_order = 1', ''],
  ['plays: a blank user is not nobody', '54-events-select-songplays', "NULLIF(RTRIM(e.userid, ' '), '') AS user_id", 'e.userid AS user_id'],
  ['plays: those staged twice are forgotten', '54-events-select-songplays', 'FROM picked_songplays AS w', 'FROM picked_songplays AS w WHERE 1 = 0'],
  ['plays: those staged twice come with their winner', '54-events-select-songplays', 'AND repeated.start_time IS NULL', ''],
  ['plays: titles of songs are not trimmed', '53-events-resolve-songs', "RTRIM(s.title, ' ') = t.song_title", 's.title = t.song_title'],
  ['plays: names on songs are not trimmed', '53-events-resolve-songs', "RTRIM(s.artist_name, ' ') = t.artist_name", 's.artist_name = t.artist_name'],
  ['plays: their titles are not trimmed', '54-events-select-songplays', "r.song_title = RTRIM(p.song_title, ' ')", 'r.song_title = p.song_title'],
  ['plays: their names are not trimmed', '54-events-select-songplays', "r.artist_name = RTRIM(p.artist_name, ' ')", 'r.artist_name = p.artist_name'],
  ['plays: the artist is not compared', '53-events-resolve-songs', "AND RTRIM(s.artist_name, ' ') = t.artist_name", ''],
  ['plays: the duration is not compared', '53-events-resolve-songs', 'AND s.duration = t.song_duration', ''],
  ['plays: the artist of the track is not compared', '54-events-select-songplays', "AND r.artist_name = RTRIM(p.artist_name, ' ')", ''],
  ['plays: the duration of the track is not compared', '54-events-select-songplays', 'AND r.song_duration = p.song_duration', ''],
  ['plays: of several songs the greatest is taken', '53-events-resolve-songs', 'MIN(s.song_id)', 'MAX(s.song_id)'],
  ['plays: those of no known song are dropped', '54-events-select-songplays', 'LEFT JOIN resolved_tracks', 'JOIN resolved_tracks'],
  ['plays: a corrected level changes nothing', '54-events-select-songplays', "OR COALESCE(known.level || '.', '') <> COALESCE(p.level || '.', '')", ''],
  ['plays: a key is only time and session', '57-events-merge-songplays', 'AND :"schema".songplays.item_in_session = staged.item_in_session', ''],
  ['time: weekday is the day of the month', '55-events-select-time', 'EXTRACT(dow FROM', 'EXTRACT(day FROM'],
  ['time: a moment is written twice', '55-events-select-time', 'SELECT DISTINCT s.start_time', 'SELECT s.start_time'],
  ['healing: late songs change nothing', '62-songs-heal', 'WHERE :"schema".songplays.start_time', 'WHERE 1 = 0 AND :"schema".songplays.start_time'],
  ['healing: a song that no longer fits stays', '61-songs-find-healed', 'JOIN merge_songs AS m ON m.song_id = p.song_id', 'JOIN merge_songs AS m ON m.song_id = p.song_id AND 1 = 0'],
  ['healing: what fits nothing any more is left alone', '61-songs-find-healed', 'LEFT JOIN :"schema".songs AS s', 'JOIN :"schema".songs AS s'],
  ['healing: the last song decides', '60-songs-resolve-tracks', 'MIN(s.song_id) AS song_id', 'MAX(s.song_id) AS song_id'],
  ['healing: the last of two that still fit decides', '61-songs-find-healed', 'MIN(s.song_id) AS song_id', 'MAX(s.song_id) AS song_id'],
  ['healing: titles are not trimmed', '61-songs-find-healed', "t.song_title = RTRIM(p.song_title, ' ')", 't.song_title = p.song_title'],
  ['healing: a track is found twice', '61-songs-find-healed', 'WHERE t.song_id IS NULL', ''],
  ['rows without a key are dropped: songs', '30-songs-reject', "WHERE COALESCE(RTRIM(s.song_id, ' '), '') = ''", 'WHERE 1 = 0'],
  ['rows without a key are dropped: events', '31-events-reject', 'WHERE e.ts IS NULL OR', 'WHERE e.ts IS NULL AND'],
  ['COPY skips bad rows in silence', '21-events-copy', 'COMPUPDATE OFF', 'MAXERROR 1000 COMPUPDATE OFF'],
  ['duplicates are counted one too many', '71-events-count', 'SUM(p.copies - 1)', 'SUM(p.copies)'],
  ['the ledger forgets objects', '80-record-objects', 'CROSS JOIN staging_batch AS b', "CROSS JOIN staging_batch AS b WHERE o.source = 'songs'"],
]; // prettier-ignore

/** All mistakes. */
export const MUTANTS: readonly Mutant[] = [
  ...inConvergence.map(([name, ...change]): Mutant => ({ name, noticedBy: 'convergence', changes: [change] })),
  { name: 'the lock is not taken', noticedBy: 'two-writers', changes: [['01-lock', LOCK, NOTHING]] },
  {
    name: 'the lock is taken after the snapshot',
    noticedBy: 'two-writers',
    changes: [
      ['01-lock', LOCK, 'SELECT MAX(batch_no) FROM :"schema".load_batches'],
      ['30-songs-reject', '', LOCK],
      ['31-events-reject', '', LOCK],
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
