import { LoaderError } from '../errors.ts';
import type { Connection } from '../ports.ts';
import { judgeAlarms, judgeSubscribers, noTopic } from './alarms.ts';
import { judgeBucket, judgeExpiry, untestedWriting } from './buckets.ts';
import { flyCanary } from './canary.ts';
import { checkLock, checkLogin, checkMerge, checkRights, checkSchema, type DatabaseDeps } from './database.ts';
import { NO_STAGE, type Deployment } from './deployment.ts';
import { readFacts, type Facts } from './fetch.ts';
import type { ControlPlane, Identity } from './facts.ts';
import { failed, fine, judge, seenOf, unseen, wrong, type Finding, type Look } from './finding.ts';
import { judgeEventBus } from './event-bus.ts';
import { judgeErrors, judgeFunction, judgeMapping, type FunctionName } from './functions.ts';
import { judgeIdentity, judgePlace } from './identity.ts';
import { judgeNotifications } from './notifications.ts';
import { judgeDeadLetters, judgeQueue } from './queues.ts';
import { checkReading } from './reading.ts';
import { judgeCopyRole, judgeState } from './warehouse-state.ts';
import { describeWaiting } from '../waiting/resume.ts';
import { readWaiting, type Waiting } from '../waiting/waiting.ts';
import type { LedgerDeps } from '../ledger/reports.ts';

/** What a deployment is reached by, once its settings are known. */
export type Opened = {
  connection: Connection;
  deployment: Deployment;
  ledger: LedgerDeps;
  readSchema: DatabaseDeps['readSchema'];
};

/** What an examination needs. */
export type ExamineDeps = {
  plane: ControlPlane;
  /** Finds the settings. @throws LoaderError */
  open: () => Promise<Opened>;
  newToken: () => string;
  /** The alarms that every stage has, by the ends of their names. */
  alarmNames: readonly string[];
  canary: boolean;
};

type Examination = Opened & Omit<ExamineDeps, 'open'> & { facts: Facts; identity: Look<Identity> };

/** Looks at everything between credentials and the first committed row, in that order, and reports each check as it ends. */
export async function examine(deps: ExamineDeps, report: (finding: Finding) => void): Promise<void> {
  const identity = await deps.plane.identity();
  const findings = judge('credentials', identity, (seen) => [judgeIdentity(seen)]);
  findings.forEach(report);
  if (findings.some(({ state }) => state === 'wrong')) {
    report(unseen('everything else', 'there are no credentials to look with'));
    return;
  }
  const opened = await deps.open().catch(asValue);
  if (opened instanceof LoaderError) {
    report(failed('settings', opened));
    report(unseen('everything else', 'the settings are not known'));
    return;
  }
  const facts = await readFacts(deps.plane, opened);
  const all: Examination = { ...deps, ...opened, facts, identity };
  const areas = [checkSettings, checkQueues, checkNotifications, checkBuckets, checkEventBus, checkWarehouse];
  for (const area of areas) area(all).forEach(report);
  const waiting = await readWaiting(opened.connection.config.control, opened.connection.objects).catch(asValue);
  report(judgeWaiting(waiting));
  const isWaiting = waiting !== undefined && !(waiting instanceof LoaderError);
  const isReady = await checkDatabase(all, report);
  [...checkFunctions(all, isWaiting), ...checkAlarms(all)].forEach(report);
  if (!deps.canary) return;
  // A file that nothing can load would be loaded as soon as something can, when it is long removed.
  if (isReady) (await guarded('canary', () => canary(all))).forEach(report);
  else report(unseen('canary', 'nothing was put: login and schema are to be mended first'));
}

function checkSettings({ connection, deployment, identity, facts }: Examination): Finding[] {
  const { config } = connection;
  const from = deployment.stage === undefined ? 'the environment' : `the stack sparkify-${deployment.stage}`;
  const text = `by ${from}: ${config.landing.buckets.join(', ')} into the schema ${config.names.schema}`;
  const queueArn = facts.queue && seenOf(facts.queue)?.arn;
  return [fine('settings', text), ...judgePlace(seenOf(identity), config.names.copyRole, queueArn, deployment)];
}

