import { globMatcher } from '../objects/glob.ts';
import { failureReason, failureKind, readDeadLetter, type DeadLetter } from '../catch-up/dead-letter.ts';
import type { ReceivedMessage, Connection } from '../ports.ts';
import { LoaderError } from '../errors.ts';
import { readLedgerEntries } from '../ledger/reports.ts';
import { sendMessages } from '../catch-up/replay.ts';
import type { AddCommand, CommandContext, ExitCode, Io } from './command.ts';
import { dlqOf, ledgerOf, replayOf } from './connection.ts';
import { discardMessages, listDiscarded, sentAt, type MessageToDiscard } from './discard.ts';
import { untilInterrupted } from './interruption.ts';
import { parseCount } from './options.ts';
import { startProgress } from './progress.ts';
import { truncate, summarizeKinds, printRedrive, type InspectedMessage } from './redrive-report.ts';
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

/** Messages looked at are hidden until the end, so that none is met twice; a killed run frees them after this. */
const HIDE_SECONDS = 600;
/** A queue of many servers may answer empty although it is not; so many empty answers in a row end the work. */
const EMPTY_ANSWERS = 3;
/** Messages are given back so many at once, so that a run that is stopped has soon done so. */
const GIVE_BACK = { messages: 10, calls: 20 };

/** `redrive`: from the dead-letter queue back to the queue, or away for good. */
export const addRedrive: AddCommand = (program, context) => {
  program
    .command('redrive')
    .summary('send dead letters again, or discard them, with what each died of')
    .description(
      'Moves messages from the dead-letter queue back to the queue. Each is sent first and deleted then: none is lost.',
    )
    .option('--match <glob>', 'only messages that name a matching key; a glob without / is held against the file name')
    .option('--reason <text>', 'only messages whose cause contains this text')
    .option('--limit <messages>', 'move at most so many', parseCount)
    .option('--dry-run', 'move nothing; only tell what the messages died of')
    .option('--discard', 'remove them for good instead, recorded in the control bucket (asks, unless --yes)')
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
  const work: Work = { dlqUrl, atMost: depth.waiting, looked: [], hidden: new Map(), condemned: [], connection };
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
    throw stopped.saying(`${done}; the others are in the dead-letter queue as before. Run the same command again.`);
  }
  printRedrive(work.looked, depth.waiting, left, options.json ?? false, io);
  return left > 0 ? 1 : 0;
}

/** @throws LoaderError (`usage`) */
function requireOneWay({ discard: away, why, dryRun, discarded }: Options): void {
  const example = `npx sparkify redrive --discard --reason malformed --why 'console tests of November'`;
  const refuse = (message: string): never => {
    throw new LoaderError('usage', message, `Like this: ${example}`);
  };
  if (away && !why?.trim()) refuse('--discard needs --why: what is gone for good must say why.');
  if (!away && why !== undefined) refuse('--why says why messages are discarded, so it needs --discard.');
  if ([away, dryRun, discarded].filter(Boolean).length > 1) {
    refuse('Of --discard, --dry-run and --discarded only one can be meant.');
  }
}

type Work = {
  dlqUrl: string;
  /** The depth at the start: what dies meanwhile, perhaps the very same messages, is not taken up again. */
  atMost: number;
  looked: InspectedMessage[];
  /** What was received and is still in the queue, to be given back at the end, however it ends. */
  hidden: Map<string, ReceivedMessage>;
  /** What is to be discarded. */
  condemned: MessageToDiscard[];
  connection: Connection;
};

/** Looks at every message, and moves those to be moved at once. */
async function lookAtAll(options: Options, work: Work, io: Io): Promise<void> {
  const { queue, clock } = work.connection;
  const replay = options.dryRun || options.discard ? undefined : replayOf(work.connection);
  const chosen = chooser(options);
  const seen = new Set<string>();
  let taken = 0;
  const progress = startProgress('looked at', work.atMost, io, clock);
  try {
    for (let empty = 0; empty < EMPTY_ANSWERS && seen.size < work.atMost;) {
      io.interrupted.throwIfAborted();
      const received = await queue.receive(work.dlqUrl, { waitSeconds: 1, visibilityTimeoutSeconds: HIDE_SECONDS });
      empty = received.length === 0 ? empty + 1 : 0;
      const take: ReceivedMessage[] = [];
      for (const { message, letter, cause } of await diagnose(received, seen, work)) {
        const goes = !options.dryRun && taken < (options.limit ?? Infinity) && chosen(letter, cause);
        if (goes) taken += 1;
        if (goes && replay) take.push(message);
        else if (goes) work.condemned.push({ message, cause });
        work.looked.push(describe(message, letter, cause, goes && replay ? 'moved' : 'left'));
      }
      if (replay && take.length > 0) await move(take, replay, work);
      progress.update(work.looked.length, `${taken} ${options.discard ? 'to be discarded' : 'moved'}`);
    }
  } finally {
    progress.stop();
  }
}

