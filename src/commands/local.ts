import { InvalidArgumentError } from 'commander';
import type { AddCommand } from './command.ts';
import type { LocalOptions } from './local-run.ts';

/** `local`: the whole pipeline on this machine. */
export const addLocal: AddCommand = (program, context) => {
  program
    .command('local')
    .summary('run everything on this machine, without AWS')
    .description(
      'Starts local S3, SQS, Redshift and the event source, loads the files of a folder through the deployed code, prints\n' +
        'a summary, and keeps watching the folder: new and changed files are loaded. Ctrl-C ends it. A page in the browser\n' +
        'shows what happens; its address is printed first. With --exit there is none.',
    )
    .option('--data <dir>', 'the contents of the bucket: song_data/ and log_data/ (default: a generated sample)')
    .option('--home <dir>', 'where it keeps its files', '.sparkify')
    .option('--exit', 'exit when the queues are empty')
    .option('--json', 'print one JSON object and nothing else on stdout; needs --exit')
    .option('--port <number>', 'port of local S3 and SQS; 0 takes any free one', port, 0)
    .option('--warehouse-port <number>', 'port of the local Redshift Data API; 0 takes any free one', port, 0)
    .option('--ui-port <number>', 'port of the page (default: that of the last time if it is free, or any)', port)
    .option('--faults <file>', 'inject faults by a plan (docs/OPERATIONS.md)')
    .option('--seed <number>', 'seed of the generated sample', port, 1)
    .addHelpText(
      'after',
      '\nExamples:\n  npx sparkify local\n  npx sparkify local --data my-files --exit\n  npx sparkify local --exit --json',
    )
    .action(async (options: LocalOptions) => {
      // Imported only here: the other commands need no database engine or bundler.
      const { runLocal } = await import('./local-run.ts');
      context.exit(await runLocal(options, context));
    });
};

function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  }
  return number;
}
