import { LoaderError, messageOf, type ErrorCode } from '../errors.ts';
import { STATEMENT_RULES } from './statement-errors.ts';

/** The one place that translates AWS's errors into ours. */

type Rule = { match: RegExp; code: ErrorCode; hint: string };

/** Translates the text of a failed statement. */
export function translateStatementError(text: string): LoaderError {
  const rule = STATEMENT_RULES.find(({ match }) => match.test(text));
  if (rule) return new LoaderError(rule.code, text, rule.hint);
  return new LoaderError('unexpected', text, 'Nothing was loaded. Look up this message, then: npx sparkify status');
}

/**
 * What ValidationException says of sessions: the one error whose text decides, because its name stands for any bad request.
 * https://github.com/awslabs/mcp/issues/4587 saw the first two; how Redshift words a busy session is not known.
 */
const SESSION_RULES: readonly Rule[] = [
  {
    match: /Session is not available|Session with Id: .* is invalid/i,
    code: 'session',
    hint: 'The session of the load has ended; it is retried automatically in a new one',
  },
  {
    match: /session .*(busy|in use|another statement)/i,
    code: 'throttled',
    hint: 'The session still runs a statement; it is retried automatically',
  },
];

/** A cluster that is paused has no endpoint: so says https://github.com/ballerina-platform/module-ballerinax-aws.redshiftdata of an unknown one. */
const OFF: Rule = {
  match: /endpoint doesn't exist|(?:cluster|workgroup|endpoint) .*(?:paus|resum|not available)|usage limit/i,
  code: 'unavailable',
  hint: 'The warehouse is off, or its name is wrong; the loader waits for it. Which: npx sparkify doctor',
};

const EXCEPTION_RULES: readonly Rule[] = [
  {
    match:
      /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|OverLimit|ActiveStatementsExceeded|ActiveSessionsExceeded|ActiveWaitingRequestsExceeded/i,
    code: 'throttled',
    hint: 'The service is throttling; it is retried automatically',
  },
  {
    match:
      /DatabaseConnection|InternalServer|InternalError|InternalFailure|ServiceUnavailable|TimeoutError|QueryTimeout|ExecuteStatementException|ECONN|EPIPE|ETIMEDOUT|ENETUNREACH|socket hang up|NetworkingError/i,
    code: 'connection',
    hint: 'The service could not be reached or failed; it is retried automatically',
  },
  {
    match: /NoSuchKey|^NotFound$/,
    code: 'missing-object',
    hint: 'The object is not there; see: npx sparkify why s3://bucket/key',
  },
  {
    match:
      /NoSuchBucket|QueueDoesNotExist|NonExistentQueue|ResourceNotFound|ENOTFOUND|InvalidBucketName|PermanentRedirect/i,
    code: 'misconfigured',
    hint: 'Check the names of buckets, queues and warehouse in the environment, or deploy the stack: npx serverless deploy',
  },
  {
    match:
      /AccessDenied|Forbidden|UnrecognizedClient|InvalidClientToken|SignatureDoesNotMatch|ExpiredToken|CredentialsProvider|MissingAuthenticationToken|not authorized/i,
    code: 'misconfigured',
    hint: 'Check the AWS credentials and the policy of this role',
  },
  {
    match: /ValidationException/,
    code: 'misconfigured',
    hint: 'Check the warehouse settings: SPARKIFY_WORKGROUP or SPARKIFY_CLUSTER, and SPARKIFY_DATABASE',
  },
];

/**
 * Translates anything an SDK client threw. `doing` names the operation, e.g. `submitting the load`.
 * The error's name takes precedence over its text, because names are stable and texts are not.
 */
export function translateException(error: unknown, doing: string): LoaderError {
  if (error instanceof LoaderError) return error;
  const name = error instanceof Error ? error.name : '';
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const status = httpStatus(error);
  const text = messageOf(error) || name;
  const message = `${doing}: ${name && name !== 'Error' && !text.includes(name) ? `${name}: ` : ''}${text}`;
  const rule =
    [...SESSION_RULES, OFF].find(({ match }) => name === 'ValidationException' && match.test(text)) ??
    EXCEPTION_RULES.find(({ match }) => match.test(name) || match.test(code)) ??
    EXCEPTION_RULES.find(({ match }) => match.test(text));
  if (rule) return new LoaderError(rule.code, message, rule.hint, error);
  if (status !== undefined && status >= 500) {
    return new LoaderError('connection', message, 'The service failed; it is retried automatically', error);
  }
  return new LoaderError(
    'unexpected',
    message,
    'This is unexpected. Look up this message, then: npx sparkify status',
    error,
  );
}

/** The HTTP status of an SDK exception, if it has one. */
export function httpStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
