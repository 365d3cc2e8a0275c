import { Command } from 'commander';
import type { AddCommand, CommandContext } from './command.ts';
import { addBackfill } from './backfill.ts';
import { addCreateTables } from './create-tables.ts';
import { addLocal } from './local.ts';
import { addQuery } from './query.ts';
import { addQuarantine } from './quarantine.ts';
import { addReconcile } from './reconcile.ts';
import { addRedrive } from './redrive.ts';
import { addStatus } from './status.ts';
import { addWhy } from './why.ts';

/** Every command, in the order of the help. */
const COMMANDS: readonly AddCommand[] = [
  addLocal,
  addCreateTables,
  addBackfill,
  addReconcile,
  addStatus,
  addWhy,
  addQuarantine,
  addRedrive,
  addQuery,
];

/** The command line program. Throws CommanderError for misuse instead of exiting. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('sparkify')
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
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  for (const command of leaves(program).filter((leaf) => leaf.name() !== 'local')) addStage(command, context);
  return program;
}

/** Lets a command reach a deployed stack by the name of its stage, in any region. */
function addStage(command: Command, { useStage }: CommandContext): void {
  command
    .option('--stage <name>', 'reach the deployed stack of this stage (default: what the environment says)')
    .option('--region <name>', "the AWS region (default: AWS_REGION, AWS_DEFAULT_REGION, the profile's, us-east-1)")
    .hook('preAction', async () => {
      const { stage, region } = command.opts<{ stage?: string; region?: string }>();
      await useStage(stage, region);
    });
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}