function checkQueues({ facts, deployment }: Examination): Finding[] {
  const { queue, replayQueue, deadLetters } = facts;
  if (queue === undefined) return [unseen('queue', 'SPARKIFY_QUEUE_URL is not set')];
  if (deadLetters === undefined) return [unseen('dead-letter queue', 'SPARKIFY_DLQ_URL is not set')];
  const timeoutSeconds = seenOf(facts.functions.loader)?.timeoutSeconds;
  return judge('dead-letter queue', deadLetters, (letters) => {
    const replays = replayQueue ?? { unseen: 'SPARKIFY_REPLAY_QUEUE_URL is not set' };
    const feeds = Object.entries({ queue, 'replay queue': replays }).flatMap(([name, look]) =>
      judge(name, look, (seen) => {
        const windowSeconds = windowOf(facts, seen?.arn);
        const timing = timeoutSeconds === undefined ? undefined : { timeoutSeconds, windowSeconds };
        return judgeQueue(name, seen, letters, timing, deployment);
      }),
    );
    return [...feeds, ...judgeDeadLetters(letters, deployment)];
  });
}

function checkNotifications({ facts, connection, deployment, plane }: Examination): Finding[] {
  const { sources } = connection.config.landing;
  const queue = facts.queue && seenOf(facts.queue);
  return facts.landing.flatMap(({ bucket, notifications, bucketFacts }) => {
    const check = `notifications of ${bucket}`;
    if (queue === undefined) return [unseen(check, 'there is no queue that they could reach')];
    if (!('unseen' in bucketFacts) && bucketFacts.seen === undefined) return [unseen(check, 'there is no bucket')];
    return judge(check, notifications, (seen) =>
      judgeNotifications(
        { bucket, facts: seen, queue, rules: facts.rules, isLocal: plane.isLocal },
        sources,
        deployment,
      ),
    );
  });
}

function checkBuckets({ facts, connection, deployment, canary: flies }: Examination): Finding[] {
  const { bucket, prefix } = connection.config.control;
  return [
    ...facts.landing.flatMap((one) =>
      judge('landing bucket', one.bucketFacts, (seen) => judgeBucket('landing bucket', one.bucket, seen, deployment)),
    ),
    ...judge('control bucket', facts.control, (seen) => judgeBucket('control bucket', bucket, seen, deployment)),
    ...judge('expiry of manifests', facts.expirations, (seen) => judgeExpiry(bucket, prefix, seen, deployment)),
    ...(flies ? [] : [unseen('writing to the control bucket', untestedWriting(deployment))]),
  ];
}

function checkEventBus({ facts, connection, deployment }: Examination): Finding[] {
  const { events } = connection.config;
  if (events === undefined || facts.eventBus === undefined) return [];
  return judge('event bus', facts.eventBus, (seen) => [judgeEventBus(events.bus, seen, deployment)]);
}

function checkWarehouse({ facts, connection, deployment }: Examination): Finding[] {
  const { warehouse } = connection.config;
  return judge('warehouse', facts.warehouse, (seen) => [judgeState(seen, warehouse, deployment)]);
}

/** Judges whether loads wait for the warehouse, which the resume function then asks until it works. */
function judgeWaiting(waiting: Waiting | LoaderError | undefined): Finding {
  if (waiting instanceof LoaderError) return failed('waiting', waiting);
  if (waiting === undefined) return fine('waiting', 'no load waits for the warehouse');
  const { text, hint } = describeWaiting(waiting);
  return wrong('waiting', text, hint);
}

/**
 * The checks that ask the warehouse itself, and those that only make sense once it answers. Gives whether it has what a load
 * needs: a login and the schema of this release.
 */
