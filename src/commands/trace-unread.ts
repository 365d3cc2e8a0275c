import { s3Url } from '../objects/object-version.ts';
import { pluralize } from '../numbers.ts';
import type { Unread, UnreadReason } from '../trace/candidates.ts';
import { sparkifyCommand } from './shell.ts';
import { table } from './table.ts';

const UNREAD: Readonly<Record<UnreadReason, string>> = {
  gone: 'deleted from the bucket',
  changed: 'overwritten since it was loaded',
  archived: 'archived; restore it to read it',
  forbidden: 'this role may not read it',
  encrypted: 'encrypted with a key that this role may not use',
  unreadable: 'its content cannot be read',
};

/** Files listed that cannot be read. */
const UNREAD_SHOWN = 20;

/** The files that could not be read as they were loaded, for people. */
export function unreadText(unread: readonly Unread[]): string {
  const rows = unread
    .slice(0, UNREAD_SHOWN)
    .map(({ object, why, detail }) => [
      s3Url(object),
      `${UNREAD[why]}${detail === undefined ? '' : `: ${detail}`}`,
      object.loads.map(({ batchNo }) => batchNo).join(', '),
    ]);
  const [first] = unread;
  const next = first === undefined ? '' : `\n→ ${sparkifyCommand('why', s3Url(first.object))}`;
  const what = `${pluralize(unread.length, 'file')} cannot be read as loaded, so what rows ${unread.length === 1 ? 'it' : 'they'} had is unknown:`;
  return `${what}\n${table(['file', 'why', 'batches'], rows)}${next}`;
}

/** One of them, for programs. */
export function unreadJson({ object, why, detail }: Unread): Record<string, unknown> {
  return {
    url: s3Url(object),
    why,
    detail: detail ?? null,
    batches: object.loads.map(({ batchNo, batchId, recordedAt, eventTime }) => ({
      batchNo,
      batchId,
      committed: recordedAt,
      eventTime,
    })),
  };
}
