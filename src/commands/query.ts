import { LoaderError } from '../errors.ts';
import type { AddCommand } from './command.ts';
import { table } from './table.ts';

/** The time limit of a statement. */
const TIME_LIMIT_MS = 900_000;

/** `query "SQL"`: runs one statement and prints its rows. */
export const addQuery: AddCommand = (program, context) => {
  program
    .command('query')
    .summary('run a statement and print its rows')
    .description('Runs one SQL statement in the warehouse and prints its result.')
    .argument('<sql>', 'one statement')
    .option('--json', 'print one JSON array of rows')
    .addHelpText(
      'after',
      '\nExamples:\n  npx sparkify query "SELECT level, COUNT(*) FROM sparkify.users GROUP BY level"\n  npx sparkify query "SELECT * FROM sparkify.load_batches" --json',
    )
    .action(async (sql: string, options: { json?: true }) => {
      const { warehouse, clock } = context.connect();
      const rows = await warehouse.query('sparkify query', sql, {}, clock.now() + TIME_LIMIT_MS).catch(asMistake);
      if (options.json) context.io.out(JSON.stringify(rows));
      else if (rows.length === 0) context.io.out('No rows.');
      else {
        const headings = Object.keys(rows[0] ?? {});
        context.io.out(
          table(
            headings,
            rows.map((row) => headings.map((name) => row[name])),
          ),
        );
      }
      context.exit(0);
    });
};

/** Replaces the loader's hint for a rejected statement, which does not apply to a query someone typed. */
function asMistake(error: unknown): never {
  if (!(error instanceof LoaderError) || error.retryable || error.cause !== undefined) throw error;
  throw new LoaderError(
    error.code,
    error.message,
    'The warehouse rejected the statement. To list the tables: npx sparkify status; to create them: npx sparkify create-tables',
    error,
  );
}
