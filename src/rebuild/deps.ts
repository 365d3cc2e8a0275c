import type { LedgerDeps } from '../ledger/reports.ts';
import type { Config } from '../config.ts';
import type { Connection, Log } from '../ports.ts';
import type { Templates } from '../sql/statement.ts';

/** The schemas of a rebuild: the star that is served, the one being made, and the one that was served before. */
export type Schemas = { live: string; next: string; old: string };

/** The time limit of one statement or transaction beside loads. */
const STATEMENT_LIMIT_MS = 600_000;
/** The time limit of one batch, as long as a function's invocation. */
export const BATCH_LIMIT_MS = 900_000;

/** What a rebuild needs from outside. */
export type RebuildDeps = {
  connection: Connection;
  schemas: Schemas;
  /** Names this run: its transactions, files and its claim on the next schema; 8 to 32 characters. */
  runId: string;
  log: Log;
  /** Called after each batch with the number of its objects, and with 0 in between. Throws what interrupts the command. */
  onLoaded: (objects: number) => void;
  /** Called after each page that is listed to measure the work. Throws what interrupts the command. */
  onListed: (objects: number) => void;
};

/** The schemas beside the one that is configured. */
export function schemasOf(live: string): Schemas {
  return { live, next: `${live}_next`, old: `${live}_old` };
}

/** What asking a schema's ledger takes. */
export function ledgerOf({ connection }: Pick<RebuildDeps, 'connection'>, schema: string): LedgerDeps {
  const { warehouse, templates, clock } = connection;
  return { warehouse, reports: templates.report, schema, deadlineMs: () => clock.now() + STATEMENT_LIMIT_MS };
}

/** The same for the questions of sql/rebuild, which name what they ask about. */
export function questionsOf(deps: Pick<RebuildDeps, 'connection'>, schema: string): LedgerDeps {
  return { ...ledgerOf(deps, schema), reports: rebuildFiles(deps) };
}

/** The statements of a rebuild. */
export function rebuildFiles({ connection }: Pick<RebuildDeps, 'connection'>): Templates {
  return connection.templates.rebuild;
}

/** The configuration of loads into the next schema. */
export function nextConfig({ connection: { config }, schemas }: RebuildDeps): Config {
  return { ...config, names: { ...config.names, schema: schemas.next } };
}

/** The deadline of a statement that begins now, epoch milliseconds. */
export function deadlineOf({ connection: { clock } }: Pick<RebuildDeps, 'connection'>): number {
  return clock.now() + STATEMENT_LIMIT_MS;
}
