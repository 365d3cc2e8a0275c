import { LoaderError, messageOf, type ErrorCode } from '../errors.ts';

/** The one place where what AWS says becomes what we say. */

type Rule = { match: RegExp; code: ErrorCode; hint: string };

/**
 * What a failed statement's text means. Redshift gives SQLSTATE XX000 to load failures, S3 failures and serialization
 * failures alike, so only the text tells them apart. The first match decides.
 */
const STATEMENT_RULES: readonly Rule[] = [
  {
    match: /Load into table '.*' failed/i,
    code: 'content',
    hint: 'The bad files are named in sys_load_error_detail; see: npx sparkify quarantine list',
  },
  {
    match: /Mandatory url is not present in manifest file/i,
    code: 'missing-object',
    hint: 'Objects that were deleted are recorded as vanished; see: npx sparkify quarantine list',
  },
  {
    // Redshift gives this text also when its role may not read the manifest, so it says nothing about the data files.
    match:
      /COPY with MANIFEST parameter requires full path of an S3 object|Problem reading manifest file|Manifest file is not in correct json format/i,
    code: 'misconfigured',
    hint: 'Let the COPY role (SPARKIFY_COPY_ROLE_ARN) read the control bucket: s3:GetObject and s3:ListBucket',
  },
  {
    match:
      /not authorized to assume|not authorized to get credentials of role|is not associated|Not authorized to perform sts:AssumeRole/i,
    code: 'misconfigured',
    hint: 'Attach the COPY role (SPARKIFY_COPY_ROLE_ARN) to the warehouse',
  },
  {
    match: /S3ServiceException:Access ?Denied|Status 403/i,
    code: 'forbidden-object',
    hint: 'Let the COPY role (SPARKIFY_COPY_ROLE_ARN) read the landing bucket, then: npx sparkify quarantine release',
  },
  {
    match: /The specified key does not exist|Status 404|NoSuchKey|The specified S3 prefix .* does not exist/i,
    code: 'missing-object',
    hint: 'Objects that were deleted are recorded as vanished; see: npx sparkify quarantine list',
  },
  {
    match: /must be addressed using the specified endpoint|NoSuchBucket|The specified bucket does not exist/i,
    code: 'misconfigured',
    hint: 'Check the bucket names and AWS_REGION: manifests and data must be in one region',
  },
  {
    match:
      /\b1023\b|Serializable isolation violation|conflict with concurrent transaction|could not serialize|deadlock detected|Concurrent .* conflict/i,
    code: 'conflict',
    hint: 'Another transaction was in the way; the load is tried again by itself',
  },
  {
    match: /cancel+ed on user'?s request|cancel+ed by|statement timeout|query timeout|system requested abort/i,
    code: 'deadline',
    hint: 'The statement was cancelled before it finished; the load is tried again by itself',
  },
  {
    match:
      /connection .*(closed|reset|refused|lost|terminated|failure)|server closed the connection|terminating connection|warehouse is (paused|resuming|not available)|cluster is (paused|resuming|not available)/i,
    code: 'connection',
    hint: 'The warehouse could not be reached; the load is tried again by itself',
  },
  {
    // Temporary tables and roles are everyone's, unless the warehouse was hardened.
    match: /permission denied to create temporary|ASSUMEROLE/i,
    code: 'misconfigured',
    hint: 'As a superuser: npx sparkify create-tables --grant-to USER --hardened',
  },
  {
    match: /must be (the )?owner|must be superuser|permission denied for database/i,
    code: 'misconfigured',
    hint: 'Do this as the owner of the schema, who first ran create-tables, or as a superuser; SPARKIFY_SECRET_ARN names a secret to log in by',
  },
  {
    match: /permission denied/i,
    code: 'misconfigured',
    hint: 'As the owner of the schema, give the user who met this its rights: npx sparkify create-tables --grant-to USER (to only read: --grant-read-to)',
  },
  {
    match:
      /Cannot COPY into nonexistent table|relation "?.*"? does not exist|schema "?.*"? does not exist|column "?.*"? (of relation .* )?does not exist|database "?.*"? does not exist/i,
    code: 'misconfigured',
    hint: 'Create the tables: npx sparkify create-tables; then grant the loader its rights: --grant-to USER',
  },
];

/** Translates the text of a failed statement. */
export function translateStatementError(text: string): LoaderError {
  const rule = STATEMENT_RULES.find(({ match }) => match.test(text));
  if (rule) return new LoaderError(rule.code, text, rule.hint);
  return new LoaderError('unexpected', text, 'Nothing was loaded; look the text up, then: npx sparkify status');
}

const EXCEPTION_RULES: readonly (Rule & { match: RegExp })[] = [
  {
    match:
      /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|OverLimit|ActiveStatementsExceeded|ActiveSessionsExceeded|ActiveWaitingRequestsExceeded/i,
    code: 'throttled',
    hint: 'The service asked to slow down; the work is tried again by itself',
  },
  {
    match:
      /DatabaseConnection|InternalServer|InternalError|InternalFailure|ServiceUnavailable|TimeoutError|QueryTimeout|ExecuteStatementException|ECONN|EPIPE|ETIMEDOUT|ENETUNREACH|socket hang up|NetworkingError/i,
    code: 'connection',
    hint: 'The service could not be reached or failed; the work is tried again by itself',
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
 * Translates anything an SDK client threw. `doing` says what was being done, e.g. `submitting the load`.
 * The error's name decides before its text, since names are stable and texts are not.
 */
export function translateException(error: unknown, doing: string): LoaderError {
  if (error instanceof LoaderError) return error;
  const name = error instanceof Error ? error.name : '';
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const status = httpStatus(error);
  const said = messageOf(error) || name;
  const message = `${doing}: ${name && name !== 'Error' && !said.includes(name) ? `${name}: ` : ''}${said}`;
  const rule =
    EXCEPTION_RULES.find(({ match }) => match.test(name) || match.test(code)) ??
    EXCEPTION_RULES.find(({ match }) => match.test(said));
  if (rule) return new LoaderError(rule.code, message, rule.hint, error);
  if (status !== undefined && status >= 500) {
    return new LoaderError('connection', message, 'The service failed; the work is tried again by itself', error);
  }
  return new LoaderError(
    'unexpected',
    message,
    'This was not foreseen; look the text up, then: npx sparkify status',
    error,
  );
}

/** The HTTP status of an SDK exception, where it carries one. */
export function httpStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
