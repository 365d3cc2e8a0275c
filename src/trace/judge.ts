/** A load of an object, as the ledger recorded it. Times are texts, UTC. */
export type Load = { batchNo: number; batchId: string; etag: string; eventTime: string; recordedAt: string };

/** Where a row stands: `line` is the physical line on which its object begins, `nth` which of the objects of that line it is. */
export type Place = { bucket: string; key: string; line: number; nth: number };

/**
 * A row of a file as it is now, and the loads of that file, oldest first: those that read it as it is now, and those that read
 * another version, of which nothing is known.
 */
export type Found<Row> = { place: Place; row: Row; loads: readonly Load[]; otherLoads: readonly Load[] };

/** Who wins among rows of one key, by the rules of sql/load. */
export type Rule<Row> = {
  /** Orders the rows of one batch: the first is picked. 0 for rows that no statement can tell apart. */
  pick: (a: Row, b: Row) => number;
  /** Whether the picked row of a later batch takes the place of the current one. */
  replaces: (staged: Row, current: Row) => boolean;
  /** Whether both make the same row of the star. */
  same: (a: Row, b: Row) => boolean;
  /** Why a row lost, where that is told by the two rows alone. */
  lost?: (loser: Row, winner: Row) => LossReason | undefined;
};

/** Why a row is not the one in the table. */
export type LossReason =
  /** The same content in the same batch. COPY gives no file names, so the first by file and line is named as the winner. */
  | 'copy in the same batch'
  /** The same content, loaded later: it changed nothing. */
  | 'copy loaded later'
  /** The same content, loaded before something else took its place for a while. */
  | 'copy replaced before'
  /** Other content of the same key in the same batch: a hash of the content decides. */
  | 'conflict'
  /** A later batch brought other content of the same key. */
  | 'replaced later'
  /** An older event of the same user. */
  | 'older'
  /** Another play of the same time, which was there already. */
  | 'time was there'
  /** Another song of the artist, whose song_id is not the smallest. */
  | 'larger song_id'
  /** A version of a song that named this artist; the song names another one now. */
  | 'song of another artist now';

/** The row that made the row of the table, the load that brought it, and the rows that did not. */
export type Judgement<Row> = {
  winner: Found<Row>;
  load: Load;
  losers: { found: Found<Row>; why: LossReason }[];
};

/**
 * Replays the loads of the rows of one key, batch by batch, and says which row made the current one. Undefined when no load
 * brought any of them.
 */
export function judge<Row>(rows: readonly Found<Row>[], rule: Rule<Row>): Judgement<Row> | undefined {
  const batches = new Map<number, { found: Found<Row>; load: Load }[]>();
  for (const found of rows) {
    for (const load of found.loads) {
      const staged = batches.get(load.batchNo);
      if (staged === undefined) batches.set(load.batchNo, [{ found, load }]);
      else staged.push({ found, load });
    }
  }
  let current: { found: Found<Row>; load: Load } | undefined;
  for (const [, staged] of [...batches].sort(([a], [b]) => a - b)) {
    const [picked] = staged.sort((a, b) => rule.pick(a.found.row, b.found.row) || comparePlaces(a.found, b.found));
    if (picked === undefined) continue;
    if (current === undefined || rule.replaces(picked.found.row, current.found.row)) current = picked;
  }
  if (current === undefined) return undefined;
  const { found: winner, load } = current;
  return { winner, load, losers: losersOf(rows, winner, load, rule) };
}

function losersOf<Row>(
  rows: readonly Found<Row>[],
  winner: Found<Row>,
  load: Load,
  rule: Rule<Row>,
): Judgement<Row>['losers'] {
  return rows
    .filter((found) => found !== winner && found.loads.length > 0)
    .sort((a, b) => rule.pick(a.row, b.row) || comparePlaces(a, b))
    .map((found) => ({ found, why: reasonOf(found, winner, load, rule) }));
}

function reasonOf<Row>(loser: Found<Row>, winner: Found<Row>, { batchNo }: Load, rule: Rule<Row>): LossReason {
  const told = rule.lost?.(loser.row, winner.row);
  if (told !== undefined) return told;
  const inSameBatch = loser.loads.some((load) => load.batchNo === batchNo);
  if (!rule.same(loser.row, winner.row)) return inSameBatch ? 'conflict' : 'replaced later';
  if (inSameBatch) return 'copy in the same batch';
  return loser.loads.some((load) => load.batchNo < batchNo) ? 'copy replaced before' : 'copy loaded later';
}

/** What is known of how a row of the star came to be. `exact`: no other file or version can have brought it. */
export type Answer<Row> = { judgement: Judgement<Row> | undefined; exact: boolean };

/**
 * Judges the rows of one key and compares the result with the row of the table, `current`. `unknown` are all loads whose content
 * cannot be read any more, or was not read; `batchId` is the batch that the row itself names, if it does. Where the rules do
 * not lead to the row as it is, because something is unknown, a file that has the same row now is still named, and no more is claimed.
 */
export function answer<Row>(
  rule: Rule<Row>,
  current: Row,
  rows: readonly Found<Row>[],
  unknown: readonly Load[],
  batchId?: string,
): Answer<Row> {
  const judgement = judge(rows, rule);
  const fits =
    judgement !== undefined &&
    rule.same(judgement.winner.row, current) &&
    (batchId === undefined || judgement.load.batchId === batchId);
  if (fits) return { judgement, exact: !unknown.some((load) => batchId === undefined || load.batchId === batchId) };
  const inBatch = ({ loads, otherLoads }: Found<Row>): Load | undefined =>
    [...loads, ...otherLoads].find((load) => load.batchId === batchId);
  const alike = rows.filter(({ row }) => rule.same(row, current)).sort(comparePlaces);
  const winner = alike.find((found) => inBatch(found) !== undefined) ?? alike[0];
  const load = winner && (inBatch(winner) ?? winner.loads[0] ?? winner.otherLoads.at(-1));
  if (winner === undefined || load === undefined) return { judgement: undefined, exact: false };
  return { judgement: { winner, load, losers: losersOf(rows, winner, load, rule) }, exact: false };
}

/** Orders rows by file, then by their place in it. */
export function comparePlaces(a: { place: Place }, b: { place: Place }): number {
  return (
    compareTexts(a.place.bucket, b.place.bucket) ||
    compareTexts(a.place.key, b.place.key) ||
    a.place.line - b.place.line ||
    a.place.nth - b.place.nth
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
