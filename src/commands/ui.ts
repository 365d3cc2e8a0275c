import { InvalidArgumentError } from 'commander';
import { LoaderError } from '../errors.ts';
import type { AddCommand, CommandContext, ExitCode } from './command.ts';
import { interruption } from './interruption.ts';
import { parseCount } from './options.ts';
import { connectionSource } from './ui-source.ts';

type Options = { port: number; every: number; goal: number; json?: true; stage?: string; region?: string };

/** `ui`: the page of `local`, for any warehouse and queue that the commands reach. */
export const addUi: AddCommand = (program, context) => {
  program
    .command('ui')
    .summary('a page in the browser that shows all of it')
    .description(
      'Serves a page on this machine only: every object in exactly one state, freshness, batches, quarantine, the star.\n' +
        'It asks the warehouse only when somebody clicks, or while a box on the page is ticked. Ctrl-C ends it.',
    )
    .option('--port <number>', 'port of the page; 0 takes any free one', portNumber, 0)
    .option('--every <seconds>', 'the pace while the box is ticked', parseCount, 60)
    .option('--goal <seconds>', 'the objective for freshness, drawn as a line', parseCount, 300)
    .option('--json', 'print the address as one JSON object')
    .addHelpText('after', '\nExamples:\n  npx sparkify ui --stage dev\n  npx sparkify ui --port 8080 --every 300')
    .action(async (options: Options) => {
      context.exit(await run(options, context));
    });
};

async function run(options: Options, { io, connect, useStage }: CommandContext): Promise<ExitCode> {
  const { port, every, goal, json, stage, region } = options;
  const { outputs } = await useStage(stage, region);
  const connection = connect();
  const { warehouse, names } = connection.config;
  const place = warehouse.workgroup ?? warehouse.cluster ?? names.schema;
  const source = connectionSource(connection, {
    title: stage === undefined ? `warehouse ${place}` : `stage ${stage}`,
    everySeconds: every,
    goalSeconds: goal,
    shell: stage === undefined ? '' : ` --stage ${stage}`,
    ...(stage !== undefined && { stage }),
    outputs,
  });
  // Imported only here: the other commands need no bundler.
  const { startPage } = await import('../ui/server.ts');
  const page = await startPage(Promise.resolve(source), [port]).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
      throw new LoaderError('usage', `Port ${port} is in use by another program.`, 'npx sparkify ui --port 0', error);
    throw error;
  });
  io.out(json ? JSON.stringify({ url: page.url }) : `The page: ${page.url}`);
  if (!json) io.err('Ctrl-C ends it.');
  await interruption(io);
  await page.stop();
  return 0;
}

function portNumber(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return number;
}
