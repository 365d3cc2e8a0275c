import { InvalidArgumentError, Option } from 'commander';
import { PRICED_REGIONS } from '../catch-up/prices.ts';
import { MOST_DAYS } from '../cost/arrivals.ts';
import type { Bill } from '../cost/bill.ts';
import type { CostReport } from '../cost/report.ts';
import { duration, number, pluralize } from '../numbers.ts';
import type { AddCommand, CommandContext, ExitCode } from './command.ts';
import { parseCount } from './options.ts';
import { COST_DAYS, readCost } from './read-cost.ts';
import { table, type Cell } from './table.ts';

type Options = { days: number; goal?: number; prices?: string; json?: true; stage?: string; region?: string };

const HELP = `
Asks the ledger and nothing else; on a Serverless warehouse that sleeps, the questions wake it for a minute.
Exits with 1 if there is a goal that no window meets.

Examples:
  npx sparkify cost --stage dev
  npx sparkify cost --stage dev --days 30 --goal 300
  npx sparkify cost --prices us-east-1 --json`;

/** `cost`: what loading costs, and what it would cost with another batch window. */
export const addCost: AddCommand = (program, context) => {
  program
    .command('cost')
    .summary('what loading costs, and what another batch window would cost')
    .description(
      'Shows from the ledger what the last days of loading cost, what they would have cost with other batch windows,\n' +
        'how fresh the data would have been, and the cheapest window that meets a goal.',
    )
    .option('--days <number>', `how many days to look at, ${MOST_DAYS} at most`, parseDays, COST_DAYS)
    .option('--goal <seconds>', '95 % of the objects are to be queryable within so many seconds', parseCount)
    .addOption(new Option('--prices <region>', 'the prices of another region, as an example').choices(PRICED_REGIONS))
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      context.exit(await run(options, context));
    });
};

function parseDays(text: string): number {
  const days = parseCount(text);
  if (days > MOST_DAYS) throw new InvalidArgumentError(`It must be ${MOST_DAYS} at most.`);
  return days;
}

async function run(options: Options, { io, connect, useStage }: CommandContext): Promise<ExitCode> {
  const { days, goal, stage, prices } = options;
  const { outputs } = await useStage(stage, options.region);
  const report = await readCost(connect(), {
    days,
    goalSeconds: goal ?? null,
    stage: stage ?? null,
    outputs,
    ...(prices !== undefined && { prices }),
  });
  io.out(options.json ? JSON.stringify(report) : text(report));
  return goal !== undefined && report.cheapest === null && report.actual.loads > 0 ? 1 : 0;
}

function text(report: CostReport): string {
  const { days, actual, goalSeconds } = report;
  if (actual.loads === 0)
    return `No batch was loaded in the last ${pluralize(days, 'day')}, so there is nothing to reckon.`;
  return [
    `The last ${pluralize(days, 'day')}: ${pluralize(actual.objects, 'object')} in ${pluralize(actual.loads, 'load')}; the warehouse woke ${pluralize(actual.wakeUps, 'time')} for them and was paid for ${hours(actual.billedSeconds)}.`,
    table(['', ...PARTS.map(([heading]) => heading)], [['US$ a day', ...billCells(actual.bill, days)]]),
    sourcesTable(report),
    windowsTable(report),
    ...(goalSeconds === null ? [] : [verdict(report, goalSeconds)]),
    report.notes.join('\n'),
  ].join('\n\n');
}

const PARTS: readonly (readonly [string, keyof Bill])[] = [
  ['warehouse', 'warehouse'],
  ['Lambda', 'lambda'],
  ['SQS', 'sqs'],
  ['S3', 's3'],
  ['CloudWatch', 'cloudWatch'],
  ['together', 'total'],
];

function billCells(bill: Bill | null, days: number): Cell[] {
  return PARTS.map(([, part]) => (bill === null ? null : dollars(bill[part] / days)));
}

function sourcesTable({ actual, days }: CostReport): string {
  const rows = actual.sources.map(({ source, objects, share, dollars: all }) => [
    source,
    objects,
    share === undefined ? null : `${(100 * share).toFixed(0)} %`,
    all === undefined ? null : dollars(all / days),
  ]);
  return table(['by source', 'objects', 'share', 'US$ a day'], rows);
}

function windowsTable({ windows, days, actual }: CostReport): string {
  const rows = windows.map(({ windowSeconds, isCurrent, loads, billedSeconds, freshness, bill }) => [
    `${windowSeconds} s${isCurrent ? ', in force' : ''}`,
    loads,
    hours(billedSeconds),
    freshness && seconds(freshness.p50),
    freshness && seconds(freshness.p95),
    bill && dollars(bill.total / days),
  ]);
  const { loads, billedSeconds, freshness, bill } = actual;
  const really = [
    'as it was',
    loads,
    hours(billedSeconds),
    freshness && seconds(freshness.p50),
    freshness && seconds(freshness.p95),
    bill && dollars(bill.total / days),
  ];
  return table(['batch window', 'loads', 'paid for', 'fresh p50', 'p95', 'US$ a day'], [...rows, really]);
}

function verdict({ cheapest }: CostReport, goalSeconds: number): string {
  if (cheapest === null) return `No window makes 95 % of the objects queryable within ${duration(goalSeconds)}.`;
  return `The cheapest window that makes 95 % of the objects queryable within ${duration(goalSeconds)}: ${cheapest.windowSeconds} s\n→ ${cheapest.command}`;
}

function dollars(value: number): string {
  return value.toFixed(2);
}

function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} s`;
}

function hours(value: number): string {
  return value < 3600 ? `${number(Math.round(value))} s` : `${(value / 3600).toFixed(1)} h`;
}
