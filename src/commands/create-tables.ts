import { randomUUID } from 'node:crypto';
import { InvalidArgumentError } from 'commander';
import { USER_NAME } from '../sql/template.ts';
import type { Rights } from '../schema/migrations.ts';
import { LoaderError } from '../errors.ts';
import { dropSchema, grantTo, repairSchema, upgradeSchema, type SchemaDeps } from '../schema/upgrade.ts';
import type { AddCommand, CommandContext, ExitCode } from './command.ts';
import type { Connection } from '../ports.ts';

/** Ten minutes: DDL waits for running loads. */
const TIME_LIMIT_MS = 600_000;

type Options = {
  drop?: true;
  yes?: true;
  grantTo: string[];
  grantReconcileTo: string[];
  grantReadTo: string[];
  hardened?: true;
  json?: true;
};

/** `create-tables`: creates or upgrades the schema. */
export const addCreateTables: AddCommand = (program, context) => {
  program
    .command('create-tables')
    .summary('create or upgrade the schema')
    .description(
      'Creates the tables, or upgrades them to this release. Safe to run twice, and by two people at once. Whoever runs it first owns the schema, and only they can upgrade it or grant rights.',
    )
    .option('--drop', 'first remove the tables and all that is in them (asks, unless --yes)')
    .option('--yes', 'do not ask')
    .option(
      '--grant-to <user>',
      "give a database user the loader's rights, such as IAMR:my-loader-role; may be repeated",
      parseUser,
      [],
    )
    .option('--grant-reconcile-to <user>', 'let a database user read the ledger; may be repeated', parseUser, [])
    .option('--grant-read-to <user>', 'let a database user read the star; may be repeated', parseUser, [])
    .option(
      '--hardened',
      'with --grant-to: also temporary tables and the COPY role, where they were taken from everyone (as a superuser)',
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  npx sparkify create-tables\n  npx sparkify create-tables --drop --yes\n  npx sparkify create-tables --grant-to IAMR:sparkify-dev-us-east-1-loader\n  npx sparkify create-tables --grant-read-to ann',
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
  if (options.hardened && options.grantTo.length === 0) {
    throw new LoaderError(
      'usage',
      '--hardened says what the user of --grant-to gets beyond its rights, and there is none.',
      'Name the user: npx sparkify create-tables --grant-to USER --hardened',
    );
  }
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
  const granted = await grantAll(options, connection);
  if (options.json) {
    io.out(JSON.stringify({ schema, ...upgrade, repaired, ...granted }));
    return 0;
  }
  if (repaired.length > 0) io.out(repairText(repaired));
  else if (upgrade.applied.length === 0) io.out(`Schema ${schema} is at version ${upgrade.to}; nothing to do.`);
  else io.out(`Schema ${schema} is at version ${upgrade.to}; applied ${upgrade.applied.join(', ')}.`);
  for (const [name, users] of Object.entries(granted)) io.out(`${SAID[name as Granted]}: ${users.join(', ')}.`);
  return 0;
}

type Granted = 'grantedTo' | 'grantedReconcileTo' | 'grantedReadTo';
const SAID: Readonly<Record<Granted, string>> = {
  grantedTo: "The loader's rights have",
  grantedReconcileTo: 'The ledger may be read by',
  grantedReadTo: 'The star may be read by',
};

/** Grants what the options ask for, and gives to whom; what nobody was given is left out. */
async function grantAll(options: Options, connection: Connection): Promise<Partial<Record<Granted, string[]>>> {
  const { warehouse, names } = connection.config;
  const hardened = options.hardened && { database: warehouse.database, copyRole: names.copyRole };
  const asked: readonly [Granted, Rights, string[]][] = [
    ['grantedTo', 'load', options.grantTo],
    ['grantedReconcileTo', 'reconcile', options.grantReconcileTo],
    ['grantedReadTo', 'read', options.grantReadTo],
  ];
  for (const [, rights, users] of asked) {
    const more = rights === 'load' ? hardened : undefined;
    for (const user of users) await grantTo(user, rights, schemaDeps(connection), more);
  }
  return Object.fromEntries(asked.filter(([, , users]) => users.length > 0).map(([name, , users]) => [name, users]));
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
    clock: connection.clock,
    templates: connection.templates,
    schema: connection.config.names.schema,
    deadlineMs: connection.clock.now() + TIME_LIMIT_MS,
    runId: randomUUID(),
  };
}
