import { s3Url } from '../objects/object-version.ts';
import { songArrival } from '../trace/arrival.ts';
import type { Load, Place } from '../trace/judge.ts';
import { isComplete, type Traced } from './trace-answer.ts';
import { unreadJson } from './trace-unread.ts';

/** The answer for programs. At most `show` of the rows that lost are in it; `lost` counts them all. */
export function tracedJson(traced: Traced, show: number): Record<string, unknown> {
  const { row, judgement, dropped, exact, unread, notRead, overwritten, read, song } = traced;
  const losers = judgement?.losers ?? [];
  return {
    found: true,
    row,
    exact,
    complete: isComplete(traced),
    winner: judgement === undefined ? null : { ...placeJson(judgement.winner.place), ...loadJson(judgement.load) },
    lost: losers.length + dropped,
    losers: losers
      .slice(0, show)
      .map(({ found, why }) => ({ ...placeJson(found.place), why, batches: found.loads.map(loadJson) })),
    ...(song === undefined
      ? {}
      : {
          song: {
            ...tracedJson(song, show),
            arrived:
              judgement === undefined || song.judgement === undefined
                ? null
                : songArrival(judgement.load, song.judgement, song.exact),
          },
        }),
    unread: unread.map(unreadJson),
    notRead,
    overwritten,
    read,
  };
}

/** `object` is the number of the object among those that begin on the line. */
export function placeJson({ bucket, key, line, nth }: Place): Record<string, unknown> {
  return { url: s3Url({ bucket, key }), line, object: nth };
}

function loadJson({ batchNo, batchId, recordedAt, eventTime }: Load): Record<string, unknown> {
  return { batchNo, batchId, committed: recordedAt, eventTime };
}
