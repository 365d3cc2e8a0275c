import { COPY_RULES } from './copy-errors.ts';
import type { StatementRule } from './statement-rule.ts';

const DOCS = 'https://docs.aws.amazon.com/redshift/latest/dg';
const POSTGRES = "PostgreSQL's text, as Redshift gives it";
const AGAIN = 'the load is retried automatically';
const INFERRED =
  "inferred from S3's own error codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html";

/**
 * What the text of a failed statement means. Redshift uses SQLSTATE XX000 for load, S3 and serialization failures alike, so only
 * the text distinguishes them. The first match decides: texts that name a cause come before those that only suggest a retry,
 * because Redshift appends `CanRetry 1` to denied access as well.
 */
export const STATEMENT_RULES: readonly StatementRule[] = [
  ...COPY_RULES,
  {
    match:
      /\b1023 +DETAIL|code:? +1023\b|Serializable isolation violation|conflict with concurrent transaction|could not serialize|deadlock detected|Concurrent .* conflict/i,
    code: 'conflict',
    hint: `It conflicted with another transaction; ${AGAIN}`,
    seen: [
      {
        text: '1023 DETAIL: Serializable isolation violation on table - 123, transactions forming the cycle are: 1, 2',
        source: `${DOCS}/c_serial_isolation-serializable-isolation-troubleshooting.html`,
      },
      {
        text: 'could not complete because of conflict with concurrent transaction',
        source: 'https://github.com/aws/amazon-redshift-jdbc-driver/issues/147',
      },
      { text: 'deadlock detected', source: 'https://www.postgresql.org/docs/current/errcodes-appendix.html' },
    ],
  },
  {
    match: /NULL value .*batch_no/i,
    code: 'misconfigured',
    hint: 'load_lock has lost its row, by which batches are numbered: npx sparkify create-tables',
    seen: [
      {
        text: 'Cannot insert a NULL value into column batch_no',
        source: 'inferred from the documentation of NOT NULL; the text is that of the local warehouse',
      },
    ],
  },
  {
    match: /relation "?#?(?:staging|picked|repeated|covered|healed)_\w+"? does not exist/i,
    code: 'session',
    hint: `The session of the load has lost its temporary tables; ${AGAIN}`,
    seen: [{ text: 'relation "staging_batch" does not exist', source: POSTGRES }],
  },
  {
    match: /cancel+ed on user'?s request|cancel+ed by|statement timeout|query timeout|system requested abort/i,
    code: 'deadline',
    hint: `The statement was cancelled before it finished; ${AGAIN}`,
    seen: [{ text: "Query (12) cancelled on user's request", source: `${DOCS}/cancel_query.html` }],
  },
  {
    // The warehouse is out of resources: no file is at fault, and it recovers or its own alarms fire.
    match:
      /Disk Full|code:? +1016\b|out of memory|insufficient memory|memory limit|connection limit .* exceeded|too many (?:connections|clients)|query slot|queue .* full/i,
    code: 'throttled',
    hint: `The warehouse is at a limit of its own (disk, memory, connections, usage); ${AGAIN}`,
    seen: [
      { text: 'Disk Full DETAIL: error: Disk Full code: 1016', source: `${DOCS}/queries-troubleshooting.html` },
      {
        text: 'connection limit "500" exceeded for non-bootstrap users',
        source: 'https://github.com/airbytehq/airbyte/pull/23523',
      },
      { text: 'out of memory', source: `${DOCS}/queries-troubleshooting.html` },
    ],
  },
  {
    match:
      /usage limit|(?:warehouse|cluster|workgroup|endpoint) is (?:currently )?(?:paused|pausing|resuming|being (?:paused|resumed|modified|resized)|not available)|maintenance/i,
    code: 'unavailable',
    hint: 'The warehouse is off; the loader waits for it. What it is: npx sparkify doctor',
    seen: [
      {
        text: 'Query reached usage limit',
        source: 'https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-billing.html (the text is inferred)',
      },
      {
        text: 'cluster is paused',
        source:
          'https://docs.aws.amazon.com/redshift/latest/mgmt/rs-mgmt-pause-resume-cluster.html (the text is inferred)',
      },
    ],
  },
  {
    match:
      /Status 5\d\d|SlowDown|S3CurlException|InternalServerException|InternalError(?!_)|ServiceUnavailable|RequestTimeout|S3 ?Query Exception|Retries exceeded|Access throttled|CanRetry 1/i,
    code: 'throttled',
    hint: `S3 was busy or out of reach for the warehouse; ${AGAIN}`,
    seen: [
      {
        text: 'S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,Rid 1,ExtRid 2,CanRetry 1',
        source: INFERRED,
      },
      {
        text: 'S3ServiceException:We encountered an internal error. Please try again.,Status 500,Error InternalError,CanRetry 1',
        source: INFERRED,
      },
      {
        text: 'S3CurlException: Connection reset by peer, CurlError 56, multiCurlError 0, CanRetry 1, UserError 0',
        source: 'https://github.com/harrystech/arthur-redshift-etl/pull/70',
      },
      {
        text: 'S3Query Exception Connection failed, retries exceeded.',
        source: 'https://github.com/harrystech/arthur-redshift-etl/pull/134',
      },
      { text: 'Spectrum Scan Error: Access throttled', source: `${DOCS}/c-spectrum-troubleshooting.html` },
    ],
  },
  {
    match:
      /connection .*(closed|reset|refused|lost|terminated|failure)|server closed the connection|terminating connection/i,
    code: 'connection',
    hint: `The warehouse could not be reached; ${AGAIN}`,
    seen: [
      {
        text: 'terminating connection due to administrator command',
        source: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
      },
    ],
  },
  {
    // PUBLIC may use temporary tables and roles, unless the warehouse was hardened.
    match: /permission denied to create temporary|ASSUMEROLE/i,
    code: 'misconfigured',
    hint: 'As a superuser: npx sparkify create-tables --grant-to USER --hardened',
    seen: [{ text: 'permission denied to create temporary tables in database "dev"', source: POSTGRES }],
  },
  {
    match: /user "?.*"? does not exist/i,
    code: 'misconfigured',
    hint: 'Only a superuser creates users; as one: npx sparkify create-tables --grant-to USER',
    seen: [{ text: 'user "IAMR:loader" does not exist', source: POSTGRES }],
  },
  {
    match: /must be (the )?owner|must be superuser|permission denied for database/i,
    code: 'misconfigured',
    hint: 'Do this as the schema owner (whoever first ran create-tables) or as a superuser; SPARKIFY_SECRET_ARN names the secret to log in with',
    seen: [{ text: 'must be owner of relation songs', source: POSTGRES }],
  },
  {
    match: /permission denied/i,
    code: 'misconfigured',
    hint: 'As the schema owner, grant the user its rights: npx sparkify create-tables --grant-to USER (reconcile: --grant-reconcile-to; read only: --grant-read-to)',
    seen: [{ text: 'permission denied for relation songs', source: `${DOCS}/r_GRANT.html` }],
  },
  {
    match:
      /Cannot COPY into nonexistent table|relation "?.*"? does not exist|schema "?.*"? does not exist|column "?.*"? (of relation .* )?does not exist|database "?.*"? does not exist/i,
    code: 'misconfigured',
    hint: 'Create the tables: npx sparkify create-tables; then grant the loader its rights: --grant-to USER',
    seen: [{ text: 'relation "sparkify.load_lock" does not exist', source: POSTGRES }],
  },
];
