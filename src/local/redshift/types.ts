/**
 * The types that the folders of the local Redshift share; README.md says what each folder does.
 */

/** A name as written: folded to lower case, quoted or not. `schema` is undefined when the statement gave none. */
export type TableName = { schema: string | undefined; name: string };

/** A column type in Redshift's own words. Lengths are bytes, as on Redshift. */
export type ColumnType =
  | {
      name:
        | 'smallint'
        | 'integer'
        | 'bigint'
        | 'real'
        | 'double precision'
        | 'boolean'
        | 'date'
        | 'timestamp without time zone'
        | 'timestamp with time zone'
        | 'super';
    }
  | { name: 'character varying' | 'character'; lengthBytes: number }
  | { name: 'numeric'; precision: number; scale: number };

export type Column = {
  name: string;
  type: ColumnType;
  notNull: boolean;
  /** Default expression, already in the engine's SQL; undefined when the column has none. */
  defaultExpression?: string;
  /** The same as it was written, for those who ask for the table's description. */
  defaultText?: string;
  identity?: { seed: number; step: number };
};

export type Table = {
  /** Undefined for temporary tables, which Redshift does not let anyone qualify. */
  schema: string | undefined;
  name: string;
  temporary: boolean;
  kind: 'table' | 'view' | 'system view';
  columns: Column[];
  /** The first column of its sort key. Only speed depends on it: rows that are merged go in in its order, as they do on Redshift. */
  sortKey?: string;
  /** For a temporary table filled by COPY: the query it shows as its rows until it is changed. */
  shownQuery?: string;
  /**
   * The engine's schema, where it is called otherwise than `schema`: the engine cannot rename one, so what is in a renamed schema
   * stays where it was made.
   */
  place?: string;
  /** For a view, its query as written. */
  query?: string;
  /** A view that finds what it reads by name, each time it is asked. */
  lateBinding?: true;
  /** The user who made it; undefined in files from before there were users, where all is the administrator's. */
  owner?: string;
  /** The permanent tables and views that a view reads, with its owner's rights. */
  reads?: TableName[];
};

/** What rights are granted on. A role is its ARN as COPY names it, `default`, or `ALL`. */
export type Subject =
  | { kind: 'relation'; schema: string; name: string }
  | { kind: 'schema'; name: string }
  | { kind: 'database'; name: string }
  | { kind: 'role'; name: string };

/** A change of users or rights, which commits or rolls back with its statement. */
export type RightsChange =
  | { kind: 'create user' | 'alter user'; user: string; isSuperuser: boolean }
  | { kind: 'drop user'; user: string }
  | { kind: 'grant' | 'revoke'; subjects: Subject[]; privileges: string[]; grantees: string[] };

/** What is known of users and their rights, a text for each key. It is kept apart from the tables, which no GRANT changes. */
export interface Facts {
  get(key: string): string | undefined;
}

/** Whose session it is, and the database it is connected to. */
export type Login = { user: string; database: string };

/** What exists, seen from one session: its temporary tables shadow permanent ones of the same name. */
export interface Catalog {
  /** The schema of names that have none. */
  readonly searchPath: string;
  find(name: TableName): Table | undefined;
  hasSchema(name: string): boolean;
  /** The late-binding views there are. */
  lateBindingViews(): Table[];
  readonly login: Login;
  readonly facts: Facts;
}

/** A change to the catalog that commits or rolls back with its statement. */
export type CatalogChange =
  | { kind: 'create'; table: Table }
  | { kind: 'drop'; name: TableName }
  | { kind: 'alter'; table: Table }
  | { kind: 'rename'; from: Table; name: string }
  | { kind: 'create schema'; schema: string; place: string; owner: string }
  | { kind: 'drop schema'; schema: string }
  | { kind: 'rename schema'; schema: string; name: string }
  | { kind: 'own schema'; schema: string; owner: string };

/** An `s3://bucket/key` address. */
export type S3Address = { bucket: string; key: string };

/** A COPY statement, parsed and checked; the reader needs no SQL any more. */
export type CopyStatement = {
  table: TableName;
  /** Undefined means all columns in order. */
  columns: string[] | undefined;
  from: S3Address;
  manifest: boolean;
  json: { kind: 'auto' } | { kind: 'auto ignorecase' } | { kind: 'jsonpaths'; address: S3Address };
  codec: 'none' | 'gzip' | 'bzip2' | 'zstd';
  timeFormat: string | undefined;
  dateFormat: string | undefined;
  maxErrors: number;
  noLoad: boolean;
  truncateColumns: boolean;
  emptyAsNull: boolean;
  blanksAsNull: boolean;
  acceptInvalidCharacters: string | undefined;
  region: string | undefined;
  iamRole: string;
};

