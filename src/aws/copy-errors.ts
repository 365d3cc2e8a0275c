import type { StatementRule } from './statement-rule.ts';

const DOCS = 'https://docs.aws.amazon.com/redshift/latest/dg';
const AGAIN = 'the load is retried automatically';
const INFERRED =
  "inferred from S3's own error codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html";

/** What COPY says when files, manifests or roles are at fault. */
export const COPY_RULES: readonly StatementRule[] = [
  {
    match: /Load into table '.*' failed/i,
    code: 'content',
    hint: 'The bad files are named in sys_load_error_detail; see: npx sparkify quarantine list',
    seen: [
      {
        text: "Load into table 'staging_events' failed.  Check 'sys_load_error_detail' system table for details.",
        source: `${DOCS}/t_Troubleshooting_load_errors.html`,
      },
    ],
  },
  {
    match: /Mandatory url is not present in manifest file/i,
    code: 'missing-object',
    hint: 'Objects that were deleted are recorded as vanished; see: npx sparkify quarantine list',
    seen: [
      {
        text: 'Mandatory url is not present in manifest file.',
        source: 'https://github.com/keboola (its Redshift writers match this text)',
      },
    ],
  },
  {
    // Redshift also gives this text when its role may not read the manifest, so it says nothing about the data files.
    match:
      /COPY with MANIFEST parameter requires full path of an S3 object|Problem reading manifest file|Manifest file is not in correct json format/i,
    code: 'misconfigured',
    hint: 'Let the COPY role (SPARKIFY_COPY_ROLE_ARN) read the control bucket: s3:GetObject and s3:ListBucket',
    seen: [
      {
        text: 'COPY with MANIFEST parameter requires full path of an S3 object.',
        source: 'https://github.com/PostHog/posthog/issues/61603',
      },
      {
        text: 'Problem reading manifest file - S3ServiceException:Access Denied,Status 403',
        source: 'https://github.com/databricks/spark-redshift/issues/136',
      },
    ],
  },
  {
    match:
      /not authorized to assume|not authorized to get credentials of role|is not associated|Not authorized to perform sts:AssumeRole/i,
    code: 'misconfigured',
    hint: 'Attach the COPY role (SPARKIFY_COPY_ROLE_ARN) to the warehouse',
    seen: [
      {
        text: 'User arn:aws:redshift:eu-west-1:1:dbuser:c/l is not authorized to assume IAM Role arn:aws:iam::1:role/copy',
        source: `${DOCS}/copy-usage_notes-access-permissions.html`,
      },
    ],
  },
  {
    match: /ExpiredToken|token (?:has |is )?expired|security token .* (?:expired|invalid)/i,
    code: 'connection',
    hint: `The warehouse's credentials for S3 expired; ${AGAIN}`,
    seen: [
      { text: 'S3ServiceException:The provided token has expired', source: 'https://iret.media/110339' },
      {
        text: 'S3ServiceException:The provided token has expired.,Status 400,Error ExpiredToken,Rid 1,CanRetry 1',
        source: INFERRED,
      },
    ],
  },
  {
    match: /InvalidObjectState|operation is not valid for the object'?s storage class/i,
    code: 'forbidden-object',
    hint: 'The object is archived; restore it; it loads automatically',
    seen: [
      {
        text: "S3ServiceException:The operation is not valid for the object's storage class,Status 403,Error InvalidObjectState",
        source: INFERRED,
      },
    ],
  },
  {
    match:
      /S3ServiceException:Access ?Denied|Error AccessDenied|Status 403|stored using a form of Server Side Encryption/i,
    code: 'forbidden-object',
    hint: 'Let the COPY role (SPARKIFY_COPY_ROLE_ARN) read the object, and use its KMS key; then: npx sparkify quarantine release',
    seen: [
      {
        text: 'S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 1,ExtRid 2,CanRetry 1',
        source: 'https://github.com/embulk/embulk-output-jdbc/issues/85',
      },
      {
        text: 'S3ServiceException:The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.,Status 400,Error InvalidRequest',
        source: INFERRED,
      },
    ],
  },
  {
    match: /The specified key does not exist|Status 404|NoSuchKey|The specified S3 prefix .* does not exist/i,
    code: 'missing-object',
    hint: 'Objects that were deleted are recorded as vanished; see: npx sparkify quarantine list',
    seen: [
      {
        text: 'S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey',
        source: 'https://github.com/databricks/spark-redshift/issues/136',
      },
      {
        text: "The specified S3 prefix 'log_data/a.json' does not exist",
        source: `${DOCS}/s3serviceexception-error.html`,
      },
    ],
  },
  {
    match: /must be addressed using the specified endpoint|NoSuchBucket|The specified bucket does not exist/i,
    code: 'misconfigured',
    hint: 'Check the bucket names and AWS_REGION: manifests and data must be in one region',
    seen: [
      {
        text: 'S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint.',
        source: `${DOCS}/s3serviceexception-error.html`,
      },
    ],
  },
];
