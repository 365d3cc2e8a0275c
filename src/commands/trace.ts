import type { AddCommand, CommandContext, ExitCode } from './command.ts';
import { parseCount } from './options.ts';
import { sparkifyCommand } from './shell.ts';
import { escapeControls } from './table.ts';
import { isComplete, trace } from './trace-answer.ts';
import { traceConflicts, traceRejected } from './trace-batch.ts';
import { tracedJson } from './trace-json.ts';
import { parseQuestion, type TraceOptions } from './trace-key.ts';
import { readTarget } from './trace-row.ts';
import { tracedText } from './trace-text.ts';

const HELP = `
Exits with 1 if the row is not in the table, or if not all files that may hold it could be read.

The ledger says which batch loaded which file, not which rows a file has, so files are read: of songplays, users and time all
event files, of songs and artists all song files. Lines are those on which a row's JSON object begins.

Examples:
  npx sparkify trace songplays 2018-11-01T21:01:46.796Z 139 1
  npx sparkify trace songplays 5e1b0fd4b4a1c8a0f5f7e3b1a2c3d4e5 --json
  npx sparkify trace users 26
  npx sparkify trace songs SOZCTXZ12AB0182364
  npx sparkify trace artists AR5KOSW1187FB35FF4
  npx sparkify trace time '2018-11-01 21:01:46.796' --yes
  npx sparkify trace rejected_rows 12
  npx sparkify trace conflicts 12`;

/** `trace TABLE KEY`: the file and line that a row came from. */
export const addTrace: AddCommand = (program, context) => {
  program
    .command('trace')
    .summary('the file and line that a row came from')
    .description(
      'Shows the file and line of a row of the star, the rows that lost to it and why, and of a play where its song came from.\n' +
        'Of a batch: the rows it rejected (rejected_rows), and the keys whose copies differ (conflicts).',
    )
    .argument('<table>', 'songplays, users, songs, artists, time, rejected_rows or conflicts')
    .argument('<key...>', 'the key of one row (of a play its songplay_id, or its time, session and item), or a batch')
    .option('--show <rows>', 'list at most this many of the rows that lost; all are counted', parseCount, 20)
    .option('--yes', 'read as many files as it takes, without asking')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (table: string, key: string[], options: TraceOptions) => {
      context.exit(await run(table, key, options, context));
    });
};

async function run(
  table: string,
  words: string[],
  options: TraceOptions,
  { io, connect }: CommandContext,
): Promise<ExitCode> {
  const question = parseQuestion(table, words);
  const connection = connect();
  if ('batch' in question) {
    const traceBatch = question.table === 'conflicts' ? traceConflicts : traceRejected;
    return traceBatch(question.batch, options, connection, io);
  }
  const target = await readTarget(question, connection);
  const asked = `${table} ${words.map(escapeControls).join(' ')}`;
  if (target === undefined) {
    if (options.json) io.out(JSON.stringify({ table, found: false }));
    else io.out(`${asked} is not in the table.\n→ What could not be loaded: ${sparkifyCommand('quarantine', 'list')}`);
    return 1;
  }
  const traced = await trace(target, options.yes === true, connection, io);
  if (options.json) io.out(JSON.stringify({ table, ...tracedJson(traced, options.show) }));
  else io.out(`${asked}\n${tracedText(traced, options.show)}`);
  return isComplete(traced) && (traced.song === undefined || isComplete(traced.song)) ? 0 : 1;
}
