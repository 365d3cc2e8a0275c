import { randomUUID } from 'node:crypto';
import { dropSchema, upgradeSchema, type SchemaDeps } from '../schema.ts';
import type { AddCommand, CommandContext, Connection, ExitCode } from './command.ts';

/** Ten minutes: DDL waits for running loads. */
const TIME_LIMIT_MS = 600_000;

/** `create-tables`: creates or upgrades the schema. */
export const addCreateTables: AddCommand = (program, context) => {
  program
    .command('create-tables')
    .summary('create or upgrade the schema')
    .description('Creates the tables, or upgrades them to this release. Safe to run twice, and by two people at once.')
    .option('--drop', 'first remove the tables and all that is in them (asks, unless --yes)')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  npx sparkify create-tables\n  npx sparkify create-tables --drop --yes')
    .action(async (options: { drop?: true; yes?: true; json?: true }) => {
      context.exit(await run(options, context));
    });
};

async function run(
  options: { drop?: true; yes?: true; json?: true },
  { io, connect }: CommandContext,
): Promise<ExitCode> {
  const connection = connect();
  const { schema } = connection.config.names;
  if (options.drop && !options.yes && !(await io.confirm(`Remove all tables of schema ${schema}, with their rows?`))) {
    io.err('Nothing was removed. To remove without being asked: npx sparkify create-tables --drop --yes');
    return 1;
  }
  const deps = schemaDeps(connection);
  if (options.drop) await dropSchema(deps);
  const upgrade = await upgradeSchema(deps);
  if (options.json) io.out(JSON.stringify({ schema, ...upgrade }));
  else if (upgrade.applied.length === 0) io.out(`Schema ${schema} is at version ${upgrade.to}; nothing to do.`);
  else io.out(`Schema ${schema} is at version ${upgrade.to}; applied ${upgrade.applied.join(', ')}.`);
  return 0;
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
