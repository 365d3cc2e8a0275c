import { globMatcher } from '../objects/glob.ts';
import { failureReason, readDeadLetter, type DeadLetter } from '../catch-up/dead-letter.ts';
import type { ReceivedMessage, Connection } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import { readLedgerEntries } from '../ledger/reports.ts';
import { readNote, withoutNote } from '../queue/dead-letter-note.ts';
import { sendMessages } from '../queue/send-messages.ts';
import type { AddCommand, CommandContext, ExitCode, Io } from './command.ts';
import { dlqOf, ledgerOf, replayOf } from './connection.ts';
import { discardMessages, listDiscarded, type MessageToDiscard } from './discard.ts';
import { untilInterrupted } from './interruption.ts';
import { parseCount } from './options.ts';
import { startProgress } from './progress.ts';
import { describe, summarizeKinds, printRedrive, type InspectedMessage } from './redrive-report.ts';
import { pluralize, number } from '../numbers.ts';

type Options = {
  match?: string;
  reason?: string;
  limit?: number;
  dryRun?: true;
  discard?: true;
  why?: string;
  yes?: true;
  discarded?: true;
  json?: true;
};

/** Inspected messages stay hidden until the end, so that none is received twice; after a killed run they reappear after this. */
const VISIBILITY_TIMEOUT_SECONDS = 600;
/** SQS may return nothing from a non-empty queue; this many empty receives in a row end the work. */
const EMPTY_ANSWERS = 3;
/** Messages are returned in parallel calls, so that an interrupted run ends soon. */
const RETURN_LIMITS = { messages: 10, calls: 20 };

/** `redrive`: sends dead letters again as replays, or discards them. */
export const addRedrive: AddCommand = (program, context) => {
  program
    .command('redrive')
    .summary('send dead letters again, or discard them')
    .description(
      'Moves messages from the dead-letter queue to the queue of replays. Each is sent before it is deleted, so none is lost.',
    )
    .option(
      '--match <glob>',
      'only messages that name a matching key; a glob without / is matched against the file name',
    )
    .option('--reason <text>', 'only messages whose reason contains this text')
    .option('--limit <messages>', 'move at most this many', parseCount)
    .option('--dry-run', 'move nothing; show why each message failed')
    .option('--discard', 'delete them for good instead, recorded in the control bucket (asks, unless --yes)')
    .option('--why <text>', 'why they are discarded; goes into the record')
    .option('--yes', 'do not ask')
    .option('--discarded', 'list what was discarded, by whom and why')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `\nExits with 1 if messages are left in the dead-letter queue.\n
Examples:
  npx sparkify redrive --dry-run
  npx sparkify redrive --match 'log_data/2018/**'
  npx sparkify redrive --reason 'not loaded' --limit 100
  npx sparkify redrive --discard --reason malformed --why 'console tests of November'
  npx sparkify redrive --discarded`,
    )
    .action(async (options: Options) => {
      context.exit(await run(options, context));
    });
};

async function run(options: Options, { io, connect }: CommandContext): Promise<ExitCode> {
  requireOneWay(options);
  const connection = connect();
  if (options.discarded) return listDiscarded(options.json ?? false, connection, io);
  const dlqUrl = dlqOf(connection);
  const depth = await connection.queue.depth(dlqUrl);
  const work: Work = { dlqUrl, atMost: depth.waiting, looked: [], hidden: new Map(), toDiscard: [], connection };
  const stopped = await untilInterrupted(async () => {
    try {
      await lookAtAll(options, work, io);
      if (options.discard) await discardChosen(options, work, io);
    } finally {
      await changeVisibility([...work.hidden.values()], work);
    }
  });
  const gone = work.looked.filter(({ now }) => now !== 'left').length;
  const left = depth.waiting + depth.inFlight - gone;
  if (stopped) {
    const done = `Stopped: ${number(gone)} of ${pluralize(depth.waiting, 'message')} ${options.discard ? 'discarded' : 'moved'}`;
    throw stopped.withMessage(
      `${done}; the others are in the dead-letter queue as before. Run the same command again.`,
    );
  }
  printRedrive(work.looked, depth.waiting, left, options.json ?? false, io);
  return left > 0 ? 1 : 0;
}

/** @throws LoaderError (`usage`) */
function requireOneWay({ discard: away, why, dryRun, discarded }: Options): void {
  const example = `npx sparkify redrive --discard --reason malformed --why 'console tests of November'`;
  const refuse = (message: string): never => {
    throw new LoaderError('usage', message, `For example: ${example}`);
  };
  if (away && !why?.trim()) refuse('--discard needs --why: the record must give a reason.');
  if (!away && why !== undefined) refuse('--why is the reason for --discard, and needs it.');
  if ([away, dryRun, discarded].filter(Boolean).length > 1) {
    refuse('Use only one of --discard, --dry-run and --discarded.');
  }
}

type Work = {
  dlqUrl: string;
  /** The depth at the start: messages that fail again meanwhile are not processed twice. */
  atMost: number;
  looked: InspectedMessage[];
  /** Received messages that are still in the queue, to be returned at the end, however it ends. */
  hidden: Map<string, ReceivedMessage>;
  /** Messages to be discarded. */
  toDiscard: MessageToDiscard[];
  connection: Connection;
};

