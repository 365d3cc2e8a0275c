import type { MessageAttribute } from '../ports.ts';

/** The attributes the loader adds to a message that it sends to the dead-letter queue: why, and when (ISO 8601, UTC). */
const REASON = 'SparkifyReason';
const TIME = 'SparkifyTime';
/** SQS allows so many attributes of a message. */
const MAX_ATTRIBUTES = 10;
const MAX_REASON = 1000;

type Attributes = Readonly<Record<string, MessageAttribute>>;

/** The attributes of a message with the note. Of a message that has more than eight attributes the last ones are left out. */
export function withNote(attributes: Attributes, reason: string, nowMs: number): Attributes {
  const note = {
    // SQS takes only characters of XML in a value, and no empty one.
    [REASON]: text(reason.slice(0, MAX_REASON).replace(/[^\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ' ')),
    [TIME]: text(new Date(nowMs).toISOString()),
  };
  const own = Object.entries(withoutNote(attributes)).slice(0, MAX_ATTRIBUTES - Object.keys(note).length);
  return { ...Object.fromEntries(own), ...note };
}

/** The attributes that its sender gave a message. */
export function withoutNote(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== REASON && name !== TIME));
}

/** Why and when the loader put a message here; undefined when the queue itself did, after too many receives. */
export function readNote(attributes: Attributes): { reason: string; time: string } | undefined {
  const reason = attributes[REASON]?.stringValue;
  return reason === undefined ? undefined : { reason, time: attributes[TIME]?.stringValue ?? '' };
}

function text(stringValue: string): MessageAttribute {
  return { dataType: 'String', stringValue: stringValue.trim() || 'unknown' };
}
