import { createInterface } from 'node:readline/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { CommanderError } from 'commander';
import { DataApiWarehouse } from './aws/redshift.ts';
import { S3ObjectStore } from './aws/s3.ts';
import { SqsQueue } from './aws/sqs.ts';
import { regionOf } from './aws/region.ts';
import { readStack } from './aws/stack.ts';
import { systemClock } from './aws/telemetry.ts';
import type { Connection, ExitCode, Io } from './commands/command.ts';
import { createProgram } from './commands/program.ts';
import { stackNameOf, stageEnvironment } from './commands/stage.ts';
import { readConfig } from './config.ts';
import { LoaderError } from './errors.ts';
import { readSqlFiles } from './sql-files.ts';

const interruption = new AbortController();
const interrupt = (): void => {
  interruption.abort();
};
process.once('SIGINT', interrupt).once('SIGTERM', interrupt);

const io: Io = {
  out: (line) => {
    process.stdout.write(`${line}\n`);
  },
  err: (line) => {
    process.stderr.write(`${line}\n`);
  },
  confirm: async (question) => {
    if (!process.stdin.isTTY) return false;
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await prompt.question(`${question} [y/N] `);
    prompt.close();
    return /^y(es)?$/i.test(answer.trim());
  },
  isTerminal: process.stderr.isTTY,
  env: process.env,
  interrupted: interruption.signal,
};

/** The environment with the region that was found, or with --stage what a deployed stack says over it. */
let settings: Readonly<Record<string, string | undefined>> = process.env;

async function useStage(stage: string | undefined, named: string | undefined): Promise<void> {
  const region = await regionOf(named, process.env);
  const client = new CloudFormationClient({ region });
  const stack = stage === undefined ? {} : stageEnvironment(await readStack(client, stackNameOf(stage)));
  settings = { ...process.env, AWS_REGION: region, ...stack };
}

function connect(): Connection {
  const config = readConfig(settings);
  const { region } = config.names;
  return {
    config,
    templates: { schema: readSqlFiles('schema'), load: readSqlFiles('load'), report: readSqlFiles('report') },
    warehouse: new DataApiWarehouse(new RedshiftDataClient({ region }), config.warehouse, systemClock),
    objects: new S3ObjectStore(new S3Client({ region })),
    queue: new SqsQueue(new SQSClient({ region })),
    clock: systemClock,
  };
}

const exit = (code: ExitCode): void => {
  process.exitCode = code;
};

try {
  await createProgram({ io, useStage, connect, exit }).parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) exit(error.exitCode === 0 ? 0 : 2);
  else if (error instanceof LoaderError) {
    io.err(`${error.message}\n→ ${error.hint}`);
    exit(error.code === 'usage' ? 2 : 1);
  } else throw error;
}
