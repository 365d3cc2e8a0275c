import { pluralize } from '../numbers.ts';
import type { Attention, StateCounts } from '../ui/shapes.ts';
import { describeWaiting } from '../waiting/resume.ts';
import type { Waiting } from '../waiting/waiting.ts';
import { sparkifyCommand } from './shell.ts';

/**
 * What needs attention in a local stack, and the commands that mend it. `unannounced` have waited too long for a notification;
 * `changedFields` are those of files, and `waiting` is what the warehouse is waited for, if it is.
 */
export function attentionOf(
  counts: StateCounts,
  { unannounced, changedFields, waiting }: { unannounced: number; changedFields: number; waiting: Waiting | undefined },
  landing: string,
): Attention[] {
  const needed: [many: number, text: string, command: string][] = [
    [
      counts.quarantined,
      `${pluralize(counts.quarantined, 'object')} quarantined; upload a corrected file to the same key, or look closer`,
      sparkifyCommand('quarantine', 'list'),
    ],
    [
      counts.deadLettered,
      `${pluralize(counts.deadLettered, 'object')} in dead letters`,
      sparkifyCommand('redrive', '--dry-run'),
    ],
    [
      unannounced,
      `${pluralize(unannounced, 'object')} in the bucket, but no notification has come; send what was lost`,
      sparkifyCommand('reconcile', landing, '--repair'),
    ],
    [changedFields, `${pluralize(changedFields, 'field')} of files changed`, sparkifyCommand('drift')],
  ];
  const waits = waiting === undefined ? [] : [describeWaiting(waiting)];
  return [
    ...waits.map(({ text, hint }) => ({ text: `${text} → ${hint}`, command: null })),
    ...needed.filter(([many]) => many > 0).map(([, text, command]) => ({ text, command })),
  ];
}