/** Inspects every message and moves the chosen ones right away. */
async function lookAtAll(options: Options, work: Work, io: Io): Promise<void> {
  const { queue, clock } = work.connection;
  const replay = options.dryRun || options.discard ? undefined : replayOf(work.connection);
  const chosen = chooser(options);
  const seen = new Set<string>();
  let chosenCount = 0;
  const progress = startProgress('looked at', work.atMost, io, clock);
  try {
    for (let empty = 0; empty < EMPTY_ANSWERS && seen.size < work.atMost;) {
      io.interrupted.throwIfAborted();
      const received = await queue.receive(work.dlqUrl, {
        waitSeconds: 1,
        visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS,
      });
      empty = received.length === 0 ? empty + 1 : 0;
      const toMove: ReceivedMessage[] = [];
      for (const { message, deadLetter: deadLetter, cause } of await inspect(received, seen, work)) {
        const goes = !options.dryRun && chosenCount < (options.limit ?? Infinity) && chosen(deadLetter, cause);
        if (goes) chosenCount += 1;
        if (goes && replay) toMove.push(message);
        else if (goes) work.toDiscard.push({ message, cause });
        work.looked.push(describe(message, deadLetter, cause, goes && replay ? 'moved' : 'left'));
      }
      if (replay && toMove.length > 0) await move(toMove, replay, work);
      progress.update(work.looked.length, `${chosenCount} ${options.discard ? 'to be discarded' : 'moved'}`);
    }
  } finally {
    progress.stop();
  }
}

type Inspected = { message: ReceivedMessage; deadLetter: DeadLetter; cause: string };

/** Messages that were not seen before, each with its failure reason. They stay hidden from now on. */
async function inspect(received: readonly ReceivedMessage[], seen: Set<string>, work: Work): Promise<Inspected[]> {
  const fresh = received.filter(({ messageId }) => !seen.has(messageId));
  for (const message of fresh) {
    seen.add(message.messageId);
    work.hidden.set(message.messageId, message);
  }
  const { landing } = work.connection.config;
  const read = fresh.map((message) => ({ message, deadLetter: readDeadLetter(message.body, landing) }));
  const named = read.flatMap(({ deadLetter }) => (deadLetter.kind === 'objects' ? deadLetter.objects : []));
  const ids = new Set(named.map(({ objectId }) => objectId));
  const { entries: ledger } = await readLedgerEntries([...ids], ledgerOf(work.connection));
  return read.map(({ message, deadLetter }) => {
    const note = readNote(message.messageAttributes);
    const cause = failureReason(deadLetter, ledger, note?.reason, message.attributes.ApproximateReceiveCount ?? '?');
    return { message, deadLetter, cause };
  });
}

async function move(
  messages: readonly ReceivedMessage[],
  replay: ReturnType<typeof replayOf>,
  work: Work,
): Promise<void> {
  await sendMessages(
    messages.map(({ body, messageAttributes }, i) => {
      return { id: String(i), body, messageAttributes: withoutNote(messageAttributes) };
    }),
    replay,
  );
  const left = await work.connection.queue.delete(work.dlqUrl, messages);
  if (left.length > 0) throw notDeleted(left.length);
  for (const { messageId } of messages) work.hidden.delete(messageId);
}

/** Sent but not deleted: a duplicate, which is harmless; the next redrive moves it again. */
function notDeleted(count: number): LoaderError {
  const hint = 'They were also sent, which is harmless; to clear them: npx sparkify redrive';
  const text = `${pluralize(count, 'message')} could not be deleted from the dead-letter queue`;
  return new LoaderError('unexpected', text, hint);
}

/** Shows what would be discarded, asks, records and deletes it. */
async function discardChosen({ why = '', yes }: Options, work: Work, io: Io): Promise<void> {
  const { toDiscard, connection, dlqUrl, hidden } = work;
  if (toDiscard.length === 0) return;
  const ids = new Set(toDiscard.map(({ message }) => message.messageId));
  io.err(summarizeKinds(work.looked.filter(({ messageId }) => ids.has(messageId))));
  const what = toDiscard.length === 1 ? 'this message' : `these ${pluralize(toDiscard.length, 'message')}`;
  if (!yes && !(await io.confirm(`Delete ${what} for good?`))) {
    io.err('Nothing was discarded. To skip the question: --yes');
    return;
  }
  const looked = new Map(work.looked.map((one) => [one.messageId, one]));
  const done = (messageId: string): void => {
    hidden.delete(messageId);
    const one = looked.get(messageId);
    if (one) one.now = 'discarded';
  };
  await discardMessages(toDiscard, why, { io, connection, dlqUrl, done });
}

async function changeVisibility(messages: readonly ReceivedMessage[], { connection, dlqUrl }: Work): Promise<void> {
  const { messages: perCall, calls } = RETURN_LIMITS;
  for (let from = 0; from < messages.length; from += perCall * calls) {
    const parts = Array.from({ length: calls }, (_, i) =>
      messages.slice(from + i * perCall, from + (i + 1) * perCall),
    ).filter((part) => part.length > 0);
    const atOnce = parts.map((part) => part.map(({ receiptHandle }) => ({ receiptHandle, seconds: 0 })));
    // One that cannot be changed has become visible already.
    await Promise.all(atOnce.map((part) => connection.queue.changeVisibility(dlqUrl, part)));
  }
}

function chooser(options: Options): (deadLetter: DeadLetter, cause: string) => boolean {
  const match = options.match === undefined ? undefined : globMatcher(options.match);
  const reason = options.reason?.toLowerCase();
  return (deadLetter, cause) => {
    if (reason !== undefined && !cause.toLowerCase().includes(reason)) return false;
    return match === undefined || (deadLetter.kind !== 'malformed' && deadLetter.objects.some(({ key }) => match(key)));
  };
}
