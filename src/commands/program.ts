import { Command, CommanderError } from 'commander';
import { Interrupted, LoaderError, SIGNAL_EXIT_CODES, type ErrorCode } from '../errors.ts';
import type { AddCommand, CommandContext, ExitCode, Io } from './command.ts';
import { addBackfill } from './backfill.ts';
import { addCost } from './cost.ts';
import { addCreateTables } from './create-tables.ts';
import { addDbtSources } from './dbt-sources.ts';
import { addDoctor } from './doctor.ts';
import { addDrift } from './drift.ts';
import { addLocal } from './local.ts';
import { addQuery } from './query.ts';
import { addQuarantine } from './quarantine.ts';
import { addRebuild } from './rebuild.ts';
import { addReconcile } from './reconcile.ts';
import { addRedrive } from './redrive.ts';
import { addStatus } from './status.ts';
import { addTrace } from './trace.ts';
import { addUi } from './ui.ts';
import { escapeControls } from './table.ts';
import { addWhy } from './why.ts';

/** Every command, in help order. */
const COMMANDS: readonly AddCommand[] = [
  addLocal,
  addCreateTables,
  addDoctor,
  addBackfill,
  addReconcile,
  addRebuild,
  addStatus,
  addCost,
  addUi,
  addWhy,
  addTrace,
  addQuarantine,
  addDrift,
  addRedrive,
  addQuery,
  addDbtSources,
];

/** Runs a command; errors are printed and become the exit code. Rethrows bugs. */
export async function runProgram(argv: readonly string[], context: CommandContext): Promise<void> {
  try {
    await createProgram(context).parseAsync(argv, { from: 'user' });
  } catch (error) {
    context.exit(reportError(error, context.io));
  }
}

function reportError(error: unknown, io: Io): ExitCode {
  // Commander has printed its own errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Interrupted) {
    io.err(error.message);
    return SIGNAL_EXIT_CODES[error.signal];
  }
  if (!(error instanceof LoaderError)) throw error;
  io.err(`${error.message.split('\n').map(escapeControls).join('\n')}\n→ ${hintOf(error)}`);
  const reason: unknown = io.interrupted.reason;
  if (reason instanceof Interrupted) return SIGNAL_EXIT_CODES[reason.signal];
  return error.code === 'usage' ? 2 : 1;
}

/** The hints of transient errors are written for the function, which retries; a person has to run the command again. */
const TRANSIENT_HINTS: Partial<Record<ErrorCode, string>> = {
  conflict: 'It conflicted with another transaction: run the same command again',
  throttled: 'The service is throttling: run the same command again in a minute',
  connection: 'The service could not be reached, or failed: run the same command again',
  deadline:
    'It took too long and was cancelled: run the same command again; to see what is loading: npx sparkify status',
};

function hintOf({ code, message, hint }: LoaderError): string {
  if (message.includes('ECONNREFUSED')) {
    return 'Nothing is listening there. The local stack exists only while npm start runs; with it running, in this terminal: . .sparkify/env';
  }
  return TRANSIENT_HINTS[code] ?? hint;
}

/** The command line program. Throws CommanderError for misuse instead of exiting. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('sparkify')
    .version(context.version)
    .description('Loads JSON files from S3 into a star schema in Amazon Redshift, as they land.')
    .helpCommand(false)
    .showHelpAfterError('(see: npx sparkify --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        context.io.out(text.trimEnd());
      },
      writeErr: (text) => {
        context.io.err(text.trimEnd());
      },
    });
  for (const add of COMMANDS) add(program, context);
  for (const command of program.commands) {
    command.exitOverride().copyInheritedSettings(program);
    const help = `(see: npx sparkify ${command.name()} --help)`;
    for (const one of [command, ...leaves(command)]) one.showHelpAfterError(help);
  }
  for (const command of leaves(program).filter((leaf) => leaf.name() !== 'local')) addStage(command, context);
  return program;
}

/** Adds --stage and --region, which select a deployed stack. */
function addStage(command: Command, { useStage }: CommandContext): void {
  command
    .option('--stage <name>', 'use the deployed stack of this stage (default: the environment variables)')
    .option('--region <name>', "the AWS region (default: AWS_REGION, AWS_DEFAULT_REGION, the profile's, us-east-1)");
  // It looks for the stack itself, because a stack that is not there is one of the things it finds.
  if (command.name() === 'doctor') return;
  command.hook('preAction', async () => {
    const { stage, region } = command.opts<{ stage?: string; region?: string }>();
    await useStage(stage, region);
  });
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}