async function checkDatabase(all: Examination, report: (finding: Finding) => void): Promise<boolean> {
  const { facts, connection, plane } = all;
  const { warehouse, names } = connection.config;
  const deps: DatabaseDeps = { ...all, isLocal: plane.isLocal };
  const state = seenOf(facts.warehouse)?.state ?? 'gone';
  const isAway = !('unseen' in facts.warehouse) && state.toLowerCase() !== 'available';
  const role = judge('COPY role', facts.warehouse, (seen) => [judgeCopyRole(seen, warehouse, names.copyRole)]);
  const mergeBounds = seenOf(facts.functions.loader)?.environment.SPARKIFY_MERGE_BOUNDS;
  const checks: [string, () => Promise<Finding[]>][] = [
    ['schema', () => checkSchema(deps)],
    ['rights', () => checkRights(deps)],
    ['COPY role', () => Promise.resolve(role)],
    ['COPY reads both buckets', () => checkReading(deps)],
    ['MERGE with a range', () => checkMerge(deps, mergeBounds)],
    ['lock of loads', () => checkLock(deps)],
  ];
  const login = isAway
    ? [unseen('login', `the warehouse is ${state}`)]
    : await guarded('login', () => checkLogin(deps));
  login.forEach(report);
  const answers = login.some(({ check, state: result }) => check === 'login' && result === 'fine');
  let isReady = answers;
  for (const [check, ask] of checks) {
    const asks = answers || check === 'COPY role';
    const findings = asks ? await guarded(check, ask) : [unseen(check, 'nobody could log in')];
    findings.forEach(report);
    if (check === 'schema' && findings.some(({ state: result }) => result === 'wrong')) isReady = false;
  }
  return isReady;
}

function checkFunctions({ facts, deployment, plane }: Examination, isWaiting: boolean): Finding[] {
  const { stage, settings } = deployment;
  if (stage === undefined) return [unseen('functions', plane.isLocal ? 'local stack: not looked at' : NO_STAGE)];
  const fed = (check: string, queue: Facts['queue']): Finding[] =>
    judge(check, facts.mappings, (seen) =>
      judgeMapping(check, seen, queue && seenOf(queue)?.arn, deployment, isWaiting),
    );
  const judged = (name: FunctionName): Finding[] => [
    ...judge(name, facts.functions[name], (seen) => judgeFunction(name, seen, settings, deployment)),
    ...judge(`errors of the ${name}`, facts.errors[name], (seen) => judgeErrors(name, seen, deployment)),
  ];
  return [
    ...judged('loader'),
    ...fed('event source', facts.queue),
    ...fed('event source of replays', facts.replayQueue),
    ...judged('reconcile'),
    ...judged('resume'),
  ];
}

function checkAlarms({ facts, deployment, plane, alarmNames }: Examination): Finding[] {
  const { stage, outputs } = deployment;
  if (stage === undefined) return [unseen('alarms', plane.isLocal ? 'local stack: not looked at' : NO_STAGE)];
  const topic = outputs.AlarmTopic;
  return [
    ...judge('alarms', facts.alarms, (seen) => judgeAlarms(seen, alarmNames, stage, deployment)),
    ...(topic === undefined || facts.subscribers === undefined
      ? [noTopic]
      : judge('who hears alarms', facts.subscribers, (seen) => [judgeSubscribers(seen, topic)])),
  ];
}

function canary({ connection, deployment, ledger, facts, plane }: Examination): Promise<Finding[]> {
  const remove = (bucket: string, key: string): Promise<void> => plane.remove(bucket, key);
  const windowSeconds = windowOf(facts, facts.queue && seenOf(facts.queue)?.arn);
  return flyCanary({ connection, deployment, ledger, windowSeconds, remove });
}

/** The window of what feeds the loader from a queue. */
function windowOf({ mappings }: Facts, arn: string | undefined): number {
  return seenOf(mappings)?.find(({ queueArn }) => queueArn === arn)?.windowSeconds ?? 0;
}

/** A check that fails is a finding, and the others go on. */
async function guarded(check: string, work: () => Promise<Finding[]>): Promise<Finding[]> {
  const findings = await work().catch(asValue);
  return findings instanceof LoaderError ? [failed(check, findings)] : findings;
}

function asValue(error: unknown): LoaderError {
  if (error instanceof LoaderError) return error;
  throw error;
}
