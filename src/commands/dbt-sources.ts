import { writeFile } from 'node:fs/promises';
import { LoaderError } from '../errors.ts';
import { dbtSources, yamlOf } from '../schema/dbt-sources.ts';
import { starTables } from '../schema/relations.ts';
import { readTables } from '../sql/files.ts';
import type { AddCommand, CommandContext, ExitCode } from './command.ts';

type Options = { out?: string; json?: true };

const HELP = `
Put it into the models folder of a dbt project; dbt 1.10.8 or newer. Then dbt source freshness says how long ago the last batch was
committed, and dbt test whether keys are unique and relationships hold. dbt's user needs the rights of create-tables --grant-read-to.

Examples:
  npx sparkify dbt-sources --stage dev --out models/sparkify.yml
  npx sparkify dbt-sources > models/sparkify.yml`;

/** `dbt-sources`: describes the star to dbt. */
export const addDbtSources: AddCommand = (program, context) => {
  program
    .command('dbt-sources')
    .summary('a sources.yml that describes the star to dbt')
    .description(
      'Writes a dbt sources.yml: tables and columns with descriptions, tests of keys and relationships, and freshness by\n' +
        'the ledger. It asks the warehouse nothing.',
    )
    .option('--out <file>', 'write it to a file instead of printing it')
    .option('--json', 'write it as JSON, which YAML includes')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      context.exit(await run(options, context));
    });
};

async function run({ out, json }: Options, { io, connect }: CommandContext): Promise<ExitCode> {
  const { config, templates } = connect();
  const star = starTables(templates.schema, templates.load);
  const sources = dbtSources(config.names.schema, star, readTables(), templates);
  const text = json ? JSON.stringify(sources) : `# Written by sparkify dbt-sources.\n${yamlOf(sources)}`;
  if (out === undefined) {
    io.out(text);
    return 0;
  }
  await writeFile(out, `${text}\n`).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LoaderError('usage', `It cannot be written: ${reason}`, 'Name a file in a folder that exists', error);
  });
  io.err(`Written to ${out}.`);
  return 0;
}
