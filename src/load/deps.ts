import type { LedgerDeps } from '../ledger/reports.ts';
import type { Config } from '../config.ts';
import type { Clock, EventBus, Log, Meter, ObjectStore, Warehouse } from '../ports.ts';
import type { Templates } from '../sql/statement.ts';
import type { Pause } from '../waiting/pause.ts';

/** What a load needs from outside. */
export type LoadDeps = {
  config: Config;
  templates: { load: Templates; report: Templates };
  warehouse: Warehouse;
  objects: ObjectStore;
  log: Log;
  meter: Meter;
  clock: Clock;
  pause: Pause;
  /** Waits before a batch while others go first; see give-way.ts. Only replays do. */
  giveWay?: (deadlineMs: number) => Promise<void>;
  /** Where committed batches are announced; absent where they are not. */
  bus?: EventBus;
};

/** What asking the ledger takes, until a deadline in epoch milliseconds. */
export function ledgerOf({ warehouse, templates, config }: LoadDeps, deadlineMs: number): LedgerDeps {
  return { warehouse, reports: templates.report, schema: config.names.schema, deadlineMs: () => deadlineMs };
}
