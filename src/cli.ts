#!/usr/bin/env -S AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true node --import tsx
import { createInterface } from 'node:readline/promises';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { CommanderError } from 'commander';
import { DataApiWarehouse } from './aws/redshift.ts';
import { S3ObjectStore } from './aws/s3.ts';
import { SqsQueue } from './aws/sqs.ts';
import { systemClock } from './aws/telemetry.ts';
import type { Connection, ExitCode, Io } from './commands/command.ts';
import { createProgram } from './commands/program.ts';
import { readConfig } from './config.ts';
import { LoaderError } from './errors.ts';
import { readSqlFiles } from './sql-files.ts';

const interruption = new AbortController();
process.once('SIGINT', () => {
  interruption.abort();
});
process.once('SIGTERM', () => {
  interruption.abort();
});

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

function connect(): Connection {
  const config = readConfig(process.env);
  return {
    config,
    templates: { schema: readSqlFiles('schema'), load: readSqlFiles('load'), report: readSqlFiles('report') },
    warehouse: new DataApiWarehouse(new RedshiftDataClient({}), config.warehouse, systemClock),
    objects: new S3ObjectStore(new S3Client({})),
    queue: new SqsQueue(new SQSClient({})),
    clock: systemClock,
  };
}

const exit = (code: ExitCode): void => {
  process.exitCode = code;
};

try {
  await createProgram({ io, connect, exit }).parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) exit(error.exitCode === 0 ? 0 : 2);
  else if (error instanceof LoaderError) {
    io.err(`${error.message}\n→ ${error.hint}`);
    exit(error.code === 'usage' ? 2 : 1);
  } else throw error;
}
