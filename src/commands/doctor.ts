import { randomUUID } from 'node:crypto';
import { alarmNames } from '../deploy/alarm-names.ts';
import { examine, type Opened } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import { pluralize } from '../numbers.ts';
import { newestVersion } from '../schema/migrations.ts';
import { readVersion } from '../schema/upgrade.ts';
import type { AddCommand, CommandContext, ExitCode } from './command.ts';
import { ledgerOf } from './connection.ts';
import { schemaDeps } from './create-tables.ts';
import { driftAdvice, readDrift } from './schema-drift.ts';
import { stageEnvironment } from './stage.ts';
import { escapeControls } from './table.ts';

type Options = { stage?: string; region?: string; canary?: true; json?: true };

const MARKS: Readonly<Record<Finding['state'], string>> = { fine: '✔', wrong: '✘', unseen: '–' };

const HELP = `
✔ fine, ✘ wrong, with the command that mends it, – could not be looked at, with the reason.
Nothing is changed, unless by --canary, which puts one event that is no play into a landing bucket, waits until the ledger
has it, and removes it. No table of the star changes; the ledger records the load. Asking the warehouse wakes it.
Exits with 1 if something is wrong.

Examples:
  npx sparkify doctor --stage dev
  npx sparkify doctor --stage dev --canary
  npx sparkify doctor --json`;

/** `doctor`: looks at everything between credentials and the first committed row. */
export const addDoctor: AddCommand = (program, context) => {
  program
    .command('doctor')
    .summary('what is wrong between credentials and the first row')
    .description(
      'Looks at everything that a load needs, from credentials to rights, and says what is wrong and what mends it.',
    )
    .option('--canary', 'also load a small file, and say after how many seconds it is queryable')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      context.exit(await run(options, context));
    });
};

async function run({ stage, region, canary, json }: Options, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  // The region alone: where the stack is looked for, and whose credentials are asked for.
  await context.useStage(undefined, region);
  const findings: Finding[] = [];
  const deps = {
    plane: await context.controlPlane(),
    open: () => open(stage, region, context),
    newToken: () => randomUUID(),
    alarmNames: alarmNames(),
    canary: canary ?? false,
  };
  await examine(deps, (finding) => {
    findings.push(finding);
    if (!json) io.out(lineOf(finding));
  });
  const count = (state: Finding['state']): number => findings.filter((finding) => finding.state === state).length;
  const wrong = count('wrong');
  if (json) io.out(JSON.stringify({ stage: stage ?? null, wrong, unseen: count('unseen'), findings }));
  else io.out(summary(count('fine'), wrong, count('unseen')));
  return wrong === 0 ? 0 : 1;
}

/** The settings of the stage, or of the environment, and what is reached by them. */
async function open(
  stage: string | undefined,
  region: string | undefined,
  { useStage, connect }: CommandContext,
): Promise<Opened> {
  const stack = await useStage(stage, region);
  const connection = connect();
  return {
    connection,
    deployment: { ...stack, stage, settings: stage === undefined ? {} : stageEnvironment(stack) },
    ledger: ledgerOf(connection),
    readSchema: async () => {
      const [version, drift] = await Promise.all([readVersion(schemaDeps(connection)), readDrift(connection)]);
      const { schema } = connection.config.names;
      return { version, newest: newestVersion(connection.templates.schema), drift: driftAdvice(drift, schema) };
    },
  };
}

/** One line, whatever the texts of services contain. */
function lineOf(finding: Finding): string {
  const mend = finding.state === 'wrong' ? ` → ${finding.mend}` : '';
  return escapeControls(`${MARKS[finding.state]} ${finding.check}: ${finding.text}${mend}`);
}

function summary(fine: number, wrong: number, unseen: number): string {
  const left = unseen === 0 ? '' : `; ${unseen} could not be looked at`;
  const found = wrong === 0 ? 'Nothing is wrong' : `${pluralize(wrong, 'check')} found something wrong`;
  return `${found}; ${fine} fine${left}.`;
}
