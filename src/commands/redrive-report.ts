import { failureKind, type DeadLetter } from '../catch-up/dead-letter.ts';
import type { ReceivedMessage } from '../ports.ts';
import type { Io } from './command.ts';
import { sentAt } from './discard.ts';
import { table } from './table.ts';
import { pluralize, number } from '../numbers.ts';

/** The result for one message in this run. */
export type RedriveResult = 'left' | 'moved' | 'discarded';

/** One inspected dead letter. */
export type InspectedMessage = {
  messageId: string;
  sentAt: string;
  cause: string;
  /** The reason without its numbers. */
  kind: string;
  objects: number;
  example: string;
  now: RedriveResult;
};

/** A hostile message may name a bucket of a megabyte; its start is enough. */
const SHOWN_CHARACTERS = 120;
const KINDS_SHOWN = 20;

/** Truncates a text for display. */
export function truncate(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

/** A message as it is told of. */
export function describe(
  message: ReceivedMessage,
  deadLetter: DeadLetter,
  cause: string,
  now: InspectedMessage['now'],
): InspectedMessage {
  const objects = deadLetter.kind === 'malformed' ? [] : deadLetter.objects;
  return {
    messageId: message.messageId,
    sentAt: sentAt(message.attributes),
    cause: truncate(cause),
    kind: truncate(failureKind(deadLetter, cause)),
    objects: objects.length,
    example: truncate(objects[0]?.url ?? message.body.slice(0, 60)),
    now,
  };
}

/** Why the messages failed, by kind, most frequent first, with one example each. */
export function summarizeKinds(looked: readonly InspectedMessage[]): string {
  const byKind = new Map<string, InspectedMessage[]>();
  for (const one of looked) {
    const name = `${one.kind}\n${one.now}`;
    const group = byKind.get(name);
    if (group) group.push(one);
    else byKind.set(name, [one]);
  }
  const kinds = [...byKind.values()].sort((a, b) => b.length - a.length);
  const rows = kinds.slice(0, KINDS_SHOWN).map((group) => {
    const [first] = group;
    const causes = new Set(group.map(({ cause }) => cause));
    const objects = group.reduce((sum, one) => sum + one.objects, 0);
    const oldest = group.reduce((least, { sentAt }) => (sentAt < least ? sentAt : least), first?.sentAt ?? '');
    return [group.length, causes.size === 1 ? first?.cause : first?.kind, objects, oldest, first?.example, first?.now];
  });
  const shown = table(['messages', 'reason', 'objects', 'oldest (UTC)', 'example', 'now'], rows);
  return kinds.length > rows.length
    ? `${shown}\n… and of ${pluralize(kinds.length - rows.length, 'other kind')}: --json`
    : shown;
}

/** Prints the result of a run. `left` is the number still in the dead-letter queue. */
export function printRedrive(
  looked: readonly InspectedMessage[],
  waiting: number,
  left: number,
  json: boolean,
  io: Io,
): void {
  const count = (result: RedriveResult): number => looked.filter(({ now }) => now === result).length;
  const [moved, discarded] = [count('moved'), count('discarded')];
  if (json) {
    const messages = looked.map(({ messageId, sentAt, cause, objects, example, now }) => {
      return { messageId, sentAt, cause, objects, example, now };
    });
    io.out(JSON.stringify({ waiting, looked: looked.length, moved, discarded, left, messages }));
    return;
  }
  if (looked.length === 0) {
    io.out('The dead-letter queue is empty.');
    return;
  }
  io.out(summarizeKinds(looked));
  const done = discarded > 0 ? `${number(discarded)} of ${pluralize(looked.length, 'message')} discarded` : undefined;
  io.out(
    `${done ?? `${number(moved)} of ${pluralize(looked.length, 'message')} moved`}; ${number(left)} left in the dead-letter queue.`,
  );
}
