import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DataApiWarehouse } from './aws/redshift.ts';
import { S3ObjectStore } from './aws/s3.ts';
import { SqsQueue } from './aws/sqs.ts';
import { regionOf } from './aws/region.ts';
import { readStack, type DeployedStack } from './aws/stack.ts';
import { interruptibleClock } from './aws/telemetry.ts';
import { runProgram } from './commands/program.ts';
import { stackNameOf, stageEnvironment } from './commands/stage.ts';
import { openTerminal } from './commands/terminal.ts';
import { readConfig } from './config.ts';
import { readLoadFiles, readSources, readSqlFiles } from './sql/files.ts';
import release from '../package.json' with { type: 'json' };
import type { ControlPlane } from './doctor/facts.ts';
import type { Connection } from './ports.ts';

const io = openTerminal((code) => process.exit(code));

/** The environment with the resolved region; --stage overlays the outputs of a deployed stack. */
let settings: Readonly<Record<string, string | undefined>> = process.env;

async function useStage(stage: string | undefined, named: string | undefined): Promise<DeployedStack> {
  const region = await regionOf(named, process.env);
  settings = { ...process.env, AWS_REGION: region };
  if (stage === undefined) return { region, outputs: {} };
  const stack = await readStack(new CloudFormationClient({ region }), stackNameOf(stage));
  settings = { ...settings, ...stageEnvironment(stack) };
  return stack;
}

async function controlPlane(): Promise<ControlPlane> {
  const { openControlPlane } = await import('./doctor/aws/index.ts');
  return openControlPlane({ region: settings.AWS_REGION ?? '', env: settings }, () => Date.now());
}

function connect(): Connection {
  const config = readConfig(settings, readSources());
  const { region } = config.names;
  const clock = interruptibleClock(io.interrupted);
  const redshift = new RedshiftDataClient({ region });
  return {
    config,
    templates: {
      schema: readSqlFiles('schema'),
      admin: readSqlFiles('admin'),
      load: readLoadFiles(),
      report: readSqlFiles('report'),
      reconcile: readSqlFiles('reconcile'),
      rebuild: readSqlFiles('rebuild'),
      doctor: readSqlFiles('doctor'),
    },
    warehouse: new DataApiWarehouse(redshift, config.warehouse, clock, io.interrupted),
    objects: new S3ObjectStore(new S3Client({ region })),
    queue: new SqsQueue(new SQSClient({ region })),
    clock,
  };
}

const exit = (code: number): void => {
  process.exitCode = code;
};

await runProgram(process.argv.slice(2), { io, useStage, connect, controlPlane, exit, version: release.version });