type Diagnosed = { message: ReceivedMessage; letter: DeadLetter; cause: string };

/** Messages that were not seen before, with what each died of. They are hidden from now on. */
async function diagnose(received: readonly ReceivedMessage[], seen: Set<string>, work: Work): Promise<Diagnosed[]> {
  const fresh = received.filter(({ messageId }) => !seen.has(messageId));
  for (const message of fresh) {
    seen.add(message.messageId);
    work.hidden.set(message.messageId, message);
  }
  const { landing: landing } = work.connection.config;
  const letters = fresh.map((message) => ({ message, letter: readDeadLetter(message.body, landing) }));
  const named = letters.flatMap(({ letter }) => (letter.kind === 'objects' ? letter.objects : []));
  const ledger = await readLedgerEntries(
    [...new Set(named.map(({ objectId }) => objectId))],
    ledgerOf(work.connection),
  );
  return letters.map(({ message, letter }) => {
    const cause = failureReason(letter, ledger, message.attributes.ApproximateReceiveCount ?? '?');
    return { message, letter, cause };
  });
}

async function move(take: readonly ReceivedMessage[], replay: ReturnType<typeof replayOf>, work: Work): Promise<void> {
  await sendMessages(
    take.map(({ body, messageAttributes }, i) => ({ id: String(i), body, messageAttributes })),
    replay,
  );
  const left = await work.connection.queue.delete(work.dlqUrl, take);
  if (left.length > 0) throw notDeleted(left.length);
  for (const { messageId } of take) work.hidden.delete(messageId);
}

/** Sent and not deleted: a duplicate, which the loader bears, and which the next redrive moves once more. */
function notDeleted(count: number): LoaderError {
  const hint = 'They were sent as well, which is harmless; to clear them: npx sparkify redrive';
  return new LoaderError(
    'unexpected',
    `${pluralize(count, 'message')} could not be deleted from the dead-letter queue`,
    hint,
  );
}

/** Shows what would go, asks, records it and removes it. */
async function discardChosen({ why = '', yes }: Options, work: Work, io: Io): Promise<void> {
  const { condemned, connection, dlqUrl, hidden } = work;
  if (condemned.length === 0) return;
  const ids = new Set(condemned.map(({ message }) => message.messageId));
  io.err(summarizeKinds(work.looked.filter(({ messageId }) => ids.has(messageId))));
  const what = condemned.length === 1 ? 'this message' : `these ${pluralize(condemned.length, 'message')}`;
  if (!yes && !(await io.confirm(`Remove ${what} for good?`))) {
    io.err('Nothing was discarded. To discard without being asked: --yes');
    return;
  }
  const looked = new Map(work.looked.map((one) => [one.messageId, one]));
  const done = (messageId: string): void => {
    hidden.delete(messageId);
    const one = looked.get(messageId);
    if (one) one.now = 'discarded';
  };
  await discardMessages(condemned, why, { io, connection, dlqUrl, done });
}

async function changeVisibility(messages: readonly ReceivedMessage[], { connection, dlqUrl }: Work): Promise<void> {
  const { messages: perCall, calls } = GIVE_BACK;
  for (let from = 0; from < messages.length; from += perCall * calls) {
    const parts = Array.from({ length: calls }, (_, i) =>
      messages.slice(from + i * perCall, from + (i + 1) * perCall),
    ).filter((part) => part.length > 0);
    await Promise.all(parts.map((part) => connection.queue.changeVisibility(dlqUrl, part)));
  }
}

function chooser(options: Options): (letter: DeadLetter, cause: string) => boolean {
  const match = options.match === undefined ? undefined : globMatcher(options.match);
  const reason = options.reason?.toLowerCase();
  return (letter, cause) => {
    if (reason !== undefined && !cause.toLowerCase().includes(reason)) return false;
    return match === undefined || (letter.kind !== 'malformed' && letter.objects.some(({ key }) => match(key)));
  };
}

function describe(
  message: ReceivedMessage,
  letter: DeadLetter,
  cause: string,
  now: InspectedMessage['now'],
): InspectedMessage {
  const objects = letter.kind === 'malformed' ? [] : letter.objects;
  return {
    messageId: message.messageId,
    sentAt: sentAt(message.attributes),
    cause: truncate(cause),
    kind: truncate(failureKind(letter, cause)),
    objects: objects.length,
    example: truncate(objects[0]?.url ?? message.body.slice(0, 60)),
    now,
  };
}