/** What one Redshift statement becomes. All SQL in it is the engine's; run `statements` in order, in one transaction. */
/**
 * `matches` gives a row when some rows match, and `duplicates` when several of the source match one of the target. Where none
 * match, `insert` does what `merge` does.
 */
export type MergePlan = { kind: 'merge'; matches: string; duplicates: string; merge: string; insert: string };

export type Plan =
  /** Rows come back. */
  | { kind: 'query'; sql: string }
  /** The last statement's changes are the rows affected. */
  | { kind: 'write'; statements: string[] }
  | MergePlan
  | { kind: 'define'; statements: string[]; changes: CatalogChange[] }
  | { kind: 'rights'; changes: RightsChange[] }
  | { kind: 'lock' }
  | { kind: 'copy'; copy: CopyStatement }
  | { kind: 'transaction'; verb: 'begin' | 'commit' | 'rollback' }
  /** The schema of names without one, from here on in this session. */
  | { kind: 'search path'; schema: string }
  /** TRUNCATE commits what preceded it. */
  | { kind: 'truncate'; statement: string }
  /** Redshift does something here that has no meaning locally (ANALYZE, VACUUM …). */
  | { kind: 'nothing' };

export type Translation = {
  /** The statement's leading keyword(s), upper case: 'SELECT', 'MERGE', 'CREATE TABLE' … */
  verb: string;
  plan: Plan;
  /** Permanent tables only, as `schema.table`. A table may be in both. */
  reads: string[];
  writes: string[];
  /** Tables it changes whose shown rows must be copied into them first. */
  toMaterialize: Table[];
  /** Tables of a LOCK statement. */
  locks: string[];
};

/**
 * A statement Redshift would fail (or that the local warehouse does not support and says so).
 * `message` is the text a client sees, without the `ERROR: ` prefix.
 */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  readonly sqlState: string;
  constructor(message: string, sqlState = 'XX000') {
    super(message);
    this.sqlState = sqlState;
  }
}

/** The bytes of an object: whole, or piece by piece. */
export type ObjectBody = Uint8Array | AsyncIterable<Uint8Array>;

export type ObjectContent = { sizeBytes: number; body: ObjectBody };

/** Gives memory for so many bytes. */
export type Allocate = (bytes: number) => Uint8Array;

/** The object store as COPY sees it. Throws `ObjectMissing` or `ObjectForbidden`. */
export interface ObjectReader {
  /**
   * The object's bytes and its size: a small object whole, any other as a stream that is read once. What is at hand comes in
   * memory of `allocate`, without a promise, which for ten thousand small objects would cost more than reading them.
   */
  read(address: S3Address, allocate?: Allocate): ObjectContent | Promise<ObjectContent>;
  /** Keys below a prefix, in S3's order (UTF-8 bytes). For COPY without MANIFEST. */
  list(address: S3Address): Promise<S3Address[]>;
}
export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing';
}
export class ObjectForbidden extends Error {
  override readonly name = 'ObjectForbidden';
}

/** One line of `sys_load_error_detail`. */
export type LoadError = {
  queryId: number;
  transactionId: number;
  sessionId: number;
  tableName: string;
  fileName: string;
  /** 1-based physical line. For malformed objects the last line of the object. */
  lineNumber: number;
  columnName: string;
  columnType: string;
  columnLength: string;
  position: number;
  errorCode: number;
  errorMessage: string;
  rawLine: string;
  rawFieldValue: string;
};

/** Keeps load errors and load history outside any transaction, so that they survive the rollback, as on Redshift. */
export interface LoadLog {
  recordErrors(errors: LoadError[]): Promise<void>;
  recordLoad(load: {
    queryId: number;
    transactionId: number;
    tableName: string;
    dataSource: string;
    fileNames: string[];
    rows: number;
    bytes: number;
    errors: number;
    status: 'completed' | 'aborted';
    startedAt: Date;
    durationMicroseconds: number;
  }): Promise<void>;
}

/** What the warehouse holds, as committed now. */
export type DatabaseCatalog = {
  /** The schemas that users made, and `public`. */
  schemas: () => Promise<string[]>;
  /** All permanent tables and views, system views too. */
  tables: () => Promise<Table[]>;
};
