import { globMatcher } from '../core/glob.ts';
import { causeOfDeath, readDeadLetter, type DeadLetter } from '../core/redrive.ts';
import type { ReceivedMessage } from '../deps.ts';
import { LoaderError } from '../errors.ts';
import { askLedger } from '../ledger-pages.ts';
import { sendMessages } from '../replay.ts';
import type { AddCommand, CommandContext, Connection, ExitCode } from './command.ts';
import { dlqOf, ledgerOf, replayOf } from './connection.ts';
import { parseCount } from './options.ts';
import { startProgress } from './progress.ts';
import { counted, table } from './table.ts';

type Options = { match?: string; reason?: string; limit?: number; dryRun?: true; json?: true };

/** Messages looked at are hidden until the end, so that none is met twice; an interrupted run frees them after this. */
const HIDE_SECONDS = 600;
/** A queue of many servers may answer empty although it is not; so many empty answers in a row end the work. */
const EMPTY_ANSWERS = 3;

/** One message, and what was done with it. */
type Looked = { messageId: string; sentAt: string; cause: string; objects: number; example: string; moved: boolean };

/** `redrive`: from the dead-letter queue back to the queue. */
export const addRedrive: AddCommand = (program, context) => {
  program
    .command('redrive')
    .summary('send dead letters again, with what each died of')
    .description(
      'Moves messages from the dead-letter queue back to the queue. Each is sent first and deleted then: none is lost.',
    )
    .option('--match <glob>', 'only messages that name a matching key; a glob without / is held against the file name')
    .option('--reason <text>', 'only messages whose cause contains this text')
    .option('--limit <messages>', 'move at most so many', parseCount)
    .option('--dry-run', 'move nothing; only tell what each message died of')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `\nExits with 1 if messages are left in the dead-letter queue.\n
Examples:
  npx sparkify redrive --dry-run
  npx sparkify redrive --match 'log_data/2018/**'
  npx sparkify redrive --reason 'not loaded' --limit 100`,
    )
    .action(async (options: Options) => {
      context.exit(await run(options, context));
    });
};

async function run(options: Options, { io, connect }: CommandContext): Promise<ExitCode> {
  const connection = connect();
  const dlqUrl = dlqOf(connection);
  const depth = await connection.queue.depth(dlqUrl);
  const looked: Looked[] = [];
  const hidden = new Map<string, ReceivedMessage>();
  const progress = startProgress('looked at', depth.waiting, io, connection.clock);
  try {
    await redrive(options, { dlqUrl, atMost: depth.waiting, looked, hidden, connection }, () => {
      progress.update(looked.length, `${looked.filter(({ moved }) => moved).length} moved`);
      return io.interrupted.aborted;
    });
  } finally {
    progress.stop();
    const back = [...hidden.values()];
    for (let from = 0; from < back.length; from += 10) {
      await connection.queue.giveBack(dlqUrl, back.slice(from, from + 10));
    }
  }
  const moved = looked.filter((one) => one.moved).length;
  const left = depth.waiting + depth.inFlight - moved;
  if (options.json)
    io.out(JSON.stringify({ waiting: depth.waiting, looked: looked.length, moved, left, messages: looked }));
  else if (looked.length === 0) io.out('The dead-letter queue is empty.');
  else {
    const rows = looked.map((one) => [one.sentAt, one.cause, one.objects, one.example, one.moved ? 'moved' : 'left']);
    io.out(table(['sent (UTC)', 'died of', 'objects', 'such as', 'now'], rows));
    io.out(`${moved} of ${counted(looked.length, 'message')} moved; ${left} left in the dead-letter queue.`);
  }
  return left > 0 ? 1 : 0;
}

type Work = {
  dlqUrl: string;
  /** The depth at the start: what dies meanwhile, perhaps the very same messages, is not taken up again. */
  atMost: number;
  looked: Looked[];
  /** What was received and not moved, to be given back at the end, however it ends. */
  hidden: Map<string, ReceivedMessage>;
  connection: Connection;
};

async function redrive(options: Options, work: Work, stopped: () => boolean): Promise<void> {
  const { queue } = work.connection;
  const replay = options.dryRun ? undefined : replayOf(work.connection);
  const chosen = chooser(options);
  const seen = new Set<string>();
  let moved = 0;
  for (let empty = 0; empty < EMPTY_ANSWERS && seen.size < work.atMost && !stopped();) {
    const received = await queue.receive(work.dlqUrl, { waitSeconds: 1, hideSeconds: HIDE_SECONDS });
    empty = received.length === 0 ? empty + 1 : 0;
    const fresh = received.filter(({ messageId }) => !seen.has(messageId));
    for (const message of fresh) {
      seen.add(message.messageId);
      work.hidden.set(message.messageId, message);
    }
    const letters = fresh.map((message) => ({
      message,
      letter: readDeadLetter(message.body, work.connection.config.territory),
    }));
    const named = letters.flatMap(({ letter }) => (letter.kind === 'objects' ? letter.objects : []));
    const ledger = await askLedger([...new Set(named.map(({ objectId }) => objectId))], ledgerOf(work.connection));
    const take: ReceivedMessage[] = [];
    for (const { message, letter } of letters) {
      const cause = causeOfDeath(letter, ledger, message.attributes.ApproximateReceiveCount ?? '?');
      const goes = replay !== undefined && moved < (options.limit ?? Infinity) && chosen(letter, cause);
      if (goes) {
        moved += 1;
        take.push(message);
      }
      work.looked.push(describe(message, letter, cause, goes));
    }
    if (replay && take.length > 0) {
      await sendMessages(
        take.map(({ body, messageAttributes }, i) => ({ id: String(i), body, messageAttributes })),
        replay,
      );
      const left = await queue.delete(work.dlqUrl, take);
      if (left.length > 0) throw notDeleted(left.length);
      for (const { messageId } of take) work.hidden.delete(messageId);
    }
  }
}

/** Sent and not deleted: a duplicate, which the loader bears, and which the next redrive moves once more. */
function notDeleted(count: number): LoaderError {
  const hint = 'They were sent as well, which is harmless; to clear them: npx sparkify redrive';
  return new LoaderError('connection', `${count} messages could not be deleted from the dead-letter queue`, hint);
}

function chooser(options: Options): (letter: DeadLetter, cause: string) => boolean {
  const match = options.match === undefined ? undefined : globMatcher(options.match);
  const reason = options.reason?.toLowerCase();
  return (letter, cause) => {
    if (reason !== undefined && !cause.toLowerCase().includes(reason)) return false;
    return match === undefined || (letter.kind !== 'malformed' && letter.objects.some(({ key }) => match(key)));
  };
}

function describe(message: ReceivedMessage, letter: DeadLetter, cause: string, moved: boolean): Looked {
  const objects = letter.kind === 'malformed' ? [] : letter.objects;
  const sentMs = Number(message.attributes.SentTimestamp ?? NaN);
  return {
    messageId: message.messageId,
    sentAt: Number.isNaN(sentMs) ? '' : new Date(sentMs).toISOString(),
    cause,
    objects: objects.length,
    example: objects[0]?.url ?? message.body.slice(0, 60),
    moved,
  };
}
