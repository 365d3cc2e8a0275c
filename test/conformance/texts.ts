const DOCS = 'https://docs.aws.amazon.com/redshift/latest/dg';
const POSTGRES = 'https://github.com/postgres/postgres/tree/REL8_0_STABLE/src/backend';

/** Texts that Redshift, or the PostgreSQL 8.0 it descends from, is known to give. Any other text of a belief is the local warehouse's own. */
const KNOWN: readonly { match: RegExp; source: string }[] = [
  { match: /^syntax error (at or near "|at end of input)/, source: `${POSTGRES}/parser` },
  { match: /^(relation|schema|column) ".*" does not exist$/, source: `${POSTGRES}/parser` },
  { match: /^column ".*" of relation ".*" does not exist$/, source: `${POSTGRES}/parser` },
  { match: /^column ".*" specified more than once$/, source: `${POSTGRES}/parser` },
  { match: /^missing FROM-clause entry for table "/, source: `${POSTGRES}/parser` },
  { match: /must appear in the GROUP BY clause/, source: `${POSTGRES}/parser` },
  { match: /^argument of .* must be type boolean/, source: `${POSTGRES}/parser` },
  { match: /^subquery in FROM must have an alias/, source: `${POSTGRES}/parser` },
  { match: /^for SELECT DISTINCT, ORDER BY/, source: `${POSTGRES}/parser` },
  { match: /^FULL JOIN is only supported with merge-joinable/, source: `${POSTGRES}/optimizer` },
  { match: /^Target table must be part of an equijoin/, source: `${DOCS}/c_Examples_of_UPDATE_statements.html` },
  { match: /^INSERT has more (expressions|target columns)/, source: `${POSTGRES}/parser` },
  { match: /^invalid input syntax for integer/, source: `${POSTGRES}/utils/adt` },
  { match: /^date\/time field value out of range/, source: `${POSTGRES}/utils/adt` },
  { match: /^negative substring length not allowed/, source: `${POSTGRES}/utils/adt` },
  { match: /^more than one row returned by a subquery/, source: `${POSTGRES}/executor` },
  { match: /types .* and .* cannot be matched/, source: `${POSTGRES}/parser` },
  { match: /conflicts with a system column name/, source: `${POSTGRES}/commands` },
  { match: /^cannot create temporary relation in non-temporary schema/, source: `${POSTGRES}/catalog` },
  { match: /has unsupported type "/, source: `${DOCS}/c_unsupported-postgresql-datatypes.html` },
  { match: /^value too long for type character/, source: `${DOCS}/r_Character_types.html` },
  { match: /^Divide by zero/i, source: 'https://repost.aws/questions/QUaQR5kEc5QqGdiXAAVjPXCg' },
  { match: /not supported on Redshift tables/, source: `${DOCS}/c_SQL_functions_leader_node_only.html` },
  { match: /must be applied on at least one user created table/, source: `${DOCS}/r_MEDIAN.html` },
  { match: /^Aggregate window functions with an ORDER BY clause require a frame/, source: 'https://github.com/OHDSI/Achilles/issues/232' }, // prettier-ignore
  { match: /^This type of correlated subquery pattern is not supported/, source: `${DOCS}/r_correlated_subqueries.html` }, // prettier-ignore
  { match: /^Found multiple matches to update the same tuple/, source: `${DOCS}/r_MERGE.html` },
  { match: /^Source view\/subquery in Merge statement cannot reference target table/, source: `${DOCS}/r_MERGE.html` },
  { match: /^MERGE statement with a single WHEN clause is not enabled/, source: 'https://github.com/jOOQ/jOOQ/issues/18351' }, // prettier-ignore
  { match: /^cannot set an identity column to a value/, source: 'https://github.com/embulk/embulk-output-jdbc/issues/85' }, // prettier-ignore
  { match: /^Cannot COPY into nonexistent table/, source: 'https://github.com/estuary/flow/issues/918' },
  { match: /^Load into table/, source: `${DOCS}/r_COPY.html` },
  { match: /^Mandatory url is not present in manifest file/, source: `${DOCS}/loading-data-files-using-manifest.html` },
  { match: /^Problem reading manifest file/, source: 'https://github.com/databricks/spark-redshift/issues/136' },
  { match: /^Manifest file is not in correct json format/, source: 'https://github.com/databricks/spark-redshift/issues/321' }, // prettier-ignore
  { match: /^COPY with MANIFEST parameter requires full path/, source: `${DOCS}/r_Load_Error_Reference.html` },
  { match: /^Invalid JSONPath format/, source: `${DOCS}/copy-usage_notes-copy-from-json.html` },
];

/** Where a text of Redshift is known from; undefined for texts of the local warehouse alone. */
export function sourceOfText(text: string): string | undefined {
  return KNOWN.find(({ match }) => match.test(text))?.source;
}
