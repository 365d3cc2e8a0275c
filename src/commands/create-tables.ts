import { randomUUID } from 'node:crypto';
import { InvalidArgumentError } from 'commander';
import { USER_NAME } from '../sql/template.ts';
import type { HardenedNames, Rights } from '../schema/migrations.ts';
import { LoaderError } from '../errors.ts';
import { dropSchema, grantTo, repairSchema, upgradeSchema, type SchemaDeps } from '../schema/upgrade.ts';
import { planUpgrade } from '../schema/upgrade-plan.ts';
import { planText } from './plan-text.ts';
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
  dryRun?: true;
  json?: true;
};

/** `create-tables`: creates or upgrades the schema. */
export const addCreateTables: AddCommand = (program, context) => {
  program
    .command('create-tables')
    .summary('create or upgrade the schema')
    .description(
      'Creates the tables, or upgrades them to this release. Safe to repeat and to run concurrently. Whoever runs it first owns the schema; only the owner can upgrade it or grant rights.',
    )
    .option('--drop', 'first drop the tables and all their rows (asks, unless --yes)')
    .option('--yes', 'do not ask')
    .option(
      '--grant-to <user>',
      "give a database user the loader's rights, such as IAMR:my-loader-role; may be repeated",
      parseUser,
      [],
    )
    .option(
      '--grant-reconcile-to <user>',
      'let a database user compare a bucket with the ledger; may be repeated',
      parseUser,
      [],
    )
    .option('--grant-read-to <user>', 'let a database user read the star; may be repeated', parseUser, [])
    .option(
      '--hardened',
      'with --grant-to and --grant-reconcile-to: also temporary tables and the COPY role, where PUBLIC has lost them (as a superuser)',
    )
    .option('--dry-run', 'change nothing, and print the statements that would be run, to read or to run by hand')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  npx sparkify create-tables\n  npx sparkify create-tables --dry-run > upgrade.sql\n  npx sparkify create-tables --drop --yes\n  npx sparkify create-tables --grant-to IAMR:sparkify-dev-us-east-1-loader\n  npx sparkify create-tables --grant-read-to ann',
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
  if (options.hardened && options.grantTo.length + options.grantReconcileTo.length === 0) {
    throw new LoaderError(
      'usage',
      '--hardened adds rights for the users of --grant-to and --grant-reconcile-to, but none is given.',
      'Name the user: npx sparkify create-tables --grant-to USER --hardened',
    );
  }
  const connection = connect();
  const { schema } = connection.config.names;
  if (options.dryRun) {
    const grants = grantsAsked(options, connection).flatMap(([, rights, users, hardened]) =>
      users.map((grantee) => ({ grantee, rights, ...(hardened ? { hardened } : {}) })),
    );
    const plan = await planUpgrade({ drop: options.drop ?? false, grants }, schemaDeps(connection));
    io.out(options.json ? JSON.stringify({ schema, ...plan }) : planText(schema, plan));
    return 0;
  }
  if (options.drop && !options.yes && !(await io.confirm(`Drop all tables of schema ${schema} and all their rows?`))) {
    io.err('Nothing was dropped. To skip the question: npx sparkify create-tables --drop --yes');
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
  for (const [name, users] of Object.entries(granted)) io.out(`${GRANT_TEXTS[name as Granted]}: ${users.join(', ')}.`);
  return 0;
}

type Granted = 'grantedTo' | 'grantedReconcileTo' | 'grantedReadTo';
const GRANT_TEXTS: Readonly<Record<Granted, string>> = {
  grantedTo: "Granted the loader's rights to",
  grantedReconcileTo: 'Granted read access to the ledger to',
  grantedReadTo: 'Granted read access to the star to',
};

/** Who is to be given what, and what a hardened warehouse took from them. */
function grantsAsked(
  options: Options,
  connection: Connection,
): readonly [Granted, Rights, users: string[], (HardenedNames | undefined)?][] {
  const { warehouse, names } = connection.config;
  const hardened = options.hardened && { database: warehouse.database, copyRole: names.copyRole };
  return [
    ['grantedTo', 'load', options.grantTo, hardened],
    ['grantedReconcileTo', 'reconcile', options.grantReconcileTo, hardened],
    ['grantedReadTo', 'read', options.grantReadTo],
  ];
}

/** Grants what the options ask for; returns the users per kind of grant, without empty kinds. */
async function grantAll(options: Options, connection: Connection): Promise<Partial<Record<Granted, string[]>>> {
  const asked = grantsAsked(options, connection);
  for (const [, rights, users, hardened] of asked) {
    for (const user of users) await grantTo(user, rights, schemaDeps(connection), hardened);
  }
  return Object.fromEntries(asked.filter(([, , users]) => users.length > 0).map(([name, , users]) => [name, users]));
}

function repairText(repaired: readonly string[]): string {
  return (
    `Recreated empty, because they were missing: ${repaired.join(', ')}.\n` +
    '→ Grant rights on them again: --grant-to USER. To reload the star: npx sparkify backfill s3://BUCKET/ --all'
  );
}

/** A connection as schema changes need it. */
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
