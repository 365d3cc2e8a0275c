import { randomUUID } from 'node:crypto';
import { InvalidArgumentError } from 'commander';
import { USER_NAME } from '../core/sql-template.ts';
import { dropSchema, grantTo, repairSchema, upgradeSchema, type SchemaDeps } from '../schema.ts';
import type { AddCommand, CommandContext, Connection, ExitCode } from './command.ts';

/** Ten minutes: DDL waits for running loads. */
const TIME_LIMIT_MS = 600_000;

type Options = { drop?: true; yes?: true; grantTo: string[]; json?: true };

/** `create-tables`: creates or upgrades the schema. */
export const addCreateTables: AddCommand = (program, context) => {
  program
    .command('create-tables')
    .summary('create or upgrade the schema')
    .description('Creates the tables, or upgrades them to this release. Safe to run twice, and by two people at once.')
    .option('--drop', 'first remove the tables and all that is in them (asks, unless --yes)')
    .option('--yes', 'do not ask')
    .option(
      '--grant-to <user>',
      "give a database user the loader's rights, such as IAMR:my-loader-role; may be repeated",
      parseUser,
      [],
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  npx sparkify create-tables\n  npx sparkify create-tables --drop --yes\n  npx sparkify create-tables --grant-to IAMR:sparkify-loader',
    )
    .action(async (options: Options) => {
      context.exit(await run(options, context));
    });
};

function parseUser(text: string, before: string[]): string[] {
  if (!USER_NAME.test(text)) {
    throw new InvalidArgumentError('It is the name of a database user, like loader or IAMR:my-loader-role.');
  }
  return [...before, text];
}

async function run(options: Options, { io, connect }: CommandContext): Promise<ExitCode> {
  const connection = connect();
  const { schema } = connection.config.names;
  if (options.drop && !options.yes && !(await io.confirm(`Remove all tables of schema ${schema}, with their rows?`))) {
    io.err('Nothing was removed. To remove without being asked: npx sparkify create-tables --drop --yes');
    return 1;
  }
  const deps = schemaDeps(connection);
  if (options.drop) await dropSchema(deps);
  const upgrade = await upgradeSchema(deps);
  const repaired = await repairSchema(deps);
  for (const user of options.grantTo) await grantTo(user, schemaDeps(connection));
  if (options.json)
    io.out(
      JSON.stringify({
        schema,
        ...upgrade,
        repaired,
        ...(options.grantTo.length === 0 ? {} : { grantedTo: options.grantTo }),
      }),
    );
  else if (repaired.length > 0) io.out(repairText(repaired));
  else if (upgrade.applied.length === 0) io.out(`Schema ${schema} is at version ${upgrade.to}; nothing to do.`);
  else io.out(`Schema ${schema} is at version ${upgrade.to}; applied ${upgrade.applied.join(', ')}.`);
  if (options.grantTo.length > 0 && !options.json) io.out(`The loader's rights have: ${options.grantTo.join(', ')}.`);
  return 0;
}

function repairText(repaired: readonly string[]): string {
  return (
    `Made anew, empty, since they were gone: ${repaired.join(', ')}.\n` +
    '→ Their rights are gone too: --grant-to USER. What was in tables of the star: npx sparkify backfill s3://BUCKET/ --all'
  );
}

/** What an upgrade needs, from a connection. */
export function schemaDeps(connection: Connection): SchemaDeps {
  return {
    warehouse: connection.warehouse,
    templates: connection.templates,
    schema: connection.config.names.schema,
    deadlineMs: connection.clock.now() + TIME_LIMIT_MS,
    runId: randomUUID(),
  };
}
