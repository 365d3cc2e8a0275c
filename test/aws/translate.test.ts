import { STATEMENT_RULES } from '../../src/aws/statement-errors.ts';
import { httpStatus, translateException, translateStatementError } from '../../src/aws/translate.ts';
import { LoaderError, type ErrorCode } from '../../src/errors.ts';

const statements: [ErrorCode, string][] = [
  [
    'content',
    "ERROR: Load into table 'staging_events' failed.  Check 'sys_load_error_detail' system table for details.",
  ],
  ['missing-object', 'ERROR: Mandatory url is not present in manifest file.'],
  ['missing-object', 'ERROR: S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey'],
  ['missing-object', "ERROR: The specified S3 prefix 'log_data/a.json' does not exist"],
  ['misconfigured', 'ERROR: COPY with MANIFEST parameter requires full path of an S3 object.'],
  ['misconfigured', 'ERROR: Problem reading manifest file - S3ServiceException:Access Denied,Status 403'],
  [
    'misconfigured',
    'ERROR: User arn:aws:redshift:eu-west-1:1:dbuser:c/l is not authorized to assume IAM Role arn:aws:iam::1:role/copy',
  ],
  [
    'misconfigured',
    'ERROR: S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint.',
  ],
  ['misconfigured', 'ERROR: relation "sparkify.load_lock" does not exist'],
  ['misconfigured', 'ERROR: permission denied for relation songs'],
  ['misconfigured', 'ERROR: schema "sparkify" does not exist'],
  ['misconfigured', 'ERROR: column "song_idd" does not exist in songs'],
  ['forbidden-object', 'ERROR: S3ServiceException:Access Denied,Status 403,Error AccessDenied'],
  [
    'conflict',
    'ERROR: 1023 DETAIL: Serializable isolation violation on table - 123, transactions forming the cycle are: 1, 2',
  ],
  ['conflict', 'ERROR: could not complete because of conflict with concurrent transaction'],
  ['conflict', 'ERROR: deadlock detected'],
  ['deadline', "ERROR: Query (12) cancelled on user's request"],
  ['connection', 'ERROR: terminating connection due to administrator command'],
  ['unexpected', 'ERROR: division by zero'],
];

describe('the text of a failed statement', () => {
  test.each(statements)('means %s: %s', (code, text) => {
    const error = translateStatementError(text);
    expect(error).toMatchObject({ code, message: text });
    expect(error.hint).not.toBe('');
  });
});

const seen = STATEMENT_RULES.flatMap((rule) =>
  rule.seen.map(({ text, source }) => ({ text, source, code: rule.code })),
);

describe('what was seen of Redshift', () => {
  test.each(seen)('means $code: $text', ({ text, source, code }) => {
    for (const said of [text, `ERROR: ${text} [ErrorId: 1-6738]`])
      expect(translateStatementError(said).code).toBe(code);
    expect(source).toMatch(/^https:|^inferred|^PostgreSQL/);
  });

  test.each([
    ['a number that is also a code of trouble', "Invalid digit, Value '1023', Pos 0, Type: Integer"],
    ['a number that is also a code of trouble', "Invalid digit, Value '1016', Pos 0, Type: Integer"],
  ])('does not take %s for it', (_, text) => {
    expect(translateStatementError(text).code).toBe('unexpected');
  });
});

/** An exception as the SDK throws it. */
function exception(name: string, message = 'it failed', more: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), { name, ...more });
}

const exceptions: [ErrorCode, Error][] = [
  ['throttled', exception('ThrottlingException', 'Rate exceeded')],
  ['throttled', exception('ActiveStatementsExceededException')],
  ['throttled', exception('SlowDown', 'Please reduce your request rate.')],
  ['connection', exception('InternalServerException')],
  ['connection', exception('TimeoutError', 'socket hang up')],
  ['connection', exception('Error', 'read ECONNRESET', { code: 'ECONNRESET' })],
  ['connection', exception('BatchExecuteStatementException')],
  ['connection', exception('DatabaseConnectionException')],
  ['connection', exception('Strange', 'who knows', { $metadata: { httpStatusCode: 503 } })],
  ['missing-object', exception('NoSuchKey')],
  ['missing-object', exception('NotFound')],
  ['misconfigured', exception('NoSuchBucket')],
  ['misconfigured', exception('QueueDoesNotExist')],
  ['misconfigured', exception('ResourceNotFoundException')],
  ['misconfigured', exception('AccessDenied')],
  ['misconfigured', exception('CredentialsProviderError', 'Could not load credentials from any providers')],
  ['misconfigured', exception('ExpiredTokenException')],
  ['misconfigured', exception('ValidationException', 'Database name must be set')],
  ['unexpected', exception('TypeError', 'x is not a function')],
];

test.each([
  ['permission denied for relation songs', '--grant-to USER'],
  ['permission denied for schema sparkify', '--grant-to USER'],
  ['permission denied to create temporary tables in database "dev"', '--hardened'],
  ['must be owner of relation songs', 'schema owner'],
  ['permission denied for database dev', 'as a superuser'],
  ['relation "sparkify.songs" does not exist', 'npx sparkify create-tables'],
])('«%s» says how to fix it, with a command that does something', (text, hint) => {
  expect(translateStatementError(`ERROR: ${text}`)).toMatchObject({
    code: 'misconfigured',
    hint: expect.stringContaining(hint) as string,
  });
});

describe('what an SDK client throws', () => {
  test.each(exceptions)('means %s: %s', (code, thrown) => {
    const error = translateException(thrown, 'submitting the load');
    expect(error).toMatchObject({ code, cause: thrown });
    expect(error.message).toMatch(/^submitting the load: /);
    expect(error.message).toContain(thrown.message);
    expect(error.hint).not.toBe('');
  });

  test('is judged by its name before its text', () => {
    const error = translateException(exception('AccessDenied', 'Throttling was not the reason'), 'reading');
    expect(error.code).toBe('misconfigured');
  });

  test('is named in the message, once', () => {
    expect(translateException(exception('NoSuchKey', 'gone'), 'reading').message).toBe('reading: NoSuchKey: gone');
    expect(translateException(exception('NoSuchKey', 'NoSuchKey: gone'), 'reading').message).toBe(
      'reading: NoSuchKey: gone',
    );
    expect(translateException('just text', 'reading').message).toBe('reading: just text');
  });

  test('stays what it is when it was translated already', () => {
    const error = new LoaderError('content', 'bad file', 'look');
    expect(translateException(error, 'reading')).toBe(error);
  });
});

test('conflicts, throttling, connections and deadlines are tried again, and nothing else is', () => {
  const retryable = [
    ...statements.map(([, text]) => translateStatementError(text)),
    ...exceptions.map(([, thrown]) => translateException(thrown, 'x')),
  ]
    .filter((error) => error.retryable)
    .map(({ code }) => code);
  expect(new Set(retryable)).toEqual(new Set(['conflict', 'deadline', 'connection', 'throttled']));
});

test('the HTTP status of an exception is found where there is one', () => {
  expect(httpStatus(exception('X', 'x', { $metadata: { httpStatusCode: 404 } }))).toBe(404);
  for (const nothing of [undefined, null, 'text', {}, { $metadata: null }, { $metadata: { httpStatusCode: '404' } }]) {
    expect(httpStatus(nothing)).toBeUndefined();
  }
});
