import { parseTimestamp } from '../catch-up/timestamp.ts';
import { LoaderError } from '../errors.ts';
import { driftName, readDriftedFields, type DriftedField } from '../ledger/drifted-fields.ts';
import { bytes, duration, number, pluralize } from '../numbers.ts';
import type { Connection } from '../ports.ts';
import { render } from '../sql/template.ts';
import { range } from './backfill.ts';
import type { AddCommand, CommandContext, ExitCode, Io } from './command.ts';
import { ledgerOf } from './connection.ts';
import { NextSteps, type NextStep } from './drift-next.ts';
import { escapeControls, table } from './table.ts';

type ListOptions = { since?: string; json?: true };
type AcceptOptions = { reason: string; json?: true };

/** Accepting waits for nothing but one row. */
const ACCEPT_LIMIT_MS = 60_000;

/** `drift` and `drift accept`. */
export const addDrift: AddCommand = (program, context) => {
  const drift = program
    .command('drift')
    .summary('fields of files that nobody expects, that went missing, or that changed their type')
    .description(
      'COPY leaves out fields that no column takes. A few files of every batch, and more of each reconcile, are compared with what\n' +
        'sql/load/<source>/source.json expects, and columns with what they held before. Exits with 1 if anything is open.',
    )
    .addHelpText(
      'after',
      `
Examples:
  npx sparkify drift
  npx sparkify drift list --since 7d --json
  npx sparkify drift accept events.email --reason 'not wanted in the warehouse'`,
    );
  drift
    .command('list', { isDefault: true })
    .description('Lists what changed, with the first file and what to do next. Exits with 1 if anything is open.')
    .option('--since <time>', 'only what was noticed at or after this time (2024-11-03, 2024-11-03T14:00Z, 36h)')
    .option('--json', 'print one JSON object')
    .action(async (options: ListOptions) => {
      context.exit(await list(options, context));
    });
  drift
    .command('accept')
    .description('Closes one: it is not told any more, neither here nor by the alarm. Who and why is recorded.')
    .argument('<field>', 'as listed: source.field')
    .requiredOption('--reason <text>', 'why it is as it should be')
    .option('--json', 'print one JSON object')
    .action(async (name: string, options: AcceptOptions) => {
      context.exit(await accept(name, options, context));
    });
};

async function list(options: ListOptions, { io, connect }: CommandContext): Promise<ExitCode> {
  const connection = connect();
  const sinceMs = options.since === undefined ? 0 : parseTimestamp(options.since, connection.clock.now());
  const fields = await readDriftedFields(sinceMs, connection.config.landing.sources, ledgerOf(connection));
  const steps = new NextSteps(connection);
  const told: (DriftedField & { next: NextStep })[] = [];
  for (const field of fields) told.push({ ...field, next: await steps.of(field) });
  if (options.json) {
    const shown = told.map(({ oldestMs, ...rest }) => ({
      name: driftName(rest),
      ...rest,
      oldest: oldestMs === null ? null : new Date(oldestMs).toISOString(),
    }));
    io.out(JSON.stringify({ open: fields.length, fields: shown }));
  } else if (fields.length === 0) io.out('No field has changed that is not accepted.');
  else print(told, io);
  return fields.length === 0 ? 0 : 1;
}

const WHAT: Readonly<Record<DriftedField['kind'], string>> = {
  new: 'new',
  missing: 'missing',
  type: 'other type',
  empty: 'NULL more often',
  more: 'more new fields',
};

function print(fields: readonly (DriftedField & { next: NextStep })[], io: Io): void {
  const rows = fields.map((one) => [
    driftName(one),
    WHAT[one.kind],
    one.types.join(', ') || null,
    one.example,
    shareOf(one),
    one.firstSeen,
    one.lastSeen,
    one.firstFile ?? `batch ${one.firstBatch}`,
  ]);
  const headings = ['field', 'what', 'type', 'example', 'share', 'first seen (UTC)', 'last seen (UTC)', 'first file'];
  io.out(table(headings, rows));
  for (const alike of groupByStep(fields)) {
    const [{ next }] = alike;
    io.out(`\n${alike.map((field) => escapeControls(driftName(field))).join(', ')}: ${next.advice}`);
    if (next.files.length > 0) io.out(`  ${next.files.join(' ')}`);
    if (next.backfill !== null) io.out(`  then: ${next.backfill}${estimateText(next.estimate)}`);
    for (const one of alike) io.out(`  or, if it is as it should be: ${one.next.accept}`);
  }
}

/** A release that changes many fields asks for the same steps for all of them: these are printed once. */
function groupByStep<Field extends { next: NextStep }>(fields: readonly Field[]): [Field, ...Field[]][] {
  const groups = new Map<string, [Field, ...Field[]]>();
  for (const field of fields) {
    const { advice, files, backfill } = field.next;
    const id = JSON.stringify([advice, files, backfill]);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [field]);
    else group.push(field);
  }
  return [...groups.values()];
}

/** `1 % of 500 files`: of those looked at since it was first seen. */
function shareOf({ kind, found, looked }: DriftedField): string {
  const percent = looked === 0 ? 0 : (100 * found) / looked;
  const shown = percent >= 10 ? percent.toFixed(0) : percent.toPrecision(1);
  return `${shown} % of ${pluralize(looked, kind === 'empty' ? 'row' : 'file')}`;
}

function estimateText(estimate: NextStep['estimate']): string {
  if (estimate === null) return '';
  const time = estimate.seconds === undefined ? 'time unknown' : range(estimate.seconds, duration);
  const cost =
    estimate.dollars === undefined ? 'cost unknown' : range(estimate.dollars, (dollars) => `$${dollars.toFixed(2)}`);
  return ` (${number(estimate.objects)} objects, ${bytes(estimate.bytes)}: about ${time}, ${cost})`;
}

async function accept(name: string, { reason, json }: AcceptOptions, context: CommandContext): Promise<ExitCode> {
  const { io, connect } = context;
  if (reason.trim() === '') {
    throw new LoaderError('usage', 'Say why it is as it should be.', "For example: --reason 'not wanted'");
  }
  const connection = connect();
  const open = await readDriftedFields(0, connection.config.landing.sources, ledgerOf(connection));
  const chosen = open.filter((field) => driftName(field) === name);
  for (const field of chosen) await record(field, reason, io, connection);
  if (json) io.out(JSON.stringify({ accepted: chosen.map(({ kind }) => ({ name, kind })) }));
  else if (chosen.length > 0) {
    io.out(`Accepted ${escapeControls(name)}: ${chosen.map(({ kind }) => WHAT[kind]).join(', ')}.`);
  } else io.err(`${escapeControls(name)} is not open.\n→ What is: npx sparkify drift`);
  return chosen.length === 0 ? 1 : 0;
}

/** @throws LoaderError */
async function record(field: DriftedField, reason: string, io: Io, connection: Connection): Promise<void> {
  const parameters = {
    source: field.source,
    kind: field.kind,
    field: field.recordedAs,
    reason: reason.slice(0, REASON_LENGTH),
    accepted_by: io.user.slice(0, USER_LENGTH),
  };
  const { templates, config, warehouse, clock } = connection;
  const identifiers = { schema: config.names.schema };
  const { text } = render(templates.admin['accept-field'] ?? '', { identifiers, parameters: Object.keys(parameters) });
  await warehouse.query('sparkify accept-field', text, parameters, clock.now() + ACCEPT_LIMIT_MS);
}

/** Characters that fit their columns, whatever they are. */
const REASON_LENGTH = 500;
const USER_LENGTH = 60;
