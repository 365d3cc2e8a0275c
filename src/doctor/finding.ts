import type { LoaderError } from '../errors.ts';

/** What was seen of something, or why it could not be looked at. */
export type Look<T> = { seen: T } | { unseen: string };

/** The result of one check. `mend`: the command that mends what is wrong, or the next step. */
export type Finding = { check: string; text: string } & (
  { state: 'fine' } | { state: 'wrong'; mend: string } | { state: 'unseen' }
);

/** All is as it should be. */
export function fine(check: string, text: string): Finding {
  return { check, state: 'fine', text };
}

/** Something is wrong, and how to mend it. */
export function wrong(check: string, text: string, mend: string): Finding {
  return { check, state: 'wrong', text, mend };
}

/** It could not be looked at, for a reason. */
export function unseen(check: string, reason: string): Finding {
  return { check, state: 'unseen', text: reason };
}

/** An error as a finding: its message, and its hint as the next step. */
export function failed(check: string, error: LoaderError): Finding {
  return wrong(check, error.message, error.hint);
}

/** Judges what was seen; what was not seen is a finding of its own. */
export function judge<T>(check: string, look: Look<T>, judgement: (seen: T) => Finding[]): Finding[] {
  return 'unseen' in look ? [unseen(check, look.unseen)] : judgement(look.seen);
}

/** What was seen, or undefined. */
export function seenOf<T>(look: Look<T>): T | undefined {
  return 'unseen' in look ? undefined : look.seen;
}
