import { parseCopy } from '../../../../src/local/redshift/copy/statement.ts';
import { tokenize } from '../../../../src/local/redshift/sql/tokens.ts';

const parse = (sql: string): ReturnType<typeof parseCopy> => parseCopy(tokenize(sql));
const copy = "COPY t FROM 's3://bucket/m' IAM_ROLE default JSON 'auto'";

test('COPY is parsed with all its options', () => {
  const sql = `copy Sparkify."Staging" (Ts, "userId")
    from 's3://bucket/a/m.manifest' -- the manifest
    iam_role 'arn:aws:iam::123456789012:role/load'
    format as json as 'auto ignorecase' manifest gzip region as 'eu-central-1'
    timeformat as 'epochmillisecs' dateformat 'auto' maxerror as 5 noload truncatecolumns emptyasnull blanksasnull
    acceptinvchars as '^' compupdate off statupdate off;`;
  expect(parse(sql)).toEqual({
    table: { schema: 'sparkify', name: 'staging' },
    columns: ['ts', 'userid'],
    from: { bucket: 'bucket', key: 'a/m.manifest' },
    manifest: true,
    json: { kind: 'auto ignorecase' },
    codec: 'gzip',
    timeFormat: 'epochmillisecs',
    dateFormat: 'auto',
    maxErrors: 5,
    noLoad: true,
    truncateColumns: true,
    emptyAsNull: true,
    blanksAsNull: true,
    acceptInvalidCharacters: '^',
    region: 'eu-central-1',
    iamRole: 'arn:aws:iam::123456789012:role/load',
  });
});

test('the defaults of COPY are those of Redshift', () => {
  expect(parse("COPY t FROM 's3://bucket/prefix' IAM_ROLE default JSON 's3://bucket/paths.json'")).toMatchObject({
    table: { schema: undefined, name: 't' },
    columns: undefined,
    manifest: false,
    json: { kind: 'jsonpaths', address: { bucket: 'bucket', key: 'paths.json' } },
    codec: 'none',
    timeFormat: undefined,
    maxErrors: 0,
    noLoad: false,
    iamRole: 'default',
  });
  expect(parse(`${copy} COMPUPDATE PRESET STATUPDATE ACCEPTINVCHARS`).acceptInvalidCharacters).toBe('?');
});

/** A COPY that is refused, and a part of what it is told. */
const refused: [sql: string, message: string][] = [
  [`${copy} EXPLICIT_IDS`, 'the local warehouse does not support the COPY option EXPLICIT_IDS'],
  [`${copy} ROUNDEC`, 'the local warehouse does not support the COPY option ROUNDEC'],
  [`${copy} LZOP`, 'the local warehouse does not support the COPY option LZOP'],
  [
    "COPY t FROM 's3://b/k' CREDENTIALS 'aws_iam_role=x' JSON 'auto'",
    'the local warehouse does not support the COPY option CREDENTIALS',
  ],
  [
    "COPY t FROM 's3://b/k' ACCESS_KEY_ID 'x' SECRET_ACCESS_KEY 'y' JSON 'auto'",
    'the local warehouse does not support',
  ],
  ["COPY t FROM 's3://b/k' IAM_ROLE default JSON 'noshred'", "the local warehouse does not support JSON 'noshred'"],
  ["COPY t FROM 's3://b/k' IAM_ROLE default FORMAT AS PARQUET", 'PARQUET option is not supported'],
  ["COPY t FROM 's3://b/k' IAM_ROLE default", 'does not support COPY of other formats than JSON'],
  ["COPY t FROM 's3://b/k' JSON 'auto'", 'name an IAM_ROLE'],
  ["COPY t FROM 'emr://cluster/x' IAM_ROLE default JSON 'auto'", "does not support COPY from 'emr://cluster/x'"],
];

test.each(refused)('%s is refused: %s', (sql, message) => {
  expect(() => parse(sql)).toThrow(message);
});
