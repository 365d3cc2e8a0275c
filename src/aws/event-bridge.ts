import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { LoaderError } from '../errors.ts';
import type { EventBus, OutgoingEvent } from '../ports.ts';
import { translateException } from './translate.ts';

/** An event bus through the SDK. */
export class EventBridgeBus implements EventBus {
  readonly #client: EventBridgeClient;
  readonly #name: string;
  constructor(client: EventBridgeClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async put(events: readonly OutgoingEvent[], timeoutMs: number): Promise<(LoaderError | undefined)[]> {
    const doing = `sending to event bus ${this.#name}`;
    const entries = events.map(({ source, detailType, timeMs, detail }) => ({
      EventBusName: this.#name,
      Source: source,
      DetailType: detailType,
      Time: new Date(timeMs),
      Detail: detail,
    }));
    try {
      const abortSignal = AbortSignal.timeout(timeoutMs);
      // The call returns 200 even when some events were not taken; those have an error instead of an id.
      const reply = await this.#client.send(new PutEventsCommand({ Entries: entries }), { abortSignal });
      return events.map((_, index) => {
        const { EventId, ErrorCode = 'NoAnswer', ErrorMessage } = reply.Entries?.[index] ?? {};
        if (EventId !== undefined) return undefined;
        return translateException(Object.assign(new Error(ErrorMessage), { name: ErrorCode }), doing);
      });
    } catch (error) {
      const failed = translateException(error, doing);
      return events.map(() => failed);
    }
  }
}
