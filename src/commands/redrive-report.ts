import type { Io } from './command.ts';
import { table } from './table.ts';
import { pluralize, number } from '../numbers.ts';

/** What became of a message in this run. */
export type RedriveResult = 'left' | 'moved' | 'discarded';

/** One dead letter that was looked at. */
export type InspectedMessage = {
  messageId: string;
  sentAt: string;
  cause: string;
  /** The cause without its numbers. */
  kind: string;
  objects: number;
  example: string;
  now: RedriveResult;
};

/** A hostile message may name a bucket of a megabyte; a person, or a script, needs its beginning. */
const SHOWN_CHARACTERS = 120;
const KINDS_SHOWN = 20;

/** A text as long as may be shown. */
export function truncate(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

/** What the letters died of, by kind, the most frequent first, with one example each. */
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
  const shown = table(['letters', 'died of', 'objects', 'oldest (UTC)', 'such as', 'now'], rows);
  return kinds.length > rows.length
    ? `${shown}\n… and of ${pluralize(kinds.length - rows.length, 'other kind')}: --json`
    : shown;
}

/** The whole of a run. `left` are those still in the dead-letter queue. */
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
