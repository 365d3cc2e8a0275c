import { namedBy } from '../ledger/seen.ts';
import { objectId, type ObjectVersion } from '../objects/object-version.ts';

/** A message of a queue. */
export type Message = { messageId: string; body: string };

type Named = { id: string; version: ObjectVersion };

/** Messages and commits that are remembered. */
const REMEMBERED = 20_000;

/** Reads what messages name; each is parsed once, however often it is looked at. */
export class MessageReader {
  readonly #named = new Map<string, Named[]>();

  /** The versions that messages name, by the id of their object. */
  byObject(messages: readonly Message[]): Map<string, ObjectVersion[]> {
    const named = new Map<string, ObjectVersion[]>();
    for (const { messageId, body } of messages) {
      let own = this.#named.get(messageId);
      if (own === undefined) {
        own = namedBy([{ body }]).map((version) => ({ id: objectId(version), version }));
        this.#named.set(messageId, own);
      }
      for (const { id, version } of own) named.set(id, [...(named.get(id) ?? []), version]);
    }
    forgetOldest(this.#named);
    return named;
  }
}

/** Drops the oldest entries of a map beyond what is remembered. */
export function forgetOldest(map: Map<unknown, unknown>): void {
  for (const key of map.keys()) {
    if (map.size <= REMEMBERED) return;
    map.delete(key);
  }
}
