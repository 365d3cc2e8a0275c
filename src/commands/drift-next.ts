import { planBackfill, type BackfillPlan, type MeasuredRates } from '../catch-up/estimate.ts';
import { RECORDS_PER_MESSAGE } from '../catch-up/replay-messages.ts';
import { driftName, type DriftedField } from '../ledger/drifted-fields.ts';
import { runReport } from '../ledger/reports.ts';
import { s3Url } from '../objects/object-version.ts';
import { parseS3Object } from '../objects/s3-url.ts';
import type { Source } from '../objects/source.ts';
import type { Connection } from '../ports.ts';
import { timestampText } from '../sql/timestamp-text.ts';
import { readRates } from './backfill.ts';
import { ledgerOf } from './connection.ts';
import { sparkifyCommand } from './shell.ts';

/** What to do about a field: what to change, then what to send again and what that would take; and how to close it. */
export type NextStep = {
  advice: string;
  files: string[];
  backfill: string | null;
  estimate: ({ objects: number; bytes: number } & BackfillPlan) | null;
  accept: string;
};

const DAY_MS = 86_400_000;
/** Bytes of a record in a replay message, for the estimate. */
const RECORD_BYTES = 300;

/** Finds the next steps of some fields. The ledger is asked once per source and day for what a backfill would send. */
export class NextSteps {
  readonly #connection: Connection;
  readonly #estimates = new Map<string, Promise<NextStep['estimate']>>();
  #rates: Promise<MeasuredRates> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @throws LoaderError */
  async of(field: DriftedField): Promise<NextStep> {
    const source = this.#connection.config.landing.sources.find(({ name }) => name === field.source);
    const accept = sparkifyCommand('drift', 'accept', driftName(field), '--reason', 'TEXT');
    if (source === undefined) {
      const advice = 'this release has no such source';
      return { advice, files: [], backfill: null, estimate: null, accept };
    }
    const header = `sql/load/${source.name}/source.json`;
    if (field.kind !== 'new' || field.firstFile === null || field.oldestMs === null) {
      return { advice: ADVICE[field.kind](header), files: [header], backfill: null, estimate: null, accept };
    }
    const { bucket } = parseS3Object(field.firstFile);
    const sinceMs = Math.floor(field.oldestMs / DAY_MS) * DAY_MS;
    const since = new Date(sinceMs).toISOString().slice(0, 10);
    return {
      advice: field.loadedNow ? 'this release loads it; files that landed before are still to be loaded again' : NEW,
      files: field.loadedNow ? [] : recipe(source),
      backfill: sparkifyCommand('backfill', s3Url({ bucket, key: source.prefix }), '--since', since, '--all'),
      estimate: await this.#estimate(source, sinceMs),
      accept,
    };
  }

  #estimate(source: Source, sinceMs: number): Promise<NextStep['estimate']> {
    const id = `${source.name} ${sinceMs}`;
    const known = this.#estimates.get(id) ?? this.#ask(source, sinceMs);
    this.#estimates.set(id, known);
    return known;
  }

  async #ask({ name }: Source, sinceMs: number): Promise<NextStep['estimate']> {
    const { config } = this.#connection;
    const rates = await (this.#rates ??= readRates(this.#connection));
    const literals = { since: timestampText(sinceMs) };
    const [row] = await runReport('work-since', { source: name }, ledgerOf(this.#connection), { literals });
    const [objects, bytes] = [Number(row?.objects), Number(row?.bytes)];
    const messages = Math.ceil(objects / RECORDS_PER_MESSAGE);
    const work = { listed: objects, objects, bytes, messages, messageBytes: objects * RECORD_BYTES };
    return { objects, bytes, ...planBackfill(work, config.limits, rates, config.names.region) };
  }
}

const NEW =
  'to load it, change these files and those of the table it goes to (CONTRIBUTING.md, "Add a column"), and deploy';

const ADVICE: Readonly<Record<DriftedField['kind'], (header: string) => string>> = {
  new: () => NEW,
  missing: (header) => `ask who writes the file; if rows may lack it, add "absent" to its types in ${header}`,
  type: (header) => `COPY converts it where it can; if that is right, add the type to those in ${header}`,
  empty: () => 'ask who writes these files; corrected files that land again load by themselves',
  more: () => 'look at the file: it has more new fields than are named',
};

/** The files of a source that every new field changes. */
function recipe(source: Source): string[] {
  const shared = [`-stage-create-${source.name}`, '-count-columns', `-reject-${source.name}`];
  const steps = source.steps.filter((step) => shared.some((end) => step.endsWith(end)));
  return ['sql/schema/', `sql/load/${source.name}/source.json`, ...steps.map((step) => `sql/load/${step}.sql`)];
}
