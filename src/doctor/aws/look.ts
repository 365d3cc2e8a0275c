import { httpStatus, translateException } from '../../aws/translate.ts';
import type { Look } from '../finding.ts';

/** The services that are looked at, as AWS_ENDPOINT_URL_… names them. */
export type Service =
  'STS' | 'S3' | 'SQS' | 'EVENTBRIDGE' | 'REDSHIFT' | 'REDSHIFT_SERVERLESS' | 'LAMBDA' | 'CLOUDWATCH' | 'SNS';

/** Credentials that are not those of the environment. */
export type Credentials = { accessKeyId: string; secretAccessKey: string };

/** What the settings say of AWS. */
export type Settings = {
  region: string;
  env: Readonly<Record<string, string | undefined>>;
  credentials?: Credentials;
};

/** A question: its service, the IAM action that it needs, and the names of errors that mean that something is not there. */
export type Question = { service: Service; action: string; missing?: RegExp };

/** How long a service may take, so that one that is out of reach ends a check and not the patience of whoever waits. */
const TIMEOUTS_MS = { connectionTimeout: 5000, requestTimeout: 15_000, throwOnRequestTimeout: true };

/** Why a service that the local stack does not have could not be looked at. */
export const LOCAL = 'local stack: not looked at';

/** Whether the settings lead to a warehouse on this machine. */
export function isLocal({ env }: Settings): boolean {
  const endpoint = env.AWS_ENDPOINT_URL_REDSHIFT_DATA;
  return endpoint !== undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint).hostname);
}

/** The settings of a service's client. */
export function clientOf(service: Service, { region, env, credentials }: Settings) {
  const endpoint = env[`AWS_ENDPOINT_URL_${service}`];
  return {
    region,
    maxAttempts: 2,
    requestHandler: TIMEOUTS_MS,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/**
 * Asks a service. A service that the local stack lacks is not asked, or the question would go to AWS with local credentials. What
 * may not be seen, or does not answer, is unseen with the reason.
 */
export async function look<T>(question: Question, settings: Settings, ask: () => Promise<T>): Promise<Look<T>> {
  if (isLocal(settings) && settings.env[`AWS_ENDPOINT_URL_${question.service}`] === undefined) return { unseen: LOCAL };
  try {
    return { seen: await ask() };
  } catch (error) {
    if (httpStatus(error) === 501) return { unseen: LOCAL };
    if (isDenied(error)) return { unseen: `these credentials may not look at it: allow ${question.action}` };
    return { unseen: translateException(error, `asking for ${question.action}`).message };
  }
}

/** As `look`, where what is not there is seen to be undefined. */
export function lookFor<T>(
  question: Required<Question>,
  settings: Settings,
  ask: () => Promise<T>,
): Promise<Look<T | undefined>> {
  return look(question, settings, () =>
    ask().catch((error: unknown) => {
      if (error instanceof Error && question.missing.test(error.name)) return undefined;
      throw error;
    }),
  );
}

function isDenied(error: unknown): boolean {
  const name = error instanceof Error ? error.name : '';
  return httpStatus(error) === 403 || /AccessDenied|NotAuthorized|AuthorizationError|Forbidden/.test(name);
}
