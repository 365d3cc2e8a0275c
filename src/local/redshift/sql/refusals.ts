import { SqlError } from '../types.ts';

/**
 * For what Redshift can do and the local warehouse cannot. It says so instead of guessing, so that a statement that passes
 * here was really understood.
 */
export function unsupported(what: string): SqlError {
  return new SqlError(`the local warehouse does not support ${what}`, '0A000');
}

/** A statement Redshift rejects for a reason its own message does not give; `why` is added for the reader. */
export function refused(message: string, why: string, sqlState = '42601'): SqlError {
  return new SqlError(`${message} (${why})`, sqlState);
}

/** PostgreSQL's types that Redshift tables cannot have. https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-datatypes.html */
export const POSTGRESQL_ONLY_TYPES: ReadonlySet<string> = new Set(
  `array bit bytea box cidr circle citext enum hstore inet interval json jsonb line lseg macaddr money oid path point
   polygon range serial serial4 serial8 bigserial smallserial tsquery tsvector uuid xml name tinyint hugeint blob
   string struct map list union`.split(/\s+/),
);

/** Types Redshift has and the local warehouse has not. */
export const UNSUPPORTED_TYPES: ReadonlySet<string> = new Set([
  'time',
  'timetz',
  'varbyte',
  'varbinary',
  'geometry',
  'geography',
  'hllsketch',
]);

/**
 * Functions of PostgreSQL or the engine that Redshift lacks, or lacks over tables. They are listed for a better message than
 * that of an unknown function.
 * https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-functions.html
 */
export const MISSING_FUNCTIONS: ReadonlySet<string> = new Set(
  `array_agg string_agg every group_concat gen_random_uuid uuid nextval currval setval lastval clock_timestamp
   statement_timestamp transaction_timestamp timeofday pg_sleep format overlay encode regexp_matches
   regexp_split_to_table regexp_split_to_array justify_days justify_hours justify_interval make_date make_timestamp
   jsonb_agg json_agg json_build_object jsonb_build_object row_to_json to_json to_jsonb pg_advisory_lock
   pg_try_advisory_lock pg_advisory_xact_lock convert convert_from convert_to unnest string_to_array array_to_string
   concat_ws strftime strptime arg_max arg_min list struct_pack read_csv read_json read_parquet epoch_ms
   read_text glob`.split(/\s+/),
);

/** Functions that run on the leader node only: they fail as soon as the statement reads a table. */
export const LEADER_ONLY_FUNCTIONS: ReadonlySet<string> = new Set([
  'now',
  'age',
  'current_schema',
  'current_schemas',
  'db_collation',
  'generate_series',
  'has_table_privilege',
  'has_schema_privilege',
  'current_timestamp',
  'current_time',
  'localtime',
  'localtimestamp',
]);

/** System views that the leader node answers from its own catalog, wholly or in part. */
export const LEADER_ONLY_VIEWS: ReadonlySet<string> = new Set([
  ...['svv_columns', 'svv_table_info', 'svv_relation_privileges', 'svv_schema_privileges', 'svv_column_privileges'],
  ...['svv_rls_attached_policy', 'svv_attached_masking_policy', 'svv_default_privileges', 'svv_datashare_objects'],
  ...['pg_user', 'pg_tables', 'pg_views'],
]);

/** What Redshift says when such a view meets a table, or is to be written into one; a view of one is refused here too. */
export function viewOfLeader(name: string): SqlError {
  return refused(
    'Specified types or functions (one per INFO message) not supported on Redshift tables.',
    `${name} is answered by the leader node`,
    '0A000',
  );
}

/** What Redshift says when a leader-only function meets a table. */
export function leaderOnly(name: string): SqlError {
  return new SqlError(
    `Specified types or functions (one per INFO message) not supported on Redshift tables. Function "${name}()" not supported.`,
    '0A000',
  );
}

/** What Redshift says when a compute-node function is used without any table. */
export function computeOnly(): SqlError {
  return new SqlError(
    'One or more of the used functions must be applied on at least one user created tables. Examples of user table only functions are LISTAGG, MEDIAN, PERCENTILE_CONT, etc',
    '0A000',
  );
}
