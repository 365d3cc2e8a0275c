import type { Source } from '../objects/source.ts';
import { objectId, s3Url } from '../objects/object-version.ts';
import { runReport, type LedgerDeps } from '../ledger/reports.ts';
import { LoaderError } from '../errors.ts';
import type { Connection, Row } from '../ports.ts';
import { commandFor, type Deployment } from './deployment.ts';
import { fine, wrong, type Finding } from './finding.ts';

/** What a canary needs. */
export type CanaryDeps = {
  connection: Connection;
  deployment: Deployment;
  ledger: LedgerDeps;
  /** How long messages gather before a load. */
  windowSeconds: number;
  /** @throws LoaderError */
  remove: (bucket: string, key: string) => Promise<void>;
};

/** How long a load may take beyond its window: a cold warehouse and a full function are part of it. */
const LIMIT_MS = 300_000;
/** Between two looks at the ledger. */
const PAUSE_MS = 1000;
/** One name for all canaries, so that the ledger knows one more key and not one more for each. */
const NAME = 'sparkify-doctor/canary.json';

/**
 * One usable event that is neither a play nor anybody's: no table of the star takes a row from it. The time makes each canary
 * another version of its key.
 */
export function canaryBody(nowMs: number): string {
  return JSON.stringify({ page: 'Home', userId: '', ts: nowMs, sessionId: 0, itemInSession: 0 });
}

/** Puts a small file into a landing bucket, waits until the ledger has it, and removes it. */
export async function flyCanary(deps: CanaryDeps): Promise<Finding[]> {
  const { connection, remove } = deps;
  const { objects, clock, config } = connection;
  const source = config.landing.sources.find(({ name }) => name === 'events');
  const [bucket] = config.landing.buckets;
  if (source === undefined || bucket === undefined) throw new Error('this release has no events');
  const key = keyOf(source);
  const putAtMs = clock.now();
  await objects.put(bucket, key, canaryBody(putAtMs));
  try {
    return [await watch({ bucket, key }, putAtMs, deps)];
  } finally {
    await remove(bucket, key);
  }
}

function keyOf({ prefix }: Source): string {
  return `${prefix}${NAME}`;
}

async function watch(object: { bucket: string; key: string }, putAtMs: number, deps: CanaryDeps): Promise<Finding> {
  const { connection, deployment, ledger, windowSeconds } = deps;
  const { objects, clock } = connection;
  const check = 'canary';
  const head = await objects.head(object.bucket, object.key);
  if (head.kind !== 'present') throw new LoaderError('unexpected', `${s3Url(object)} is ${head.kind}`, 'Try again');
  const until = putAtMs + windowSeconds * 1000 + LIMIT_MS;
  while (clock.now() < until) {
    const rows = await runReport('object-history', { object_id: objectId(object) }, ledger);
    const row = rows.find(({ etag }) => etag === head.etag);
    const seconds = ((clock.now() - putAtMs) / 1000).toFixed(1);
    if (row) return judgeRow(row, seconds, object, deployment);
    await clock.sleep(PAUSE_MS);
  }
  const waited = Math.round((until - putAtMs) / 1000);
  const text = `${s3Url(object)} is not in the ledger after ${waited} s`;
  return wrong(check, text, commandFor('npx serverless logs -f loader', deployment));
}

function judgeRow(row: Row, seconds: string, object: { bucket: string; key: string }, deployment: Deployment): Finding {
  if (row.status === 'loaded') {
    const text = `queryable ${seconds} s after it was put; the loader wrote its manifest, and COPY read it`;
    return fine('canary', text);
  }
  const why = commandFor(`npx sparkify why ${s3Url(object)}`, deployment);
  return wrong('canary', `it is ${String(row.status)}: ${String(row.reason)}`, why);
}
