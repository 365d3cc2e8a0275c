import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { askLoader, impatientLambda, LoaderMapping } from './aws/loader-function.ts';
import { createLog, createMeter, systemClock } from './aws/telemetry.ts';
import { S3WaitingObject } from './aws/waiting-object.ts';
import { readConfig } from './config.ts';
import { readCluster, readWorkgroup } from './doctor/aws/warehouses.ts';
import { controlPlaneAnswer } from './doctor/warehouse-answer.ts';
import { LoaderError } from './errors.ts';
import { readSources } from './sql/files.ts';
import { paceWithin } from './waiting/resume.ts';
import { asOne, keepTicking, type TickDeps } from './waiting/tick.ts';
import { waitingKey } from './waiting/waiting.ts';

/** A warehouse that sleeps wakes within this time, and the invocation still has time to write down what it said. */
const ASK_TIMEOUT_MS = 60_000;

const { log, setRequestId } = createLog();
const meter = createMeter();
const config = readConfig(process.env, readSources());
const { control, names, warehouse } = config;
const loader = setting('SPARKIFY_LOADER_FUNCTION');
const asking = impatientLambda(ASK_TIMEOUT_MS);
const switching = new LambdaClient({});
const mappings = ['SPARKIFY_EVENT_SOURCE', 'SPARKIFY_REPLAY_EVENT_SOURCE'].map(setting);
const look = { region: names.region, env: process.env };

const deps: TickDeps = {
  waiting: new S3WaitingObject(new S3Client({}), control.bucket, waitingKey(control.prefix)),
  loads: asOne(mappings.map((uuid) => new LoaderMapping(switching, uuid))),
  controlPlane: async () => {
    const { cluster, workgroup = '' } = warehouse;
    const facts = await (cluster === undefined ? readWorkgroup(workgroup, look) : readCluster(cluster, look));
    return controlPlaneAnswer(facts, warehouse, names.copyRole, names.region);
  },
  askLoader: () => askLoader(asking, loader),
  pace: paceWithin(config.retryMostSeconds),
  clock: systemClock,
  log,
  meter,
};

/** The Lambda that runs every minute: switches loads off while the warehouse is waited for, and on when it works again. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  setRequestId(context.awsRequestId);
  try {
    await keepTicking(deps, systemClock.now() + context.getRemainingTimeInMillis());
  } finally {
    meter.publish();
  }
}

function setting(name: string): string {
  const value = process.env[name] ?? '';
  if (value !== '') return value;
  throw new LoaderError('usage', `${name} is not set.`, 'Deploy the stack again: npx serverless deploy --stage STAGE');
}
