// fauxqs keeps its queues in memory, and every change of one passes through these methods.
import { SqsQueue, SqsStore } from '../../../node_modules/fauxqs/dist/sqs/sqsStore.js';
import { Journal, readJournal } from '../journal.ts';

type Message = Parameters<SqsQueue['enqueue']>[0];

/** One change of the queues, as it is written. A message has one place: written again, it has moved. */
type Line =
  | ['queue', name: string, arn: string, attributes: Record<string, string>]
  | ['no queue', name: string]
  | ['message', queue: string, message: Message]
  | [
      'received',
      messages: Pick<Message, 'messageId' | 'approximateReceiveCount' | 'approximateFirstReceiveTimestamp'>[],
    ]
  | ['deleted', messageId: string]
  | ['purged', queue: string];

/** fauxqs' queues, kept in a file: what was acknowledged is there when the next run opens it. */
export class PersistentQueues extends SqsStore {
  #journal: Journal | undefined;
  readonly #kept = new Map<string, KeptQueue>();

  /**
   * Opens the queues kept in `file`; `urlOf` says how a queue is reached in this run. A message that somebody held when the
   * last run ended is visible at once, since nobody holds it any more. Throws what the file system throws.
   */
  async open(file: string, urlOf: (name: string) => string): Promise<void> {
    const former = new FormerQueues();
    for await (const line of readJournal(file)) former.replay(line as Line);
    for (const [name, { arn, attributes }] of former.queues) this.createQueue(name, urlOf(name), arn, attributes);
    for (const [name, message] of former.messages.values()) this.#kept.get(name)?.restore(message);
    this.#journal = new Journal(file, () => this.#snapshot());
  }

  close(): void {
    this.#journal?.close();
    this.#journal = undefined;
  }

  override createQueue(
    name: string,
    url: string,
    arn: string,
    attributes?: Record<string, string>,
    tags?: Record<string, string>,
  ): SqsQueue {
    // Made here and not by fauxqs, whose own method knows no other kind of queue.
    const queue = new KeptQueue(name, url, arn, attributes, tags);
    queue.write = (line) => this.#journal?.append(line);
    queue.write(['queue', name, arn, queue.attributes]);
    this.#kept.set(name, queue);
    const maps = this as unknown as Record<'queues' | 'queuesByName' | 'queuesByArn', Map<string, SqsQueue>>;
    maps.queues.set(url, queue);
    maps.queuesByName.set(name, queue);
    maps.queuesByArn.set(arn, queue);
    return queue;
  }

  override deleteQueue(url: string): boolean {
    const name = this.getQueue(url)?.name;
    if (name === undefined) return false;
    this.#journal?.append(['no queue', name] satisfies Line);
    this.#kept.delete(name);
    return super.deleteQueue(url);
  }

  *#snapshot(): Generator<Line> {
    for (const [name, queue] of this.#kept) yield ['queue', name, queue.arn, queue.attributes];
    for (const [name, queue] of this.#kept) {
      const { ready, delayed, inflight } = queue.inspectMessages();
      for (const message of [...inflight.map((held) => held.message), ...ready, ...delayed]) {
        yield ['message', name, message];
      }
    }
  }
}

/** What the lines of a file add up to. */
class FormerQueues {
  readonly queues = new Map<string, { arn: string; attributes: Record<string, string> }>();
  readonly messages = new Map<string, [queue: string, message: Message]>();

  replay(line: Line): void {
    switch (line[0]) {
      case 'queue':
        this.queues.set(line[1], { arn: line[2], attributes: line[3] });
        break;
      case 'no queue':
        this.queues.delete(line[1]);
        this.#forgetAll(line[1]);
        break;
      case 'message':
        // Taken out first, so that one that moved stands behind those that were there before.
        this.messages.delete(line[2].messageId);
        this.messages.set(line[2].messageId, [line[1], line[2]]);
        break;
      case 'received':
        for (const received of line[1]) Object.assign(this.messages.get(received.messageId)?.[1] ?? {}, received);
        break;
      case 'deleted':
        this.messages.delete(line[1]);
        break;
      case 'purged':
        this.#forgetAll(line[1]);
        break;
    }
  }

  #forgetAll(queue: string): void {
    for (const [id, [name]] of this.messages) if (name === queue) this.messages.delete(id);
  }
}

class KeptQueue extends SqsQueue {
  write: (line: Line) => void = () => undefined;

  /** Puts back what is in the file already. */
  restore(message: Message): void {
    super.enqueue(message);
  }

  override enqueue(message: Message): void {
    this.write(['message', this.name, message]);
    super.enqueue(message);
  }

  override dequeue(...request: Parameters<SqsQueue['dequeue']>): ReturnType<SqsQueue['dequeue']> {
    const received = super.dequeue(...request);
    if (received.length === 0) return received;
    const messages = received.flatMap(({ ReceiptHandle }) => this.inflightMessages.get(ReceiptHandle)?.message ?? []);
    const counted = messages.map(({ messageId, approximateReceiveCount, approximateFirstReceiveTimestamp }) => ({
      messageId,
      approximateReceiveCount,
      ...(approximateFirstReceiveTimestamp === undefined ? {} : { approximateFirstReceiveTimestamp }),
    }));
    try {
      this.write(['received', counted]);
    } catch {
      // A full disk. The messages are kept and handed out all the same; only this count of them would be lost with the process.
    }
    return received;
  }

  override deleteMessage(receiptHandle: string): boolean {
    const held = this.inflightMessages.get(receiptHandle);
    if (held) this.write(['deleted', held.message.messageId]);
    return super.deleteMessage(receiptHandle);
  }

  override setAttributes(attributes: Record<string, string>): void {
    super.setAttributes(attributes);
    this.write(['queue', this.name, this.arn, this.attributes]);
  }

  override purge(): void {
    this.write(['purged', this.name]);
    super.purge();
  }
}
